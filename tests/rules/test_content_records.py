"""The rule book's test vectors for records, recording consent, retention and caller IDs, named by rule id and number."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from compliance.rules.content import records, retention
from compliance.rules.content.numbers import ContentNumbers, InForce
from compliance.rules.content.recording_consent import (
    ConsentClass,
    RecordingPlan,
    consent_class,
    recording_plan,
)
from compliance.rules.content.records import CallRecord
from compliance.rules.content.retention import DataRequest, PurgeVerdict
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from tests.rules.content_making import codes, numbers

WHOLE = CallRecord(
    telemarketer="Sam",
    seller="Northwind Home Energy",
    goods="heat pumps",
    to_business=False,
    outbound=True,
    prerecorded=False,
    calling_number="+14075550100",
    called_number="+12125550123",
    started_at=datetime(2026, 11, 21, 15, tzinfo=UTC),
    duration_seconds=0,
    disposition="no answer",
    caller_id="+14075550100",
    caller_name="NORTHWIND",
    authority_for_caller_id="contract 7",
)


@pytest.mark.parametrize(
    ("name", "changes", "where"),
    [
        ("whole", {}, []),
        ("TSR-005 T2 no duration", {"duration_seconds": None}, ["duration_seconds"]),
        ("TSR-005 T2 recorded or not is not said", {"prerecorded": None}, ["prerecorded"]),
        (
            "a time without zone",
            {"started_at": datetime.fromisoformat("2026-11-21T15:00:00")},
            ["started_at"],
        ),
        ("transferred to nobody", {"transferred": True}, ["transfer_target"]),
    ],
)
def test_tsr_005_t2_the_record_of_a_call_is_whole(
    name: str, changes: dict[str, Any], where: list[str]
) -> None:
    found = records.call_record_problems(replace(WHOLE, **changes), numbers())

    assert [problem.where for problem in found] == where, name
    assert not any(problem.needs_review for problem in found)


def test_tsr_005_t4_a_number_keyed_in_by_hand_may_lack_detail() -> None:
    found = records.call_record_problems(replace(WHOLE, dialed_by_hand=True, goods=""), numbers())

    assert [(problem.where, problem.needs_review) for problem in found] == [("goods", True)]


def test_tsr_005_call_detail_is_kept_since_15_october_2024() -> None:
    assert records.call_record_problems(CallRecord(), numbers(date(2024, 10, 14))) == ()
    assert records.call_record_problems(CallRecord(), numbers(date(2024, 10, 15)))


def test_tsr_005_t3_what_was_published_is_not_changed_in_place() -> None:
    def change(new_hash: str, version: int) -> list[str]:
        return codes(
            records.asset_change_problems(
                stored_hash="a", new_hash=new_hash, stored_version=1, new_version=version
            )
        )

    assert change("b", 1) == ["CHANGED_IN_PLACE"]
    assert change("b", 2) == []
    assert change("a", 1) == []


@pytest.mark.parametrize(
    ("calls", "alerts"),
    [
        ({"A": 940, "C": 60}, True),
        ({"A": 950, "C": 50}, False),
        ({"A": 90, "B": 5, "": 6}, True),
        ({}, False),
    ],
)
def test_cid_001_t2_weak_attestation_raises_an_alert(calls: dict[str, int], alerts: bool) -> None:
    assert bool(records.attestation_problems(calls, numbers())) is alerts


def test_cid_001_t1_a_caller_id_that_is_not_ours() -> None:
    assert codes(records.caller_id_problems("+14075550199", {"+14075550100"})) == ["CLI_INVALID"]
    assert records.caller_id_problems("+14075550100", {"+14075550100"}) == ()


def test_cid_003_a_number_that_dials_too_much() -> None:
    found = records.dials_problems({"+14075550100": 100, "+14075550101": 101}, numbers())

    assert [(problem.where, problem.needs_review) for problem in found] == [("+14075550101", True)]


def plan(*states: str, **changes: bool) -> RecordingPlan:
    values = {"notice_played_after_answer": True, "objected": False, "card_capture": False, **changes}
    return recording_plan(states, **values, numbers=numbers())


@pytest.mark.parametrize(
    ("name", "found", "record", "announce"),
    [
        ("REC-001 T1 TX and CA, no notice", plan("TX", "CA", notice_played_after_answer=False), False, True),
        ("with the notice", plan("TX", "CA"), True, False),
        (
            "REC-001 T2 NY, then “I'm in Florida”",
            plan("NY", "FL", notice_played_after_answer=False),
            False,
            True,
        ),
        (
            "REC-001 T3 the abandoned-call message alone",
            plan("TX", abandoned_message_only=True),
            False,
            False,
        ),
        ("REC-001 T4 heard in early media", plan("CA", notice_played_after_answer=False), False, True),
        ("one-party states get the notice too", plan("TX", notice_played_after_answer=False), False, True),
        ("REC-002 an objection stops it", plan("TX", objected=True), False, False),
        ("no place known", plan(), True, False),
        ("territories without a law read", plan("GU"), False, False),
        ("even beside another state", plan("TX", "VI"), False, False),
        ("card digits", plan("TX", card_capture=True), False, False),
    ],
)
def test_rec_001_each_plan(name: str, found: RecordingPlan, record: bool, announce: bool) -> None:
    assert (found.record, found.transcribe, found.announce) == (record, record, announce), name


def test_rec_002_a_sale_that_must_be_recorded_ends_with_the_objection() -> None:
    assert plan("TX", objected=True, sale_must_be_recorded=True).end_sale
    assert not plan("TX", card_capture=True, sale_must_be_recorded=True).end_sale
    assert not plan("TX", sale_must_be_recorded=True).end_sale


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("CA", ConsentClass.ALL_PARTY),
        ("pr", ConsentClass.ALL_PARTY),
        ("MI", ConsentClass.MIXED),
        ("TX", ConsentClass.ONE_PARTY),
        ("VI", ConsentClass.UNKNOWN),
        ("??", ConsentClass.ALL_PARTY),
        ("", ConsentClass.ALL_PARTY),
    ],
)
def test_rec_001_the_class_of_a_state(state: str, expected: ConsentClass) -> None:
    assert consent_class(state, numbers()) is expected


def test_rec_001_every_state_has_a_row_and_the_counts_are_the_books() -> None:
    by_class: dict[ConsentClass, set[str]] = {}
    for state in STATE_NAMES:
        by_class.setdefault(consent_class(state, numbers()), set()).add(state)

    assert {name: len(states) for name, states in by_class.items()} == {
        ConsentClass.ALL_PARTY: 12,  # the book's eleven and Puerto Rico
        ConsentClass.MIXED: 4,
        ConsentClass.ONE_PARTY: 36,
        ConsentClass.UNKNOWN: 4,
    }


def purge(
    kind: str, *, on: date, last_used: date | None = None, held: bool = False, **more: Any
) -> PurgeVerdict:
    return retention.may_purge(kind, date(2024, 11, 21), last_used, held, on, numbers=numbers(), **more)


@pytest.mark.parametrize(
    ("name", "verdict", "allowed"),
    [
        ("TSR-005 T1 call detail at 24 months", purge("call_detail", on=date(2026, 11, 21)), False),
        ("at six years less a day", purge("call_detail", on=date(2030, 11, 20)), False),
        ("at six years", purge("call_detail", on=date(2030, 11, 21)), True),
        (
            "PRIV-002 T1 the profile goes",
            purge("profile", on=date(2026, 11, 21), erasure_requested=True),
            True,
        ),
        (
            "PRIV-002 T1 the suppression stays",
            purge("do_not_call", on=date(2126, 11, 21), erasure_requested=True),
            False,
        ),
        ("PRIV-002 T3 a legal hold", purge("recording", on=date(2030, 1, 1), held=True), False),
        (
            "PRIV-002 T3 a hold outranks a request",
            purge("recording", on=date(2030, 1, 1), held=True, erasure_requested=True),
            False,
        ),
        ("the same recording without hold", purge("recording", on=date(2030, 1, 1)), True),
        ("consent still in use", purge("consent", on=date(2040, 1, 1)), False),
        (
            "consent unused for six years",
            purge("consent", on=date(2031, 1, 1), last_used=date(2025, 1, 1)),
            True,
        ),
        (
            "consent is not erased on request",
            purge("consent", on=date(2026, 11, 21), last_used=date(2025, 1, 1), erasure_requested=True),
            False,
        ),
        ("a kind nobody knows", purge("voiceprint", on=date(2126, 1, 1)), False),
    ],
)
def test_priv_what_may_be_deleted(name: str, verdict: PurgeVerdict, allowed: bool) -> None:
    assert verdict.allowed is allowed, name
    assert verdict.reason


def test_priv_002_t1_the_day_of_deletion_is_told() -> None:
    assert purge("call_detail", on=date(2026, 11, 21)).from_date == date(2030, 11, 21)


def test_priv_003_t2_an_access_answer_holds_recordings_and_consent() -> None:
    kinds = set(retention.access_answer_kinds(numbers()))

    assert {"recording", "transcript", "consent", "note", "call_detail", "profile"} <= kinds
    assert "audit_log" not in kinds


@pytest.mark.parametrize(
    ("name", "request_kind", "due"),
    [
        ("PRIV-001 T4 an objection at once", DataRequest.OBJECTION, date(2026, 1, 31)),
        ("GDPR, a month", DataRequest.GDPR_ACCESS, date(2026, 2, 28)),
        ("states, 45 days", DataRequest.STATE_ERASURE, date(2026, 3, 17)),
    ],
)
def test_priv_001_clocks(name: str, request_kind: DataRequest, due: date) -> None:
    assert retention.answer_due(request_kind, date(2026, 1, 31), numbers()) == due, name


def test_without_rows_nothing_is_deleted_and_nothing_is_one_party() -> None:
    empty: InForce = ContentNumbers(rows=()).on(date(2026, 11, 21))

    verdict = retention.may_purge(
        "profile", date(2000, 1, 1), date(2000, 1, 1), False, date(2026, 1, 1), numbers=empty
    )

    assert not verdict.allowed
    assert consent_class("TX", empty) is ConsentClass.ALL_PARTY
