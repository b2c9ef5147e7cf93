"""The gate's services: what they store, what they refuse, what they take back."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import structlog
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from compliance import services
from compliance.gathering import load_facts
from compliance.models import ComplianceDecision, ContactLedger, OpenClearance, RuleFailure, Suppression
from compliance.rules import engine
from compliance.rules.decision import Outcome, Verdict
from compliance.rules.facts import ContactFacts, Purpose, SuppressionScope
from compliance.rules.policy import Policy
from compliance.rules.stored import verdicts_from_json
from compliance.services import ClearanceGone, Cleared, ContactRequest, Denied, gate
from core.models import AppendOnlyError, AuditEvent
from core.types import PhoneError, PhoneNumber
from tests.factories.world import bound_of, give_papers
from tests.integration.compliance.conftest import SELLER, ready_to_call

Ask = Callable[..., ContactRequest]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]
ANA = PhoneNumber("+14075550123")


def clear(*requests: ContactRequest, now: datetime) -> list[Cleared | Denied]:
    """Ask the gate in a transaction of its own."""
    with transaction.atomic():
        return services.clear_to_contact(requests, now=now)


def suppress(number: PhoneNumber, now: datetime, **changes: Any) -> None:
    """Put a number on the internal list."""
    values: dict[str, Any] = {
        "seller": SELLER,
        "reason": "asked",
        "raw_words": "stop calling me",
        "heard_on": "phone",
        "actor": "ana",
    }
    with transaction.atomic():
        services.suppress(number=number, now=now, **{**values, **changes})


def test_a_cleared_request_leaves_a_decision_a_clearance_and_a_ledger_row(ask: Ask, now: datetime) -> None:
    (answer,) = clear(ask(), now=now)

    assert isinstance(answer, Cleared)
    stored = ComplianceDecision.objects.get()
    assert (stored.id, stored.outcome, stored.code, stored.next_allowed_at) == (
        answer.decision_id,
        "allow",
        "",
        None,
    )
    assert json.loads(stored.facts)["evidences"][0]["source"] == "area code 407"
    asked = verdicts_from_json(json.loads(stored.verdicts))
    first_rules = [verdict.rule_id for verdict in asked][:5]
    assert first_rules == ["ENG-001.1", "ENG-001.1", "ENG-001.1", "FED-032", "FED-006"]
    assert answer.clearance.expires_at == now + timedelta(seconds=15)
    assert OpenClearance.objects.get().caller_id == "+14075550100"
    assert ContactLedger.objects.get().attempt_ref == "attempt:0123"


@pytest.mark.parametrize("asked", [services.clear_to_contact, services.screen, services.explain])
def test_a_rule_that_fails_denies_and_raises_the_alarm(
    asked: Callable[..., Any], ask: Ask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(facts: ContactFacts, policy: Policy) -> Verdict:
        raise ConnectionError("the consent store is down")

    monkeypatch.setattr(engine, "decide", partial(engine.decide, rules=(*engine.RULES, broken)))
    # One that has logged before keeps its processors, and would not be heard.
    monkeypatch.setattr(gate, "log", structlog.get_logger())

    with capture_logs() as logged, transaction.atomic():
        asked([ask()], now=now)

    (alarm,) = [entry for entry in logged if entry["event"] == "compliance.gate.rule_failed"]
    assert alarm["log_level"] == "error"
    assert alarm["failures"] == ("the rule “broken” could not be evaluated (ConnectionError)",)
    assert (alarm["attempt"], alarm["campaign"]) == ("attempt:0123", "campaign:1")
    assert "+14075550123" not in str(alarm)
    assert not OpenClearance.objects.exists()


def test_eng_001_t1_a_rule_that_fails_is_counted_and_told_once_an_hour(
    ask: Ask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(facts: ContactFacts, policy: Policy) -> Verdict:
        raise ConnectionError("the consent store is down")

    monkeypatch.setattr(engine, "decide", partial(engine.decide, rules=(*engine.RULES, broken)))

    clear(ask(), ask("+14075550124"), now=now)
    with transaction.atomic():
        services.screen([ask()], now=now + timedelta(minutes=59))
    services.explain([ask()], now=now + timedelta(minutes=59))
    clear(ask(), now=now + timedelta(minutes=119, seconds=1))

    found = RuleFailure.objects.order_by("id")
    told = AuditEvent.objects.filter(verb="compliance.gate.rule_failed").order_by("id")
    assert [row.contacts for row in found] == [2, 1, 1]
    assert {row.what for row in found} == {"the rule “broken” could not be evaluated (ConnectionError)"}
    assert [event.at for event in told] == [now, now + timedelta(minutes=119, seconds=1)]
    assert told[0].after == {
        "failure": found[0].what,
        "contacts": 2,
        "attempt": "attempt:0123",
        "campaign": "campaign:1",
    }


def test_without_a_failure_nothing_is_counted(ask: Ask, now: datetime) -> None:
    clear(ask(), ask("+14075550199"), now=now)

    assert not RuleFailure.objects.exists()


def test_a_denied_request_leaves_a_decision_alone(ask: Ask, now: datetime) -> None:
    (answer,) = clear(ask("+14075550199"), now=now)

    assert isinstance(answer, Denied)
    assert answer.decision.code == "DNC_NATIONAL"
    assert (
        ComplianceDecision.objects.get().sentence
        == "Not called: on the national do-not-call list (registry of 12 Nov 2026)."
    )
    assert not OpenClearance.objects.exists()
    assert not ContactLedger.objects.exists()


def test_answers_come_in_the_order_of_the_requests(ask: Ask, now: datetime) -> None:
    answers = clear(ask(), ask("+14075550199"), ask("+14075550111"), now=now)

    assert [type(answer) for answer in answers] == [Cleared, Denied, Cleared]
    assert clear(now=now) == []


def test_a_person_asked_for_four_times_in_one_batch_passes_three_times(ask: Ask, now: datetime) -> None:
    numbers = ["+14075550123", "+14075550124", "+14075550125", "+14075550126"]

    answers = clear(*(ask(number, person_ref="lead:7") for number in numbers), now=now)

    assert [type(answer) for answer in answers] == [Cleared, Cleared, Cleared, Denied]
    assert answers[3].decision.code == "FREQ_STATE"


def test_attempts_count_per_person_over_numbers_and_per_number_over_persons(ask: Ask, now: datetime) -> None:
    for _ in range(2):
        clear(ask(), now=now)
    clear(ask("+14075550124", person_ref="lead:0123"), now=now)

    (same_person,) = clear(ask("+14075550125", person_ref="lead:0123"), now=now)
    (housemate,) = clear(ask(person_ref="lead:other"), now=now)

    assert isinstance(same_person, Denied)
    assert isinstance(housemate, Cleared)  # two attempts on this number, and hers is the third
    (another,) = clear(ask(person_ref="lead:third"), now=now)
    assert isinstance(another, Denied)


def test_an_attempt_that_was_never_placed_does_not_count(ask: Ask, now: datetime) -> None:
    for _ in range(3):
        clear(ask(), now=now)

    (soon,) = clear(ask(), now=now + timedelta(seconds=20))
    (later,) = clear(ask(), now=now + timedelta(minutes=2))

    assert isinstance(soon, Denied)
    assert isinstance(later, Cleared)


def test_an_attempt_that_was_voided_does_not_count(ask: Ask, now: datetime) -> None:
    for _ in range(3):
        clear(ask(), now=now)
    suppress(ANA, now)

    (other_number,) = clear(ask("+14075550124", person_ref="lead:0123"), now=now)

    assert isinstance(other_number, Cleared)


def test_fed_002_t4_a_copy_is_good_for_its_own_seller_alone(ask: Ask, now: datetime) -> None:
    give_papers(now, seller="Other Seller")

    mine, theirs = clear(ask(), ask("+14075550124", seller="Other Seller"), now=now)

    assert isinstance(mine, Cleared)
    assert (
        theirs.decision.sentence == "Not called: no national do-not-call registry is loaded for Other Seller."
    )


def test_attempts_that_were_placed_count_for_24_hours(ask: Ask, now: datetime) -> None:
    for minute in range(3):
        (answer,) = clear(ask(), now=now + timedelta(minutes=minute))
        with transaction.atomic():
            services.consume_clearance(
                decision_id=answer.decision_id,
                bound=bound_of(answer.decision_id),
                now=now + timedelta(minutes=minute, seconds=1),
            )

    (fourth,) = clear(ask(), now=now + timedelta(hours=1))
    (next_day,) = clear(ask(), now=now + timedelta(hours=24))

    assert fourth.decision.next_allowed_at == now + timedelta(hours=24)
    assert isinstance(fourth, Denied)
    assert isinstance(next_day, Cleared)


def test_a_clearance_is_used_once(ask: Ask, now: datetime) -> None:
    (answer,) = clear(ask(), now=now)

    with transaction.atomic():
        clearance = services.consume_clearance(
            decision_id=answer.decision_id, bound=bound_of(answer.decision_id), now=now
        )
    with pytest.raises(ClearanceGone) as refused, transaction.atomic():
        services.consume_clearance(
            decision_id=answer.decision_id, bound=bound_of(answer.decision_id), now=now
        )

    assert (clearance.decision_id, clearance.number) == (answer.decision_id, ANA)
    assert refused.value.reason == "consumed"


def test_a_clearance_lasts_15_seconds(ask: Ask, now: datetime) -> None:
    (answer,) = clear(ask(), now=now)

    with pytest.raises(ClearanceGone) as refused, transaction.atomic():
        services.consume_clearance(
            decision_id=answer.decision_id,
            bound=bound_of(answer.decision_id),
            now=now + timedelta(seconds=15),
        )

    assert refused.value.reason == "expired"


def test_there_is_no_clearance_for_a_denial(ask: Ask, now: datetime) -> None:
    (answer,) = clear(ask("+14075550199"), now=now)

    with pytest.raises(ClearanceGone) as refused, transaction.atomic():
        services.consume_clearance(
            decision_id=answer.decision_id, bound=bound_of(answer.decision_id), now=now
        )

    assert refused.value.reason == "unknown"


def test_a_request_not_to_be_called_voids_what_was_cleared_a_second_ago(ask: Ask, now: datetime) -> None:
    (answer, other) = clear(ask(), ask("+14075550111"), now=now)

    suppress(ANA, now)

    with pytest.raises(ClearanceGone) as refused, transaction.atomic():
        services.consume_clearance(
            decision_id=answer.decision_id, bound=bound_of(answer.decision_id), now=now
        )
    assert refused.value.reason == "voided"
    with transaction.atomic():
        services.consume_clearance(decision_id=other.decision_id, bound=bound_of(other.decision_id), now=now)
    (again,) = clear(ask(purpose=Purpose.SURVEY, campaign_ref="campaign:2"), now=now)
    assert again.decision.code == "DNC_INTERNAL"


def test_suppressing_twice_changes_nothing_and_new_words_are_kept(now: datetime) -> None:
    suppress(ANA, now)
    suppress(ANA, now)
    suppress(ANA, now + timedelta(days=1), raw_words="I said stop!", heard_on="email")

    row = Suppression.objects.get()
    assert (row.raw_words, row.heard_on, row.at) == ("stop calling me", "phone", now)
    verbs = list(
        AuditEvent.objects.filter(target=f"number:{ANA}").order_by("id").values_list("verb", flat=True)
    )
    assert verbs == ["compliance.number.suppressed", "compliance.number.suppressed_again"]


def test_pci_001_card_data_in_the_words_is_not_kept(now: datetime) -> None:
    for _ in range(2):
        suppress(ANA, now, raw_words="take 4111 1111 1111 1111 cvv 123 and stop")

    row = Suppression.objects.get(number=ANA)
    found = AuditEvent.objects.get(verb="card_data.redacted")
    assert row.raw_words == "take ************1111 cvv [removed] and stop"
    assert (found.target, found.after) == (f"number:{ANA}", {"cards": 1, "codes": 1})
    assert not AuditEvent.objects.filter(after__raw_words__contains="4111").exists()


def test_a_suppression_binds_its_seller_unless_it_is_for_everyone(ask: Ask, now: datetime) -> None:
    ready_to_call("Other Seller")
    suppress(ANA, now)

    (other,) = clear(ask(seller="Other Seller"), now=now)
    suppress(ANA, now, scope=SuppressionScope.EVERYONE)
    (everyone,) = clear(ask(seller="Other Seller"), now=now)

    assert isinstance(other, Cleared)
    assert everyone.decision.code == "DNC_INTERNAL"


def test_a_revocation_keeps_the_words_and_cannot_be_without(now: datetime) -> None:
    with transaction.atomic():
        services.revoke(
            number=ANA, seller=SELLER, raw_words="Stop.", heard_on="text message", actor="sms", now=now
        )

    assert Suppression.objects.get().raw_words == "Stop."
    with pytest.raises(ValueError, match="words"), transaction.atomic():
        services.revoke(
            number=ANA, seller=SELLER, raw_words=" ", heard_on="text message", actor="sms", now=now
        )


def test_explain_says_what_the_gate_would_say_and_stores_nothing(ask: Ask, now: datetime) -> None:
    may, may_not = services.explain([ask(), ask("+14075550199")], now=now)

    assert (may.outcome, may_not.code) == (Outcome.ALLOW, "DNC_NATIONAL")
    assert not ComplianceDecision.objects.exists()


def test_screening_stores_denials_alone_and_judges_each_number_by_itself(ask: Ask, now: datetime) -> None:
    numbers = ["+14075550199", "+14075550123", "+14075550124", "+14075550125", "+14075550126"]

    with transaction.atomic():
        decisions = services.screen([ask(number, person_ref="lead:7") for number in numbers], now=now)

    assert [decision.allowed for decision in decisions] == [False, True, True, True, True]
    assert ComplianceDecision.objects.get().code == "DNC_NATIONAL"
    assert not OpenClearance.objects.exists()


def test_characters_the_database_cannot_keep_do_no_harm(ask: Ask, now: datetime) -> None:
    hostile = "Orl\x00ando\n" + "x" * 500

    (answer,) = clear(
        ask(city=hostile, state="FL\x00", stated_zone="America/New_York\x00", country="US\x00"), now=now
    )
    suppress(ANA, now, raw_words="stop\x00 it")

    assert isinstance(answer, Cleared)
    assert Suppression.objects.get().raw_words == "stop it"


def test_facts_of_a_batch_take_thirteen_queries(
    ask: Ask, now: datetime, django_assert_num_queries: Any
) -> None:
    requests = [ask(f"+1407555{number:04d}") for number in range(101, 141)]

    with django_assert_num_queries(13):
        load_facts(requests[:1], now)
    with django_assert_num_queries(13):
        load_facts(requests, now)


def test_clearing_a_batch_takes_the_same_queries_whatever_its_size(ask: Ask, now: datetime) -> None:
    def queries(count: int, start: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            clear(*(ask(f"+1407555{number:04d}") for number in range(start, start + count)), now=now)
        return len(
            [query for query in captured.captured_queries if "pg_advisory_xact_lock" not in query["sql"]]
        )

    queries(1, 99)  # the first batch of a day opens its chain

    assert queries(2, 100) == queries(40, 110)


@pytest.mark.parametrize(
    "table", ["compliance_suppression", "compliance_compliancedecision", "compliance_contactledger"]
)
@pytest.mark.parametrize("change", ["UPDATE {} SET number = number", "DELETE FROM {}"])
def test_history_cannot_be_changed_at_the_database(ask: Ask, now: datetime, table: str, change: str) -> None:
    clear(ask(), now=now)
    suppress(PhoneNumber("+14075550111"), now)

    with pytest.raises(IntegrityError, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


def test_history_cannot_be_changed_by_the_model(ask: Ask, now: datetime) -> None:
    clear(ask(), now=now)
    row = ComplianceDecision.objects.get()

    with pytest.raises(AppendOnlyError):
        row.save(update_fields=["code"])
    with pytest.raises(AppendOnlyError):
        row.delete()


@pytest.mark.django_db(transaction=True)
def test_writes_need_a_transaction(ask: Ask, now: datetime) -> None:
    with pytest.raises(TransactionManagementError):
        services.clear_to_contact([ask()], now=now)
    with pytest.raises(TransactionManagementError):
        services.consume_clearance(decision_id=1, bound=bound_of(1), now=now)


def test_raw_text_never_reaches_the_gate(ask: Ask) -> None:
    with pytest.raises(PhoneError):
        ask("407-555-0123")


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("number", "+14075550188", "another number"),
        ("channel", "prerec", "another channel"),
        ("purpose", "survey", "another purpose"),
        ("seller", "Other Seller", "another seller"),
        ("campaign_ref", "campaign:2", "another campaign"),
        ("caller_id", "+14075550177", "another caller id"),
    ],
)
def test_leave_for_one_contact_is_no_leave_for_another(
    ask: Ask, now: datetime, part: str, value: str, said: str
) -> None:
    (answer,) = clear(ask(), now=now)
    other = replace(bound_of(answer.decision_id), **{part: value})

    with transaction.atomic(), pytest.raises(ClearanceGone, match=said) as refused:
        services.consume_clearance(decision_id=answer.decision_id, bound=other, now=now)

    assert refused.value.reason == "other"
    assert OpenClearance.objects.get().consumed_at is None


@pytest.mark.usefixtures("registry")
def test_a2p_006_t2_a_stop_to_one_sender_binds_every_sender_of_the_seller(ask: Ask, now: datetime) -> None:
    with transaction.atomic():
        services.revoke_in_words(
            "STOP", number=ANA, seller=SELLER, heard_on="text message", actor="carrier", now=now
        )

    (first, second) = clear(ask(ANA), ask(ANA, caller_id=PhoneNumber("+14075550177")), now=now)

    assert isinstance(first, Denied)
    assert isinstance(second, Denied)
    assert {first.decision.code, second.decision.code} <= {"REVOKED", "DNC_INTERNAL"}
