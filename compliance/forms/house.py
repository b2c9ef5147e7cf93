"""What the house decides, as people type it in: limits, lifted denials, emergencies."""

from datetime import time
from typing import Any

from django import forms

from compliance.forms.base import DayField, GroupedForm, InstantField, PhoneField, reason_field
from compliance.rules.codes import CODES, NEVER_LIFTED
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import LegalNumber, Value

STATES = [(code, name.removeprefix("the ")) for code, name in STATE_NAMES.items()]
LIFTABLE = [(code, words) for code, words in CODES.items() if code not in NEVER_LIFTED]


class LimitForm(GroupedForm):
    """The house's own value of one number of the rule book."""

    value = forms.CharField(label="The house’s value", max_length=60)
    since = DayField(label="From day")
    until = DayField(required=False, label="To day", help_text="Not included. Empty: until it is changed.")
    reason = reason_field("Why")

    def __init__(self, *args: Any, law: LegalNumber, **options: Any) -> None:
        super().__init__(*args, **options)
        self.law = law
        self.fields["value"].help_text = f"{law.unit[:1].upper()}{law.unit[1:]}."
        if isinstance(law.value, bool):
            self.fields["value"].widget = forms.Select(choices=[("yes", "Yes"), ("no", "No")])
        elif isinstance(law.value, time):
            self.fields["value"].widget = forms.TimeInput(attrs={"type": "time"})
        elif isinstance(law.value, int):
            self.fields["value"].widget = forms.NumberInput(attrs={"min": 0})

    def clean_value(self) -> Value:
        """Return the value as the number's own type."""
        text = self.cleaned_data["value"].strip()
        if isinstance(self.law.value, bool):
            if text.lower() not in ("yes", "no"):
                raise forms.ValidationError("Choose yes or no.")
            return bool(text.lower() == "yes")
        if isinstance(self.law.value, time):
            try:
                return time.fromisoformat(text)
            except ValueError:
                raise forms.ValidationError("Give a time of day like 08:30.") from None
        if isinstance(self.law.value, int):
            if not (text.isascii() and text.isdigit() and len(text) < 10):
                raise forms.ValidationError("Give a whole number, not below zero.")
            return int(text)
        return str(text)


class OverrideForm(GroupedForm):
    """Lifts a denial for a while."""

    code = forms.ChoiceField(
        label="Refused because", choices=LIFTABLE, help_text="What nobody may lift is not offered."
    )
    until = InstantField(label="Until (UTC)", help_text="Within 30 days.")
    number = PhoneField(required=False, label="Number")
    campaign_ref = forms.CharField(
        required=False, label="Campaign", max_length=80, help_text="campaign:3. With a number: both must fit."
    )
    person_ref = forms.CharField(required=False, label="Person", max_length=80, help_text="lead:42")
    reason = reason_field("Why", "The reason is kept and reported.")


class EmergencyForm(GroupedForm):
    """An area under a declared emergency."""

    state = forms.ChoiceField(choices=STATES)
    area = forms.CharField(label="Area", max_length=120, help_text="As people call it: Orleans Parish.")
    zips = forms.CharField(
        required=False,
        label="ZIP codes",
        max_length=20_000,
        help_text="Whole or their first three or four digits, with spaces or commas. Empty: the whole state.",
    )
    since = InstantField(label="From (UTC)")
    until = InstantField(required=False, label="To (UTC)", help_text="Empty: until it is ended here.")
    declared_by = forms.CharField(
        label="Declared by", max_length=200, help_text="The proclamation’s number or name."
    )

    def clean_zips(self) -> list[str]:
        """Return the codes as written; whether they are any is judged when they are stored."""
        text: str = self.cleaned_data["zips"]
        return text.replace(",", " ").replace(";", " ").split()


class EndForm(GroupedForm):
    """When an emergency ends or ended."""

    until = InstantField(label="Ends at (UTC)")
