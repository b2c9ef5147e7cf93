"""The seller's papers, and what others report about numbers, as people type them in."""

from django import forms

from compliance.forms.base import DayField, GroupedForm, InstantField, PhoneField
from compliance.forms.house import STATES
from compliance.pages.words import ANSWER_WORDS, LINE_WORDS, SENDER_KINDS


class RegistrationForm(GroupedForm):
    """A registration in a state, or the exemption filed there."""

    state = forms.ChoiceField(choices=STATES)
    certificate = forms.CharField(required=False, label="Certificate number", max_length=120)
    exemption = forms.CharField(
        required=False, label="Or the exemption filed", max_length=120, help_text="By its name in the law."
    )
    valid_from = DayField(label="Valid from")
    valid_to = DayField(required=False, label="Last day", help_text="Empty: no end.")
    covers_texts_only = forms.BooleanField(required=False, label="Covers text messages only")
    document = forms.CharField(
        required=False, label="Document", max_length=400, help_text="Where the paper is kept."
    )


class CallerForm(GroupedForm):
    """The right to show a number as caller ID."""

    number = PhoneField(label="Number")
    for_all = forms.BooleanField(required=False, label="May be shown for every seller, not for ours alone")
    authority = forms.CharField(
        label="What proves the right",
        max_length=400,
        help_text="Contract, letter or purchase, and where it is.",
    )
    takes_requests = forms.BooleanField(
        required=False, label="Calling it back reaches somebody who takes do-not-call requests"
    )
    tested_on = DayField(required=False, label="Last called back on", help_text="It counts for a while only.")
    active = forms.BooleanField(required=False, initial=True, label="In use")


class SenderForm(GroupedForm):
    """How far a messaging sender's registration got. Each saving says the whole state."""

    groups = (
        ("The sender", ("number", "kind", "brand", "use_case", "daily_cap")),
        (
            "What is done",
            (
                "brand_approved", "campaign_approved", "attached", "in_pool", "toll_free_verified", "political_token",
                "free_to_end_user",
            ),
        ),
    )  # fmt: skip

    number = forms.CharField(max_length=60, help_text="A number, or a short code of five or six digits.")
    kind = forms.ChoiceField(choices=list(SENDER_KINDS.items()))
    brand = forms.CharField(
        required=False,
        max_length=40,
        label="Tax number of the brand (EIN)",
        help_text="The carriers’ daily cap is one for all senders of a brand. Without it, what every other sender sends counts here too.",
    )
    use_case = forms.CharField(
        required=False, max_length=40, label="Registered use", help_text="marketing, customer_care, mixed …"
    )
    daily_cap = forms.IntegerField(
        required=False, min_value=0, max_value=10_000_000, label="Parts a day the carriers take"
    )
    brand_approved = forms.BooleanField(required=False, label="Brand approved")
    campaign_approved = forms.BooleanField(required=False, label="Campaign approved")
    attached = forms.BooleanField(required=False, label="Number attached to the campaign")
    in_pool = forms.BooleanField(required=False, label="Number in the messaging service that sends")
    toll_free_verified = forms.BooleanField(required=False, label="Toll-free verification done")
    political_token = forms.BooleanField(required=False, label="Political vetting token")
    free_to_end_user = forms.BooleanField(required=False, label="Free for who receives it")

    def clean(self) -> dict[str, object]:
        """Return the values, the number as its kind has it: E.164, or a short code's digits."""
        values = super().clean() or self.cleaned_data
        text = str(values.get("number", "")).strip()
        if values.get("kind") == "short_code":
            if not (text.isascii() and text.isdigit() and len(text) in (5, 6)):
                self.add_error("number", "A short code has five or six digits.")
        elif text:
            try:
                values["number"] = PhoneField().clean(text)
            except forms.ValidationError as error:
                self.add_error("number", error)
        return values


class LineForm(GroupedForm):
    """What a look-up said of a line."""

    type = forms.ChoiceField(label="Kind of line", choices=list(LINE_WORDS.items()))
    source = forms.CharField(
        label="Who says so", max_length=80, help_text="The look-up service, or the person."
    )
    checked_at = InstantField(label="Looked up at (UTC)")
    ported_at = InstantField(required=False, label="Last moved to another carrier at (UTC)")


class ReassignedForm(GroupedForm):
    """An answer of the Reassigned Numbers Database."""

    answer = forms.ChoiceField(
        label="Its answer", choices=list(ANSWER_WORDS.items()), widget=forms.RadioSelect
    )
    since = DayField(
        label="Asked about the time since", help_text="The day of the consent, or an earlier one."
    )
    checked_at = InstantField(label="Asked at (UTC)")
    database_version = forms.CharField(label="Version of the database", max_length=40)
