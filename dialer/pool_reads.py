"""Reads of pools of caller numbers: what each was dialed from, how often it is answered. Dataclasses out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from campaigns.models import Campaign
from carriers.models import CallerNumber, CallerPool, CallerPoolMember
from carriers.pool_choice import ALARM, ENOUGH, drop_evidence
from core.errors import NotFound
from dialer.intervals import Share, share
from dialer.models import Call

SPAN = timedelta(days=14)
JUDGED = (
    "answered",
    "no_answer",
    "busy",
)  # what the person's side made of the call; ours and the carrier's failures are not theirs


@dataclass(frozen=True, slots=True)
class Health:
    """How often one number's calls are answered, beside the others' of its pool."""

    pool_id: int
    number: str
    answered: Share
    others: Share
    evidence: float  # of a drop: carriers.pool_choice.drop_evidence

    @property
    def has_fallen(self) -> bool:
        """Return whether that is a drop."""
        return self.others.whole >= ENOUGH and self.evidence >= ALARM


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One number of a pool."""

    number: str
    label: str
    active: bool
    dials_today: int
    rests_until: datetime | None  # None: it does not rest
    rest_reason: str
    health: Health


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """One pool with its numbers, the campaigns that use it, and those that could."""

    id: int
    name: str
    match_local: bool
    daily_cap: int | None
    rest_after: int | None
    rest_minutes: int
    rest_on_drop: bool
    members: Sequence[MemberRow]
    free_numbers: Sequence[tuple[str, str]]  # of the inventory, in no pool
    campaigns: Sequence[tuple[int, str]]
    could_use: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One pool in the list of all."""

    id: int
    name: str
    numbers: int
    campaigns: Sequence[str]


def list_pools() -> list[PoolRow]:
    """Return all pools by name; three queries."""
    numbers: dict[int, int] = {}
    for pool_id in CallerPoolMember.objects.values_list("pool_id", flat=True).order_by("pk"):
        numbers[pool_id] = numbers.get(pool_id, 0) + 1
    used: dict[int, list[str]] = {}
    rows = Campaign.objects.filter(caller_pool__isnull=False).order_by("name", "id")
    for pool, name in rows.values_list("caller_pool_id", "name"):
        used.setdefault(pool or 0, []).append(name)
    pools = CallerPool.objects.order_by("name", "id")
    return [PoolRow(row.pk, row.name, numbers.get(row.pk, 0), used.get(row.pk, [])) for row in pools]


def get_pool(pool_id: int, *, today: date, now: datetime) -> PoolFacts:
    """Return one pool; six queries. Raises NotFound."""
    pool = CallerPool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise NotFound("There is no such pool of numbers.")
    members = list(pool.members.select_related("number").order_by("number__number"))
    health = {one.number: one for one in _health(members, now)}
    campaigns = list(
        Campaign.objects.exclude(state=Campaign.State.STOPPED)
        .order_by("name", "id")
        .values_list("id", "name", "state", "caller_pool_id")
    )
    open_states = (Campaign.State.DRAFT, Campaign.State.PAUSED)
    return PoolFacts(
        id=pool.pk,
        name=pool.name,
        match_local=pool.match_local,
        daily_cap=pool.daily_cap,
        rest_after=pool.rest_after,
        rest_minutes=pool.rest_minutes,
        rest_on_drop=pool.rest_on_drop,
        members=[_row(row, health[row.number.number], today, now) for row in members],
        free_numbers=list(
            CallerNumber.objects.filter(active=True, pool_member__isnull=True)
            .order_by("number")
            .values_list("number", "label")
        ),
        campaigns=[(pk, name) for pk, name, _, used in campaigns if used == pool_id],
        could_use=[
            (pk, name) for pk, name, state, used in campaigns if used != pool_id and state in open_states
        ],
    )


def fallen(*, now: datetime) -> list[Health]:
    """Return the numbers that do not rest and whose answer rate has fallen, in pools that rest those; two queries."""
    rows = CallerPoolMember.objects.select_related("number").filter(
        pool__rest_on_drop=True, number__active=True
    )
    by_pool: dict[int, list[CallerPoolMember]] = {}
    for row in rows.order_by("pool_id", "pk"):
        by_pool.setdefault(row.pool_id, []).append(row)
    resting = {row.number.number for row in rows if row.rests_until is not None and row.rests_until > now}
    found = [one for members in by_pool.values() for one in _health(members, now)]
    return [one for one in found if one.has_fallen and one.number not in resting]


def _health(members: Sequence[CallerPoolMember], now: datetime) -> list[Health]:
    """Return each number's health, in one query."""
    calls = Call.objects.filter(
        caller_id__in=[row.number.number for row in members],
        state="ended",
        outcome__in=JUDGED,
        created_at__gte=now - SPAN,
    ).order_by("created_at", "pk")
    return health_of(members, calls.values_list("caller_id", "outcome", "created_at"))


def health_of(
    members: Sequence[CallerPoolMember], calls: Iterable[tuple[str, str, datetime]]
) -> list[Health]:
    """Return the health of a pool's numbers from its calls (number, outcome, instant), oldest first.

    A number is judged from watched_since on, against all calls of the others.
    """
    since = {row.number.number: row.watched_since for row in members}
    own: dict[str, list[bool]] = {number: [] for number in since}
    every: dict[str, list[bool]] = {number: [] for number in since}
    for number, outcome, at in calls:
        every[number].append(outcome == "answered")
        if at >= since[number]:
            own[number].append(outcome == "answered")
    answered = {number: sum(found) for number, found in every.items()}
    many = sum(map(len, every.values()))
    found = []
    for row in members:
        number = row.number.number
        others = share(sum(answered.values()) - answered[number], many - len(every[number]))
        evidence = drop_evidence(own[number], others.value) if others.value else 0.0
        found.append(Health(row.pool_id, number, share(sum(own[number]), len(own[number])), others, evidence))
    return found


def _row(row: CallerPoolMember, health: Health, today: date, now: datetime) -> MemberRow:
    rests = row.rests_until is not None and row.rests_until > now
    return MemberRow(
        number=row.number.number,
        label=row.number.label,
        active=row.number.active,
        dials_today=row.dials_today if row.day == today else 0,
        rests_until=row.rests_until if rests else None,
        rest_reason=row.rest_reason if rests else "",
        health=health,
    )
