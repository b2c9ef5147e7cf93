"""The verdicts' evidence: what anybody changes, moves, adds or removes behind the gate's back is found and named."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from compliance import services
from compliance.models import ChainCheck, ChainLane, ComplianceDecision, DaySeal
from compliance.services import ContactRequest
from compliance.store import chain, sealing
from compliance.store.status import chain_status
from compliance.store.verifying import verify_day, verify_seals

Ask = Callable[..., ContactRequest]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]
DAY = date(2026, 11, 23)
AFTER = datetime(2026, 11, 24, 0, 20, tzinfo=UTC)


@pytest.fixture
def ids(ask: Ask, now: datetime) -> list[int]:
    """Store ten verdicts in one lane, in two batches; return their ids in order."""
    found = []
    for start in (101, 106):
        with transaction.atomic():
            answers = services.clear_to_contact(
                [
                    ask(f"+1407555{number:04d}", person_ref=f"lead:{number}")
                    for number in range(start, start + 5)
                ],
                now=now,
            )
        found += [answer.decision_id for answer in answers]
    return found


def tamper(*statements: str) -> None:
    """Change rows as somebody with the database's password would: with the triggers switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def decision(change: str, row_id: int) -> str:
    return f"UPDATE compliance_compliancedecision SET {change} WHERE id = {row_id}"


def without(*row_ids: int) -> str:
    return f"DELETE FROM compliance_compliancedecision WHERE id IN ({', '.join(map(str, row_ids))})"


def findings() -> tuple[str, ...]:
    """Return what is found, without the lane's number."""
    return tuple(finding.split(": ", 1)[-1] for finding in verify_day(DAY).findings)


def test_what_the_gate_wrote_is_intact(ids: list[int]) -> None:
    found = verify_day(DAY)

    assert (found.verdicts, found.allowed, found.findings) == (10, 10, ())
    assert [ComplianceDecision.objects.get(id=each).position for each in ids] == list(range(1, 11))


def test_the_hash_can_be_computed_with_a_plain_json_library(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(chain.COLUMNS)}, row_hash FROM compliance_compliancedecision WHERE id = %s",
            [ids[0]],
        )
        *values, row_hash = cursor.fetchone()
    assert values[-1] == chain.genesis(DAY, ChainLane.objects.get().pk)
    verdicts, facts = (values[chain.COLUMNS.index(name)].encode() for name in ("verdicts", "facts"))
    plain = ["2026-11-23T16:00:00Z" if isinstance(value, datetime) else value for value in values[:-1]]
    plain[11:13] = [len(verdicts), len(facts)]
    plain.append(base64.b64encode(values[-1]).decode())
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    assert blake2b(text.encode() + verdicts + facts, digest_size=32).digest() == row_hash


@pytest.mark.parametrize(
    "change",
    [
        "sentence = sentence || ' '",
        "outcome = 'deny', code = 'HOURS_FED'",
        "facts = replace(facts, '32801', '32802')",
        "facts = facts::jsonb::text",
        "verdicts = '[]'",
        "verdicts = verdicts || left(facts, 1), facts = substr(facts, 2)",
        "decided_at = decided_at + interval '1 microsecond'",
        "number = '+14075559999'",
        "rules_hash = 'x'",
        "next_allowed_at = NULL, campaign_ref = 'campaign:2'",
        "row_hash = sha256('x')",
    ],
)
def test_a_changed_verdict_is_named(ids: list[int], change: str) -> None:
    tamper(decision(change, ids[4]))

    assert f"verdict {ids[4]} was changed (position 5)" in findings()


def test_a_verdict_rewritten_with_a_hash_of_its_own_does_not_lead_to_the_next(ids: list[int]) -> None:
    _forge(ids[4])

    assert findings() == (f"the verdict before {ids[5]} was replaced: {ids[5]} does not follow it",)


def test_a_last_verdict_rewritten_with_a_hash_of_its_own_is_not_the_one_the_lane_ends_with(
    ids: list[int],
) -> None:
    _forge(ids[9])

    assert findings() == (f"the last verdict, {ids[9]}, was replaced",)


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ([0], "the verdict at position 1 was removed"),
        ([4], "the verdict at position 5 was removed"),
        ([3, 4, 5], "the verdicts at positions 4 to 6 were removed"),
        ([9], "the verdict at position 10 was removed (the end of the lane)"),
        ([7, 8, 9], "the verdicts at positions 8 to 10 were removed (the end of the lane)"),
        (list(range(10)), "the verdicts at positions 1 to 10 were removed (the end of the lane)"),
    ],
    ids=["first", "middle", "several", "last", "tail", "all"],
)
def test_removed_verdicts_are_named(ids: list[int], gone: list[int], said: str) -> None:
    tamper(without(*(ids[index] for index in gone)))

    assert findings() == (said,)


@pytest.mark.parametrize(("one", "other"), [(3, 4), (0, 9), (2, 7)])
def test_two_verdicts_that_changed_places_are_named(ids: list[int], one: int, other: int) -> None:
    tamper(decision(f"position = {other + 1}", ids[one]), decision(f"position = {one + 1}", ids[other]))

    assert set(findings()) == {
        f"verdict {ids[one]} was moved: it stands at position {other + 1}",
        f"verdict {ids[other]} was moved: it stands at position {one + 1}",
    }


def test_two_verdicts_that_exchanged_their_ids_are_found(ids: list[int]) -> None:
    tamper(
        decision("id = 900000000", ids[3]),
        decision(f"id = {ids[3]}", ids[6]),
        decision(f"id = {ids[6]}", 900000000),
    )

    assert set(findings()) == {
        f"verdict {ids[3]} was moved: it stands at position 7",
        f"verdict {ids[6]} was moved: it stands at position 4",
    }


def test_a_verdict_put_in_twice_is_found(ids: list[int]) -> None:
    names = ", ".join(name for name in chain.COLUMNS if name != "id")
    tamper(
        f"INSERT INTO compliance_compliancedecision (id, {names}, row_hash) "
        f"SELECT 900000000, {names}, row_hash FROM compliance_compliancedecision WHERE id = {ids[4]}"
    )

    assert "verdict 900000000 was added: position 5 is taken" in findings()


def test_a_verdict_put_after_the_lanes_end_is_found(ids: list[int]) -> None:
    names = ", ".join(name for name in chain.COLUMNS if name not in {"id", "position"})
    tamper(
        f"INSERT INTO compliance_compliancedecision (id, position, {names}, row_hash) "
        f"SELECT 900000000, 11, {names}, row_hash FROM compliance_compliancedecision WHERE id = {ids[4]}"
    )

    assert findings() == ("positions 11 to 11 were added after its end",)


def test_a_verdict_moved_to_another_day_is_missed_there(ids: list[int]) -> None:
    tamper(decision("decided_at = decided_at + interval '1 day'", ids[4]))

    assert findings() == ("the verdict at position 5 was removed",)
    assert verify_day(DAY + timedelta(days=1)).findings != ()


def test_a_lane_removed_with_all_its_verdicts_is_missed_by_the_days_seal(ids: list[int]) -> None:
    sealing.seal_day(DAY, now=AFTER)
    tamper(without(*ids), "DELETE FROM compliance_chainlane")

    assert len(findings()) == 1
    assert "it is not what the seal of 2026-11-23 says (10 verdicts)" in findings()[0]


def test_a_tail_cut_off_together_with_its_lane_is_found_by_the_days_seal(ids: list[int]) -> None:
    sealing.seal_day(DAY, now=AFTER)
    row = ComplianceDecision.objects.get(id=ids[7])
    tamper(
        without(*ids[8:]),
        f"UPDATE compliance_chainlane SET count = 8, last_hash = '\\x{bytes(row.row_hash).hex()}'",
    )

    assert findings() == (
        "it is not what the seal of 2026-11-23 says (10 verdicts)",
        "the seals of 2026-11-23 count 10 allowed and 0 denied; 8 and 0 stand",
    )


def test_days_are_chained_by_their_seals(ids: list[int], ask: Ask, now: datetime) -> None:
    for days in (1, 2):
        with transaction.atomic():
            services.clear_to_contact([ask()], now=now + timedelta(days=days))
    first, second = sealing.close_days(now=AFTER + timedelta(days=1))

    assert (first.day, second.day) == (DAY, DAY + timedelta(days=1))
    assert bytes(second.prev_hash) == bytes(first.seal_hash)
    assert verify_seals() == ()
    assert chain_status().unsealed_days == (DAY + timedelta(days=2),)

    tamper(f"UPDATE compliance_dayseal SET denied = 5 WHERE id = {first.pk}")
    assert verify_seals() == ("the seal of 2026-11-23 was changed",)
    tamper(
        "UPDATE compliance_chainlane SET seal_id = NULL",
        f"DELETE FROM compliance_dayseal WHERE id = {first.pk}",
    )
    assert verify_seals() == (
        "the seal of 2026-11-24 does not follow the one before it: a seal was removed or replaced",
    )


def test_a_seal_counts_the_days_outcomes_and_closes_its_lanes(
    ids: list[int], ask: Ask, now: datetime
) -> None:
    with transaction.atomic():
        services.clear_to_contact([ask("+14075550199")], now=now)

    seal = sealing.seal_day(DAY, now=AFTER)
    again = sealing.seal_day(DAY, now=AFTER)

    assert seal is not None
    assert (seal.allowed, seal.denied, seal.problems, again) == (10, 1, 0, None)
    assert ChainLane.objects.get().seal_id == seal.pk


def test_a_verdict_dated_back_into_a_sealed_day_gets_a_lane_and_a_seal_of_its_own(
    ids: list[int], ask: Ask, now: datetime
) -> None:
    sealing.seal_day(DAY, now=AFTER)
    with transaction.atomic():
        services.clear_to_contact([ask("+14075550199")], now=now)

    late = sealing.seal_day(DAY, now=AFTER)

    assert late is not None
    assert (late.allowed, late.denied) == (0, 1)
    assert ChainLane.objects.count() == 2
    assert verify_day(DAY).findings == ()
    assert verify_seals() == ()


def test_a_day_is_not_sealed_before_it_is_over(ids: list[int]) -> None:
    with pytest.raises(sealing.DayNotOver, match="00:10 UTC"):
        sealing.seal_day(DAY, now=AFTER - timedelta(minutes=11))


def test_a_broken_day_is_sealed_with_the_number_of_its_problems(ids: list[int]) -> None:
    tamper(decision("sentence = ''", ids[4]))

    seal = sealing.seal_day(DAY, now=AFTER)

    assert seal is not None
    assert seal.problems == 1
    status = chain_status()
    assert (status.is_intact, status.broken_days, status.sealed_to) == (False, (DAY,), DAY)
    assert f"verdict {ids[4]} was changed" in status.findings[0]
    assert status.last_seal == bytes(seal.seal_hash).hex()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE compliance_chainlane SET count = count - 1",
        "UPDATE compliance_chainlane SET last_hash = ''",
        "UPDATE compliance_chainlane SET day = day + 1, count = count + 1",
        "DELETE FROM compliance_chainlane",
        "UPDATE compliance_dayseal SET denied = 0",
        "DELETE FROM compliance_dayseal",
        "DELETE FROM compliance_chaincheck",
        "UPDATE compliance_chainlane SET seal_id = NULL",
    ],
)
def test_the_chain_itself_cannot_be_changed_in_the_ordinary_way(ids: list[int], change: str) -> None:
    sealing.seal_day(DAY, now=AFTER)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_the_command_says_what_it_found_and_fails(ids: list[int]) -> None:
    out = StringIO()
    call_command("verify_decisions", day=DAY, stdout=out)
    assert "10 verdicts" in out.getvalue()
    assert "Intact." in out.getvalue()

    tamper(without(ids[0]))
    with pytest.raises(CommandError, match="1 problems"):
        call_command("verify_decisions", first=DAY, last=DAY, stdout=out)
    assert "the verdict at position 1 was removed" in out.getvalue()
    assert ChainCheck.objects.count() == 2


@pytest.mark.parametrize(
    "days", [{"day": DAY, "first": DAY}, {"first": DAY, "last": DAY - timedelta(days=1)}]
)
def test_the_command_refuses_days_that_make_no_sense(db: None, days: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match=r"Use --day|Swap"):
        call_command("verify_decisions", **days)


def _forge(row_id: int) -> None:
    """Change a verdict and give it the hash it should have, as somebody would who has read chain.py."""
    tamper(decision("sentence = 'Not called: forged.'", row_id))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(chain.COLUMNS)} FROM compliance_compliancedecision WHERE id = %s", [row_id]
        )
        forged = chain.row_digest(cursor.fetchone())
    tamper(decision(f"row_hash = '\\x{forged.hex()}'", row_id))


def test_no_seal_is_made_of_nothing(db: None) -> None:
    assert sealing.close_days(now=AFTER) == []
    assert not DaySeal.objects.exists()
    assert chain_status().is_intact
