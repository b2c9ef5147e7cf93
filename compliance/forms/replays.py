"""What a replay is asked for: a period, and what is to be otherwise in the rules."""

from typing import Any

from django import forms

from compliance.forms.base import DayField, GroupedForm
from compliance.pages.house import name_words, value_words
from compliance.replay.edits import HELP
from compliance.rules.pack import LegalNumber
from compliance.rules.packfile import shipped

EDITS_AT_MOST = 20


class ReplayForm(GroupedForm):
    """A what-if. Its cleaned data holds the changes, as `edits`."""

    groups = (
        ("Which verdicts", ("since", "last", "campaign_ref")),
        ("What is otherwise", ("name", "value", "further")),
    )

    since = DayField(label="From day (UTC)")
    last = DayField(label="To day (UTC)", help_text="Included.")
    campaign_ref = forms.CharField(
        required=False, label="Campaign", max_length=80, help_text="campaign:3. Empty: all of them."
    )
    name = forms.ChoiceField(required=False, label="Number of the rule book")
    value = forms.CharField(
        required=False,
        label="Its value in the replay",
        max_length=60,
        help_text="A whole number, a time (09:00), a word, or yes and no.",
    )
    further = forms.CharField(
        required=False,
        label="Further changes",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=f"One a line: {HELP}.",
    )

    def __init__(self, *args: Any, on: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.numbers = {row.name: row for row in shipped().numbers if row.is_in_force(on)}
        ordered = sorted(self.numbers.values(), key=lambda row: name_words(row.name))
        self.fields["name"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "None"),
            *((row.name, f"{name_words(row.name)}: now {value_words(row.value)}") for row in ordered),
        ]

    def clean(self) -> dict[str, Any]:
        """Put the changes together; whether each can be made is judged with the rules."""
        given = super().clean() or {}
        since, last = given.get("since"), given.get("last")
        if since and last and last < since:
            self.add_error("last", "The last day is before the first.")
        edits = [line.strip() for line in given.get("further", "").splitlines() if line.strip()]
        name, value = given.get("name", ""), given.get("value", "").strip()
        if bool(name) != bool(value):
            self.add_error("value" if name else "name", "Give a number of the rule book and its value, both.")
        elif name:
            edits.insert(0, _edit(self.numbers[name], value))
        if not edits and not self.errors:
            self.add_error("name", "Say what is to be otherwise: a number, or further changes below.")
        if len(edits) > EDITS_AT_MOST:
            self.add_error("further", f"At most {EDITS_AT_MOST} changes in one replay.")
        given["edits"] = tuple(edits)
        return given


def _edit(law: LegalNumber, value: str) -> str:
    words = {"yes": "true", "no": "false"}
    told = words.get(value.lower(), value) if isinstance(law.value, bool) else value
    return f"numbers.{law.name}={told}"
