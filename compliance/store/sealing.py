"""Closes days: verifies them, and states in a seal how many verdicts they hold and where their chains end."""

from datetime import date, datetime, timedelta

import msgspec
import structlog
from django.db import connection

from compliance.models import ChainCheck, ChainLane, DaySeal
from compliance.store.verifying import DayCheck, bounds, seal_hash, verify_day, verify_seals
from core import clock, db

log = structlog.get_logger(__name__)

FINDINGS_KEPT = 100
SETTLES_AFTER = timedelta(minutes=10)  # transactions that began before midnight have ended by then
OUTCOMES = """
    SELECT count(*) FILTER (WHERE outcome = 'allow'), count(*) FILTER (WHERE outcome <> 'allow')
    FROM compliance_compliancedecision WHERE decided_at >= %s AND decided_at < %s AND lane = ANY(%s)
"""


class DayNotOver(ValueError):
    """The day may still get verdicts, so it cannot be sealed yet."""


def check_day(day: date, *, now: datetime) -> DayCheck:
    """Verify the day and keep what was found."""
    began = clock.monotonic()
    found = verify_day(day)
    with db.use_case():
        ChainCheck.objects.create(
            day=day,
            checked_at=now,
            verdicts=found.verdicts,
            problems=len(found.findings),
            findings=list(found.findings[:FINDINGS_KEPT]),
            seconds=round(clock.monotonic() - began, 3),
        )
    if found.findings:
        log.error(
            "compliance.chain.broken", day=str(day), problems=len(found.findings), first=found.findings[0]
        )
    return found


def seal_day(day: date, *, now: datetime) -> DaySeal | None:
    """Verify and seal the UTC day; return the seal, None when nothing of it is left to seal. Raises DayNotOver.

    A broken day is sealed too, with the number of problems, so that it cannot be broken further unnoticed.
    """
    if now < bounds(day)[1] + SETTLES_AFTER:
        raise DayNotOver(f"{day} may still get verdicts; seal it after 00:10 UTC of the next day.")
    if not ChainLane.objects.filter(day=day, seal=None).exists():
        return None
    found = check_day(day, now=now)
    with db.use_case():
        db.advisory_xact_lock(db.lock_key("compliance.seal"))
        seal = _seal(day, len(found.findings), now)
    if seal is not None:
        log.info("compliance.day.sealed", day=str(day), seal=bytes(seal.seal_hash).hex(), denied=seal.denied)
    return seal


def close_days(*, now: datetime) -> list[DaySeal]:
    """Seal every day that is over and not sealed, oldest first, and check the seals' own chain; return the new seals."""
    last = (now - SETTLES_AFTER).date()
    days = ChainLane.objects.filter(seal=None, day__lt=last).values_list("day", flat=True).distinct()
    seals = [seal for day in days.order_by("day") if (seal := seal_day(day, now=now)) is not None]
    problems = verify_seals()
    if problems:
        log.error("compliance.seals.broken", problems=len(problems), first=problems[0])
    return seals


def _seal(day: date, problems: int, now: datetime) -> DaySeal | None:
    lanes = list(ChainLane.objects.select_for_update().filter(day=day, seal=None).order_by("id"))
    if not lanes:
        return None
    with connection.cursor() as cursor:
        cursor.execute(OUTCOMES, [*bounds(day), [lane.pk for lane in lanes]])
        allowed, denied = cursor.fetchone()
    previous = DaySeal.objects.order_by("-id").first()
    seal = DaySeal(
        day=day,
        sealed_at=now,
        allowed=allowed,
        denied=denied,
        problems=problems,
        lanes=msgspec.json.encode(
            [[lane.pk, lane.count, bytes(lane.last_hash).hex()] for lane in lanes]
        ).decode(),
        prev_hash=bytes(previous.seal_hash) if previous else b"",
    )
    seal.seal_hash = seal_hash(seal)
    seal.save(force_insert=True)
    ChainLane.objects.filter(pk__in=[lane.pk for lane in lanes]).update(seal=seal)
    return seal
