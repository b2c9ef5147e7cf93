"""Conditions about fields of the house's own, as the database reads them. Each is a look at the person's own row, no join.

What can be found by the index of a quick field is asked by its expression (own_sql). A value of another kind than the field's simply
does not fit: no row can make the query fail.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import BooleanField, F, Q, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IContains

from campaigns.segments.fields import Kind, Operator
from campaigns.segments.matching import day_range
from campaigns.segments.tree import Condition
from campaigns.selectors.own_sql import NONE, value_sql

_SIGNS: Final = {Operator.IS: "=", Operator.AT_LEAST: ">=", Operator.AT_MOST: "<="}


def own_condition(node: Condition, kind: Kind, key: str, *, now: datetime) -> Q:
    """Return the condition on Contact; the same as campaigns.segments.matching reads it."""
    text = Coalesce(KeyTextTransform(key, F("custom")), Value(""), output_field=TextField())
    value = value_sql(kind, key)
    if node.operator in (Operator.EMPTY, Operator.FILLED):
        empty = Q(Exact(text, ""))
        return empty if node.operator is Operator.EMPTY else ~empty
    if kind is Kind.AMOUNT:
        return _amount(node, value)
    if kind is Kind.DAY:
        since, before = day_range(node, now)
        found = _sql(f"{value} >= %s", [since]) if since else _sql(f"{value} > ''")
        return found & _sql(f"{value} < %s", [before]) if before else found
    wanted = str(node.value)
    if kind is Kind.NAMED:
        found = _sql(f"{value} = upper(%s)", [wanted]) & Q(Exact(text, wanted))
        return found if node.operator is Operator.IS else ~found
    match node.operator:
        case Operator.IS:
            return _sql(f"{value} = upper(%s)", [wanted])
        case Operator.IS_NOT:
            return ~_sql(f"{value} = upper(%s)", [wanted])
        case Operator.CONTAINS:
            return Q(IContains(text, wanted))
        case Operator.LACKS:
            return ~Q(IContains(text, wanted))
        case Operator.STARTS:
            return _sql(f"{value} LIKE upper(%s)", [f"{_plainly(wanted)}%"])
        case _:
            raise ValueError(f"Text is not compared with {node.operator}.")


def _amount(node: Condition, value: str) -> Q:
    if node.operator is Operator.IS_NOT:
        return ~_amount(Condition(node.field, Operator.IS, node.value), value)
    found = _sql(f"{value} {_SIGNS[node.operator]} %s", [Decimal(str(node.value))])
    return found & _sql(f"{value} > {NONE}") if node.operator is Operator.AT_MOST else found


def _plainly(text: str) -> str:
    """The text as LIKE finds it, sign by sign."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _sql(condition: str, params: Sequence[Any] = ()) -> Q:
    return Q(RawSQL(condition, params, output_field=BooleanField()))  # noqa: S611 - our own text
