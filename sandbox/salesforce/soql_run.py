"""Answer a SOQL query from the org's records."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox.crm_store import Row
from sandbox.salesforce.errors import SalesforceError, invalid_field, malformed_query
from sandbox.salesforce.ids import MalformedIdError, parse_id
from sandbox.salesforce.org import Org, record_address
from sandbox.salesforce.schema import Field, ObjectType, find_object
from sandbox.salesforce.soql import Comparison, Condition, Order, Query, Value

_TEXT_TYPES = frozenset({"string", "picklist", "phone", "email", "textarea"})
_LITERAL_BY_TYPE = {"int": "number", "boolean": "boolean"}


def run(org: Org, query: Query, *, deleted: bool = False) -> dict[str, Any]:
    """Return {totalSize, records}; `deleted` finds the recycle bin's too. Raises SalesforceError."""
    search = _Search(org, query, deleted)
    rows = search.rows()
    if query.count == "rows":
        return {"totalSize": len(rows), "records": []}
    if query.count is not None:
        counted = sum(search.read(row, query.count)[1] is not None for row in rows)
        record = {"attributes": {"type": "AggregateResult"}, "expr0": counted}
        return {"totalSize": 1, "records": [record]}
    return {"totalSize": len(rows), "records": [search.show(row) for row in rows]}


def check(org: Org, query: Query) -> None:
    """Raise SalesforceError for fields and relationships that are not there."""
    _Search(org, query, deleted=False)


class _Search:
    def __init__(self, org: Org, query: Query, deleted: bool) -> None:
        self._org, self._query, self._deleted = org, query, deleted
        kind = find_object(query.source)
        if kind is None:
            raise SalesforceError("INVALID_TYPE", f"sObject type '{query.source}' is not supported.")
        self._kind = kind
        for path in (*query.paths, *(order.path for order in query.order)):
            self._check_path(path)
        if query.count not in (None, "rows"):
            self._check_path(str(query.count))
        if query.offset > 2000:
            raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")

    def rows(self) -> list[Row]:
        """List the records that pass, in order, within LIMIT and OFFSET."""
        where = self._query.where
        test = self._compile(where) if where is not None else None
        found = [r for r in self._org.rows(self._kind.name, deleted=self._deleted) if test is None or test(r)]
        for order in reversed(self._query.order):
            found = self._sort(found, order)
        end = None if self._query.limit is None else self._query.offset + self._query.limit
        return found[self._query.offset : end]

    def read(self, row: Row, path: str) -> tuple[Field, Any]:
        """Return the field a path ends at, and its value; None when a record on the way is missing."""
        *relations, name = self._parts(path)
        kind: ObjectType = self._kind
        current: Row | None = row
        for relation in relations:
            field = kind.find_relationship(relation)
            assert field is not None
            followed = self._org.follow(field, current) if current is not None else None
            kind, current = followed or (_any_target(field), None)
        if name.lower() == "type" and kind.find("Type") is None:
            return Field(name="Type"), kind.name if current is not None else None
        found = kind.find(name)
        if found is None:
            # a field only one of several possible targets has, such as Who.Company of a contact
            return Field(name=name), None
        return found, None if current is None else current.get(found.name)

    def show(self, row: Row) -> dict[str, Any]:
        """Return the record as it stands in the answer, with related records nested."""
        shown = _attributes(self._kind.name, row)
        for path in self._query.paths:
            self._show_path(shown, self._kind, row, self._parts(path))
        return shown

    def _show_path(self, shown: dict[str, Any], kind: ObjectType, row: Row, parts: list[str]) -> None:
        if len(parts) == 1:
            field = kind.find(parts[0])
            if field is None:
                shown[parts[0]] = kind.name if parts[0].lower() == "type" else None
            else:
                shown[field.name] = row.get(field.name)
            return
        reference = kind.find_relationship(parts[0])
        assert reference is not None
        assert reference.relationship is not None
        followed = self._org.follow(reference, row)
        if followed is None:
            shown[reference.relationship] = None
            return
        target, related = followed
        nested = shown.setdefault(reference.relationship, _attributes(target.name, related))
        self._show_path(nested, target, related, parts[1:])

    def _parts(self, path: str) -> list[str]:
        parts = path.split(".")
        own_names = {self._kind.name.lower(), (self._query.alias or "").lower()}
        is_own = len(parts) > 1 and parts[0].lower() in own_names
        if is_own and self._kind.find_relationship(parts[0]) is None:
            return parts[1:]
        return parts

    def _check_path(self, path: str) -> Field:
        *relations, name = self._parts(path)
        kinds = [self._kind]
        for relation in relations:
            fields = [kind.find_relationship(relation) for kind in kinds]
            kinds = [target for f in fields if f is not None for target in _targets(f)]
            if not kinds:
                raise SalesforceError(
                    "INVALID_FIELD",
                    f"Didn't understand relationship '{relation}' in field path. If you are attempting to use"
                    " a custom relationship, be sure to append the '__r' after the custom relationship name.",
                )
        fields = [kind.find(name) for kind in kinds]
        found = next((field for field in fields if field is not None), None)
        if found is None:
            if name.lower() == "type" and relations:
                return Field(name="Type")
            raise invalid_field(kinds[0].name, name)
        return found

    def _sort(self, rows: list[Row], order: Order) -> list[Row]:
        def key(row: Row) -> Any:
            field, value = self.read(row, order.path)
            return _comparable(field, value)

        missing = [row for row in rows if key(row) is None]
        present = sorted((r for r in rows if key(r) is not None), key=key, reverse=order.descending)
        return present + missing if order.nulls_last else missing + present

    def _compile(self, condition: Condition) -> Any:
        if isinstance(condition, Comparison):
            return self._compile_comparison(condition)
        terms = [self._compile(term) for term in condition.terms]
        if condition.operator == "not":
            return lambda row: not terms[0](row)
        if condition.operator == "and":
            return lambda row: all(term(row) for term in terms)
        return lambda row: any(term(row) for term in terms)

    def _compile_comparison(self, condition: Comparison) -> Any:
        field = self._check_path(condition.path)
        if field.type == "textarea" and field.length > 4000:
            raise SalesforceError(
                "INVALID_FIELD",
                f"{field.name} field can not be filtered in a query call",
                fields=[field.name],
            )
        if condition.subquery is not None:
            wanted = self._run_subquery(condition.subquery)
        else:
            wanted = [self._convert(field, value) for value in condition.values]

        def read(row: Row) -> Any:
            return _comparable(field, self.read(row, condition.path)[1])

        if condition.operator in ("in", "not-in"):
            turn = condition.operator == "not-in"
            if not any(
                isinstance(value, tuple) for value in wanted
            ):  # no relative dates: 200 ids cost as much as one
                known = set(wanted)
                return lambda row: (read(row) in known) != turn
            return lambda row: any(_compare("=", read(row), value) for value in wanted) != turn
        if condition.operator == "like":
            if field.type not in _TEXT_TYPES:
                raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {field.name}")
            pattern = _like(str(wanted[0] or ""))
            return lambda row: read(row) is not None and pattern.fullmatch(read(row)) is not None
        return lambda row: _compare(condition.operator, read(row), wanted[0])

    def _run_subquery(self, query: Query) -> list[Any]:
        if len(query.paths) != 1 or query.limit is not None or query.order:
            raise malformed_query("a semi-join selects exactly one field, without ORDER BY and LIMIT")
        search = _Search(self._org, query, deleted=False)
        return [v for r in search.rows() if (v := _comparable(*search.read(r, query.paths[0]))) is not None]

    def _convert(self, field: Field, value: Value) -> Any:
        """Return a literal as something comparable with the field's values; a range for relative dates."""
        if value.kind == "null":
            return None
        if field.type in ("date", "datetime"):
            return self._convert_time(field, value)
        wanted = _LITERAL_BY_TYPE.get(field.type, "string")
        if value.kind != wanted:
            quotes = "should" if wanted == "string" else "should not"
            raise SalesforceError(
                "INVALID_FIELD",
                f"value of filter criterion for field '{field.name}' must be of type {field.type} and"
                f" {quotes} be enclosed in quotes",
                fields=[field.name],
            )
        if field.type in ("id", "reference"):
            try:
                return parse_id(value.value)
            except MalformedIdError:
                message = f"invalid ID field: {value.value}"
                raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", message) from None
        return float(value.value) if field.type == "int" else _comparable(field, value.value)

    def _convert_time(self, field: Field, value: Value) -> Any:
        if value.kind == "literal":
            return _relative_days(value.value, self._org.clock.now(), field.type == "date")
        if value.kind != field.type:
            raise SalesforceError(
                "INVALID_FIELD",
                f"value of filter criterion for field '{field.name}' must be of type {field.type}",
                fields=[field.name],
            )
        try:
            return _comparable(field, value.value)
        except ValueError:
            raise malformed_query(f"invalid {field.type}: {value.value}") from None


def _targets(field: Field) -> list[ObjectType]:
    return [kind for name in field.to if (kind := find_object(name)) is not None]


def _any_target(field: Field) -> ObjectType:
    return _targets(field)[0]


def _attributes(name: str, row: Row) -> dict[str, Any]:
    return {"attributes": {"type": name, "url": record_address(name, row["Id"])}}


def _comparable(field: Field, value: Any) -> Any:
    """Text compares without case, ids with; times as times."""
    if value is None:
        return None
    if field.type == "datetime":
        return datetime.fromisoformat(value)
    if field.type == "date":
        return date.fromisoformat(value)
    return value.lower() if field.type in _TEXT_TYPES else value


def _compare(operator: str, actual: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple):
        first, last = wanted
        inside = actual is not None and first <= actual <= last
        if operator in ("=", "!="):
            return inside == (operator == "=")
        if actual is None:
            return False
        tests = {"<": actual < first, "<=": actual <= last, ">": actual > last, ">=": actual >= first}
        return bool(tests[operator])
    if operator == "=":
        return bool(actual == wanted)
    if operator == "!=":
        return bool(actual != wanted)
    if actual is None or wanted is None:
        return False
    tests = {"<": actual < wanted, "<=": actual <= wanted, ">": actual > wanted, ">=": actual >= wanted}
    return bool(tests[operator])


def _like(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\[_%]|[_%]|[^\\_%]+|\\", pattern)
    signs = {"%": ".*", "_": ".", "\\%": "%", "\\_": "_"}
    return re.compile(
        "".join(signs.get(part) or re.escape(part) for part in parts), re.DOTALL | re.IGNORECASE
    )


def _relative_days(literal: str, now: datetime, as_date: bool) -> tuple[Any, Any]:
    today = now.astimezone(UTC).date()
    name, _, number = literal.partition(":")
    count = int(number or 0) * (7 if "WEEKS" in name else 1)
    first, last = {
        "TODAY": (today, today),
        "YESTERDAY": (today - timedelta(1), today - timedelta(1)),
        "TOMORROW": (today + timedelta(1), today + timedelta(1)),
        "LAST": (today - timedelta(count), today),
        "NEXT": (today + timedelta(1), today + timedelta(count)),
    }[name.split("_", 1)[0] if "_N_" in name else name]
    if as_date:
        return first, last
    return datetime.combine(first, time.min, UTC), datetime.combine(last, time.max, UTC)
