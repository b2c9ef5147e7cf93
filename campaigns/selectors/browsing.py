"""The list of people: filtered, searched, in an order, a page at a time, however many there are."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, F, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL

from campaigns.models import CampaignLead, Contact, ContactPhone, ContactTag, Lead, SegmentMember
from campaigns.paging import SIZE, Cursor, Page
from campaigns.scripting.render import OWN
from campaigns.segments.fields import OWN_KINDS, catalogue
from campaigns.segments.tree import EVERYBODY, Group
from campaigns.selectors import customfields, matching
from campaigns.selectors.own_sql import value_sql
from core.types import PhoneError, parse_phone

COUNTED_EXACTLY = 10_000
EXPECTED_TOO_MANY = 50_000  # by the planner: not counted at all
CHUNK = 2_000  # rows of a download read at once
# The very expression of the index contact_search_words (migration 0022).
_HAVING_WORDS: Final = (
    "ARRAY(SELECT id FROM campaigns_contact WHERE to_tsvector('simple'::regconfig, translate(first_name || ' ' || last_name || ' ' || "
    "company || ' ' || email || ' ' || coalesce(external_ref, ''), '.-/_@:+', '       ')) @@ to_tsquery('simple'::regconfig, %s))"
)
_NUMBER_LIKE: Final = re.compile(r"[0-9+()./ -]+")


@dataclass(frozen=True, slots=True)
class Order:
    """An order of people: columns that an index has, the last of them unique."""

    label: str
    columns: tuple[str, ...]
    own: str = ""  # the expression of the column "own", a field of the house's own


ORDERS: Final[Mapping[str, Order]] = {
    "id": Order("as they came", ("id",)),
    "name": Order("by name", ("last_name", "first_name", "id")),
    "company": Order("by company", ("company", "id")),
    "place": Order("by place", ("state", "city", "id")),
    "added": Order("by when they were added", ("created_at", "id")),
}
# Columns that can be shown beside the name, with the order their head sorts by.
COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "company": ("Company", "company"),
    "number": ("Number", ""),
    "email": ("E-mail", ""),
    "place": ("Place", "place"),
    "zone": ("Zone, as stated", ""),
    "owner": ("Owner", ""),
    "tags": ("Tags", ""),
    "attempts": ("Attempts", ""),
    "result": ("Last result", ""),
    "called": ("Last called", ""),
    "added": ("Added", "added"),
    "source": ("Source", ""),
    "ref": ("Id in the CRM", ""),
}
_FIELDS: Final = catalogue({})  # what a rule means does not depend on what can be chosen
USUAL_COLUMNS: Final = ("company", "number", "place", "source")


def all_columns() -> Mapping[str, tuple[str, str]]:
    """Return the columns that can be shown, those of the house's own fields behind the others. Hidden SQL: one query."""
    own = {
        OWN + key: (spec.label, OWN + key if spec.is_quick else "")
        for key, spec in customfields.specs().items()
    }
    return {**COLUMNS, **own}


def order_of(key: str) -> Order:
    """Return the order of that name, the usual one where there is none. Hidden SQL: a query, of a field of the house's own."""
    if not key.startswith(OWN):
        return ORDERS.get(key, ORDERS["id"])
    spec = customfields.specs().get(key.removeprefix(OWN))
    if spec is None or not spec.is_quick:
        return ORDERS["id"]
    return Order(f"by {spec.label}", ("own", "id"), value_sql(OWN_KINDS[spec.kind], spec.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which people, in which order. Both a snapshot and a rule narrow down."""

    rule: Group = EVERYBODY
    search: str = ""
    list_id: int | None = None
    snapshot_id: int | None = None
    order: str = "id"
    descending: bool = False


Cell = str | int | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person in the list."""

    contact_id: int
    name: str
    do_not_call: bool
    cells: Sequence[tuple[str, Cell]]  # key of the column → what stands in it, in order


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; not exact where counting would take longer than it tells."""

    people: int
    is_exact: bool

    @property
    def words(self) -> str:
        """Return the count as it is shown: “1,204”, or “about 410,000”."""
        return f"{self.people:,}" if self.is_exact else f"about {_rounded(self.people):,}"


def people_of(wanted: Wanted, *, now: datetime) -> "QuerySet[Contact]":
    """Return everybody wanted, not ordered."""
    rows = Contact.objects.filter(matching.condition(wanted.rule, _FIELDS, now=now))
    if wanted.list_id is not None:
        rows = rows.filter(matching.has_row(Lead, Q(lead_list_id=wanted.list_id)))
    if wanted.snapshot_id is not None:
        rows = rows.filter(matching.has_row(SegmentMember, Q(segment_id=wanted.snapshot_id)))
    return _searched(rows, wanted.search)


def browse(wanted: Wanted, cursor: Cursor, columns: Sequence[str], *, now: datetime) -> Page[PersonRow]:
    """Return one page. Hidden SQL: at most five queries, whatever the page."""
    rows = people_of(wanted, now=now)
    backwards = bool(cursor.before)
    start = cursor.before or cursor.after
    found = _after(rows, wanted, start, backwards=backwards, limit=SIZE + 1)
    more, found = len(found) > SIZE, found[:SIZE]
    if backwards:
        found.reverse()
    first, last = (found[0].pk, found[-1].pk) if found else (0, 0)
    return Page(
        _as_rows(found, columns),
        first,
        last,
        has_previous=more if backwards else cursor.after > 0,
        has_next=True if backwards else more,
    )


def count(wanted: Wanted, page: Page[PersonRow] | None = None, *, now: datetime) -> Count:
    """Return how many are wanted: exact up to ten thousand, else what the planner expects. `page`: one of theirs, read already.

    Hidden SQL: two queries at most, none where the page has everybody.
    """
    if page is not None and not (page.has_next or page.has_previous):
        return Count(len(page.rows), is_exact=True)
    rows = people_of(wanted, now=now).order_by()
    if (expected := _expected(rows)) > EXPECTED_TOO_MANY:
        return Count(expected, is_exact=False)
    few: int = rows.values("pk")[: COUNTED_EXACTLY + 1].count()
    if few <= COUNTED_EXACTLY:
        return Count(few, is_exact=True)
    return Count(max(expected, COUNTED_EXACTLY), is_exact=False)


def exact_count(wanted: Wanted, *, now: datetime) -> int:
    """Return how many are wanted, however long it takes."""
    return people_of(wanted, now=now).count()


def every_row(wanted: Wanted, columns: Sequence[str], *, now: datetime) -> Iterator[Sequence[str]]:
    """Give the header and everybody wanted, as text, a chunk of rows in memory at a time."""
    labels = all_columns()
    yield ["name", *(labels[key][0] if key in labels else key for key in columns), "do not call"]
    start = 0
    while True:
        found = _after(people_of(wanted, now=now), wanted, start, backwards=False, limit=CHUNK)
        for row in _as_rows(found, columns):
            cells = (_as_text(value) for _, value in row.cells)
            yield [row.name, *cells, "yes" if row.do_not_call else "no"]
        if len(found) < CHUNK:
            return
        start = found[-1].pk


def _after(
    rows: "QuerySet[Contact]", wanted: Wanted, start: int, *, backwards: bool, limit: int
) -> list[Contact]:
    """The rows behind the one with the id `start` in the order wanted (0: from the first), or before it, backwards."""
    order = order_of(wanted.order)
    columns, everybody = order.columns, Contact.objects.all()
    falls = wanted.descending is not backwards
    if order.own:
        own = RawSQL(order.own, (), output_field=TextField())  # noqa: S611 - our own text
        rows, everybody = rows.annotate(own=own), everybody.annotate(own=own)
    if start:
        border = everybody.filter(pk=start).values_list(*columns).first()
        if border is not None:
            names = ", ".join(order.own if name == "own" else f"campaigns_contact.{name}" for name in columns)
            sign, marks = "<" if falls else ">", ", ".join(["%s"] * len(columns))
            sql = f"({names}) {sign} ({marks})"
            rows = rows.filter(RawSQL(sql, border, output_field=BooleanField()))  # noqa: S611 - names of our columns
    return list(rows.order_by(*(F(name).desc() if falls else F(name).asc() for name in columns))[:limit])


def _searched(rows: "QuerySet[Contact]", search: str) -> "QuerySet[Contact]":
    """Every word begins a word of the name, company, address or id; or the digits are a number, or its begin or end.

    Who is found is gathered first, by an index each: left to itself the planner walks everybody in the order of the page, and looks
    at the words of each, where it takes rare words for frequent ones.
    """
    text = search.replace("\x00", "").strip()[:100]
    if not text:
        return rows
    found: list[str] = []
    params: list[str] = []
    if words := re.findall(r"[^\W_]+", text):
        found.append(_HAVING_WORDS)
        params.append(" & ".join(f"'{word}':*" for word in words))
    digits = "".join(re.findall("[0-9]", text))
    if _NUMBER_LIKE.fullmatch(text) and len(digits) >= 3:
        numbers, more = _numbers(text, digits)
        found.append(f"ARRAY(SELECT contact_id FROM campaigns_contactphone WHERE {numbers})")  # noqa: S608 - our own text
        params += more
    if not found:
        return rows.filter(pk=0)  # of signs alone nobody is called
    sql = f"campaigns_contact.id = ANY({' || '.join(found)})"
    return rows.filter(RawSQL(sql, params, output_field=BooleanField()))  # noqa: S611 - our own text


def _numbers(text: str, digits: str) -> tuple[str, list[str]]:
    """The condition on a number and its parameters: all of it where the text is one, else its begin, or its last digits."""
    try:
        return "number = %s", [parse_phone(text)]
    except PhoneError:
        begins, params = "number LIKE %s OR number LIKE %s", [f"+{digits}%", f"+1{digits}%"]
        if len(digits) < 4:
            return begins, params
        return f"{begins} OR reverse(number) LIKE %s", [*params, f"{digits[::-1]}%"]


def _expected(rows: "QuerySet[Contact]") -> int:
    sql, params = rows.values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan: Any = cursor.fetchone()[0]
    found = json.loads(plan) if isinstance(plan, str) else plan
    rows_expected: int = found[0]["Plan"]["Plan Rows"]
    return rows_expected


def _rounded(number: int) -> int:
    """Two digits that count: an estimate with more would look like knowledge."""
    scale = int("1" + "0" * max(len(str(number)) - 2, 0))
    return round(number / scale) * scale


def _as_rows(found: Sequence[Contact], columns: Sequence[str]) -> list[PersonRow]:
    """Read what the columns need, once for all rows."""
    ids = [row.pk for row in found]
    phones: dict[int, str] = {}
    if "number" in columns:
        numbers = ContactPhone.objects.filter(contact_id__in=ids).order_by("contact_id", "position", "id")
        for contact_id, number in numbers.values_list("contact_id", "number"):
            phones.setdefault(contact_id, number)
    tags: dict[int, list[str]] = {}
    if "tags" in columns:
        named = ContactTag.objects.filter(contact_id__in=ids).order_by("contact_id", "tag__name")
        for contact_id, name in named.values_list("contact_id", "tag__name"):
            tags.setdefault(contact_id, []).append(name)
    standing = _standing(ids) if {"attempts", "result", "called"} & set(columns) else {}
    nothing: tuple[int, str, datetime | None] = (0, "", None)
    told = {
        row.pk: _cells(
            row, phones.get(row.pk, ""), ", ".join(tags.get(row.pk, ())), standing.get(row.pk, nothing)
        )
        for row in found
    }
    return [
        PersonRow(
            contact_id=row.pk,
            name=row.full_name,
            do_not_call=row.crm_do_not_call,
            cells=[(key, told[row.pk].get(key, "")) for key in columns],
        )
        for row in found
    ]


def _standing(ids: Sequence[int]) -> dict[int, tuple[int, str, datetime | None]]:
    """Of each person the attempts in all campaigns, and the newest result with its time."""
    found: dict[int, tuple[int, str, datetime | None]] = {}
    leads = CampaignLead.objects.filter(contact_id__in=ids).order_by("contact_id", "id")
    for row in leads.only("contact_id", "attempts", "last_result", "last_called_at"):
        attempts, result, at = found.get(row.contact_id, (0, "", None))
        is_newer = at is None or (row.last_called_at is not None and row.last_called_at > at)
        if is_newer and (row.last_called_at or row.last_result):
            result, at = row.last_result, row.last_called_at
        found[row.contact_id] = (attempts + row.attempts, result, at)
    return found


def _cells(
    row: Contact, number: str, tags: str, standing: tuple[int, str, datetime | None]
) -> dict[str, Cell]:
    attempts, result, called = standing
    place = " ".join(
        part for part in (f"{row.city}," if row.city else "", row.state, row.postal_code) if part
    )
    own: dict[str, Cell] = {OWN + key: str(value) for key, value in row.custom.items()}
    return own | {
        "company": row.company,
        "number": number,
        "email": row.email,
        "place": place.rstrip(","),
        "zone": row.stated_zone,
        "owner": row.owner_name,
        "tags": tags,
        "attempts": attempts,
        "result": result,
        "called": called,
        "added": row.created_at,
        "source": "CRM" if row.external_ref else "File",
        "ref": row.external_ref or "",
    }


def _as_text(value: Cell) -> str:
    return (
        "" if value is None else f"{value:%Y-%m-%d %H:%M:%S}Z" if isinstance(value, datetime) else str(value)
    )
