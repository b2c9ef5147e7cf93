"""Facts and verdicts as they are stored with a decision, and back: small, readable, and good for a replay years later.

Facts leave out what has its default. Of a verdict that denied everything is kept; of one that allowed, its reason; of a
rule that did not bind, its id alone, since the same facts give the same words again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Any, get_type_hints

import msgspec

from compliance.rules.decision import Outcome, Verdict, allowed, not_bound
from compliance.rules.facts import Channel, ContactFacts, Purpose
from compliance.rules.memory import may_hold

AS_THEY_ARE = frozenset({str, int, bool, datetime, date, time})  # what JSON, or msgspec, knows
SIMPLE = AS_THEY_ARE | {Channel, Purpose}
UNSAID = msgspec.Raw()
PARTS_KEPT = 4096  # of each name
NOT_BOUND = "did not bind this contact"


def facts_as_json(facts: ContactFacts) -> dict[str, Any]:
    """Return the facts as JSON values, without what has its default."""
    found: dict[str, Any] = msgspec.to_builtins(_slim(facts))
    return found


def facts_as_text(facts: ContactFacts) -> str:
    """Return the facts as JSON text, without what has its default: what is stored, and hashed."""
    return msgspec.json.encode(_slim(facts)).decode()


def facts_from_json(stored: Mapping[str, Any]) -> ContactFacts:
    """Return the facts again; raises msgspec.ValidationError for a record nobody wrote here."""
    return msgspec.convert(_in_todays_shape(stored), ContactFacts)


def facts_from_text(text: bytes | str) -> ContactFacts:
    """Return the facts from the JSON text of a record in today's shape: the quick way, for replays.

    Records say the same of many: a part that was read before in the same bytes is the very part read then. Raises
    msgspec.ValidationError.
    """
    record = list(msgspec.structs.astuple(_whole().decode(text)))
    for place, read, default in _readers():
        written = record[place]
        record[place] = default if written is UNSAID else read(bytes(written))
    return _put_together(record)


def verdicts_as_json(verdicts: Sequence[Verdict]) -> list[Any]:
    """Return each verdict in the order asked: "id" not bound; [id, reason] allowed; [id, code, reason, retry, flags] denied."""
    return [
        _denial_as_json(verdict)
        if verdict.outcome is not Outcome.ALLOW
        else [verdict.rule_id, verdict.reason]
        if verdict.applies
        else verdict.rule_id
        for verdict in verdicts
    ]


def verdicts_as_text(verdicts: Sequence[Verdict]) -> str:
    """Return the verdicts as JSON text."""
    return msgspec.json.encode(verdicts_as_json(verdicts)).decode()


def verdicts_from_json(stored: Sequence[Any]) -> tuple[Verdict, ...]:
    """Return the verdicts again."""
    return tuple(_verdict_from_json(item) for item in stored)


@cache
def _stored_fields() -> tuple["Field[Any]", ...]:
    return tuple(each for each in fields(ContactFacts) if each.init)  # the others are worked out of these


@cache
def _whole() -> "msgspec.json.Decoder[Any]":
    """What reads a record, its parts left as they are written."""
    hints = get_type_hints(ContactFacts)
    named = [
        (each.name, hints[each.name], msgspec.NODEFAULT if each.default is MISSING else each.default)
        if hints[each.name] in SIMPLE
        else (each.name, msgspec.Raw, UNSAID)
        for each in _stored_fields()
    ]
    return msgspec.json.Decoder(msgspec.defstruct("Record", named, kw_only=True))


@cache
def _readers() -> tuple[tuple[int, Callable[[bytes], Any], Any], ...]:
    """For each part its place in the record, what reads it, and what it is where nothing is written."""
    hints = get_type_hints(ContactFacts)
    return tuple(
        (place, lru_cache(maxsize=PARTS_KEPT)(msgspec.json.Decoder(hints[each.name]).decode), each.default)
        for place, each in enumerate(_stored_fields())
        if hints[each.name] not in SIMPLE
    )


def _put_together(values: Sequence[Any]) -> ContactFacts:
    """The facts of the stored fields' values: as ContactFacts(...) makes them, in a quarter of the time."""
    facts = object.__new__(ContactFacts)
    for put, value in zip(_slots(), values, strict=True):
        put(facts, value)
    object.__setattr__(facts, "_days", ())  # the other fields of no record are set here:
    facts.__post_init__()
    return facts


@cache
def _slots() -> tuple[Callable[[ContactFacts, Any], None], ...]:
    return tuple(getattr(ContactFacts, each.name).__set__ for each in _stored_fields())


def _slim(value: Any) -> Any:
    """The value without what has its default; what JSON knows stays as it is."""
    slimmer = _slimmer(value.__class__)
    return slimmer(value) if slimmer else value


@cache
def _slimmer(kind: Any) -> Callable[[Any], Any] | None:
    """How values of a class are made small, None if they are; worked out once a class, since a decision has a hundred values."""
    if is_dataclass(kind):
        # Equal instants, or numbers, may be written in two ways; other records that are equal are written alike.
        slim = _record_slimmer(kind)
        return slim if may_hold(kind, (datetime, float)) else lru_cache(maxsize=PARTS_KEPT)(slim)
    if issubclass(kind, frozenset):
        return sorted
    return _slim_items if issubclass(kind, tuple) else None


def _record_slimmer(kind: Any) -> Callable[[Any], dict[str, Any]]:
    stored = [each for each in fields(kind) if each.init]  # the others are worked out of these
    places = [
        (each.name, each.default if each.default_factory is MISSING else each.default_factory())
        for each in stored
    ]

    def slim(record: Any) -> dict[str, Any]:
        return {
            name: value if value.__class__ in AS_THEY_ARE else _slim(value)
            for name, default in places
            if (value := getattr(record, name)) is not default and value != default
        }

    return slim


def _slim_items(values: Any) -> list[Any]:
    return [_slim(item) for item in values]


def _in_todays_shape(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Records written before 22 November 2026 had a bare line type, and bare instants for attempts."""
    found = dict(stored)
    if "line_type" in found:
        found["line"] = {"type": found.pop("line_type")}
    found["attempts"] = [
        item
        if isinstance(item, dict)
        else {key: found[key] for key in ("number", "channel", "purpose", "seller")} | {"at": item}
        for item in found.get("attempts", ())
    ]
    return found


def _denial_as_json(verdict: Verdict) -> list[Any]:
    flags = "".join(
        letter for letter, is_set in (("w", verdict.waits), ("r", verdict.needs_review)) if is_set
    )
    retry = verdict.retry_at.isoformat() if verdict.retry_at else None
    return [verdict.rule_id, verdict.code, verdict.reason, retry, flags, verdict.zone]


def _verdict_from_json(item: Any) -> Verdict:
    if isinstance(item, str):
        return not_bound(item, NOT_BOUND)
    if isinstance(item, Mapping):  # written before 22 November 2026
        retry = item.get("retry_at")
        return Verdict(
            item["rule_id"],
            item["code"],
            Outcome(item["outcome"]),
            item["reason"],
            retry_at=datetime.fromisoformat(retry) if retry else None,
            zone=item.get("zone", ""),
            waits=item.get("waits", False),
        )
    if len(item) == 2:
        return allowed(item[0], item[1])
    rule_id, code, reason, retry, flags, zone = item
    return Verdict(
        rule_id,
        code,
        Outcome.DENY,
        reason,
        retry_at=datetime.fromisoformat(retry) if retry else None,
        zone=zone,
        waits="w" in flags,
        needs_review="r" in flags,
    )
