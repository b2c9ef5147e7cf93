"""What the list of recordings is narrowed to, and the rule of what is recorded."""

from typing import Any

from django import forms

from dialer.recorded import RECORDED_BY_RULE, Search
from dialer.services.recordings.rules import MOST_DAYS, NewRule

SHOWN = [
    ("", "With sound"),
    ("held", "On hold"),
    ("missing", "Missing at the carrier"),
    ("deleted", "Deleted"),
    ("without", "Not recorded"),
]


class SearchForm(forms.Form):
    """Every field may stay empty; what cannot be read narrows nothing and says so."""

    number = forms.CharField(required=False, max_length=40)
    agent = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    campaign = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    since = forms.DateField(label="From day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    result = forms.ChoiceField(required=False)
    least = forms.IntegerField(label="At least seconds", required=False, min_value=0, max_value=86_400)
    shown = forms.ChoiceField(label="Show", required=False, choices=SHOWN)

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, found in zip(("agent", "campaign", "result"), choices, strict=True):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "All"), *((str(key), word) for key, word in found)]

    def search(self) -> Search:
        """Return what could be read of it."""
        self.is_valid()
        values: dict[str, Any] = getattr(self, "cleaned_data", {})
        return Search(
            number=values.get("number", ""),
            agent_id=values.get("agent"),
            campaign_id=values.get("campaign"),
            since=values.get("since"),
            until=values.get("until"),
            disposition=values.get("result", ""),
            least_seconds=values.get("least"),
            shown=values.get("shown", ""),
        )


class RuleForm(forms.Form):
    """A rule that is in force from the moment it is saved. A valid form has rule()."""

    percent = forms.IntegerField(
        label="Share of the calls that is recorded (%)",
        min_value=0,
        max_value=100,
        help_text="0 records nothing, 100 every call. Which calls a share takes is decided once for each.",
    )
    asks_first = forms.BooleanField(
        label="Record only after the person said yes to the agent",
        required=False,
        help_text="More than the law asks. The notice is played in every call that is recorded, in every state (rule REC-001).",
    )
    listeners = forms.ChoiceField(label="Who may listen", choices=RECORDED_BY_RULE)
    keep_days = forms.IntegerField(
        label="Days the sound is kept",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="Empty: as the rule book says. Debt collection is kept as long as the law wants, whatever stands here (rule REGF-005). "
        "The days count for recordings that exist already, too. A legal hold wins.",
    )
    reason = forms.CharField(label="Why", max_length=300, widget=forms.TextInput)

    def rule(self, campaign_id: int | None) -> NewRule:
        """Return what the service takes."""
        values = self.cleaned_data
        return NewRule(
            campaign_id=campaign_id,
            percent=values["percent"],
            asks_first=values["asks_first"],
            listeners=values["listeners"],
            keep_days=values["keep_days"],
            reason=values["reason"],
        )
