"""Search: POST /crm/v3/objects/{type}/search."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sandbox.crm_store import Row
from sandbox.hubspot.api import Answer, Api, Request, check_number
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.objects import show
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import ObjectType, find_object_type
from sandbox.hubspot.values import read_time

MAX_GROUPS, MAX_FILTERS, MAX_ALL_FILTERS, MAX_RESULTS, MAX_PAGE = 5, 6, 18, 10_000, 200

Test = Callable[[Row], bool]
Comparable = str | float | datetime


class Search:
    """The search operation."""

    def __init__(self, api: Api) -> None:
        self._portal = api.portal
        api.add("POST", r"/crm/v3/objects/([\w-]+)/search", self._search)

    def _search(self, request: Request, type_name: str) -> Answer:
        kind = find_object_type(type_name)
        body = request.json_object()
        limit = check_number(body.get("limit") or 10, "limit", at_most=MAX_PAGE)
        after_text = str(body.get("after") or 0)
        if not after_text.isdigit():
            raise invalid(f"Invalid cursor after: {after_text}")
        after, names = int(after_text), request.listed("properties")
        if after + limit > MAX_RESULTS:
            raise invalid(f"The search has at most {MAX_RESULTS} results: after + limit is {after + limit}")
        test = compile_groups(self._portal, kind, body.get("filterGroups") or [])
        query = str(body.get("query") or "").lower()
        rows = [
            row
            for row in self._portal.records(kind)
            if test(row) and (not query or _mentions(kind, row, query))
        ]
        rows = _sort(self._portal, kind, rows, body.get("sorts") or [])
        page = rows[after : after + limit]
        answer: dict[str, Any] = {
            "total": len(rows),
            "results": [show(kind, row, names) for row in page],
        }
        if after + limit < len(rows):
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return Answer(200, answer)


def compile_groups(portal: Portal, kind: ObjectType, groups: Any) -> Test:
    """Return the test of these groups: any group, all filters of it. Raises HubSpotError."""
    if not isinstance(groups, list) or len(groups) > MAX_GROUPS:
        raise invalid(f"filterGroups must be a list of at most {MAX_GROUPS} groups")
    sizes = []
    compiled: list[list[Test]] = []
    definitions = portal.properties(kind)
    for group in groups:
        filters = group.get("filters") if isinstance(group, dict) else None
        if not isinstance(filters, list) or len(filters) > MAX_FILTERS:
            raise invalid(f"each group needs filters, at most {MAX_FILTERS}")
        sizes.append(len(filters))
        compiled.append([_compile(definitions, item) for item in filters])
    if sum(sizes) > MAX_ALL_FILTERS:
        raise invalid(f"a search takes at most {MAX_ALL_FILTERS} filters, not {sum(sizes)}")
    return lambda row: not compiled or any(all(test(row) for test in tests) for tests in compiled)


def _compile(definitions: Mapping[str, Row], item: Any) -> Test:
    name = item.get("propertyName") if isinstance(item, dict) else None
    if not isinstance(name, str) or name not in definitions:
        raise invalid(f"There was a problem with the request: unknown property {name} in a filter")
    definition = definitions[name]
    operator = item.get("operator")
    make = _TESTS.get(str(operator))
    if make is None:
        raise invalid(f"operator must be one of {', '.join(_TESTS)}, not {operator}")
    test = make(definition, item)
    return lambda row: test(row["properties"].get(name))


def _comparable(definition: Row, text: str) -> Comparable:
    """Numbers and times compare as such, text without case."""
    if definition["type"] == "number":
        try:
            return float(text)
        except ValueError:
            raise invalid(f"{definition['name']}: {text} is not a number") from None
    if definition["type"] in ("date", "datetime"):
        moment = read_time(text)
        if moment is None:
            raise invalid(f"{definition['name']}: {text} is not a time in milliseconds or ISO 8601")
        return moment
    return text.lower()


def _value(definition: Row, item: Row, member: str = "value") -> Comparable:
    if item.get(member) is None:
        raise invalid(f"operator {item['operator']} on {definition['name']} needs {member}")
    return _comparable(definition, str(item[member]))


def _values(definition: Row, item: Row) -> set[Comparable]:
    if not isinstance(item.get("values"), list) or not item["values"]:
        raise invalid(f"operator {item['operator']} on {definition['name']} needs values")
    return {_comparable(definition, str(value)) for value in item["values"]}


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Row, Row], Callable[[str | None], bool]]:
    def make(definition: Row, item: Row) -> Callable[[str | None], bool]:
        wanted = _value(definition, item)
        return lambda text: bool(text) and compare(_comparable(definition, str(text)), wanted)

    return make


def _between(definition: Row, item: Row) -> Callable[[str | None], bool]:
    low: Any = _value(definition, item)
    high: Any = _value(definition, item, "highValue")
    return lambda text: bool(text) and bool(low <= _comparable(definition, str(text)) <= high)


def _in(definition: Row, item: Row) -> Callable[[str | None], bool]:
    wanted = _values(definition, item)
    return lambda text: bool(text) and _comparable(definition, str(text)) in wanted


def _token(_: Row, item: Row) -> Callable[[str | None], bool]:
    wanted = str(item.get("value") or "").lower()
    if not wanted:
        raise invalid(f"operator {item['operator']} needs value")
    pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("*")))

    def test(text: str | None) -> bool:
        lowered = (text or "").lower()
        pieces = [lowered, *lowered.split(), *re.split(r"\W+", lowered)]
        return any(pattern.fullmatch(piece) for piece in pieces if piece)

    return test


def _negated(
    make: Callable[[Row, Row], Callable[[str | None], bool]],
) -> Callable[[Row, Row], Callable[[str | None], bool]]:
    def make_negated(definition: Row, item: Row) -> Callable[[str | None], bool]:
        test = make(definition, item)
        return lambda text: not test(text)

    return make_negated


_equal = _ordered(lambda actual, wanted: bool(actual == wanted))
_TESTS: dict[str, Callable[[Row, Row], Callable[[str | None], bool]]] = {
    "EQ": _equal,
    "NEQ": _negated(_equal),
    "LT": _ordered(lambda actual, wanted: bool(actual < wanted)),
    "LTE": _ordered(lambda actual, wanted: bool(actual <= wanted)),
    "GT": _ordered(lambda actual, wanted: bool(actual > wanted)),
    "GTE": _ordered(lambda actual, wanted: bool(actual >= wanted)),
    "BETWEEN": _between,
    "IN": _in,
    "NOT_IN": _negated(_in),
    "HAS_PROPERTY": lambda _, __: bool,
    "NOT_HAS_PROPERTY": lambda _, __: lambda text: not text,
    "CONTAINS_TOKEN": _token,
    "NOT_CONTAINS_TOKEN": _negated(_token),
}


def _mentions(kind: ObjectType, row: Row, query: str) -> bool:
    texts = [(row["properties"].get(name) or "").lower() for name in kind.search_properties]
    digits = re.sub(r"\D", "", query)
    if len(digits) >= 7 and any(digits in re.sub(r"\D", "", text) for text in texts):
        return True
    return all(any(word in text for text in texts) for word in query.split())


def _sort(portal: Portal, kind: ObjectType, rows: list[Row], sorts: Any) -> list[Row]:
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise invalid("sorts must be a list of at most one sort")
    if not sorts:
        return rows
    sort = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": str(sorts[0])}
    name = str(sort.get("propertyName"))
    descending = sort.get("direction") == "DESCENDING" or name.startswith("-")
    definition = portal.properties(kind).get(name.lstrip("-"))
    if definition is None:
        raise invalid(f"There was a problem with the request: unknown property {name} in sorts")

    def key(row: Row) -> Any:
        return _comparable(definition, row["properties"][definition["name"]])

    present = [row for row in rows if row["properties"].get(definition["name"])]
    missing = [row for row in rows if not row["properties"].get(definition["name"])]
    return sorted(present, key=key, reverse=descending) + missing
