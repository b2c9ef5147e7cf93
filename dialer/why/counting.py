"""A campaign's waterfall when somebody asks for it: a small one at once, a large one by a task, and kept for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from campaigns.selectors.crowd import count_members
from compliance.crowd.registries import CannotCount
from core import jobs as core_jobs
from dialer import jobs
from dialer.why.waterfall import Waterfall, waterfall

FRESH = timedelta(seconds=60)
KEPT = 3600  # seconds: an older count is shown, with its time, while the next one is made
AT_ONCE = 20_000  # people; more would hold up the page's process
ONE_AT_A_TIME = 90  # seconds; longer than a count may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What can be shown now: a count, whether a newer one is being made, and why there is none."""

    found: Waterfall | None = None
    is_counting: bool = False
    problem: str = ""


def latest(campaign_id: int, *, now: datetime) -> Count:
    """Return the count of the last minute, make it if that is quick, else have it made. Raises NotFound."""
    kept: Count | None = cache.get(_key(campaign_id))
    as_of = kept.found.as_of if kept and kept.found else None
    if kept and kept.problem:
        return kept
    if as_of is not None and timedelta(0) <= now - as_of < FRESH:
        return Count(found=kept.found if kept else None)
    if count_members(campaign_id) <= AT_ONCE:
        return count(campaign_id, now=now)
    if cache.add(f"{_key(campaign_id)}:under-way", True, ONE_AT_A_TIME):
        core_jobs.enqueue_on_commit(jobs.COUNT_WATERFALL, campaign_id=campaign_id)
    return Count(found=kept.found if kept else None, is_counting=True)


def count(campaign_id: int, *, now: datetime) -> Count:
    """Count and keep the result. What makes counting impossible is kept for a minute, in words. Raises NotFound."""
    try:
        made, seconds = Count(found=waterfall(campaign_id, now=now)), KEPT
    except CannotCount as error:
        made, seconds = Count(problem=error.public_message), int(FRESH.total_seconds())
    cache.set(_key(campaign_id), made, seconds)
    cache.delete(f"{_key(campaign_id)}:under-way")
    return made


def _key(campaign_id: int) -> str:
    return f"waterfall:3:{campaign_id}"  # of the shape of what is kept
