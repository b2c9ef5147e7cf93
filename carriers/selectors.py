"""What others may know of our numbers."""

from carriers.models import CallerNumber


def active_caller_numbers() -> list[str]:
    """Return the numbers of ours that may be shown as caller id, in E.164, in order."""
    return list(CallerNumber.objects.filter(active=True).order_by("number").values_list("number", flat=True))


def is_usable_caller_number(number: str) -> bool:
    """Return whether the number is ours and may be shown (rule FED-025)."""
    return CallerNumber.objects.filter(number=number, active=True).exists()
