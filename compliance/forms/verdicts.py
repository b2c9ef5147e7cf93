"""Filters of the verdict explorer; they live in the URL."""

from typing import Any

from django import forms

from compliance import rule_index
from compliance.forms.base import DayField, PhoneField
from compliance.pages import CHANNEL_WORDS, PURPOSE_WORDS
from compliance.rules.codes import CODES
from compliance.rules.decision import Outcome


def _rules() -> list[tuple[str, str]]:
    known = [rule for rule in rule_index.indexed().values() if rule.codes]
    return [("", "Any rule"), *((rule.rule_id, rule.rule_id) for rule in known)]


class DecisionFilterForm(forms.Form):
    """Narrows the verdict explorer."""

    outcome = forms.ChoiceField(
        required=False,
        choices=[("", "All"), (Outcome.ALLOW.value, "Allowed"), (Outcome.DENY.value, "Refused")],
    )
    code = forms.ChoiceField(
        required=False, label="Refused because", choices=[("", "Any reason"), *CODES.items()]
    )
    rule = forms.ChoiceField(required=False, choices=_rules)
    since = DayField(required=False, label="From day (UTC)")
    until = DayField(required=False, label="To day (UTC)")
    number = PhoneField(required=False)
    campaign_ref = forms.CharField(required=False, label="Campaign", max_length=80)
    channel = forms.ChoiceField(required=False, choices=[("", "Any channel"), *CHANNEL_WORDS.items()])
    purpose = forms.ChoiceField(required=False, choices=[("", "Any purpose"), *PURPOSE_WORDS.items()])

    def clean(self) -> dict[str, Any]:
        """Refuse a range that ends before it begins."""
        values = super().clean() or self.cleaned_data
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.add_error("until", "The range ends before it begins.")
        return values


def filters_of(form: DecisionFilterForm) -> dict[str, Any]:
    """Return the filters that could be read, each wrong one left out; the form shows what was wrong."""
    form.is_valid()
    values = {name: value for name, value in form.cleaned_data.items() if value}
    code, rule = values.pop("code", ""), values.pop("rule", "")
    codes = set(rule_index.codes_of(rule)) if rule else set()
    if code:
        codes = {code} if not rule or code in codes else {"-"}  # a reason the rule cannot give: nothing fits
    return {**values, "codes": tuple(sorted(codes))}
