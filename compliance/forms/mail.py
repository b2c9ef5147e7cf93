"""E-mails that ask not to be contacted, as people paste them, and what is decided about each."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from compliance.forms.base import GroupedForm, InstantField, reason_field, words_field
from compliance.mail import address_in, read_mail
from core.types import PhoneError, PhoneNumber, parse_phone

FILE_LIMIT = 25 * 1024 * 1024
FURTHER_AT_MOST = 200


class MailForm(GroupedForm):
    """An e-mail: pasted, or as a file. Its cleaned data holds the e-mail as it was read, as `mail`."""

    address = forms.CharField(
        required=False,
        label="E-mail address it came from",
        max_length=320,
        help_text="May stay empty when the message below has its headers (From: …).",
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )
    words = words_field(
        "The message", "Paste all of it. Words it only quotes are kept, but not taken for the writer’s.", required=False, rows=8
    )  # fmt: skip
    file = forms.FileField(
        required=False, label="Or the message as a file (.eml)", help_text="Up to 25 MB; attachments are not kept."
    )  # fmt: skip
    received_at = InstantField(
        required=False, label="Received at (UTC)", help_text="Empty: as the message says, or now."
    )

    def clean_file(self) -> "UploadedFile[bytes] | None":
        """Refuse what is too large for a page."""
        upload: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if upload is not None and (upload.size or 0) > FILE_LIMIT:
            raise forms.ValidationError(
                "The file is larger than 25 MB. Take it in on the server: python manage.py intake_email FILE."
            )
        return upload

    def clean(self) -> dict[str, Any]:
        """Read the message, and find out who wrote it."""
        given = super().clean() or {}
        upload, words = given.get("file"), given.get("words", "")
        if not upload and not words.strip():
            if "file" not in self.errors:
                self.add_error("words", "Paste the message, or choose its file: the words are the evidence.")
            return given
        mail = read_mail(upload.read() if upload else words.encode("utf-8", "replace"))
        typed = given.get("address", "").strip()
        address = address_in(typed) if typed else mail.address
        if typed and not address:
            self.add_error("address", f"“{typed[:60]}” is no e-mail address.")
        elif not address:
            self.add_error("address", "The message does not say who wrote it. Give the address it came from.")
        given["mail"] = replace(mail, address=address, sent_at=given.get("received_at") or mail.sent_at)
        return given


class SettleForm(GroupedForm):
    """What a compliance officer decides about an e-mail."""

    decision = forms.ChoiceField(label="What is to be done", widget=forms.RadioSelect)
    further = forms.CharField(
        required=False,
        label="Further numbers of this person",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "inputmode": "tel"}),
        help_text="One a line, in any spelling: found in old lists, or named in the message. They are revoked too.",
    )
    note = reason_field(
        "Note", "Needed when nothing is revoked: where you looked, or what the words mean.", required=False
    )

    def __init__(self, *args: Any, revokes: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["decision"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("revoked", revokes),
            ("nobody", "Nothing to revoke: nobody here has the address."),
            ("no_request", "Nothing to revoke: the message asks for nothing of the kind."),
        ]

    def clean_further(self) -> tuple[PhoneNumber, ...]:
        """Return the numbers; refuse a line that is none."""
        lines = [line.strip() for line in self.cleaned_data["further"].splitlines() if line.strip()]
        if len(lines) > FURTHER_AT_MOST:
            raise forms.ValidationError(
                f"At most {FURTHER_AT_MOST} numbers. Upload a do-not-call list instead."
            )
        try:
            return tuple(parse_phone(line) for line in lines)
        except PhoneError as error:
            raise forms.ValidationError(str(error)) from None


class NoFieldsForm(GroupedForm):
    """Nothing to fill in: the button says it all."""
