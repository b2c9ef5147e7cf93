"""The rows of a request, checked one by one: a wrong row is told of, the others go in."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.services.leads import Given
from campaigns import importplan
from campaigns.importing import RawPerson
from campaigns.importplan import Plan

PHONE_KINDS = ("main", "mobile", "work", "home", "assistant", "other")
TEXTS = (
    "external_id", "first_name", "last_name", "company", "title", "email", "city", "state", "postal_code", "country", "debt_ref",
)  # fmt: skip
KEYS = frozenset({*TEXTS, "phone", "phones", "custom", "consent", "do_not_call"})
MAX_PHONES = 10
MAX_TEXT = 2_000
MAX_WORDING = 20_000


class BadRequest(ValueError):
    """The request as a whole cannot be understood."""


class _BadRow(ValueError):
    """One row cannot be."""


def plan_of(body: Mapping[str, Any]) -> Plan:
    """Return the plan a request asks for. Raises BadRequest."""
    rules = body.get("rules", {})
    match_by = body.get("match_by", ["phone"])
    region, date_order = body.get("region", "US"), body.get("date_order", "ymd")
    if not isinstance(rules, dict) or any(
        scope not in importplan.SCOPES or action not in list(importplan.ACTIONS)
        for scope, action in rules.items()
    ):
        raise BadRequest(f"“rules” maps {', '.join(importplan.SCOPES)} to {', '.join(importplan.ACTIONS)}.")
    if (
        not isinstance(match_by, list)
        or not match_by
        or any(key not in list(importplan.KEYS) for key in match_by)
    ):
        raise BadRequest(f"“match_by” is a list of {', '.join(importplan.KEYS)}.")
    if not (isinstance(region, str) and len(region) == 2 and region.isascii() and region.isupper()):
        raise BadRequest("“region” is a country code of two capital letters, such as US.")
    if date_order not in list(importplan.DATE_ORDERS):
        raise BadRequest("“date_order” is mdy, dmy or ymd.")
    return Plan(
        match_by=tuple(match_by),
        rules={**importplan.USUAL_RULES, **rules},
        region=region,
        date_order=date_order,
    )


def given(rows: Sequence[Any]) -> list[Given]:
    """Return each row as a person, or with the reason why it is none."""
    found = []
    for number, row in enumerate(rows, start=1):
        try:
            found.append(Given(_person(number, row)))
        except _BadRow as problem:
            found.append(Given(None, str(problem)[:300]))
    return found


def _person(number: int, row: Any) -> RawPerson:
    if not isinstance(row, dict):
        raise _BadRow("A row is an object.")
    if unknown := sorted(str(key)[:40] for key in row.keys() - KEYS):
        raise _BadRow(f"Unknown: {', '.join(unknown[:5])}. Known are {', '.join(sorted(KEYS))}.")
    flag = row.get("do_not_call", False)
    if not isinstance(flag, bool):
        raise _BadRow("“do_not_call” is true or false.")
    consent = row.get("consent") or {}
    if not isinstance(consent, dict) or consent.keys() - {"date", "source", "wording"}:
        raise _BadRow("“consent” is an object of date, source and wording.")
    return RawPerson(
        row_number=number,
        phones=_phones(row),
        do_not_call=flag,
        custom=_custom(row.get("custom") or {}),
        consent_date=_text(consent, "date"),
        consent_source=_text(consent, "source"),
        consent_wording=_text(consent, "wording", limit=MAX_WORDING),
        **{name: _text(row, name) for name in TEXTS},
    )


def _phones(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    phones = row.get("phones") or []
    if not isinstance(phones, list) or len(phones) > MAX_PHONES:
        raise _BadRow(f"“phones” is a list of at most {MAX_PHONES} objects of kind and number.")
    found = [("main", _text(row, "phone"))] if row.get("phone") else []
    for phone in phones:
        if (
            not isinstance(phone, dict)
            or phone.get("kind", "main") not in PHONE_KINDS
            or phone.keys() - {"kind", "number"}
        ):
            raise _BadRow(f"Each of “phones” is an object of kind ({', '.join(PHONE_KINDS)}) and number.")
        found.append((phone.get("kind", "main"), _text(phone, "number")))
    return found


def _custom(values: Any) -> dict[str, str]:
    if not isinstance(values, dict) or len(values) > 100:
        raise _BadRow("“custom” is an object: key of a field to its value.")
    for value in values.values():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _BadRow("A value of “custom” is text or a number.")
    return {str(key)[:80]: str(value)[:MAX_TEXT] for key, value in values.items()}


def _text(row: Mapping[str, Any], name: str, *, limit: int = MAX_TEXT) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit:
        raise _BadRow(f"“{name}” is text of at most {limit:,} characters.")
    return value
