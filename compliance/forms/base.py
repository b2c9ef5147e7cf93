"""What the compliance forms share: phone numbers, days and instants, and fields shown in groups."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms

from compliance.fields import ReasonField
from core.types import PhoneError, PhoneNumber, parse_phone

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)  # a year typed wrongly is said, not stored
WORDS_LIMIT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that belong together, under a title."""

    title: str
    fields: tuple[forms.BoundField, ...]


class GroupedForm(forms.Form):
    """A form whose fields are shown in groups: (title, names); without any, in one."""

    use_required_attribute = False  # the server says what is missing, all at once and in words
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def grouped(self) -> tuple[Group, ...]:
        """Return the groups in order."""
        groups = self.groups or (("", tuple(self.fields)),)
        return tuple(
            Group(title=title, fields=tuple(self[name] for name in names)) for title, names in groups
        )


class PhoneField(forms.CharField):
    """A phone number, written in any way; its value is E.164."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 60)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        super().__init__(**options)

    def clean(self, value: Any) -> PhoneNumber | str:
        """Return the number in E.164, "" for none; refuse what is none."""
        text = super().clean(value)
        if not text:
            return ""
        try:
            return parse_phone(text)
        except PhoneError as error:
            raise forms.ValidationError(str(error)) from None


class DayField(forms.DateField):
    """A day."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **options,
        )

    def clean(self, value: Any) -> date | None:
        """Return the day; refuse years nobody means."""
        found: date | None = super().clean(value)
        if found is not None and not EARLIEST <= found <= LATEST:
            raise forms.ValidationError(f"Give a day between {EARLIEST.year} and {LATEST.year}.")
        return found


class InstantField(forms.DateTimeField):
    """A day and time, UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            **options,
        )

    def clean(self, value: Any) -> datetime | None:
        """Return the instant; refuse years nobody means."""
        found: datetime | None = super().clean(value)
        if found is not None and not EARLIEST <= found.date() <= LATEST:
            raise forms.ValidationError(f"Give a day between {EARLIEST.year} and {LATEST.year}.")
        return found


def words_field(label: str, help_text: str = "", *, required: bool = True, rows: int = 3) -> forms.CharField:
    """Return a field for words as they were said or shown."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=WORDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def reason_field(label: str, help_text: str = "", *, required: bool = True) -> ReasonField:
    """Return a field for a reason or note of a person of the house."""
    return ReasonField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=WORDS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
