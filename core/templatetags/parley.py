"""Filters of every template: instants, phone numbers and durations as people read them. Pure formatting."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.types import format_phone

if TYPE_CHECKING:  # the accounts' views come with it, which a page of components alone has no use for
    from core.access import Person

register = template.Library()

NOTHING = "–"
_FALLBACK = {"datetime": "{:%b} {day}, {:%H:%M} UTC", "date": "{:%b} {day}, {:%Y}", "time": "{:%H:%M} UTC"}


@register.filter
def when(value: datetime | None, style: str = "datetime") -> SafeString | str:
    """Return a `<time>` element which the browser turns into the person's own zone; without script, UTC.

    `style` is datetime, date or time. None gives a dash.
    Raises ValueError for a naive instant or an unknown style.
    """
    if value is None or value == "":
        return NOTHING
    if value.tzinfo is None:
        raise ValueError("when: the instant has no zone; pass aware UTC.")
    if style not in _FALLBACK:
        raise ValueError(f"when: the style “{style}” is not one of {', '.join(_FALLBACK)}.")
    instant = value.astimezone(UTC)
    text = _FALLBACK[style].format(instant, instant, day=instant.day)
    return format_html(
        '<time datetime="{}" data-when="{}">{}</time>', f"{instant:%Y-%m-%dT%H:%M:%SZ}", style, text
    )


@register.filter
def phone(value: str | None) -> str:
    """Return the stored number as people of its country write it; a dash for none."""
    return format_phone(value) if value else NOTHING


@register.filter
def duration(value: float | timedelta | None) -> str:
    """Return seconds as a clock reads: "0:07", "1:05", "2:03:09"; parts of a second are dropped."""
    if value is None or value == "":
        return NOTHING
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes}:{seconds:02}"


@register.filter
def percent(value: float | None) -> str:
    """Return a share of 1 as "2.9 %"; a dash for none."""
    return NOTHING if value is None else f"{value * 100:.1f} %"


@register.filter
def may(person: "Person | None", permission: str) -> bool:
    """Return whether the signed-in person's role includes the permission: what they may not open is not offered."""
    return person is not None and person.is_authenticated and person.may(permission)
