"""What a person rules out for calls about a debt, as others type it in."""

from django import forms

from compliance.forms.base import GroupedForm, words_field
from compliance.forms.people import HEARD_ON
from compliance.rules.calling_window import DAY_NAMES


class DebtWishForm(GroupedForm):
    """Hours, days, or the number itself."""

    groups = (
        ("What they ruled out", ("not_from", "not_until", "not_days", "not_here")),
        ("How it was said", ("raw_words", "heard_on", "person_ref")),
    )

    not_from = forms.TimeField(
        required=False,
        label="Not from (their time)",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    not_until = forms.TimeField(
        required=False,
        label="Until",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Earlier than the beginning: over midnight.",
    )
    not_days = forms.MultipleChoiceField(
        required=False,
        label="On",
        choices=[(str(day), name) for day, name in enumerate(DAY_NAMES)],
        help_text="None chosen: every day. Days without hours: all day.",
        widget=forms.CheckboxSelectMultiple,
    )
    not_here = forms.BooleanField(
        required=False, label="Not on this number, as at work or with somebody else"
    )
    raw_words = words_field("In their words", "As said or written. It is kept as evidence.", rows=2)
    heard_on = forms.ChoiceField(label="Said by", choices=[(word, word.capitalize()) for word in HEARD_ON])
    person_ref = forms.CharField(
        required=False,
        label="Person",
        max_length=80,
        help_text="Our reference, like contact:42: it then holds on all their numbers. Empty: whoever has this number.",
    )

    def clean_not_days(self) -> frozenset[int]:
        """Return the days as numbers, Monday = 0."""
        days: list[str] = self.cleaned_data["not_days"]
        return frozenset(map(int, days))


class DebtWishEndForm(GroupedForm):
    """The person said otherwise."""

    raw_words = words_field("In their words", "How they took it back. It is kept as evidence.")
