"""What the gate's facts say of what the stores hold."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from compliance import services
from compliance.gathering import load_facts, policy_for
from compliance.models import ContactLedger, HouseLimitRow, LineRecord
from compliance.rules.facts import (
    CampaignFacts,
    Channel,
    ContactFacts,
    DebtFacts,
    LineType,
    MessageFacts,
    Purpose,
    ReassignedAnswer,
)
from compliance.rules.policy import PolicyTooLoose
from compliance.services import ContactRequest, OverrideRefused, house
from core import clock
from core.models import AuditEvent
from core.types import PhoneNumber
from tests.factories.world import bound_of
from tests.integration.compliance.conftest import NOW, SELLER

Ask = Callable[..., ContactRequest]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]
ANA = PhoneNumber("+14075550123")
CALLER = PhoneNumber("+14075550100")
SOL = User(username="sol", role=Role.SUPERVISOR.value)
LOOSER = {"name": "reassigned_max_age_days", "value": 60}  # a policy of ours


def facts_of(request: ContactRequest, at: datetime = NOW) -> ContactFacts:
    """Return the facts of one request."""
    [facts] = load_facts([request], at)
    return facts


def do(service: Callable[..., Any], **values: Any) -> Any:
    """Run a service in a transaction of its own."""
    with transaction.atomic():
        return service(**values)


def cleared(request: ContactRequest, at: datetime = NOW) -> int:
    """Clear and use a contact; return the decision's id."""
    with transaction.atomic():
        [answer] = services.clear_to_contact([request], now=at)
        assert isinstance(answer, services.Cleared), answer.decision.sentence
        services.consume_clearance(decision_id=answer.decision_id, bound=bound_of(answer.decision_id), now=at)
    return answer.decision_id


def test_a_number_nobody_knows_anything_of_has_empty_facts(ask: Ask) -> None:
    facts = facts_of(
        ask("+15125550123", postal_code="", state="", city="", caller_id=PhoneNumber("+12125550111"))
    )

    assert (facts.line.type, facts.consents, facts.relationships, facts.reassigned) == (
        LineType.UNKNOWN, (), (), None,
    )  # fmt: skip
    assert not facts.caller.known
    assert (facts.overrides, facts.emergencies, facts.attempts, facts.clock_problem) == ((), (), (), "")


def test_papers_are_those_of_the_seller_in_the_states_where_the_person_may_be(ask: Ask) -> None:
    facts = facts_of(ask(state="GA"))

    assert [paper.state for paper in facts.registrations] == ["FL", "GA"]
    assert facts_of(ask(seller="Other Seller")).registrations == ()
    assert [listing.name for listing in facts.registry.own_lists] == ["FL"]


def test_the_caller_id_is_judged_by_the_sellers_own_row(ask: Ask) -> None:
    told = {"number": CALLER, "takes_requests": False, "tested_on": None, "actor": "nil", "now": NOW}
    do(services.set_caller_authority, seller="", authority="letter", **told)
    do(services.set_caller_authority, seller="Other Seller", authority="purchase", active=False, **told)

    mine, theirs, nobodys = (facts_of(ask(seller=name)).caller for name in (SELLER, "Other Seller", "Third"))

    assert (mine.authority, mine.seller, mine.tested_on) == ("contract 1", SELLER, date(2026, 11, 20))
    assert (theirs.authority, theirs.active) == ("purchase", False)
    assert (nobodys.authority, nobodys.seller, nobodys.takes_requests) == ("letter", "", False)


def test_a_line_is_known_until_it_is_ported(ask: Ask, now: datetime) -> None:
    looked_up = {"number": ANA, "source": "carrier", "actor": "nil"}
    do(
        services.record_line,
        type=LineType.LANDLINE_RES,
        checked_at=now - timedelta(days=2),
        now=now,
        **looked_up,
    )
    do(services.record_line, type=LineType.VOIP, checked_at=now - timedelta(days=9), now=now, **looked_up)
    do(services.mark_line, number=ANA, protected="hospital room", account="acme", actor="nil", now=now)
    before = facts_of(ask()).line

    LineRecord.objects.update(ported_at=now - timedelta(days=1))
    after = facts_of(ask()).line

    assert (before.type, before.protected, before.account) == (LineType.LANDLINE_RES, "hospital room", "acme")
    assert (after.type, after.checked_at, after.protected) == (LineType.UNKNOWN, None, "hospital room")


def test_the_newest_answer_about_another_holder_counts(ask: Ask, now: datetime) -> None:
    for days, answer in ((1, ReassignedAnswer.YES), (8, ReassignedAnswer.NO)):
        do(
            services.record_reassigned_check,
            number=ANA,
            since=date(2026, 1, 1),
            answer=answer,
            checked_at=now - timedelta(days=days),
            database_version="7",
            actor="nil",
            now=now,
        )

    found = facts_of(ask()).reassigned

    assert found is not None
    assert (found.answer, found.since) == (ReassignedAnswer.YES, date(2026, 1, 1))


@pytest.mark.parametrize(
    "checked_at", [datetime(2026, 11, 23, 16, 1, tzinfo=UTC), datetime(2126, 1, 1, tzinfo=UTC)]
)
def test_an_answer_of_tomorrow_about_another_holder_is_refused(
    ask: Ask, now: datetime, checked_at: datetime
) -> None:
    with pytest.raises(services.RecordRefused, match=r"in the future\. Give the time it was asked at"):
        do(
            services.record_reassigned_check,
            number=ANA,
            since=date(2026, 1, 1),
            answer=ReassignedAnswer.NO,
            checked_at=checked_at,
            database_version="7",
            actor="nil",
            now=now,
        )

    assert facts_of(ask()).reassigned is None


def test_each_sources_newest_word_of_a_relationship_counts(ask: Ask, now: datetime) -> None:
    told = {"person_ref": "lead:0123", "seller": SELLER, "actor": "crm", "now": now}
    do(services.record_relationship, source="CRM", customer=True, **told)
    do(services.record_relationship, source="CRM", customer=False, last_inquiry_on=date(2026, 11, 1), **told)
    do(services.record_relationship, source="orders", last_purchase_on=date(2026, 10, 1), **told)

    found = facts_of(ask()).relationships

    assert [(one.source, one.customer, one.last_inquiry_on, one.last_purchase_on) for one in found] == [
        ("CRM", False, date(2026, 11, 1), None),
        ("orders", False, None, date(2026, 10, 1)),
    ]
    assert facts_of(ask(person_ref="lead:other")).relationships == ()


@pytest.mark.parametrize(
    ("changes", "is_inside"),
    [
        ({"postal_code": "70112", "state": "LA"}, True),
        ({"postal_code": "70801", "state": "LA"}, False),
        ({"postal_code": "", "state": "LA"}, True),  # the ZIP is not known: the whole state
        ({"postal_code": "99999", "state": "LA"}, True),  # no ZIP of anywhere
        (
            {"postal_code": "32801", "state": "FL"},
            True,
        ),  # the number's area code still puts them in Louisiana
    ],
)
def test_st_004_an_area_in_distress_is_matched_by_zip_and_strictly_without(
    ask: Ask, now: datetime, changes: dict[str, str], is_inside: bool
) -> None:
    do(
        services.declare_emergency,
        state="LA",
        area="Orleans Parish",
        zips=["701"],
        since=now - timedelta(days=1),
        declared_by="Proclamation 12",
        actor="nil",
        now=now,
    )

    found = facts_of(ask("+15045550123", city="", **changes)).emergencies

    assert [emergency.area for emergency in found] == (["Orleans Parish"] if is_inside else [])


def test_an_emergency_that_is_over_or_elsewhere_is_no_fact(ask: Ask, now: datetime) -> None:
    told = {
        "zips": [],
        "since": now - timedelta(days=9),
        "declared_by": "Order 1",
        "actor": "nil",
        "now": now,
    }
    over = do(services.declare_emergency, state="FL", area="Pensacola", **told)
    do(services.declare_emergency, state="NY", area="Kings County", **told)
    assert len(facts_of(ask()).emergencies) == 1

    do(services.end_emergency, emergency_id=over.id, until=now, actor="nil", now=now)

    assert facts_of(ask()).emergencies == ()


def test_a_lifted_denial_reaches_as_far_as_its_words(ask: Ask, now: datetime) -> None:
    told = {"reason": "checked by hand", "by": SOL, "until": now + timedelta(days=1), "now": now}
    do(services.lift_denial, code="REG_MISSING", number=ANA, **told)
    do(services.lift_denial, code="RND_RISK", person_ref="lead:0123", campaign_ref="campaign:2", **told)
    do(services.lift_denial, code="SOE_STATE", campaign_ref="campaign:1", **told)

    def codes(**changes: Any) -> list[str]:
        return [each.code for each in facts_of(ask(**changes)).overrides]

    assert codes() == ["REG_MISSING", "SOE_STATE"]
    assert codes(campaign_ref="campaign:2") == ["REG_MISSING", "RND_RISK"]
    assert facts_of(ask(), now + timedelta(days=1)).overrides == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "DNC_INTERNAL"}, "never lifted"),
        ({"code": "HOURS_STATE"}, "never lifted"),
        ({"code": "NO_SUCH"}, "no refusal"),
        ({"reason": " "}, "Say why"),
        ({"number": ""}, "Name the number"),
        ({"by": User(username="ana", role=Role.AGENT.value)}, "Your role"),
        ({"by": User(username="mia", role=Role.MANAGER.value)}, "Your role"),
        ({"until": NOW + timedelta(days=31)}, "30 days"),
        ({"until": NOW}, "30 days"),
    ],
)
def test_eng_004_what_may_not_be_lifted_is_refused_in_words(changes: dict[str, Any], words: str) -> None:
    values = {
        "code": "RND_RISK",
        "number": ANA,
        "reason": "checked",
        "by": SOL,
        "until": NOW + timedelta(days=1),
    }

    with pytest.raises(OverrideRefused, match=words):
        do(services.lift_denial, now=NOW, **{**values, **changes})

    assert not AuditEvent.objects.filter(verb="compliance.denial.lifted").exists()


def test_who_may_lift_is_said_by_the_roles() -> None:
    assert house.LIFT_DENIALS == roles.LIFT_DENIALS
    assert [role for role in Role if roles.may(role, roles.LIFT_DENIALS)] == [
        Role.SUPERVISOR,
        Role.COMPLIANCE,
    ]


def test_attempts_carry_what_became_of_them(ask: Ask, now: datetime) -> None:
    about = CampaignFacts(subject="solar")
    first = cleared(ask(campaign=about), now - timedelta(hours=1))
    cleared(ask("+14075550124", person_ref="lead:0123"), now - timedelta(minutes=30))
    do(services.record_outcome, decision_id=first, connected=False, conversation=False, now=now)
    do(
        services.record_outcome, decision_id=first, connected=True, conversation=True, now=now
    )  # the first stands

    found = facts_of(ask()).attempts

    assert [(one.number, one.subject, one.connected, one.conversation) for one in found] == [
        (ANA, "solar", False, False),
        ("+14075550124", "", True, False),
    ]
    assert facts_of(ask(), now + timedelta(days=31)).attempts == ()


def test_a_caller_ids_dials_and_parts_count_since_midnight_in_los_angeles(ask: Ask, now: datetime) -> None:
    cleared(ask(), datetime.fromisoformat("2026-11-23T14:00:00+00:00"))  # 9:00 in Orlando, the same day
    cleared(ask("+14075550124"), now)
    cleared(ask("+14075550125", purpose=Purpose.SURVEY), now)

    assert facts_of(ask("+14075550126")).caller.dials_today == 3
    assert (
        facts_of(ask("+14075550126"), datetime.fromisoformat("2026-11-24T07:59:00+00:00")).caller.dials_today
        == 3
    )
    assert (
        facts_of(ask("+14075550126"), datetime.fromisoformat("2026-11-24T08:00:00+00:00")).caller.dials_today
        == 0
    )


def test_a_batch_counts_its_own_dials(ask: Ask, now: datetime) -> None:
    with transaction.atomic():
        answers = services.clear_to_contact([ask(), ask("+14075550124")], now=now)

    assert len(answers) == 2
    assert facts_of(ask("+14075550125")).caller.dials_today == 2


def test_a_sender_that_is_not_registered_says_nothing_and_one_that_is_says_all(
    ask: Ask, now: datetime
) -> None:
    text = ask(
        channel=Channel.SMS, purpose=Purpose.INFORMATIONAL, message=MessageFacts(ref="text:1", parts=2)
    )
    before = facts_of(text).sender

    do(
        services.set_sender_registration,
        number=CALLER,
        kind="long_code",
        brand_approved=True,
        daily_cap=2000,
        actor="nil",
        now=now,
    )
    after = facts_of(text).sender

    assert (before.kind, before.daily_cap) == ("", None)
    assert (after.kind, after.brand_approved, after.campaign_approved, after.daily_cap) == (
        "long_code", True, False, 2000,
    )  # fmt: skip


def sender(number: str, brand: str, **told: Any) -> None:
    """Register a long code of the brand."""
    do(
        services.set_sender_registration,
        **{"number": number, "kind": "long_code", "brand": brand, "actor": "nil", "now": NOW, **told},
    )


def sent(sender_number: str, parts: int, at: datetime, channel: Channel = Channel.SMS) -> None:
    """Keep a contact that was made from the number."""
    ContactLedger.objects.create(
        decision_id=700_000 + ContactLedger.objects.count(),
        number="+14075550188",
        channel=channel.value,
        purpose="informational",
        seller=SELLER,
        attempt_ref="attempt:x",
        caller_id=sender_number,
        parts=parts,
        at=at,
    )


def test_a2p_004_t2_the_counter_is_the_brands_over_all_its_senders(ask: Ask, now: datetime) -> None:
    mine, sister, stranger, unnamed = CALLER, "+14075550101", "+14075550102", "+14075550103"
    sender(mine, "12-3456789")
    sender(sister, "12 345 6789")  # another provider's number, the same EIN
    sender(stranger, "98-7654321")
    sender(unnamed, "")
    sender("+18005550104", "12-3456789", kind="toll_free")
    for number, parts in (
        (mine, 1),
        (sister, 20),
        (stranger, 300),
        (unnamed, 4000),
        ("+18005550104", 30_000),
    ):
        sent(number, parts, now - timedelta(hours=1))
    sent(sister, 20_000, now - timedelta(days=1))
    sent(sister, 1, now - timedelta(hours=1), Channel.LIVE_PREVIEW)  # a call has no parts

    def counted(number: str) -> int:
        return facts_of(ask(channel=Channel.SMS, caller_id=PhoneNumber(number))).sender.parts_today

    assert counted(mine) == counted(sister) == 1 + 20 + 4000
    assert counted(stranger) == 300 + 4000
    assert counted(unnamed) == 1 + 20 + 300 + 4000  # it may be of any brand


def test_a2p_004_t3_a_batch_counts_its_own_parts(ask: Ask, now: datetime) -> None:
    ready = {"brand_approved": True, "campaign_approved": True, "attached": True, "in_pool": True}
    sender(CALLER, "12-3456789", daily_cap=8, use_case="mixed", **ready)
    answer = MessageFacts(ref="text:1", parts=3, replies_to=now - timedelta(minutes=5))
    texts = [
        ask(number, channel=Channel.SMS, purpose=Purpose.INFORMATIONAL, message=answer)
        for number in (ANA, "+14075550124", "+14075550125")
    ]

    with transaction.atomic():
        first, second, third = services.clear_to_contact(texts, now=now)

    assert (first.decision.code, second.decision.code, third.decision.code) == ("", "", "A2P_CAP")


@pytest.mark.parametrize(
    ("changes", "city"),
    [
        ({"postal_code": "11201", "state": "NY", "city": "Brooklyn"}, "New York City"),
        ({"postal_code": "14201", "state": "NY", "city": "Buffalo"}, "Buffalo"),
        ({"postal_code": "", "state": "NY", "city": "Buffalo"}, ""),
        ({"postal_code": "14201", "debt": DebtFacts(city="New York City")}, "New York City"),
        ({"postal_code": "11201", "purpose": Purpose.SURVEY}, ""),
    ],
)
def test_regf_006_the_city_of_a_debt_is_worked_out_of_the_address(
    ask: Ask, changes: dict[str, Any], city: str
) -> None:
    found = facts_of(ask("+17165550123", **{"purpose": Purpose.DEBT, **changes}))

    assert found.debt.city == city


def test_fed_032_t2_calls_to_other_lines_of_the_account_count_until_they_end(ask: Ask, now: datetime) -> None:
    for number in (ANA, PhoneNumber("+14075550124")):
        do(services.mark_line, number=number, account="acme", actor="nil", now=now)
    decision_id = cleared(ask(), now)
    other = ask("+14075550124")

    during = facts_of(other, now + timedelta(minutes=3)).account_calls_open
    itself = facts_of(ask(), now + timedelta(minutes=3)).account_calls_open
    do(services.record_outcome, decision_id=decision_id, connected=True, conversation=True, now=now)

    assert (during, itself) == (1, 0)
    assert facts_of(other, now + timedelta(minutes=3)).account_calls_open == 0


def test_a_house_limit_makes_the_gate_stricter_from_its_day_on(ask: Ask, now: datetime) -> None:
    do(
        services.set_house_limit,
        name="attempts_per_24h",
        value=1,
        since=now.date(),
        until=now.date() + timedelta(days=2),
        reason="complaints",
        set_by="nil",
        now=now,
    )
    cleared(ask(), now)

    [second] = services.explain([ask()], now=now + timedelta(hours=1))

    assert second.code == "FREQ_STATE"
    assert policy_for(now - timedelta(days=1)).attempts_per_24h == 3
    assert policy_for(now + timedelta(days=2)).attempts_per_24h == 3


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"name": "registry_max_age_days", "value": 40}, PolicyTooLoose, "law"),
        ({**LOOSER}, PolicyTooLoose, "override"),
        ({**LOOSER, "is_override": True}, OverrideRefused, "Another person"),
        ({**LOOSER, "is_override": True, "approved_by": "nil"}, OverrideRefused, "Another person"),
        ({"name": "no_such_limit"}, PolicyTooLoose, "no limit called"),
        ({"reason": ""}, OverrideRefused, "Say why"),
    ],
)
def test_a_limit_looser_than_the_law_is_refused(
    changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    values = {"name": "attempts_per_24h", "value": 1, "since": NOW.date(), "reason": "r", "set_by": "nil"}

    with pytest.raises(error, match=words):
        do(services.set_house_limit, now=NOW, **{**values, **changes})


def test_a_limit_the_law_has_overtaken_counts_no_more(now: datetime) -> None:
    HouseLimitRow.objects.create(
        name="registry_max_age_days", value=45, since=now.date(), reason="an older law", set_by="nil", at=now
    )

    assert policy_for(now).registry_max_age_days <= 31


def test_a_time_of_the_house_is_kept_as_a_time(now: datetime) -> None:
    earlier = policy_for(now).federal_closes.replace(hour=19)
    do(
        services.set_house_limit,
        name="federal_closes",
        value=earlier,
        since=now.date(),
        reason="quiet evenings",
        set_by="nil",
        now=now,
    )

    assert policy_for(now).federal_closes == earlier


@pytest.mark.parametrize(("seconds", "is_wrong"), [(5, False), (6, True), (-6, True)])
def test_eng_001_a_clock_that_differs_from_the_databases_stops_the_gate(
    ask: Ask, now: datetime, monkeypatch: pytest.MonkeyPatch, seconds: int, is_wrong: bool
) -> None:
    monkeypatch.setattr(clock, "drift_from", lambda elsewhere: timedelta(seconds=seconds))

    [decision] = services.explain([ask()], now=now)

    assert (decision.code == "CLOCK_WRONG") is is_wrong


def test_a_time_before_the_newest_contact_stops_the_gate(ask: Ask, now: datetime) -> None:
    cleared(ask(), now)

    [soon, back] = (services.explain([ask()], now=now - timedelta(seconds=each))[0] for each in (5, 6))

    assert (soon.allowed, back.code) == (True, "CLOCK_WRONG")
    assert "6 seconds before" in back.sentence


@pytest.mark.parametrize(
    "table",
    [
        "consentrecord", "relationshiprecord", "revocation", "liftrequest", "suppressionlift", "reassignedcheck",
        "contactoutcome", "houselimitrow", "override", "revocationreview", "rulefailure",
    ],
)  # fmt: skip
def test_evidence_cannot_be_changed_at_the_database(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relname = %s AND t.tgname = 'append_only' AND t.tgenabled = 'O'",
            [f"compliance_{table}"],
        )

        assert cursor.fetchone() == (1,)


def test_an_override_cannot_be_changed(now: datetime) -> None:
    told = {"code": "RND_RISK", "number": ANA, "reason": "r", "by": SOL, "until": now + timedelta(days=1)}
    do(services.lift_denial, now=now, **told)

    with pytest.raises(IntegrityError, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_override SET code = 'DNC_INTERNAL'")


def test_twice_the_requests_take_no_more_queries_whatever_the_stores_hold(
    ask: Ask, now: datetime, django_assert_num_queries: Any
) -> None:
    do(services.mark_line, number=ANA, account="acme", actor="nil", now=now)
    texts = [ask(channel=Channel.SMS), ask("+14075550124")]

    with django_assert_num_queries(15):  # 13, the senders, and the open calls of business accounts
        load_facts(texts, now)
    with django_assert_num_queries(15):
        load_facts([*texts, *(ask(f"+1407555{number:04d}") for number in range(125, 160))], now)
