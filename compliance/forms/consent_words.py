"""The form that checks a form of consent."""

from django import forms

from compliance.forms.base import GroupedForm, words_field
from compliance.rules.content.consent_forms import ConsentForm


class ConsentWordsForm(GroupedForm):
    """A form of consent as people will see it. A valid form has subject()."""

    groups = (
        ("The words", ("words", "seller")),
        ("The box", ("unticked", "optional", "separate", "for_texts", "texts_have_own_box")),
    )

    words = words_field(
        "Word by word", "What stands beside the box or signature, in English.", required=True, rows=8
    )
    seller = forms.CharField(label="Seller", max_length=120)
    unticked = forms.BooleanField(
        required=False, label="The person ticks it, or signs: nothing is ticked beforehand"
    )
    optional = forms.BooleanField(required=False, label="The form can be sent without it")
    separate = forms.BooleanField(required=False, label="It stands apart from terms and other consents")
    for_texts = forms.BooleanField(required=False, label="It asks for texts too")
    texts_have_own_box = forms.BooleanField(required=False, label="Texts have a box of their own")

    def subject(self) -> ConsentForm:
        """Return the form of consent that was described."""
        return ConsentForm(**self.cleaned_data)
