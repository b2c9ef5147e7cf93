"""Pools of caller numbers: made and changed by managers, and drawn from by the dialer under the pool's lock."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from carriers.models import CallerNumber, CallerPool, CallerPoolMember
from carriers.pool_choice import Choice, choose
from core import audit, db
from core.errors import AppError, NotFound

UNTIL_LOOKED_AT = timedelta(days=3650)  # a rest that only a manager ends


class PoolRefused(AppError):
    """The pool cannot be as it was asked for; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSpec:
    """What a manager decides about a pool."""

    name: str
    match_local: bool = True
    daily_cap: int | None = None
    rest_after: int | None = None
    rest_minutes: int = 60
    rest_on_drop: bool = True


def create_pool(*, spec: PoolSpec, by_name: str, now: datetime) -> int:
    """Store a pool without numbers and return its id. Raises PoolRefused."""
    spec = _checked(spec)
    with db.use_case():
        with db.free_or(_taken(spec.name)):
            pool = CallerPool.objects.create(**asdict(spec))
        audit.record(
            actor=by_name,
            verb="carriers.pool.created",
            target=f"caller_pool:{pool.pk}",
            now=now,
            after=asdict(spec),
        )
    return pool.pk


def change_pool(*, pool_id: int, spec: PoolSpec, by_name: str, now: datetime) -> None:
    """Store a pool's rules; they hold from the next call on. Raises PoolRefused, NotFound."""
    spec = _checked(spec)
    with db.use_case():
        pool = lock(pool_id)
        before = {name: getattr(pool, name) for name in asdict(spec)}
        for name, value in asdict(spec).items():
            setattr(pool, name, value)
        with db.free_or(_taken(spec.name)):
            pool.save(update_fields=list(asdict(spec)))
        audit.record(
            actor=by_name,
            verb="carriers.pool.changed",
            target=f"caller_pool:{pool_id}",
            now=now,
            before=before,
            after=asdict(spec),
        )


def add_number(*, pool_id: int, number: str, by_name: str, now: datetime) -> None:
    """Put a number of the inventory into a pool. Raises PoolRefused for one that is not there, or in a pool; NotFound."""
    with db.use_case():
        pool = lock(pool_id)
        row = CallerNumber.objects.filter(number=number[:16], active=True).first()
        if row is None:
            raise PoolRefused(
                "This number is not in use in our inventory (rule FED-025). Choose one that is."
            )
        try:
            with transaction.atomic():
                CallerPoolMember.objects.create(pool=pool, number=row, watched_since=now)
        except IntegrityError:
            raise PoolRefused("This number is in a pool already. Take it out there first.") from None
        _record(pool_id, "number_added", number, by_name, now)


def remove_number(*, pool_id: int, number: str, by_name: str, now: datetime) -> None:
    """Take a number out; calls that show it go on. Raises NotFound."""
    with db.use_case():
        lock(pool_id)
        _member(pool_id, number).delete()
        _record(pool_id, "number_removed", number, by_name, now)


def end_rest(*, pool_id: int, number: str, by_name: str, now: datetime) -> None:
    """Let a resting number be shown again; what it did before is not held against it. Raises NotFound."""
    with db.use_case():
        lock(pool_id)
        row = _member(pool_id, number)
        row.rests_until, row.rest_reason, row.dials_since_rest, row.watched_since = None, "", 0, now
        row.save(update_fields=["rests_until", "rest_reason", "dials_since_rest", "watched_since"])
        _record(pool_id, "rest_ended", number, by_name, now)


def rest_for_drop(*, pool_id: int, number: str, reason: str, now: datetime) -> bool:
    """Let a number rest until a manager looks at it; returns whether it did not rest already."""
    with db.use_case():
        lock(pool_id)
        row = _member(pool_id, number)
        if row.rests_until is not None and row.rests_until > now + timedelta(days=1):
            return False
        row.rests_until, row.rest_reason = now + UNTIL_LOOKED_AT, reason[:200]
        row.save(update_fields=["rests_until", "rest_reason"])
        _record(pool_id, "number_rests", number, "dialer", now)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolChoice:
    """A pool that a campaign can show numbers of."""

    id: int
    name: str
    numbers: int  # in use


def list_choices() -> list[PoolChoice]:
    """Return all pools by name, with how many of their numbers are in use; one query."""
    in_use = Count("members", filter=Q(members__number__active=True))
    rows = CallerPool.objects.annotate(in_use=in_use).order_by("name", "id")
    return [PoolChoice(id=row.pk, name=row.name, numbers=row.in_use) for row in rows]


def draw(pool_id: int, *, to: str, seed: str, today: date, now: datetime) -> Choice | None:
    """Choose the number a call to `to` shows and count it; None where all are at their cap or rest.

    Locks the pool until the transaction ends, so that caps hold over all processes. What is not dialed is given back.
    """
    db.require_atomic()
    pool = lock(pool_id)
    rows = {row.number.number: row for row in _eligible(pool, today, now)}
    found = choose(sorted(rows), to=to, match_local=pool.match_local, seed=seed)
    if found is None:
        return None
    row = rows[found.number]
    if row.rests_until is not None:
        row.rests_until, row.rest_reason, row.dials_since_rest = None, "", 0  # it is over
    row.dials_today = row.dials_today + 1 if row.day == today else 1
    row.day, row.dials_since_rest = today, row.dials_since_rest + 1
    if pool.rest_after is not None and row.dials_since_rest >= pool.rest_after:
        row.rests_until = now + timedelta(minutes=pool.rest_minutes)
        row.rest_reason = f"{row.dials_since_rest} calls in a row"
    row.save(update_fields=["day", "dials_today", "dials_since_rest", "rests_until", "rest_reason"])
    return found


def give_back(pool_id: int, number: str, *, today: date) -> None:
    """Uncount a number that was drawn in this transaction and not dialed after all."""
    db.require_atomic()
    row = CallerPoolMember.objects.filter(pool_id=pool_id, number__number=number, day=today).first()
    if row is not None and row.dials_today:
        row.dials_today, row.dials_since_rest = row.dials_today - 1, max(0, row.dials_since_rest - 1)
        if row.rest_reason.endswith("calls in a row"):
            row.rests_until, row.rest_reason = None, ""
        row.save(update_fields=["dials_today", "dials_since_rest", "rests_until", "rest_reason"])


def has_number(pool_id: int, *, today: date, now: datetime) -> bool:
    """Return whether a call may be started from the pool now; two queries, no lock."""
    pool = CallerPool.objects.filter(pk=pool_id).first()
    return pool is not None and bool(_eligible(pool, today, now))


def lock(pool_id: int) -> CallerPool:
    """Lock a pool; raises NotFound."""
    found = CallerPool.objects.select_for_update().filter(pk=pool_id).first()
    if found is None:
        raise NotFound("There is no such pool of numbers.")
    return found


def _eligible(pool: CallerPool, today: date, now: datetime) -> list[CallerPoolMember]:
    rows = pool.members.select_related("number").filter(number__active=True).order_by("pk")
    return [
        row
        for row in rows
        if (row.rests_until is None or row.rests_until <= now)
        and (pool.daily_cap is None or row.day != today or row.dials_today < pool.daily_cap)
    ]


def _member(pool_id: int, number: str) -> CallerPoolMember:
    found = CallerPoolMember.objects.filter(pool_id=pool_id, number__number=number[:16]).first()
    if found is None:
        raise NotFound("This number is not in the pool.")
    return found


def _checked(spec: PoolSpec) -> PoolSpec:
    name = " ".join(spec.name.split())
    wrong = []
    if not name or len(name) > 80:
        wrong.append("Give the pool a name of at most 80 characters.")
    if spec.daily_cap is not None and not 1 <= spec.daily_cap <= 100_000:
        wrong.append("A number’s daily cap is between 1 and 100,000 calls, or empty.")
    if spec.rest_after is not None and not 1 <= spec.rest_after <= 100_000:
        wrong.append("A number rests after 1 to 100,000 calls, or never.")
    if not 1 <= spec.rest_minutes <= 10_080:
        wrong.append("A rest lasts between 1 minute and a week (10,080 minutes).")
    if wrong:
        raise PoolRefused(" ".join(wrong))
    return PoolSpec(**{**asdict(spec), "name": name})


def _record(pool_id: int, verb: str, number: str, by_name: str, now: datetime) -> None:
    audit.record(
        actor=by_name,
        verb=f"carriers.pool.{verb}",
        target=f"caller_pool:{pool_id}",
        now=now,
        after={"number": number},
    )


def _taken(name: str) -> PoolRefused:
    return PoolRefused(f"There is a pool “{name}” already. Choose another name.")
