"""What a rehearsal needs before its robots begin: a time of day, consents, room for many dials; and what it reads of itself."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from tests.e2e import stack, truth


def clock_offset(hour: int, minute: int) -> float:
    """Return the shift that makes it this time in New York on the next Monday that is no holiday."""
    zone = ZoneInfo("America/New_York")
    real = datetime.fromtimestamp(time.time(), UTC)
    day = real.astimezone(zone).date() + timedelta(days=(7 - real.astimezone(zone).weekday()) or 7)
    begin = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return (begin.astimezone(UTC) - real).total_seconds()


def quantile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie, 0 for none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def record_consents(running: stack.Stack, folder: Path) -> None:
    """Record a written consent of nine in ten people: without one, half of the states let no dialer call."""
    numbers = truth.numbers(running.env["DATABASE_URL"])
    path = folder / "consents.csv"
    head = (
        "number,kind,obtained_by,given_at,sellers,text_shown,authorises_automation,not_a_condition,signature"
    )
    given_at = f"{datetime.fromtimestamp(time.time(), UTC) - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    seller = "Northwind Home Energy"
    words = f"pewc,{seller},{given_at},{seller},I agree to be called by a dialer,yes,yes,typed name"
    rows = [f"{number},{words}" for index, number in enumerate(numbers) if index % 10]
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    running.manage("import_consents", str(path))
    _record_reassigned_checks(running)


def _record_reassigned_checks(running: stack.Stack) -> None:
    """Write down that the Reassigned Numbers Database knows of no change of any number (FED-030): the product asks no such service."""
    now = _now(running)
    with psycopg.connect(running.env["DATABASE_URL"]) as connection:
        connection.execute(
            """
            INSERT INTO compliance_reassignedcheck (number, since, answer, checked_at, database_version, recorded_by)
            SELECT DISTINCT number, %s, 'no', %s, 'rehearsal', 'rehearsal' FROM campaigns_contactphone
            """,
            [(now - timedelta(days=30)).date(), now - timedelta(hours=1)],
        )


def record_weeks_without_a_fault(running: stack.Stack, *, live: int) -> None:
    """Write down that every campaign had `live` answered calls earlier today and abandoned none.

    The law gives a campaign that begins no room: the first abandoned call stops it.
    """
    with psycopg.connect(running.env["DATABASE_URL"]) as connection:
        connection.execute(
            """
            INSERT INTO dialer_answeredday (campaign_id, day, live, abandoned, machines)
            SELECT id, %s, %s, 0, 0 FROM campaigns_campaign
            """,
            [_now(running).date(), live],
        )


def _now(running: stack.Stack) -> datetime:
    """Return the time it is for the product."""
    return datetime.fromtimestamp(time.time() + float(running.env["PARLEY_CLOCK_OFFSET_SECONDS"]), UTC)


def allow_many_dials(running: stack.Stack) -> None:
    """Lift our policy of 150 dials a day a number (CID-003): one caller ID for a whole floor would end the story early."""
    words = ["set_house_limit", "caller_dials_per_day", "20000", "--override", "--by", "cora"]
    reason = ["--reason", "rehearsal of a whole floor with one caller ID", "--since", "2020-01-01"]
    running.manage(*words, "--approved-by", "ada", *reason)
