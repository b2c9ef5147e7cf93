"""Reasons and notes that people of the house type keep no card data, in whatever form they type them."""

import pytest
from django import forms

from campaigns.message_form import DecisionForm
from compliance.fields import ReasonField
from compliance.forms.house import EmergencyForm, EndForm, LimitForm, OverrideForm
from compliance.forms.mail import SettleForm
from compliance.forms.people import LiftForm, ReviewForm
from evidence.forms import PackForm

TYPED = "Paid with 4111 1111 1111 1111, cvv 123, call back (407) 555-0123"


def test_pci_001_a_reason_loses_card_number_and_code_and_keeps_the_rest() -> None:
    kept = ReasonField().clean(TYPED)

    assert "4111 1111" not in kept
    assert "123," not in kept
    assert kept.startswith("Paid with")
    assert kept.endswith("call back (407) 555-0123")


@pytest.mark.parametrize(
    "form",
    [
        DecisionForm,
        EmergencyForm,
        EndForm,
        LimitForm,
        OverrideForm,
        SettleForm,
        LiftForm,
        ReviewForm,
        PackForm,
    ],
)
def test_every_reason_and_note_of_a_form_is_such_a_field(form: type[forms.Form]) -> None:
    typed = {name: field for name, field in form.base_fields.items() if name in ("reason", "note")}

    assert {name for name, field in typed.items() if not isinstance(field, ReasonField)} == set()
