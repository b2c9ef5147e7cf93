"""Conditions about fields of the house's own, as the database reads them. Each is a look at the person's own row, no join.

Numbers and dates are compared by JSON paths, which a value of another type simply does not fit: no row can make the query fail.
"""

import json
from datetime import datetime

from django.db.models import BooleanField, F, Q, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IContains, IExact, IStartsWith

from campaigns.segments.fields import Kind, Operator
from campaigns.segments.matching import day_range
from campaigns.segments.tree import Condition

_PATHS = {Operator.IS: "==", Operator.AT_LEAST: ">=", Operator.AT_MOST: "<="}


def own_condition(node: Condition, kind: Kind, key: str, *, now: datetime) -> Q:
    """Return the condition on Contact; the same as campaigns.segments.matching reads it."""
    text = Coalesce(KeyTextTransform(key, F("custom")), Value(""), output_field=TextField())
    if node.operator in (Operator.EMPTY, Operator.FILLED):
        empty = Q(Exact(text, ""))
        return empty if node.operator is Operator.EMPTY else ~empty
    if kind is Kind.AMOUNT:
        return _amount(node, key)
    if kind is Kind.DAY:
        since, before = day_range(node, now)
        name = json.dumps(key)
        parts = [f"$.{name} >= {json.dumps(since)}"] if since else [f'$.{name} > ""']
        if before:
            parts.append(f"$.{name} < {json.dumps(before)}")
        return _path(" && ".join(parts))
    value = str(node.value)
    if kind is Kind.NAMED:
        found = Q(Exact(text, value))
        return found if node.operator is Operator.IS else ~found
    match node.operator:
        case Operator.IS:
            return Q(IExact(text, value))
        case Operator.IS_NOT:
            return ~Q(IExact(text, value))
        case Operator.CONTAINS:
            return Q(IContains(text, value))
        case Operator.LACKS:
            return ~Q(IContains(text, value))
        case Operator.STARTS:
            return Q(IStartsWith(text, value))
        case _:
            raise ValueError(f"Text is not compared with {node.operator}.")


def _amount(node: Condition, key: str) -> Q:
    if node.operator is Operator.IS_NOT:
        return ~_amount(Condition(node.field, Operator.IS, node.value), key)
    return _path(f"$.{json.dumps(key)} {_PATHS[node.operator]} {node.value}")


def _path(predicate: str) -> Q:
    """What the person's own values fit, as a JSON path says it; of a value of another type nothing is true."""
    sql = "coalesce(campaigns_contact.custom @@ %s::jsonpath, false)"
    return Q(RawSQL(sql, [predicate], output_field=BooleanField()))  # noqa: S611 - our own text
