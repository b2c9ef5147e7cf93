"""Rules of segments as the database reads them, and the facts by which campaigns/segments/matching.py reads the same.

Each clause is an EXISTS of its own: the planner turns those that must all hold into joins, and probes an index for the others.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Final

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Lower, Trim
from django.db.models.lookups import In

from campaigns.models import (
    Campaign,
    CampaignLead,
    Contact,
    ContactPhone,
    ContactTag,
    Lead,
    LeadList,
    Tag,
)
from campaigns.segments.fields import Catalogue, Kind, Operator, Source, catalogue, own_field, own_key
from campaigns.segments.matching import day_begins, days_ago
from campaigns.segments.tree import ALL, Condition, Group, Node
from campaigns.selectors import customfields
from campaigns.selectors.own_matching import own_condition
from compliance.reads import subsets
from compliance.rules import places
from compliance.rules.records import ConsentKind

ANY_CONSENT: Final = "any"
CONSENTS: Final[Mapping[str, str]] = {
    ANY_CONSENT: "of any kind",
    ConsentKind.PEC.value: "express consent",
    ConsentKind.PEWC.value: "written consent",
    ConsentKind.CONVERSATION.value: "they wrote to us first",
}


def current_catalogue() -> Catalogue:
    """Return the fields with the lists, campaigns and tags there are now, and the house's own. Hidden SQL: four queries."""
    return catalogue(
        {
            "list": _names(LeadList.objects.order_by("name", "id").values_list("id", "name")),
            "campaign": _names(Campaign.objects.order_by("name", "id").values_list("id", "name")),
            "tag": _names(Tag.objects.order_by("name", "id").values_list("id", "name")),
            "zone": {zone: zone for zone in places.zones_of_states()},
            "consent": CONSENTS,
        },
        [own_field(each.key, each.label, each.kind, each.choices) for each in customfields.specs().values()],
    )


def people_who(rule: Node, fields: Catalogue, *, now: datetime) -> "QuerySet[Contact]":
    """Return everybody who fits, not ordered."""
    return Contact.objects.filter(condition(rule, fields, now=now))


def condition(node: Node, fields: Catalogue, *, now: datetime) -> Q:
    """Return the rule as a condition on Contact."""
    if isinstance(node, Group):
        join = and_ if node.join == ALL else or_
        parts = [condition(each, fields, now=now) for each in node.members]
        return reduce(join, parts) if parts else Q()
    if (own := own_key(node.field)) is not None:
        return own_condition(node, *own, now=now)
    field = fields[node.field]
    if field.source is Source.RELATED:
        return _RELATED[field.key](node, now)
    if field.kind is Kind.TEXT:
        return _text(node, field.key)
    return _moment_column(node, field.key, now)


def _names(pairs: Iterable[tuple[int, str]]) -> dict[str, str]:
    return {str(pk): name for pk, name in pairs}


def _text(node: Condition, column: str) -> Q:
    """A comparison of a column of text; of one that may be null, null is empty."""
    value = str(node.value)
    match node.operator:
        case Operator.IS:
            return Q(**{f"{column}__iexact": value})
        case Operator.IS_NOT:
            return ~Q(**{f"{column}__iexact": value})
        case Operator.CONTAINS:
            return Q(**{f"{column}__icontains": value})
        case Operator.LACKS:
            return ~Q(**{f"{column}__icontains": value})
        case Operator.STARTS:
            return Q(**{f"{column}__istartswith": value})
        case Operator.EMPTY:
            return Q(**{column: ""}) | Q(**{f"{column}__isnull": True})
        case Operator.FILLED:
            return ~Q(**{column: ""}) & Q(**{f"{column}__isnull": False})
        case _:
            raise ValueError(f"Text is not compared with {node.operator}.")


def _moment_column(node: Condition, column: str, now: datetime) -> Q:
    if node.operator in (Operator.EVER, Operator.NEVER):
        return Q(**{f"{column}__isnull": node.operator is Operator.NEVER})
    if node.operator is Operator.WITHIN:
        return Q(**{f"{column}__gte": days_ago(int(node.value), now)})
    if node.operator is Operator.LONGER_AGO:
        return Q(**{f"{column}__lt": days_ago(int(node.value), now)})
    side = "gte" if node.operator is Operator.SINCE else "lt"
    return Q(**{f"{column}__{side}": day_begins(str(node.value))})


def has_row(model: type[Model], where: Q = Q()) -> Q:  # noqa: B008 - an empty Q is never changed
    """Return the condition that the person has a row of the model that fits."""
    return Q(Exists(model._default_manager.filter(where, contact_id=OuterRef("pk"))))


def _several_texts(model: type[Model], column: str) -> Callable[[Condition, datetime], Q]:
    """Text that several rows may have: one is enough, and for its opposite there must be none."""
    opposites = {
        Operator.IS_NOT: Operator.IS,
        Operator.LACKS: Operator.CONTAINS,
        Operator.EMPTY: Operator.FILLED,
    }

    def clause(node: Condition, now: datetime) -> Q:
        positive = opposites.get(node.operator)
        if positive is None:
            return has_row(model, ~Q(**{column: ""}) & _text(node, column))
        return ~clause(Condition(node.field, positive, node.value), now)

    return clause


def _several_named(model: type[Model], column: str) -> Callable[[Condition, datetime], Q]:
    def clause(node: Condition, now: datetime) -> Q:
        if node.operator in (Operator.EMPTY, Operator.FILLED):
            found = has_row(model)
            return ~found if node.operator is Operator.EMPTY else found
        found = has_row(model, Q(**{column: int(node.value)}))
        return ~found if node.operator is Operator.IS_NOT else found

    return clause


def _attempts(node: Condition, now: datetime) -> Q:
    """The most attempts in one campaign: no sum over all of a person's rows, so that one row decides."""

    def at_least(value: int) -> Q:
        return has_row(CampaignLead, Q(attempts__gte=value)) if value > 0 else Q()

    value = int(node.value)
    if node.operator is Operator.AT_LEAST:
        return at_least(value)
    more = has_row(CampaignLead, Q(attempts__gte=value + 1))
    if node.operator is Operator.AT_MOST:
        return ~more
    exactly = at_least(value) & ~more
    return exactly if node.operator is Operator.IS else ~exactly


def _last_called(node: Condition, now: datetime) -> Q:
    called = has_row(CampaignLead, Q(last_called_at__isnull=False))
    match node.operator:
        case Operator.EVER:
            return called
        case Operator.NEVER:
            return ~called
        case Operator.WITHIN:
            return has_row(CampaignLead, Q(last_called_at__gte=days_ago(int(node.value), now)))
        case Operator.LONGER_AGO:
            return called & ~has_row(CampaignLead, Q(last_called_at__gte=days_ago(int(node.value), now)))
        case Operator.SINCE:
            return has_row(CampaignLead, Q(last_called_at__gte=day_begins(str(node.value))))
        case Operator.BEFORE:
            return called & ~has_row(CampaignLead, Q(last_called_at__gte=day_begins(str(node.value))))
        case _:
            raise ValueError(f"An instant is not compared with {node.operator}.")


def _zone(node: Condition, now: datetime) -> Q:
    """What they stated; where they stated nothing, the zones of their state."""
    zone = str(node.value)
    words = places.zones_of_states().get(zone, frozenset())
    found = Q(stated_zone=zone) | Q(In(Lower(Trim("state")), sorted(words)), stated_zone="")
    return found if node.operator is Operator.IS else ~found


def _do_not_call(node: Condition, now: datetime) -> Q:
    refused = subsets.refused().filter(number=OuterRef("number"))
    found = Q(crm_do_not_call=True) | has_row(ContactPhone, Q(Exists(refused)))
    return found if node.operator is Operator.YES else ~found


def _consent(node: Condition, now: datetime) -> Q:
    kind = None if node.value == ANY_CONSENT else ConsentKind(str(node.value))
    rows = subsets.consented(kind, now=now).filter(number=OuterRef("number"))
    found = has_row(ContactPhone, Q(Exists(rows)))
    return found if node.operator is Operator.IS else ~found


_RELATED: Final[Mapping[str, Callable[[Condition, datetime], Q]]] = {
    "number": _several_texts(ContactPhone, "number"),
    "zone": _zone,
    "tag": _several_named(ContactTag, "tag_id"),
    "list": _several_named(Lead, "lead_list_id"),
    "campaign": _several_named(CampaignLead, "campaign_id"),
    "attempts": _attempts,
    "last_result": _several_texts(CampaignLead, "last_result"),
    "last_called_at": _last_called,
    "do_not_call": _do_not_call,
    "consent": _consent,
}
