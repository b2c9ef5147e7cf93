"""Following CRM lists: who joins is imported, who leaves is not called from them any more, who changes is read again.

Asking the CRM (no transaction) and writing what it said (one transaction) are apart; a poll that dies between is repeated, and finds the
same. People who were merged or converted keep their place here under their new id.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, F, OuterRef

from campaigns.selectors.imports import first_unsettled
from campaigns.services import imports, membership
from core import audit, db
from core.errors import AppError, NotFound
from core.jobs import enqueue_on_commit
from crm_sync import jobs, refs, registry
from crm_sync.models import CrmConnection, ListPull, LiveList, LiveMember
from crm_sync.protocol import CrmConnector, Fingerprinted, SyncError
from crm_sync.registry import Connect
from crm_sync.services import api_use, members, pulling, tokens
from crm_sync.services.mapped_in import Incoming

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
EVERY = timedelta(seconds=40)  # so that with asking and writing nobody who left is called a minute later
CHANGES_EVERY = timedelta(minutes=5)
OVERLAP = timedelta(seconds=60)  # a CRM's search lags behind its records
# So far behind its answers may its records' stamps be: beyond that, changes are known however long nothing changed.
STAMPS_LAG = timedelta(minutes=10)
SHARE = 0.5  # of the day's limit that following lists may use
CLAIMED_FOR = timedelta(minutes=30)  # a poll that died is taken up by then
LATELY = timedelta(days=1)
SETTLES = timedelta(
    minutes=10
)  # so long after an import's end its people may be compared with who is on the list


@dataclass(frozen=True, slots=True)
class News:
    """What a poll found."""

    joined: Sequence[str]
    left: Sequence[str]
    heirs: dict[str, str]
    changed: dict[str, str]  # member -> the CRM's time of the change
    read_until: datetime  # changes before it are known: on the CRM's clock, which is not ours
    read_at: (
        datetime | None
    )  # when they were last read to their end, on our clock; None: they are read on with the next poll
    pages: int  # requests it took to read who is on the list
    stamps: Mapping[str, str]  # of those who joined, where the CRM knows no times of change


def follow(
    *,
    connection_id: int,
    list_kind: str,
    list_id: str,
    list_name: str,
    lead_list_name: str,
    by_id: int | None,
    by_name: str,
    now: datetime,
) -> int:
    """Begin to follow a CRM's list into the Parley list of that name, or go on with it; return its id. The first poll imports its people.

    Raises NotFound, AppError while the CRM is disconnected or for what is no list of it, and ListRefused.
    """
    pulling.check_list(connection_id, list_kind, list_id)
    with db.use_case():
        lead_list_id = membership.ensure_list(name=lead_list_name, by_id=by_id, now=now)
        live, created = LiveList.objects.get_or_create(
            connection_id=connection_id,
            list_kind=list_kind,
            list_id=list_id,
            lead_list_id=lead_list_id,
            defaults={
                "list_name": list_name[:200],
                "lead_list_name": lead_list_name[:120],
                "due_at": now,
                "changes_since": now,
                "created_at": now,
            },
        )
        if not created:
            LiveList.objects.filter(id=live.id).update(is_on=True, due_at=now, last_error="")
        audit.record(
            actor=by_name,
            verb="crm_sync.list.followed",
            target=f"live_list:{live.id}",
            now=now,
            after={"list": list_name[:200], "into": lead_list_name},
        )
        enqueue_on_commit(jobs.POLL_LISTS)
    return live.id


def stop(*, live_list_id: int, by_name: str, now: datetime) -> None:
    """Follow a list no longer: its people stay as they are. Raises NotFound."""
    with db.use_case():
        if not LiveList.objects.filter(id=live_list_id).update(is_on=False):
            raise NotFound("This list is not followed.")
        audit.record(
            actor=by_name, verb="crm_sync.list.left_alone", target=f"live_list:{live_list_id}", now=now
        )


def ask_soon(*, connection_id: int, now: datetime) -> int:
    """Have all lists of a connection asked at once: the CRM told of a change; return how many."""
    lists = LiveList.objects.filter(connection_id=connection_id, is_on=True)
    count = lists.update(changes_read_at=None)
    lists.filter(due_at__gt=now).update(due_at=now)
    if count:  # those that are due already wait for somebody to ask, too
        enqueue_on_commit(jobs.POLL_LISTS)
    return count


def poll_due(*, clock: Clock, connect: Connect = registry.connect) -> int:
    """Ask for every followed list that is due and return how many were asked. A CRM's failure is kept on its list."""
    now = clock()
    connected = LiveList.objects.exclude(connection__state=CrmConnection.State.DISCONNECTED)
    being_read = ListPull.objects.filter(live_list=OuterRef("id"), state__in=pulling.OPEN)
    due = connected.filter(~Exists(being_read), is_on=True, due_at__lte=now).order_by("due_at", "id")
    asked = 0
    for live in due.select_related("connection"):
        with db.use_case():
            mine = LiveList.objects.filter(id=live.id, due_at=live.due_at)
            if not mine.update(due_at=now + CLAIMED_FOR):
                continue  # another worker asks
        live.due_at = now + CLAIMED_FOR
        _poll(live, clock, connect)
        asked += 1
    return asked


def _poll(live: LiveList, clock: Clock, connect: Connect) -> None:
    connection = live.connection
    error, pages = "", 1
    connector: CrmConnector | None = None
    began = clock()
    try:
        connector = tokens.opened(connection, clock=clock, connect=connect)
        if not LiveMember.objects.filter(live_list=live).exists() and _has_people(live, connector):
            _begin_with_their_clock(live, connector)
            pulling.start_first_reading(live, now=clock())
            _note_use(live, connector, clock())
            return
        news = _ask(live, connector, began)
        _write_leavers(live, news, clock())
        _bring(live, connector, news, clock)
        pages = news.pages
        if (news.read_until, news.read_at) != (live.changes_since, live.changes_read_at):
            # Not before what changed is staged.
            LiveList.objects.filter(id=live.id).update(
                changes_since=news.read_until, changes_read_at=news.read_at
            )
    except (SyncError, AppError) as refused:
        error = str(refused)
        log.warning("crm_sync.list.not_read", live_list_id=live.id, why=error[:200])
    now = clock()
    with db.use_case():
        values: dict[str, object] = {"last_error": error}
        if not error:
            values["checked_at"] = now
        mine = LiveList.objects.filter(id=live.id)
        mine.update(**values)
        # A webhook that came while the CRM was being asked has made it due: it may tell of what was not seen yet.
        mine.filter(due_at=live.due_at).update(due_at=now + _pause(live, pages))
    if connector is not None:
        _note_use(live, connector, now)


def _begin_with_their_clock(live: LiveList, connector: CrmConnector) -> None:
    """Have changes read from now on as the CRM's clock has it, should that be behind ours."""
    said_at = connector.usage().said_at
    if said_at is not None and said_at < live.changes_since:
        LiveList.objects.filter(id=live.id).update(changes_since=said_at)


def _note_use(live: LiveList, connector: CrmConnector, now: datetime) -> None:
    usage = connector.usage()
    with db.use_case():
        api_use.note(live.connection_id, usage, requests=usage.requests, activities=0, now=now)


def _has_people(live: LiveList, connector: CrmConnector) -> bool:
    """Return whether anybody is on the list: whoever it is, all of them are read as a list of a million is."""
    pages = connector.member_ids(pulling.crm_list_of(live.connection_id, live.list_kind, live.list_id))
    return any(len(page) > 0 for page in pages)


def _pause(live: LiveList, pages: int) -> timedelta:
    """Return how long to wait: longer where asking so often would use up more than SHARE of the day's limit."""
    limit = live.connection.api_limit
    if not limit:
        return EVERY
    lists = LiveList.objects.filter(connection_id=live.connection_id, is_on=True).count()
    return max(EVERY, timedelta(seconds=pages * 86_400 * max(lists, 1) / (limit * SHARE)))


def _ask(live: LiveList, connector: CrmConnector, now: datetime) -> News:
    """Read the members' ids, and what changed of them; compare with what is kept."""
    pages = list(connector.member_ids(pulling.crm_list_of(live.connection_id, live.list_kind, live.list_id)))
    there = {each for page in pages for each in page}
    kept = set(
        LiveMember.objects.filter(live_list=live, left_at__isnull=True).values_list("person_id", flat=True)
    )
    left = sorted(kept - there)
    changed, read_until, read_at = (
        _changed(live, connector, there & kept, now)
        if kept
        else ({}, live.changes_since, live.changes_read_at)
    )
    return News(
        joined=sorted(there - kept),
        left=left,
        heirs=dict(connector.successors(left)) if left else {},
        changed=changed,
        read_until=read_until,
        read_at=read_at,
        pages=len(pages),
        stamps=connector.stamps() if isinstance(connector, Fingerprinted) else {},
    )


def _changed(
    live: LiveList, connector: CrmConnector, there: set[str], now: datetime
) -> tuple[dict[str, str], datetime, datetime | None]:
    """Return members that changed with the CRM's time of it, until when changes are known (its clock), and when they were read (ours).

    Where the CRM would go on no further (HubSpot: five searches a second) the next poll goes on from there.
    """
    if live.changes_read_at is not None and live.changes_read_at > now - CHANGES_EVERY:
        return {}, live.changes_since, live.changes_read_at
    found: dict[str, str] = {}
    last = ""
    said_at = connector.usage().said_at
    read_at: datetime | None = now
    try:
        for page in connector.changed_since(live.changes_since - OVERLAP):
            found |= {person: stamp for person, stamp in page if person in there}
            last = page[-1][1] if page else last
    except SyncError as error:
        if error.kind != "retryable" or not last:
            raise
        read_at = said_at = None
    known = LiveMember.objects.filter(live_list=live, person_id__in=list(found))
    stamps = dict(known.values_list("person_id", "stamp"))
    news = {person: stamp for person, stamp in found.items() if stamps.get(person) != stamp}
    if isinstance(connector, Fingerprinted):
        return news, now, read_at
    # Instants of the CRM are compared with instants of the CRM alone: whatever its clock says, nothing is passed over.
    until = [live.changes_since, *([datetime.fromisoformat(last)] if last else [])]
    return news, max([*until, *([said_at - STAMPS_LAG] if said_at else [])]), read_at


def _write_leavers(live: LiveList, news: News, now: datetime) -> None:
    """Take those who left off the list, before anybody new is brought: they are not to be called any more."""
    prefix = refs.prefix(live.connection.kind, live.connection_id)
    told_by = f"“{live.list_name}” in {live.connection.name}"
    elsewhere = set(  # another list followed into the same one has them still
        LiveMember.objects.filter(
            live_list__lead_list_id=live.lead_list_id, live_list__is_on=True, left_at__isnull=True
        )
        .exclude(live_list=live)
        .values_list("person_id", flat=True)
    )
    known = LiveMember.objects.filter(live_list=live)
    # Leads that were being called when their people left are finished once they are free again.
    lately = known.filter(left_at__gt=now - LATELY)
    left_lately = set(lately.values_list("person_id", flat=True)) - elsewhere
    # Imports are applied a little later than they are read.
    returned = known.filter(came_back_at__gt=now - LATELY, left_at__isnull=True)
    back = [prefix + each for each in returned.values_list("person_id", flat=True)]
    # Who left after they were read, and before they were imported, was put on the list by that import.
    began = first_unsettled(_source_ref(live), since=(live.checked_at or live.created_at) - SETTLES)
    read_before = known.filter(left_at__gte=began) if began else known.none()
    too_late = set(read_before.values_list("person_id", flat=True)) - elsewhere
    with db.use_case():
        if news.heirs:
            membership.rename_people(heirs={prefix + old: prefix + new for old, new in news.heirs.items()})
        # Who became somebody on the list stays on it, under the new id.
        joined = set(news.joined)
        gone = [each for each in news.left if news.heirs.get(each) not in joined]
        finished = 0
        if gone or left_lately:
            finished = membership.leave_list(
                lead_list_id=live.lead_list_id,
                refs=[prefix + each for each in {*gone, *too_late} if each not in elsewhere],
                left_lately=[prefix + each for each in left_lately],
                told_by=told_by,
            )
        LiveMember.objects.filter(live_list=live, person_id__in=news.left).update(left_at=now)
        if back:
            membership.come_back(lead_list_id=live.lead_list_id, refs=back, now=now)
        LiveList.objects.filter(id=live.id).update(left=F("left") + len(gone))
        if gone:
            audit.record(
                actor=live.connection.name,
                verb="crm_sync.list.left",
                target=f"live_list:{live.id}",
                now=now,
                after={"people": len(gone), "leads_finished": finished},
            )
    if gone:
        log.info("crm_sync.list.left", live_list_id=live.id, people=len(gone), finished=finished)


def _bring(live: LiveList, connector: CrmConnector, news: News, clock: Clock) -> None:
    """Import those who joined or changed; they are kept as members only once all of them are staged."""
    wanted = [*news.joined, *news.changed]
    if not wanted:
        return
    mapped = Incoming(live.connection, connector, now=clock())
    pages = (mapped.fill(page) for page in connector.people_of(wanted) if page)
    page = next(pages, None)
    if page is not None:
        import_id = imports.start_import(
            list_name=live.lead_list_name,
            source=live.connection.kind,
            source_label=f"Changes of “{live.list_name}” in {live.connection.name}"[:200],
            source_ref=_source_ref(live),
            by_id=None,
            by_name=live.connection.name,
            now=clock(),
        )
        try:
            while page is not None:
                imports.stage_rows(import_id=import_id, rows=page, now=clock())
                page = next(pages, None)
            imports.begin_apply(import_id=import_id, now=clock())
        except (SyncError, AppError) as error:
            imports.fail_import(import_id=import_id, failure=str(error), now=clock())
            raise
    _keep_members(live, news, clock())


def _source_ref(live: LiveList) -> str:
    return f"{refs.prefix(live.connection.kind, live.connection_id)}{live.list_kind}:{live.list_id}"


def _keep_members(live: LiveList, news: News, now: datetime) -> None:
    for chunk in members.chunks([(person, news.stamps.get(person, "")) for person in news.joined]):
        with db.use_case():
            had_left = LiveMember.objects.filter(
                live_list=live, person_id__in=[person for person, _ in chunk], left_at__isnull=False
            )
            returned = set(had_left.values_list("person_id", flat=True))
            members.keep(
                [
                    LiveMember(
                        live_list=live,
                        person_id=person,
                        stamp=stamp,
                        came_back_at=now if person in returned else None,
                    )
                    for person, stamp in chunk
                ],
                ["stamp", "left_at", "came_back_at"],
            )
    for chunk in members.chunks(news.changed.items()):
        with db.use_case():
            members.keep(
                [LiveMember(live_list=live, person_id=person, stamp=stamp) for person, stamp in chunk],
                ["stamp"],
            )
    with db.use_case():
        LiveList.objects.filter(id=live.id).update(
            joined=F("joined") + len(news.joined), changed=F("changed") + len(news.changed)
        )
