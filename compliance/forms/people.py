"""What people said, as others type it in: refusals, consents, lifts, findings, files of them."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from compliance.forms.base import GroupedForm, InstantField, PhoneField, reason_field, words_field
from compliance.pages import CHANNEL_WORDS, PURPOSE_WORDS
from compliance.pages.words import CONSENT_WORDS, KIND_WORDS
from compliance.rules.facts import Purpose, SuppressionScope
from compliance.services import Asked, Source

HEARD_ON = ["phone", "voicemail", "email", "text message", "letter", "web form", "in person"]
CSV_LIMIT = 50 * 1024 * 1024
PURPOSES = [item for item in PURPOSE_WORDS.items() if item[0] != Purpose.UNKNOWN]
# What may be typed in here. Imports and programs have their own way, and lift nothing.
TYPED_SOURCES = [(source.value, source.label) for source in (Source.FORM, Source.INBOUND_TEXT, Source.AGENT)]


class NumberSearchForm(forms.Form):
    """Finds a number by any part of it."""

    q = forms.CharField(
        required=False,
        label="Number, any part",
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "inputmode": "tel"}),
    )


class SuppressionFilterForm(NumberSearchForm):
    """Narrows the do-not-call list."""

    kind = forms.ChoiceField(required=False, label="Why", choices=[("", "Any"), *KIND_WORDS.items()])


class ConsentFilterForm(NumberSearchForm):
    """Narrows the consent ledger."""

    kind = forms.ChoiceField(required=False, label="Kind", choices=[("", "Any"), *CONSENT_WORDS.items()])
    source = forms.ChoiceField(required=False, choices=[("", "Any"), *Source.choices])
    seller = forms.CharField(required=False, label="Names the seller", max_length=120)


class SuppressionForm(GroupedForm):
    """A person asked not to be called."""

    number = PhoneField(label="Phone number", help_text="Any way of writing it: (407) 555-0123.")
    heard_on = forms.ChoiceField(label="Asked by", choices=[(word, word.capitalize()) for word in HEARD_ON])
    scope = forms.ChoiceField(
        label="Whom they do not want to hear from",
        choices=[
            (SuppressionScope.SELLER.value, "This seller, all campaigns and channels"),
            (SuppressionScope.EVERYONE.value, "Anybody who calls from here"),
        ],
    )
    raw_words = words_field("In their words", "As said or written. It is kept as evidence.")


class ConsentForm(GroupedForm):
    """A consent with its evidence."""

    groups = (
        ("Who and when", ("number", "kind", "given_at", "source", "name_given", "person_ref")),
        ("The words shown or said", ("text_shown", "language", "signature", "sellers", "obtained_by")),
        (
            "What the words say",
            ("authorises_automation", "not_a_condition", "agrees_to_be_called", "box_preticked", "channels", "purposes"),
        ),
        ("If they came back by themself", ("asked_how", "asked_at", "asked_words")),
        ("Where the evidence is", ("page_url", "evidence_file", "ip", "certificate", "lead_ref", "valid_until")),
    )  # fmt: skip

    number = PhoneField(label="Phone number")
    kind = forms.ChoiceField(label="Kind of consent", choices=list(CONSENT_WORDS.items()))
    given_at = InstantField(label="Given at (UTC)")
    source = forms.ChoiceField(label="How the person gave it", choices=TYPED_SOURCES)
    name_given = forms.CharField(required=False, label="Name they gave", max_length=160)
    person_ref = forms.CharField(
        required=False, label="Person", max_length=80, help_text="Our reference: lead:42"
    )
    text_shown = words_field(
        "Word by word", "Exactly what was shown or read to them. Without it the consent lifts nothing.", required=False, rows=5
    )  # fmt: skip
    language = forms.CharField(required=False, max_length=10, help_text="en, es …")
    signature = forms.CharField(
        required=False, label="How they signed", max_length=200, help_text="Typed name, checkbox, voice."
    )
    sellers = forms.CharField(
        required=False,
        label="Sellers named in the words",
        max_length=1000,
        help_text="Semicolons between them.",
    )
    obtained_by = forms.CharField(
        label="Obtained by", max_length=120, help_text="The seller, or the vendor that collected it."
    )
    authorises_automation = forms.BooleanField(
        required=False, label="Allows calls by autodialer or artificial voice"
    )
    not_a_condition = forms.BooleanField(required=False, label="Says that nobody must agree in order to buy")
    agrees_to_be_called = forms.BooleanField(
        required=False, label="Agrees to be called although on a registry"
    )
    box_preticked = forms.BooleanField(required=False, label="The box was ticked beforehand")
    channels = forms.MultipleChoiceField(
        required=False, choices=list(CHANNEL_WORDS.items()), help_text="None chosen: not limited.",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    purposes = forms.MultipleChoiceField(
        required=False, choices=PURPOSES, help_text="None chosen: not limited.",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    asked_how = forms.ChoiceField(
        required=False,
        label="They asked to be contacted again",
        choices=[("", "No, or nobody knows"), *Asked.choices],
        help_text="After a request not to be called. Only then can two people lift that request on this consent.",
    )
    asked_at = InstantField(required=False, label="When they asked (UTC)")
    asked_words = words_field(
        "Their words", "What they wrote or said, or what the form they filled in said.", required=False
    )
    page_url = forms.CharField(required=False, label="Page", max_length=1000)
    evidence_file = forms.CharField(
        required=False, label="Recording or screenshot", max_length=400, help_text="Where it is kept."
    )
    ip = forms.GenericIPAddressField(required=False, label="IP address")
    certificate = forms.CharField(required=False, label="Vendor’s certificate", max_length=200)
    lead_ref = forms.CharField(required=False, label="Vendor’s lead number", max_length=120)
    valid_until = InstantField(required=False, label="Ends at (UTC)")

    def clean_sellers(self) -> frozenset[str]:
        """Return the names."""
        return frozenset(name.strip() for name in self.cleaned_data["sellers"].split(";")) - {""}


class CsvForm(GroupedForm):
    """A CSV file with a heading."""

    file = forms.FileField(label="CSV file", help_text="UTF-8, columns named in the first line; up to 50 MB.")

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse what is too large or plainly no text, before a line is read."""
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        if (upload.size or 0) > CSV_LIMIT:
            raise forms.ValidationError(
                "The file is larger than 50 MB. Load it on the server: python manage.py import_consents or "
                "import_suppressions FILE."
            )
        head = upload.read(4096)
        upload.seek(0)
        if b"\x00" in head:
            raise forms.ValidationError(
                "This is not a text file. Save the table as CSV (UTF-8) and upload that."
            )
        return upload


class LiftForm(GroupedForm):
    """Asks that a request not to be called be lifted, on a newer consent."""

    consent = forms.ChoiceField(
        label="The new consent",
        widget=forms.RadioSelect,
        help_text="Given after the request by a person who came to us for it, with its words, naming the seller.",
    )
    reason = reason_field("Why")

    def __init__(self, *args: Any, consents: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["consent"].choices = consents  # type: ignore[attr-defined]  # a ChoiceField


class ReviewForm(GroupedForm):
    """What a person found on reading a message."""

    finding = forms.ChoiceField(
        label="Is it a wish not to be contacted?",
        widget=forms.RadioSelect,
        choices=[
            ("confirmed", "Yes. It stays in force."),
            ("mistaken", "No, it was misread. It stays in force until a lift with a new consent."),
        ],
    )
    note = reason_field("Note", "What in the words says so.", required=False)
