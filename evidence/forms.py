"""What people type to order a pack."""

from typing import Any

from django import forms

from compliance.fields import ReasonField
from core.types import PhoneError, PhoneNumber, parse_phone


class PackForm(forms.Form):
    """A number, or a complaint about it."""

    number = forms.CharField(
        max_length=60, label="Phone number", help_text="Any way of writing it: (407) 555-0123."
    )
    complaint = forms.CharField(
        max_length=120, required=False, label="Complaint", help_text="The court's, agency's or your own reference."
    )  # fmt: skip
    since = forms.DateField(
        required=False,
        label="Contacts from",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        required=False,
        label="Contacts to",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Days in UTC. Empty: all. Consents and refusals are always complete.",
    )
    reason = ReasonField(
        max_length=400,
        label="Why it is made",
        help_text="It is kept with the pack and stands on its cover.",
    )

    def clean_number(self) -> PhoneNumber:
        """Return the number in E.164."""
        try:
            return parse_phone(self.cleaned_data["number"])
        except PhoneError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "The period ends before it begins.")
        return given
