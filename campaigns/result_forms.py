"""What a manager enters about sets of results."""

from collections.abc import Sequence
from typing import Any

from django import forms

from campaigns.models import Disposition
from campaigns.results import HOTKEYS, KIND_NAMES, MAX_QUESTIONS, STEP_NAMES, Kind, Question, Step
from campaigns.selectors.lists import Named
from campaigns.selectors.result_sets import ResultFacts, SetRow, in_units
from campaigns.services.result_sets import CRM_KINDS, ResultSpec

UNITS = {"min": 1, "h": 60, "day": 1440}
QUESTION_FIELDS = ("label", "kind", "options", "required")


class SetForm(forms.Form):
    """The name of a set, and which one it begins as a copy of."""

    name = forms.CharField(label="Name", max_length=80, error_messages={"required": "Give the set a name."})
    copy_of = forms.TypedChoiceField(label="Begin with", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, sets: list[SetRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("", "What the dialer enters, and “Do not call”"),
            *((row.id, f"A copy of “{row.name}”") for row in sets),
        ]
        self.fields["copy_of"].choices = choices  # type: ignore[attr-defined]  # of a choice field


class UseForm(forms.Form):
    """Which campaign is to offer the set."""

    campaign = forms.TypedChoiceField(
        label="Campaign", coerce=int, error_messages={"required": "Choose a campaign."}
    )

    def __init__(self, *args: Any, campaigns: Sequence[Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].choices = [  # type: ignore[attr-defined]  # of a choice field
            ("", "Choose…"),
            *((one.id, one.name) for one in campaigns),
        ]


class ResultForm(forms.Form):
    """One result: what it counts as, its key, what it asks, what happens next, what CRMs call it."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    label = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Give the result a name."}
    )
    category = forms.ChoiceField(
        label="Counts as",
        choices=[("", "Choose…"), *Disposition.Category.choices],
        error_messages={"required": "Choose what the result counts as."},
        help_text="Reports and rules go by this: “Do not call again” is in force at once, everywhere.",
    )
    hotkey = forms.ChoiceField(
        label="Key on the desk", required=False, choices=[("", "No key"), *((key, key) for key in HOTKEYS)]
    )
    step = forms.ChoiceField(
        label="What happens to the lead", choices=[(each.value, STEP_NAMES[each]) for each in Step]
    )
    retry_number = forms.IntegerField(
        label="Tried again after", required=False, min_value=1, max_value=525_600
    )
    retry_unit = forms.ChoiceField(
        label="Unit", required=False, choices=[("min", "minutes"), ("h", "hours"), ("day", "days")]
    )
    needs_note = forms.BooleanField(label="The agent must write a note", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, name in CRM_KINDS.items():
            self.fields[f"crm_{kind}"] = forms.CharField(label=f"In {name}", required=False, max_length=255)
        for number in range(MAX_QUESTIONS):
            self.fields[f"q{number}_label"] = forms.CharField(
                label=f"Question {number + 1}", required=False, max_length=80
            )
            self.fields[f"q{number}_kind"] = forms.ChoiceField(
                label="Answered by", required=False, choices=[(kind.value, KIND_NAMES[kind]) for kind in Kind]
            )
            self.fields[f"q{number}_options"] = forms.CharField(
                label="Options, one on each line",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            self.fields[f"q{number}_required"] = forms.BooleanField(label="Must be answered", required=False)

    @staticmethod
    def initial_of(facts: ResultFacts) -> dict[str, Any]:
        """Return what the form shows of a result that exists."""
        number, unit = in_units(facts.retry_minutes) if facts.retry_minutes else (None, "h")
        initial: dict[str, Any] = {
            "label": facts.label,
            "category": facts.category,
            "hotkey": facts.hotkey,
            "step": facts.step,
            "retry_number": number,
            "retry_unit": unit,
            "needs_note": facts.needs_note,
            **{f"crm_{kind}": value for kind, value in facts.crm_values},
        }
        for at, question in enumerate(facts.questions):
            initial[f"q{at}_label"], initial[f"q{at}_kind"] = question.label, question.kind
            initial[f"q{at}_options"] = "\n".join(question.options)
            initial[f"q{at}_required"] = question.required
        return initial

    @property
    def crm_fields(self) -> list[forms.BoundField]:
        """Return the fields of what CRMs call it."""
        return [self[f"crm_{kind}"] for kind in CRM_KINDS]

    @property
    def question_fields(self) -> list[tuple[int, bool, list[forms.BoundField]]]:
        """Return for each question its number, whether it is used, and its fields."""
        return [
            (
                number + 1,
                bool(self[f"q{number}_label"].value()),
                [self[f"q{number}_{name}"] for name in QUESTION_FIELDS],
            )
            for number in range(MAX_QUESTIONS)
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse options and marks of a question that has no text: they would be lost."""
        data: dict[str, Any] = super().clean() or {}
        for number in range(MAX_QUESTIONS):
            if not data.get(f"q{number}_label", "").strip() and data.get(f"q{number}_options", "").strip():
                self.add_error(f"q{number}_label", "Write the question, or clear its options.")
        return data

    def as_spec(self) -> ResultSpec:
        """Return the valid form as the service takes it."""
        data = self.cleaned_data
        number = data["retry_number"]
        return ResultSpec(
            label=data["label"],
            category=data["category"],
            step=data["step"],
            hotkey=data["hotkey"],
            retry_minutes=None if number is None else number * UNITS[data["retry_unit"] or "min"],
            needs_note=data["needs_note"],
            questions=[
                Question(
                    code="",
                    label=" ".join(data[f"q{at}_label"].split()),
                    kind=Kind(data[f"q{at}_kind"] or Kind.TEXT),
                    options=tuple(filter(None, map(str.strip, data[f"q{at}_options"].splitlines()))),
                    required=data[f"q{at}_required"],
                )
                for at in range(MAX_QUESTIONS)
                if data[f"q{at}_label"].strip()
            ],
            crm_values={kind: data[f"crm_{kind}"] for kind in CRM_KINDS},
        )
