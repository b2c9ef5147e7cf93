"""What others may know of our numbers."""

from carriers.models import CallerNumber
from core import kept

_active = kept.Values(
    lambda: CallerNumber.objects.filter(active=True).order_by("number").values_list("number"), values=0
)
_usable = kept.Values(
    lambda number: CallerNumber.objects.filter(number=number, active=True).values_list("number")
)


def active_caller_numbers() -> list[str]:
    """Return the numbers of ours that may be shown as caller id, in E.164, in order."""
    return [number for (number,) in _active.rows()]


def is_usable_caller_number(number: str) -> bool:
    """Return whether the number is ours and may be shown (rule FED-025)."""
    return bool(_usable.rows(number))
