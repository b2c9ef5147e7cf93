"""A copy of a do-not-call registry, as people upload it."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from compliance.forms.base import GroupedForm
from compliance.models import RegistryKind
from compliance.rules.canada import DNCL
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.registry import NATIONAL

UPLOAD_LIMIT = 1024 * 1024 * 1024  # the whole registry packed is less


class RegistryForm(GroupedForm):
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
            (DNCL, "Canada: National DNCL"),
            ("TPS", "United Kingdom: Telephone Preference Service (TPS)"),
            ("CTPS", "United Kingdom: Corporate TPS (CTPS)"),
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
        help_text="Three digits each, with commas or spaces between. Empty: all of them. The UK lists have none.",
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
