"""The filters every template uses: text in, text out, no guessing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.templatetags import parley

INSTANT = datetime(2026, 11, 5, 14, 30, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("style", "text"),
    [("datetime", "Nov 5, 14:30 UTC"), ("date", "Nov 5, 2026"), ("time", "14:30 UTC")],
)
def test_when_gives_the_instant_for_the_browser_and_utc_for_everybody_else(style: str, text: str) -> None:
    html = parley.when(INSTANT, style)

    assert html == f'<time datetime="2026-11-05T14:30:59Z" data-when="{style}">{text}</time>'


def test_when_turns_another_zone_into_utc() -> None:
    new_york = INSTANT.astimezone(ZoneInfo("America/New_York"))

    assert parley.when(new_york) == parley.when(INSTANT)


def test_when_shows_a_dash_for_nothing() -> None:
    assert parley.when(None) == "–"


def test_when_refuses_a_naive_instant() -> None:
    with pytest.raises(ValueError, match="no zone"):
        parley.when(INSTANT.replace(tzinfo=None))


def test_when_refuses_a_style_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="datetime, date, time"):
        parley.when(INSTANT, "short")


@pytest.mark.parametrize(
    ("number", "text"),
    [("+14075550123", "(407) 555-0123"), ("+442079460123", "+44 20 7946 0123"), ("", "–"), (None, "–")],
)
def test_phone_is_written_as_in_its_country(number: str | None, text: str) -> None:
    assert parley.phone(number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0:00"),
        (7, "0:07"),
        (65, "1:05"),
        (65.9, "1:05"),
        (3600, "1:00:00"),
        (7389, "2:03:09"),
        (-5, "-0:05"),
        (timedelta(minutes=2, seconds=3), "2:03"),
        (timedelta(days=1), "24:00:00"),
        (None, "–"),
    ],
)
def test_duration_reads_as_a_clock(value: float | timedelta | None, text: str) -> None:
    assert parley.duration(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0294, "2.9 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (None, "–")]
)
def test_percent_says_a_share(value: float | None, text: str) -> None:
    assert parley.percent(value) == text
