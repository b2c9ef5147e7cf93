"""What people type into the compliance pages."""

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from compliance.models import RegistryKind
from compliance.rules.codes import CODES
from compliance.rules.decision import Outcome
from compliance.rules.facts import SuppressionScope
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.registry import NATIONAL
from core.types import PhoneError, PhoneNumber, parse_phone

UPLOAD_LIMIT = 1024 * 1024 * 1024  # the whole registry packed is less
HEARD_ON = ["phone", "voicemail", "email", "text message", "letter", "web form", "in person"]


class DecisionFilterForm(forms.Form):
    """Narrows the verdict explorer; lives in the URL."""

    outcome = forms.ChoiceField(
        required=False,
        choices=[("", "All"), (Outcome.ALLOW.value, "Allowed"), (Outcome.DENY.value, "Refused")],
    )
    code = forms.ChoiceField(
        required=False, label="Refused because", choices=[("", "Any reason"), *CODES.items()]
    )
    number = forms.CharField(required=False, max_length=60)
    day = forms.DateField(
        required=False, label="Day (UTC)", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    campaign_ref = forms.CharField(required=False, label="Campaign", max_length=80)

    def clean_number(self) -> str:
        """Return the number in E.164, or nothing."""
        return _phone(self.cleaned_data["number"]) if self.cleaned_data["number"].strip() else ""


class SuppressionForm(forms.Form):
    """A person asked not to be called."""

    number = forms.CharField(
        max_length=60, label="Phone number", help_text="Any way of writing it: (407) 555-0123."
    )
    heard_on = forms.ChoiceField(label="Asked by", choices=[(word, word.capitalize()) for word in HEARD_ON])
    raw_words = forms.CharField(
        label="In their words",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="As said or written. It is kept as evidence.",
    )
    scope = forms.ChoiceField(
        label="Whom they do not want to hear from",
        choices=[
            (SuppressionScope.SELLER.value, "This seller, all campaigns and channels"),
            (SuppressionScope.EVERYONE.value, "Anybody who calls from here"),
        ],
    )

    def clean_number(self) -> PhoneNumber:
        """Return the number in E.164."""
        return _phone(self.cleaned_data["number"])


class RegistryForm(forms.Form):
    """A copy of a do-not-call registry, as downloaded."""

    file = forms.FileField(
        label="Registry file",
        help_text="As downloaded: text with one number a line, or packed (zip, gzip); up to 1 GB. "
        "Larger files: the command import_dnc.",
    )
    name = forms.ChoiceField(
        label="List",
        choices=[
            (NATIONAL, "National registry"),
            *((code, f"{name.removeprefix('the ')} list") for code, name in STATE_NAMES.items()),
        ],
    )
    kind = forms.ChoiceField(
        label="What it tells",
        choices=RegistryKind.choices,
        help_text="A list of changes (lines with A or D) makes a new copy from the one in force.",
    )
    san = forms.CharField(
        label="Subscription account number",
        max_length=40,
        help_text="A copy is only good for the seller whose subscription (SAN) it was obtained with.",
    )
    as_of = forms.DateField(
        label="Date of the copy", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    area_codes = forms.CharField(
        required=False,
        label="Area codes it covers",
        max_length=4000,
        help_text="Three digits each, with commas or spaces between. Empty: all of them.",
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse what is too large or plainly no text, before a line is read."""
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        size = upload.size or 0
        if size > UPLOAD_LIMIT:
            raise forms.ValidationError(
                f"The file has {size / 1_000_000:.0f} MB, the limit here is 1 GB. "
                "Load it on the server: python manage.py import_dnc FILE."
            )
        head = upload.read(4096)
        upload.seek(0)
        if b"\x00" in head and not head.startswith((b"PK", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")):
            raise forms.ValidationError(
                "This is not a plain text file. Upload the registry as text (UTF-8 or ASCII), one number a line."
            )
        return upload

    def clean_area_codes(self) -> frozenset[str]:
        """Return the area codes."""
        return split_area_codes(self.cleaned_data["area_codes"])


def split_area_codes(text: str) -> frozenset[str]:
    """Return the words of a list of area codes; whether they are any is judged by the import."""
    return frozenset(text.replace(",", " ").replace(";", " ").split())


def _phone(text: str) -> PhoneNumber:
    try:
        return parse_phone(text)
    except PhoneError as error:
        raise forms.ValidationError(str(error)) from None


def filters_of(form: DecisionFilterForm) -> dict[str, Any]:
    """Return the filters that could be read, each wrong one left out; the form shows what was wrong."""
    form.is_valid()
    values = dict(form.cleaned_data)
    day: date | None = values.get("day")
    return {
        "outcome": values.get("outcome", ""),
        "code": values.get("code", ""),
        "number": values.get("number", ""),
        "campaign_ref": values.get("campaign_ref", ""),
        "day": day,
    }
