"""What a manager says of a number that calls may be handed on to."""

from django import forms

from campaigns.services.targets import NewTarget
from compliance.rules.jurisdictions.us_states import STATE_NAMES


class TargetForm(forms.Form):
    """Who answers, the number, and where they are: the gate asks for the place, as of everybody who is called."""

    label = forms.CharField(
        label="Who answers there", max_length=80, error_messages={"required": "Say who answers there."}
    )
    number = forms.CharField(label="Number", max_length=40, error_messages={"required": "Give the number."})
    postal_code = forms.CharField(label="ZIP", max_length=10, required=False)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Not known"), *sorted(STATE_NAMES.items(), key=lambda each: each[1])],
        help_text="Without a place the hours and laws of everywhere the area code may be count.",
    )
    city = forms.CharField(label="City", max_length=80, required=False)
    is_business = forms.BooleanField(
        label="It is a business’s line, and we call it as such",
        required=False,
        help_text="On record with your name. Without it the do-not-call lists and hours for people’s homes count (FED-035).",
    )

    def as_new(self) -> NewTarget:
        """Return the valid form as the service takes it."""
        data = self.cleaned_data
        return NewTarget(**{name: data[name] for name in self.fields})
