"""Asking the carrier what lines an import's numbers are, and whether they changed hands since the consent.

1. start() notes what is asked and the budget; a worker collects the numbers the gate lacks an answer about.
2. run() asks them batch by batch: what a batch costs is counted before it is asked, the answers go into the stores the gate
   reads (FED-030, FED-031) together with the numbers' outcome. A worker that dies between asks at most that batch again.
3. What the carrier refuses for good fails the number, with its words; what it cannot do now is asked again, later each time;
   what is ours to mend, or money, holds everything up until somebody lets it go on. Nothing is lost by any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.urls import reverse

from campaigns import jobs, lookupcost
from campaigns.lookupcost import Prices
from campaigns.models import ListImport, NumberLookup, NumberLookupItem
from campaigns.selectors import lookups as read
from campaigns.services import notices
from carriers import registry
from carriers.lookups import LookedUp, LookUp
from carriers.protocol import CarrierError
from compliance import services as gate
from compliance.reads.lookups import limits, needed
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit
from core.types import as_phone

log = structlog.get_logger(__name__)

STATE = NumberLookup.State
ITEM = NumberLookupItem.State
BATCH = 40
AT_ONCE = 8  # questions under way
BATCHES_A_TASK = 25
LEASE = timedelta(minutes=2)  # longer than a batch may take
TRIES = 5
AGAIN_AFTER = timedelta(seconds=10)  # doubled after each trouble
LONGEST_WAIT = timedelta(minutes=10)
HIGHEST_BUDGET = Decimal(1_000_000)
_COLLECT = """
INSERT INTO campaigns_numberlookupitem (lookup_id, number, wants_line, held_since)
SELECT %(lookup)s, number, lacks_line AND %(line)s, CASE WHEN lacks_holder AND %(holder)s THEN since END
  FROM ({needed}) AS lacking WHERE lacks_line AND %(line)s OR lacks_holder AND %(holder)s
    ON CONFLICT (lookup_id, number) DO NOTHING
"""

Answer = LookedUp | CarrierError


class LookupRefused(AppError):
    """The look-up cannot begin, or go on, as asked; the text says why."""


def start(
    *, import_id: int, line: bool, holder: bool, budget: Decimal, by_id: int, by_name: str, now: datetime
) -> int:
    """Have the numbers of an import asked about; return the look-up's id. Raises LookupRefused, NotFound, Stale."""
    if not (line or holder):
        raise LookupRefused(
            "Choose what to ask: the kind of line, whether the number changed hands, or both."
        )
    _check_budget(budget)
    prices = read.prices()
    with db.use_case():
        list_import = ListImport.objects.select_for_update().filter(pk=import_id).first()
        if list_import is None:
            raise NotFound("This import does not exist.")
        if list_import.state not in (ListImport.State.DONE, ListImport.State.STOPPED):
            raise Stale(
                "Numbers are asked about once the import has ended, unless it failed or was taken back."
            )
        if NumberLookup.objects.filter(list_import_id=import_id, finished_at=None).exists():
            raise Stale("The numbers of this import are being asked about already.")
        lookup = NumberLookup.objects.create(
            list_import_id=import_id,
            wants_line=line,
            wants_holder=holder,
            price_line=prices.line,
            price_holder=prices.holder,
            currency=prices.currency,
            budget=budget,
            due_at=now,
            started_by_id=by_id,
            started_at=now,
        )
        told = {"line": line, "holder": holder, "budget": str(budget), "currency": prices.currency}
        _audit(lookup, "started", by_name, now, told)
        enqueue_on_commit(jobs.RUN_LOOKUP, lookup_id=lookup.pk)
    return lookup.pk


def stop(*, lookup_id: int, by_name: str, now: datetime) -> None:
    """Have the look-up end after the batch under way; what was answered stays. Raises NotFound, Stale."""
    with db.use_case():
        lookup = _open(lookup_id)
        NumberLookup.objects.filter(pk=lookup_id).update(stop_asked_by=by_name)
        _audit(lookup, "stop_asked", by_name, now, {})
        if lookup.state == STATE.HELD:
            _finish(lookup, STATE.STOPPED, now)
        else:
            enqueue_on_commit(jobs.RUN_LOOKUP, lookup_id=lookup_id)


def go_on(*, lookup_id: int, budget: Decimal, by_name: str, now: datetime) -> None:
    """Let a look-up go on that was held up, with this budget in all. Raises LookupRefused, NotFound, Stale."""
    _check_budget(budget)
    with db.use_case():
        lookup = _open(lookup_id)
        if lookup.state != STATE.HELD:
            raise Stale("The look-up is under way already.")
        if budget < spent(lookup):
            raise LookupRefused(
                f"{lookupcost.shown(spent(lookup))} {lookup.currency} were spent already. Give a budget above that."
            )
        NumberLookup.objects.filter(pk=lookup_id).update(
            state=STATE.RUNNING, budget=budget, trouble="", troubles=0, due_at=now
        )
        _audit(lookup, "went_on", by_name, now, {"budget": str(budget)})
        enqueue_on_commit(jobs.RUN_LOOKUP, lookup_id=lookup_id)


def resume_due(now: datetime) -> int:
    """Send hints for look-ups whose time has come or whose worker was lost; return how many."""
    due = NumberLookup.objects.filter(state=STATE.RUNNING, due_at__lte=now).order_by("due_at", "id")
    found = list(due.values_list("id", flat=True))
    for lookup_id in found:
        enqueue_on_commit(jobs.RUN_LOOKUP, lookup_id=lookup_id)
    return len(found)


def run(*, lookup_id: int, clock: Callable[[], datetime], batches: int = BATCHES_A_TASK) -> None:
    """Ask the next batches, if the look-up is due and no other worker has it. Outside any transaction."""
    db.refuse_in_atomic("Asking the carrier")
    for _ in range(batches):
        now = clock()
        mine = NumberLookup.objects.filter(pk=lookup_id, state=STATE.RUNNING, due_at__lte=now)
        if not mine.update(due_at=now + LEASE):
            return
        lookup = NumberLookup.objects.get(pk=lookup_id)
        if lookup.stop_asked_by:
            with db.use_case():
                _finish(lookup, STATE.STOPPED, now)
            return
        if lookup.total is None:
            _collect(lookup, now)
        items = _take(lookup, now)
        if items:
            answers = _ask(items)
            _store(lookup, items, answers, clock())
    enqueue_on_commit(jobs.RUN_LOOKUP, lookup_id=lookup_id)


def spent(lookup: NumberLookup) -> Decimal:
    """Return what was asked so far, at the prices shown."""
    return _prices(lookup).of(lines=lookup.asked_line, holders=lookup.asked_holder)


def _collect(lookup: NumberLookup, now: datetime) -> None:
    with db.use_case():
        with connection.cursor() as cursor:
            cursor.execute(
                _COLLECT.format(needed=needed(read.NUMBERS)),
                {
                    "lookup": lookup.pk,
                    "import": lookup.list_import_id,
                    "line": lookup.wants_line,
                    "holder": lookup.wants_holder,
                    **limits(now),
                },
            )
            total = cursor.rowcount
        NumberLookup.objects.filter(pk=lookup.pk).update(total=total)


def _take(lookup: NumberLookup, now: datetime) -> list[NumberLookupItem]:
    """Return the next numbers and count what they cost; none where nothing is left, or may be asked now."""
    with db.use_case():
        lookup = NumberLookup.objects.select_for_update().get(pk=lookup.pk)
        waiting = NumberLookupItem.objects.filter(lookup=lookup, state=ITEM.WAITING).order_by("number", "id")
        items = _still_lacking(lookup, list(waiting[:BATCH]), now)
        if not items:
            if waiting.exists():
                NumberLookup.objects.filter(pk=lookup.pk).update(
                    due_at=now
                )  # all of the batch were known by now
            else:
                _finish(lookup, STATE.DONE, now)
            return []
        prices, left = _prices(lookup), lookup.budget - spent(lookup)
        paid = items[: lookupcost.within([_parts(item) for item in items], prices, left)]
        if not paid:
            amount = f"{lookup.budget:,.2f} {lookup.currency}"
            _hold(lookup, f"The budget of {amount} is used up. Raise it to go on, or stop the look-up.")
            return []
        _count(lookup, paid, 1)
        NumberLookupItem.objects.filter(pk__in=[item.pk for item in paid]).update(tries=F("tries") + 1)
        for item in paid:
            item.tries += 1
    return paid


def _still_lacking(
    lookup: NumberLookup, items: Sequence[NumberLookupItem], now: datetime
) -> list[NumberLookupItem]:
    """Return the numbers nobody else asked about meanwhile, with what they still lack; the others are done."""
    if not items:
        return []
    statement = needed("SELECT unnest(%(numbers)s::text[]) AS number")
    with connection.cursor() as cursor:
        cursor.execute(statement, {"numbers": [item.number for item in items], **limits(now)})
        lacking = {row[0]: row[1:] for row in cursor.fetchall()}
    left = []
    for item in items:
        lacks_line, since, lacks_holder = lacking[item.number]
        item.wants_line = item.wants_line and lacks_line
        item.held_since = since if item.held_since is not None and lacks_holder else None
        if item.wants_line or item.held_since:
            left.append(item)
    known = [item.pk for item in items if item not in left]
    NumberLookupItem.objects.filter(pk__in=known).update(state=ITEM.DONE)
    NumberLookup.objects.filter(pk=lookup.pk).update(answered=F("answered") + len(known))
    return left


def _ask(items: Sequence[NumberLookupItem]) -> list[Answer]:
    """Ask the carrier, some numbers at a time, and return an answer or its refusal for each."""
    carrier = registry.carrier()

    def ask(item: NumberLookupItem) -> Answer:
        try:
            return carrier.look_up(
                LookUp(number=as_phone(item.number), wants_line=item.wants_line, held_since=item.held_since)
            )
        except CarrierError as error:
            return error

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(ask, items))


def _store(
    lookup: NumberLookup, items: Sequence[NumberLookupItem], answers: Sequence[Answer], now: datetime
) -> None:
    """Keep the answers where the gate reads them, and each number's outcome with them."""
    done, unpaid, errors = [], [], []
    failed: dict[int, str] = {}
    with db.use_case():
        NumberLookup.objects.select_for_update().get(pk=lookup.pk)
        for item, answer in zip(items, answers, strict=True):
            if isinstance(answer, LookedUp):
                _keep(item, answer, now)
                if answer.trouble:
                    failed[item.pk] = f"The carrier gave {answer.trouble}."
                else:
                    done.append(item.pk)
                continue
            if answer.kind == "retryable":
                unpaid.append(item)  # nothing happened
            if answer.kind == "permanent" and not answer.refuses_us:
                failed[item.pk] = f"The carrier refused it: {answer}"[:200]
                continue
            errors.append(answer)
            if item.tries >= TRIES and not answer.refuses_us:
                failed[item.pk] = f"No answer in {TRIES} tries: {answer}"[:200]
        NumberLookupItem.objects.filter(pk__in=done).update(state=ITEM.DONE)
        for pk, said in failed.items():
            NumberLookupItem.objects.filter(pk=pk).update(state=ITEM.FAILED, said=said[:200])
        _count(lookup, unpaid, -1)
        NumberLookup.objects.filter(pk=lookup.pk).update(
            answered=F("answered") + len(done), failed=F("failed") + len(failed)
        )
        _after(lookup, errors, now)


def _keep(item: NumberLookupItem, answer: LookedUp, now: datetime) -> None:
    source = f"{settings.CARRIER} lookup"
    number, actor = as_phone(item.number), f"lookup:{item.lookup_id}"
    if answer.line is not None:
        gate.record_line(number=number, type=answer.line, source=source, checked_at=now, actor=actor, now=now)
    if answer.reassigned is not None and item.held_since is not None:
        gate.record_reassigned_check(
            number=number,
            since=item.held_since,
            answer=answer.reassigned,
            checked_at=now,
            database_version=source,
            actor=actor,
            now=now,
        )


def _after(lookup: NumberLookup, errors: Sequence[CarrierError], now: datetime) -> None:
    """Say when the next batch may be asked: at once, later, or when somebody has mended something."""
    rows = NumberLookup.objects.filter(pk=lookup.pk)
    if not errors:
        rows.update(due_at=now, troubles=0, trouble="")
        return
    if refusal := next((each for each in errors if each.refuses_us), None):
        said = "The carrier does not take Parley’s credentials, or its account may not look numbers up"
        _hold(lookup, f"{said} ({refusal}). Mend that with the carrier, then go on; nothing is lost."[:300])
        return
    wait = min(AGAIN_AFTER * 2 ** min(lookup.troubles, 10), LONGEST_WAIT)
    rows.update(
        due_at=now + wait,
        troubles=lookup.troubles + 1,
        trouble=f"{len(errors)} of the last questions got no answer ({errors[-1]}). They are asked again by themselves."[
            :300
        ],
    )
    log.warning("campaigns.lookup.held_back", lookup_id=lookup.pk, errors=len(errors), seconds=wait.seconds)


def _hold(lookup: NumberLookup, trouble: str) -> None:
    NumberLookup.objects.filter(pk=lookup.pk).update(state=STATE.HELD, trouble=trouble)


def _finish(lookup: NumberLookup, state: str, now: datetime) -> None:
    NumberLookup.objects.filter(pk=lookup.pk).update(state=state, finished_at=now)
    lookup.refresh_from_db()
    cost = f"{lookupcost.shown(spent(lookup)):,} {lookup.currency}"
    told = {"answered": lookup.answered, "failed": lookup.failed, "spent": str(spent(lookup))}
    _audit(lookup, str(state), lookup.stop_asked_by or "lookup", now, told)
    ended = "is done" if state == STATE.DONE else "was stopped"
    notices.tell(
        user_id=lookup.started_by_id,
        key=f"lookup:{lookup.pk}/{state}",
        tone="good" if state == STATE.DONE and not lookup.failed else "warn",
        text=f"The look-up of numbers of “{lookup.list_import.source_label[:100]}” {ended}: {lookup.answered:,} answered, "
        f"{lookup.failed:,} failed, about {cost}.",
        path=reverse("import", args=[lookup.list_import_id]),
        now=now,
    )


def _count(lookup: NumberLookup, items: Sequence[NumberLookupItem], sign: int) -> None:
    parts = [_parts(item) for item in items]
    NumberLookup.objects.filter(pk=lookup.pk).update(
        asked_line=F("asked_line") + sign * sum(line for line, _ in parts),
        asked_holder=F("asked_holder") + sign * sum(holder for _, holder in parts),
    )


def _parts(item: NumberLookupItem) -> tuple[bool, bool]:
    return item.wants_line, item.held_since is not None


def _prices(lookup: NumberLookup) -> Prices:
    return Prices(line=lookup.price_line, holder=lookup.price_holder, currency=lookup.currency)


def _open(lookup_id: int) -> NumberLookup:
    lookup = NumberLookup.objects.select_for_update().filter(pk=lookup_id).first()
    if lookup is None:
        raise NotFound("This look-up does not exist.")
    if lookup.finished_at is not None:
        raise Stale("This look-up has ended already.")
    return lookup


def _check_budget(budget: Decimal) -> None:
    if not budget.is_finite() or not 0 < budget <= HIGHEST_BUDGET:
        raise LookupRefused(f"Give a budget above 0, of at most {HIGHEST_BUDGET:,}.")


def _audit(lookup: NumberLookup, what: str, actor: str, now: datetime, after: Mapping[str, object]) -> None:
    audit.record(
        actor=actor,
        verb=f"campaigns.lookup.{what}",
        target=f"import:{lookup.list_import_id}",
        now=now,
        after=dict(after),
    )
