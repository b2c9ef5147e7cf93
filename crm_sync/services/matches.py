"""Finding people in a CRM: asked by a worker, decided by the connection's rules or by a person. Their activities wait meanwhile."""

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db.models import F

from campaigns.selectors import crm_facts
from campaigns.services import crm_links
from core import audit, db
from core.errors import AppError, NotFound, Stale
from core.jobs import enqueue_on_commit
from crm_sync import jobs, links, matching, refs, registry, shaping
from crm_sync.capabilities import Capability, FindsPeople, HasFields, NewPerson
from crm_sync.models import CrmConnection, MatchRules, PersonMatch, SyncQueueItem
from crm_sync.protocol import CrmConnector, SyncError
from crm_sync.registry import Connect
from crm_sync.services import api_use, tokens

log = structlog.get_logger(__name__)

State = PersonMatch.State
Clock = Callable[[], datetime]
AT_ONCE = 50
RUN_FOR = timedelta(seconds=40)
CLAIMED_FOR = timedelta(minutes=2)
MAX_WAIT = timedelta(minutes=15)
LEAVE, CREATE = "leave", "create"


class DecisionRefused(AppError):
    """The decision cannot be taken; the text says why."""


def set_rules(
    *,
    connection_id: int,
    seek: str,
    one: str,
    many: str,
    nobody: str,
    create_as: str,
    by_name: str,
    now: datetime,
    id_ours: str = "",
    id_theirs: str = "",
) -> None:
    """Say whom a connection is asked for, and what then happens. Raises NotFound, and AppError where the CRM cannot be searched.

    `id_ours` and `id_theirs`: the fact of ours and the CRM's field that hold the same customer number; both or none.
    """
    connection = CrmConnection.objects.filter(id=connection_id).first()
    if connection is None:
        raise NotFound("This CRM connection does not exist.")
    if not registry.can(connection.kind, Capability.SEARCH, connection.settings):
        raise AppError(f"{connection.name} cannot be searched for people.")
    if bool(id_ours) != bool(id_theirs):
        raise AppError("Choose both fields of the customer number, ours and the CRM's, or neither.")
    values = {
        "seek": seek, "one": one, "many": many, "nobody": nobody, "create_as": create_as,
        "id_ours": id_ours, "id_theirs": id_theirs,
    }  # fmt: skip
    with db.use_case():
        before = MatchRules.objects.filter(connection=connection).values(*values).first()
        MatchRules.objects.update_or_create(
            connection=connection, defaults={**values, "changed_at": now, "changed_by": by_name}
        )
        audit.record(
            actor=by_name,
            verb="crm_sync.match_rules.changed",
            target=f"crm_connection:{connection_id}",
            now=now,
            before=before,
            after=values,
        )


def match_due(*, clock: Clock, connect: Connect = registry.connect) -> int:
    """Look for people who are to be found and return how many were decided or are left to a person.

    A CRM that does not answer is asked again, later each time; the reason stands on the match.
    """
    began = clock()
    done = 0
    for connection in CrmConnection.objects.exclude(state=CrmConnection.State.DISCONNECTED).order_by("id"):
        claimed = _claim(connection, clock())
        connector: CrmConnector | None = None
        for match in claimed:
            if clock() > began + RUN_FOR:
                break
            try:
                connector = connector or _connector(connection, connect, clock())
                done += _seek(connection, match, connector, clock)
            except (SyncError, AppError) as error:
                _put_off(match, str(error), clock())
                if isinstance(error, SyncError) and error.kind in ("unauthorized", "config", "retryable"):
                    break
        if connector is not None:
            usage, now = connector.usage(), clock()
            with db.use_case():
                api_use.note(connection.pk, usage, requests=usage.requests, activities=0, now=now)
    return done


def decide(
    *,
    match_id: int,
    choice: str,
    by_name: str,
    clock: Clock,
    connect: Connect = registry.connect,
) -> None:
    """Take a person's decision: the CRM's id of a candidate, `create` or `leave`.

    Raises NotFound, Stale where somebody decided already, DecisionRefused for no candidate, and SyncError where the CRM refuses to
    create; then nothing has changed.
    """
    match = PersonMatch.objects.select_related("connection").filter(id=match_id).first()
    if match is None:
        raise NotFound("This person is not in the list.")
    if match.state != State.UNDECIDED:
        raise Stale("Somebody has decided this already; the list shows what is left.")
    if choice == LEAVE:
        _settle(match, State.LEFT, "", f"Left alone by {by_name}.", by_name=by_name, now=clock())
        return
    if choice == CREATE:
        person_id = _create(match, _rules(match), _connector(match.connection, connect, clock()))
        said = f"Created by {by_name}."
        _settle(match, State.CREATED, person_id, said, by_name=by_name, now=clock())
        return
    if choice not in {each["person_id"] for each in match.candidates}:
        raise DecisionRefused(
            "This is none of the people found; choose one of them, create a new one, or leave it."
        )
    _settle(match, State.LINKED, choice, f"Linked by {by_name}.", by_name=by_name, now=clock())


def seek_again(*, match_id: int, by_name: str, now: datetime) -> None:
    """Look for somebody once more: the CRM's people changed. Raises NotFound, and Stale for one who is linked."""
    with db.use_case():
        waiting = PersonMatch.objects.filter(id=match_id, state__in=[State.UNDECIDED, State.LEFT])
        if not waiting.update(state=State.SEEKING, due_at=now, attempts=0, last_error=""):
            if not PersonMatch.objects.filter(id=match_id).exists():
                raise NotFound("This person is not in the list.")
            raise Stale("This person is linked already, or being looked for; the list shows what is left.")
        SyncQueueItem.objects.filter(
            match_id=match_id, person_id="", state=SyncQueueItem.State.SET_ASIDE
        ).update(state=SyncQueueItem.State.UNMATCHED, reason="")
        audit.record(
            actor=by_name, verb="crm_sync.match.sought_again", target=f"person_match:{match_id}", now=now
        )
        enqueue_on_commit(jobs.MATCH_PEOPLE)


def _claim(connection: CrmConnection, now: datetime) -> list[PersonMatch]:
    with db.use_case():
        due = PersonMatch.objects.filter(connection=connection, state=State.SEEKING, due_at__lte=now)
        found = list(due.select_for_update(skip_locked=True).order_by("due_at", "id")[:AT_ONCE])
        ids = [each.pk for each in found]
        PersonMatch.objects.filter(id__in=ids).update(due_at=now + CLAIMED_FOR, attempts=F("attempts") + 1)
    return found


def _seek(connection: CrmConnection, match: PersonMatch, connector: CrmConnector, clock: Clock) -> bool:
    """Ask, and do what the rule for one, many or nobody says."""
    if not isinstance(connector, FindsPeople):
        raise AppError(f"{connection.name} cannot be searched for people.")
    rules = _rules(match)
    key = _key_of(match, rules)
    key_field = rules.id_theirs if key else ""
    found = matching.choose(
        connector.find_people(number=match.number, email=match.email, key_field=key_field, key=key),
        number=match.number,
        email=match.email,
        key=key,
    )
    people = [dataclasses.asdict(each) for each in found.people]
    for each in people:
        each["phones"] = list(each["phones"])
    if len(people) == 1 and rules.one == MatchRules.One.LINK:
        said = f"Linked by rule: the only one there with this {found.by}."
        _settle(match, State.LINKED, people[0]["person_id"], said, by_name="", now=clock(), people=people)
    elif len(people) > 1 and rules.many == MatchRules.Many.NEWEST:
        said = f"Linked by rule: the one changed last of {len(people)} with this {found.by}."
        _settle(match, State.LINKED, people[0]["person_id"], said, by_name="", now=clock(), people=people)
    elif len(people) > 1 and rules.many == MatchRules.Many.LEAVE:
        said = f"Left alone by rule: {len(people)} there have this {found.by}."
        _settle(match, State.LEFT, "", said, by_name="", now=clock(), people=people)
    elif not people and rules.nobody == MatchRules.Nobody.CREATE:
        person_id = _create(match, rules, connector)
        _settle(
            match,
            State.CREATED,
            person_id,
            "Created by rule: nobody there had this number or e-mail.",
            by_name="",
            now=clock(),
        )
    elif not people and rules.nobody == MatchRules.Nobody.LEAVE:
        said = "Left alone by rule: nobody there has this number or e-mail."
        _settle(match, State.LEFT, "", said, by_name="", now=clock())
    else:
        said = (
            f"{len(people)} there with this {found.by}."
            if people
            else "Nobody there has this number or e-mail."
        )
        with db.use_case():
            PersonMatch.objects.filter(id=match.pk, state=State.SEEKING).update(
                state=State.UNDECIDED, candidates=people, rule=said, last_error=""
            )
    return True


def _key_of(match: PersonMatch, rules: MatchRules) -> str:
    """Return the person's customer number, "" where we have none or are not to compare any."""
    known = crm_facts.facts_of(match.contact_id) if match.contact_id and rules.id_ours else None
    group, _, name = rules.id_ours.partition(".")
    values = {"person": known.values, "custom": known.custom}.get(group, {}) if known else {}
    return str(values.get(name) or "").strip()


def _create(match: PersonMatch, rules: MatchRules, connector: CrmConnector) -> str:
    """Create the person in the CRM and return their id there. A repeat finds the one that was created."""
    if not isinstance(connector, FindsPeople):
        raise DecisionRefused(f"{match.connection.name} cannot create people.")
    first = connector.objects()[0].name if isinstance(connector, HasFields) else ""
    known = crm_facts.facts_of(match.contact_id) if match.contact_id else None
    values = known.values if known else {}
    return connector.create_person(
        NewPerson(
            external_id=shaping.person_ref(match.connection.install_key, match.pk),
            object_name=rules.create_as or first,
            first_name=str(values.get("first_name", "")),
            last_name=str(
                values.get("last_name") or values.get("company") or match.name or f"Caller {match.number}"
            ),
            number=match.number,
            email=str(values.get("email", "")),
            company=str(values.get("company", "")),
        )
    )


def _settle(
    match: PersonMatch,
    state: str,
    person_id: str,
    rule: str,
    *,
    by_name: str,
    now: datetime,
    people: list[dict[str, object]] | None = None,
) -> None:
    """Store the decision, link our person, and let what waits for it go. Raises Stale where somebody was quicker."""
    connection = match.connection
    with db.use_case():
        mine = PersonMatch.objects.filter(id=match.pk, state__in=[State.SEEKING, State.UNDECIDED])
        values: dict[str, object] = {
            "state": state,
            "person_id": person_id,
            "rule": rule[:200],
            "decided_at": now,
            "decided_by": by_name,
            "last_error": "",
        }
        if people is not None:
            values["candidates"] = people
        if not mine.update(**values):
            raise Stale("Somebody has decided this already; the list shows what is left.")
        if person_id:
            _link(connection, match, person_id, rule, by_name or "match rules", now)
        _release(match, person_id, rule, now)
        audit.record(
            actor=by_name or "match rules",
            verb=f"crm_sync.match.{state}",
            target=f"person_match:{match.pk}",
            now=now,
            after={"person_id": person_id, "connection": connection.name},
        )
    log.info("crm_sync.match.settled", match_id=match.pk, state=state)


def _release(match: PersonMatch, person_id: str, rule: str, now: datetime) -> None:
    """Let what waited go to the person, or set it aside where there is none; it can be sent later all the same."""
    waiting = SyncQueueItem.objects.filter(match=match, state=SyncQueueItem.State.UNMATCHED)
    if not person_id:
        waiting.update(state=SyncQueueItem.State.SET_ASIDE, reason=rule[:500])
        return
    for item in waiting.select_for_update().order_by("id"):
        SyncQueueItem.objects.filter(id=item.pk).update(
            person_id=person_id,
            payload={**item.payload, "person_id": person_id},
            state=SyncQueueItem.State.WAITING,
            due_at=now,
        )
    enqueue_on_commit(jobs.PUSH_DUE)


def _link(
    connection: CrmConnection, match: PersonMatch, person_id: str, rule: str, by: str, now: datetime
) -> None:
    if match.contact_id is None:
        return
    base_url = registry.base_url(connection.kind)
    taken = crm_links.link_person(
        contact_id=match.contact_id,
        external_ref=f"{refs.prefix(connection.kind, connection.pk)}{person_id}",
        crm_url=links.person_url(connection.kind, connection.settings, base_url, person_id),
        by=by,
        now=now,
    )
    if taken:
        PersonMatch.objects.filter(id=match.pk).update(
            rule=f"{rule} In Parley that record is {taken}: merge the two there.".strip()[:200]
        )


def _put_off(match: PersonMatch, why: str, now: datetime) -> None:
    wait = min(timedelta(seconds=2 ** min(match.attempts + 2, 12)), MAX_WAIT)
    PersonMatch.objects.filter(id=match.pk, state=State.SEEKING).update(due_at=now + wait, last_error=why)
    log.warning("crm_sync.match.put_off", match_id=match.pk, why=why[:200])


def _rules(match: PersonMatch) -> MatchRules:
    rules = MatchRules.objects.filter(connection_id=match.connection_id).first()
    return rules or MatchRules(connection_id=match.connection_id)


def _connector(connection: CrmConnection, connect: Connect, now: datetime) -> CrmConnector:
    if connection.state == CrmConnection.State.DISCONNECTED:
        raise AppError(f"{connection.name} is disconnected; connect it again first.")
    return tokens.opened(connection, clock=lambda: now, connect=connect)
