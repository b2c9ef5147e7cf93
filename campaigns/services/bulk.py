"""One thing done to many people at once: a preview, the change with what was there before, and the way back.

Each action is one transaction of a few statements, however many people it is about, so that it stands or falls whole. Refusing calls is
the exception: it goes number by number through the gate, and what was refused stays refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from campaigns import jobs
from campaigns.models import BulkAction, BulkChange, Contact, ContactPhone, LeadList, Tag
from campaigns.segments import tree
from campaigns.segments.fields import Operator, catalogue
from campaigns.selectors import browsing, matching
from campaigns.selectors.browsing import Wanted
from campaigns.services import filling
from compliance import services as gate
from compliance.rules.facts import SuppressionKind
from core import audit, background, clock, db
from core.background import Arguments, Outcome, Report, Stopped
from core.errors import AppError, NotFound, Stale
from core.types import as_phone

VERB = BulkAction.Verb
NUMBERS_AT_ONCE = 200


class BulkRefused(AppError):
    """The action cannot be done as asked; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done to whom. `argument`: id of the list or tag, name of a new tag, the owner, or why not to call."""

    verb: str
    argument: str
    wanted: Wanted


# Each gives the people it would change with what is there before, as (contact_id, before), then changes them. %(…)s are bound.
_PEOPLE = "({people}) AS person(id)"
_KEEP: Final[Mapping[str, str]] = {
    VERB.ADD_TO_LIST: """
        SELECT person.id, NULL::jsonb FROM {people}
         WHERE NOT EXISTS (SELECT FROM campaigns_lead WHERE contact_id = person.id AND lead_list_id = %s)""",
    VERB.REMOVE_FROM_LIST: """
        SELECT person.id, jsonb_build_object('debt_ref', lead.debt_ref, 'added_at', lead.added_at) FROM {people}
          JOIN campaigns_lead AS lead ON lead.contact_id = person.id AND lead.lead_list_id = %s""",
    VERB.TAG: """
        SELECT person.id, NULL::jsonb FROM {people}
         WHERE NOT EXISTS (SELECT FROM campaigns_contacttag WHERE contact_id = person.id AND tag_id = %s)""",
    VERB.UNTAG: """
        SELECT person.id, jsonb_build_object('added_at', marked.added_at) FROM {people}
          JOIN campaigns_contacttag AS marked ON marked.contact_id = person.id AND marked.tag_id = %s""",
    VERB.ASSIGN_OWNER: """
        SELECT person.id, jsonb_build_object('owner_name', whole.owner_name) FROM {people}
          JOIN campaigns_contact AS whole ON whole.id = person.id AND whole.owner_name <> %s""",
}
_DO: Final[Mapping[str, str]] = {
    VERB.ADD_TO_LIST: """
        INSERT INTO campaigns_lead (lead_list_id, contact_id, debt_ref, added_at)
        SELECT %(argument)s, contact_id, '', %(now)s FROM campaigns_bulkchange WHERE action_id = %(action)s ORDER BY contact_id
            ON CONFLICT DO NOTHING""",
    VERB.REMOVE_FROM_LIST: """
        DELETE FROM campaigns_lead USING campaigns_bulkchange AS change
         WHERE change.action_id = %(action)s AND campaigns_lead.contact_id = change.contact_id AND lead_list_id = %(argument)s""",
    VERB.TAG: """
        INSERT INTO campaigns_contacttag (tag_id, contact_id, added_at)
        SELECT %(argument)s, contact_id, %(now)s FROM campaigns_bulkchange WHERE action_id = %(action)s ON CONFLICT DO NOTHING""",
    VERB.UNTAG: """
        DELETE FROM campaigns_contacttag USING campaigns_bulkchange AS change
         WHERE change.action_id = %(action)s AND campaigns_contacttag.contact_id = change.contact_id AND tag_id = %(argument)s""",
    VERB.ASSIGN_OWNER: """
        UPDATE campaigns_contact SET owner_name = %(argument)s, changed_at = %(now)s FROM campaigns_bulkchange AS change
         WHERE change.action_id = %(action)s AND campaigns_contact.id = change.contact_id""",
}
# The way back leaves alone what somebody changed since.
_UNDO: Final[Mapping[str, str]] = {
    VERB.ADD_TO_LIST: _DO[VERB.REMOVE_FROM_LIST],
    VERB.REMOVE_FROM_LIST: """
        INSERT INTO campaigns_lead (lead_list_id, contact_id, debt_ref, added_at)
        SELECT %(argument)s, contact_id, before ->> 'debt_ref', (before ->> 'added_at')::timestamptz
          FROM campaigns_bulkchange WHERE action_id = %(action)s ORDER BY contact_id ON CONFLICT DO NOTHING""",
    VERB.TAG: _DO[VERB.UNTAG],
    VERB.UNTAG: """
        INSERT INTO campaigns_contacttag (tag_id, contact_id, added_at)
        SELECT %(argument)s, contact_id, (before ->> 'added_at')::timestamptz
          FROM campaigns_bulkchange WHERE action_id = %(action)s ON CONFLICT DO NOTHING""",
    VERB.ASSIGN_OWNER: """
        UPDATE campaigns_contact SET owner_name = change.before ->> 'owner_name', changed_at = %(now)s
          FROM campaigns_bulkchange AS change
         WHERE change.action_id = %(action)s AND campaigns_contact.id = change.contact_id AND owner_name = %(argument)s""",
}


def start(order: Order, *, by: str, now: datetime) -> int:
    """Check the order, have a worker do it, and return the job's id. Raises BulkRefused."""
    said = words_of(order)
    with db.use_case():
        argument = _argument(order, now)
        row = BulkAction.objects.create(
            verb=order.verb, argument=argument, said=said[:400], started_at=now, started_by=by
        )
        arguments = {"action": row.pk, "wanted": _as_json(order.wanted), "by": by}
        row.job_id = background.start(
            task=jobs.RUN_BULK, title=said, arguments=arguments, unit="people", by=by, now=now
        )
        row.save(update_fields=["job_id"])
    return row.job_id


def words_of(order: Order) -> str:
    """Say what is done, as its preview, its job and the trail say it. Raises BulkRefused for what cannot be done."""
    text = order.argument.strip()
    if order.verb not in VERB.values:
        raise BulkRefused("Choose what is to be done.")
    if not text or len(text) > 200 or not text.isprintable():
        raise BulkRefused(_ASKED[order.verb])
    if order.verb in (VERB.ADD_TO_LIST, VERB.REMOVE_FROM_LIST):
        name = LeadList.objects.filter(pk=_id(text)).values_list("name", flat=True).first()
        if name is None:
            raise BulkRefused("This list does not exist any more. Choose another.")
        return f"{VERB(order.verb).label.removesuffix(' a list')} the list “{name}”"
    if order.verb == VERB.TAG and len(text) > 60:
        raise BulkRefused("A tag has at most 60 characters.")
    if order.verb == VERB.UNTAG:
        name = Tag.objects.filter(pk=_id(text)).values_list("name", flat=True).first()
        if name is None:
            raise BulkRefused("This tag does not exist any more. Choose another.")
        return f"Remove the tag “{name}”"
    if order.verb == VERB.ASSIGN_OWNER and len(text) > 120:
        raise BulkRefused("The name of an owner has at most 120 characters.")
    return f"{_SAID[order.verb]} “{text}”"


def count_changed(order: Order, *, now: datetime) -> int:
    """Return whom of the people wanted the action would change: the others are as it wants them already. Hidden SQL: two queries."""
    words_of(order)
    if order.verb == VERB.DO_NOT_CALL:
        return _callable(browsing.people_of(order.wanted, now=now)).count()
    argument: Any = order.argument
    if order.verb == VERB.TAG:
        argument = Tag.objects.filter(name=order.argument.strip()).values_list("pk", flat=True).first() or 0
    sql, params = _keep_sql(order.verb, browsing.people_of(order.wanted, now=now), argument)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) AS changed", params)  # noqa: S608 - our own text
        return int(cursor.fetchone()[0])


def run(arguments: Arguments, report: Report) -> Outcome:
    """Do what start() kept."""
    wanted, by, now = _from_json(arguments["wanted"]), arguments["by"], clock.now()
    action = BulkAction.objects.get(pk=arguments["action"])
    if action.done_at is not None:
        return Outcome(said="It was done already.", result_ref=str(action.pk))
    if action.verb == VERB.DO_NOT_CALL:
        return _refuse_calls(action, wanted, by=by, now=now, report=report)
    with db.use_case():
        sql, params = _keep_sql(action.verb, browsing.people_of(wanted, now=now), action.argument)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO campaigns_bulkchange (action_id, contact_id, before) SELECT %s, * FROM ({sql}) AS changed",  # noqa: S608 - our own text
                [action.pk, *params],
            )
            people = int(cursor.rowcount)
            cursor.execute(_DO[action.verb], _bound(action, now))
        _end(action, people, by=by, now=now)
        if action.verb == VERB.ADD_TO_LIST:
            filling.fill_from_list(int(action.argument), now=now)
    return Outcome(said=f"{action.said}: done for {people:,} people.", result_ref=str(action.pk))


def undo(*, action_id: int, by: str, now: datetime) -> int:
    """Put back what an action changed, but for what somebody changed since; return how many. Raises BulkRefused, NotFound, Stale."""
    with db.use_case():
        action = BulkAction.objects.select_for_update().filter(pk=action_id).first()
        if action is None:
            raise NotFound("There is no such action.")
        if action.verb == VERB.DO_NOT_CALL:
            raise BulkRefused(
                "A request not to be called is not undone here: it is lifted number by number, on a new consent of the person, "
                "by two people (Compliance, People)."
            )
        if action.done_at is None or action.undone_at is not None:
            raise Stale("It is not done yet, or was undone already; the page shows which.")
        with connection.cursor() as cursor:
            cursor.execute(_UNDO[action.verb], _bound(action, now))
            people = int(cursor.rowcount)
        action.undone_at, action.undone_by = now, by
        action.save(update_fields=["undone_at", "undone_by"])
        audit.record(
            actor=by,
            verb="campaigns.bulk.undone",
            target=f"bulk:{action.pk}",
            now=now,
            before={"said": action.said, "people": action.people},
            after={"people": people},
        )
    return people


def _refuse_calls(action: BulkAction, wanted: Wanted, *, by: str, now: datetime, report: Report) -> Outcome:
    """Put every number of the people on the seller's list through the gate, some hundreds in a transaction."""
    ids = list(_callable(browsing.people_of(wanted, now=now)).order_by("pk").values_list("pk", flat=True))
    ground = gate.Ground(
        seller=settings.SELLER_NAME,
        reason="a manager says do not call",
        raw_words=action.argument,
        heard_on="list of people",
        kind=SuppressionKind.DO_NOT_CALL,
    )
    done, stopped = 0, ""
    for start_at in range(0, len(ids), NUMBERS_AT_ONCE):
        some = ids[start_at : start_at + NUMBERS_AT_ONCE]
        try:
            report(done, len(ids))
        except Stopped as stop:
            stopped = str(stop)
            break
        with db.use_case():
            numbers = ContactPhone.objects.filter(contact_id__in=some).order_by("number", "id")
            unique = dict.fromkeys(numbers.values_list("number", flat=True))
            gate.revoke_numbers(numbers=[as_phone(each) for each in unique], ground=ground, actor=by, now=now)
            BulkChange.objects.bulk_create(
                [BulkChange(action=action, contact_id=pk) for pk in some], ignore_conflicts=True
            )
        done += len(some)
    with db.use_case():
        _end(action, done, by=by, now=now)
    if stopped:
        return Outcome(
            said=f"Stopped after {done:,} of {len(ids):,} people. They are not called any more; the others are as they were.",
            result_ref=str(action.pk),
        )
    return Outcome(said=f"{done:,} people are not called any more.", result_ref=str(action.pk))


def _callable(people: "QuerySet[Contact]") -> "QuerySet[Contact]":
    """Those of the people with a number who may be called as far as flags and requests go."""
    refused = tree.Condition("do_not_call", Operator.YES)
    return people.filter(matching.has_row(ContactPhone)).exclude(
        matching.condition(refused, catalogue({}), now=clock.now())
    )


def _end(action: BulkAction, people: int, *, by: str, now: datetime) -> None:
    action.people, action.done_at = people, now
    action.save(update_fields=["people", "done_at"])
    audit.record(
        actor=by,
        verb=f"campaigns.bulk.{action.verb}",
        target=f"bulk:{action.pk}",
        now=now,
        after={"said": action.said, "people": people},
    )


def _argument(order: Order, now: datetime) -> str:
    """The argument as it is kept: of a tag its id, made where there is none of the name."""
    text = order.argument.strip()
    if order.verb != VERB.TAG:
        return text
    tag, _ = Tag.objects.get_or_create(name=text, defaults={"created_at": now})
    return str(tag.pk)


def _keep_sql(verb: str, people: "QuerySet[Contact]", argument: Any) -> tuple[str, list[Any]]:
    sql, params = people.order_by().values("pk").query.sql_with_params()
    value = argument if verb == VERB.ASSIGN_OWNER else int(argument)
    return _KEEP[verb].format(people=_PEOPLE.format(people=sql)), [*params, value]


def _bound(action: BulkAction, now: datetime) -> dict[str, Any]:
    is_id = action.verb != VERB.ASSIGN_OWNER
    return {
        "action": action.pk,
        "argument": int(action.argument) if is_id else action.argument,
        "now": now,
    }


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _as_json(wanted: Wanted) -> dict[str, Any]:
    return {
        "rule": tree.dump(wanted.rule),
        "search": wanted.search,
        "list_id": wanted.list_id,
        "snapshot_id": wanted.snapshot_id,
    }


def _from_json(told: Mapping[str, Any]) -> Wanted:
    try:
        rule = tree.read(told["rule"], matching.current_catalogue())
    except (
        tree.RuleRefused
    ) as refused:  # a list or tag of the filter was removed meanwhile: better nobody than too many
        raise BulkRefused(f"{refused} Nobody was changed.") from None
    return Wanted(rule=rule, search=told["search"], list_id=told["list_id"], snapshot_id=told["snapshot_id"])


_SAID: Final[Mapping[str, str]] = {
    VERB.TAG: "Tag with",
    VERB.ASSIGN_OWNER: "Make the owner",
    VERB.DO_NOT_CALL: "Do not call, because",
}
_ASKED: Final[Mapping[str, str]] = {
    VERB.ADD_TO_LIST: "Choose the list they are added to.",
    VERB.REMOVE_FROM_LIST: "Choose the list they are taken off.",
    VERB.TAG: "Give the tag in one line.",
    VERB.UNTAG: "Choose the tag that is removed.",
    VERB.ASSIGN_OWNER: "Give the owner’s name in one line.",
    VERB.DO_NOT_CALL: "Say in one line of at most 200 characters why they are not to be called: it is kept as evidence.",
}
