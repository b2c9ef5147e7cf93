"""What a manager says about the order of calls."""

from collections.abc import Sequence
from typing import Any

from django import forms

from campaigns.ordering import Kind, ListWeight, Order, faults
from campaigns.selectors.orders import ListRow

KINDS = [
    (Kind.DUE.value, "Who is due longest"),
    (Kind.BEST_TIME.value, "Who is likeliest to answer at this hour"),
    (Kind.EAST_FIRST.value, "From the east to the west"),
    (Kind.CLOSING_FIRST.value, "Where the campaign’s window closes soonest"),
]


class OrderFields(forms.Form):
    """An order of calls. A valid form has order()."""

    kind = forms.ChoiceField(
        label="Of those whose next try is due, first",
        choices=KINDS,
        widget=forms.RadioSelect,
        help_text="Promised callbacks always come before.",
    )
    fresh_minutes = forms.IntegerField(
        label="Call new people first for (minutes)",
        required=False,
        help_text="Who comes onto one of its lists while it runs is called before all others for that long. Empty: in turn.",
    )
    mixed = forms.BooleanField(
        label="Mix the lists by weight",
        required=False,
        help_text="A list of weight 2 gets twice the calls of a list of weight 1; weight 0 waits until the others are called.",
    )

    def __init__(self, data: Any = None, *, order: Order, lists: Sequence[ListRow], **more: object) -> None:
        super().__init__(
            data,
            initial={
                "kind": order.kind.value,
                "fresh_minutes": order.fresh_minutes,
                "mixed": bool(order.weights),
                **more,
            },
        )
        self._lists = [each.id for each in lists]
        weights = {each.list_id: each.weight for each in order.weights}
        for each in lists:
            self.fields[f"weight_{each.id}"] = forms.IntegerField(
                label=f"Weight of {each.name}", initial=weights.get(each.id, 1)
            )

    def weights(self) -> list[forms.BoundField]:
        """Return the fields of the lists, by name."""
        return [self[f"weight_{list_id}"] for list_id in self._lists]

    def clean(self) -> dict[str, Any]:
        """Say at its field what is out of range."""
        if not self.errors:
            for name, sentence in faults(self.order()):
                self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data

    def order(self) -> Order:
        """Return the valid form as an order."""
        said = self.cleaned_data
        weights = [ListWeight(list_id=each, weight=said[f"weight_{each}"]) for each in self._lists]
        return Order(
            kind=Kind(said["kind"]),
            weights=tuple(weights) if said["mixed"] else (),
            fresh_minutes=said["fresh_minutes"],
        )


class OrderForm(OrderFields):
    """The order on its own page."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)
