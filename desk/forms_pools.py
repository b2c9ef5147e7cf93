"""What a manager enters about pools of caller numbers."""

from typing import Any

from django import forms

from carriers.pools import PoolSpec


class PoolForm(forms.Form):
    """A pool's rules."""

    name = forms.CharField(label="Name", max_length=80)
    match_local = forms.BooleanField(
        label="Prefer a number near the person",
        required=False,
        help_text="Same area code, else same state, else any.",
    )
    daily_cap = forms.IntegerField(
        label="Calls a number a day, at most", required=False, min_value=1, max_value=100_000
    )
    rest_after = forms.IntegerField(
        label="Calls before a number rests", required=False, min_value=1, max_value=100_000
    )
    rest_minutes = forms.IntegerField(label="Minutes it rests", min_value=1, max_value=10_080, initial=60)
    rest_on_drop = forms.BooleanField(
        label="Let a number rest whose answer rate falls against the others’",
        required=False,
        help_text="Until a manager has looked at it.",
    )

    def as_spec(self) -> PoolSpec:
        """Return the valid form as the service takes it."""
        data: dict[str, Any] = self.cleaned_data
        return PoolSpec(**data)
