"""Hours, days and places people rule out for calls about a debt: recorded, gathered, in force at once, taken back in words."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.roles import Role
from compliance import services
from compliance.gathering import load_facts
from compliance.models import DebtWish, DebtWishEnd, OpenClearance
from compliance.rules.facts import CampaignFacts, Purpose
from compliance.services import ContactRequest, DebtWishRefused, NewDebtWish
from core.errors import NotFound, Stale
from core.models import AuditEvent
from core.types import PhoneNumber
from tests.integration.compliance.conftest import NOW

Ask = Callable[..., ContactRequest]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]
NUMBER, OTHER = PhoneNumber("+14075550123"), PhoneNumber("+14075550124")
WORDS = "I work nine to five, do not call me then"
PAGE = f"/compliance/numbers/{NUMBER}/ruled-out/"


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def debt(ask: Ask) -> Ask:
    """Return a maker of requests about a debt."""

    def make(number: str = NUMBER, **changes: Any) -> ContactRequest:
        about = {
            "purpose": Purpose.DEBT,
            "campaign": CampaignFacts(subject="debt"),
            "person_ref": "contact:1",
        }
        return ask(number, **{**about, **changes})

    return make


def rule_out(**changes: Any) -> DebtWish:
    """Keep that contact:1 is not to be called from 9 to 5 about a debt."""
    values: dict[str, Any] = {
        "number": NUMBER, "raw_words": WORDS, "heard_on": "phone", "person_ref": "contact:1",
        "not_from": time(9), "not_until": time(17),
    }  # fmt: skip
    with transaction.atomic():
        return services.record_debt_wish(NewDebtWish(**{**values, **changes}), actor="ana", now=NOW)


def signed_in(name: str, role: Role) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name, role=role.value))
    return client


def test_regf_003_t2_hours_ruled_out_deny_at_once_and_say_when_next(debt: Ask) -> None:
    with transaction.atomic():
        [before] = services.clear_to_contact([debt()], now=NOW)

    rule_out()

    assert isinstance(before, services.Cleared), before.decision.sentence
    assert OpenClearance.objects.get().voided_by == "ana"
    [after] = services.explain([debt()], now=NOW)
    assert after.code == "REGF_TIME"
    assert "they asked not to be called 09:00–17:00" in after.sentence
    assert after.next_allowed_at == NOW.replace(hour=22)  # 17:00 in Orlando
    assert AuditEvent.objects.get(verb="compliance.debt_wish.recorded").actor == "ana"


@pytest.mark.parametrize(
    ("changes", "asked", "holds"),
    [
        ({}, {"number": OTHER}, True),  # the same person on another number
        ({}, {"person_ref": "contact:2"}, False),  # somebody else on the number
        ({}, {"person_ref": ""}, True),  # nobody knows who is called
        ({"person_ref": ""}, {"person_ref": "contact:2"}, True),  # said by whoever has the number
        ({"person_ref": ""}, {"number": OTHER}, False),
        ({}, {"purpose": Purpose.SURVEY}, False),  # section 6 speaks of debts
        ({"not_days": frozenset({1, 2})}, {}, False),  # it is Monday
        ({"not_days": frozenset({0})}, {}, True),
        ({"not_from": None, "not_until": None, "not_here": True}, {}, True),
        ({"not_from": None, "not_until": None, "not_here": True}, {"number": OTHER}, False),
        ({"not_from": None, "not_until": None, "not_days": frozenset({0, 6})}, {}, True),
    ],
)
def test_what_was_ruled_out_holds_for_whom_it_was_said(
    debt: Ask, changes: dict[str, Any], asked: dict[str, Any], holds: bool
) -> None:
    rule_out(**changes)

    [found] = services.explain([debt(**asked)], now=NOW)

    assert ("REGF_TIME" in {one.code for one in found.verdicts}) is holds


def test_taken_back_in_their_words_it_counts_no_more_and_only_once(debt: Ask) -> None:
    wish = rule_out()
    later = NOW + timedelta(seconds=1)

    def end(words: str) -> DebtWishEnd:
        with transaction.atomic():
            return services.end_debt_wish(wish_id=wish.pk, raw_words=words, actor="cleo", now=later)

    with pytest.raises(DebtWishRefused, match="words"):
        end(" \x00")
    end("call any time, I am retired now")
    with pytest.raises(Stale):
        end("again")
    with pytest.raises(NotFound), transaction.atomic():
        services.end_debt_wish(wish_id=0, raw_words="x", actor="cleo", now=later)

    [facts] = load_facts([debt()], later)
    assert facts.debt.inconvenient == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"raw_words": " \x00 "}, "words"),
        ({"heard_on": " "}, "how it was heard"),
        ({"heard_on": "x" * 41}, "how it was heard"),
        ({"person_ref": "x" * 81}, "longer than 80"),
        ({"not_until": None}, "beginning and an end"),
        ({"not_until": time(9)}, "end when they begin"),
        ({"not_days": frozenset({7})}, "day of the week"),
        ({"not_from": None, "not_until": None}, "what they ruled out"),
        (
            {"not_from": None, "not_until": None, "not_days": frozenset(range(7))},
            "asks not to be called",
        ),
    ],
)
def test_what_cannot_be_a_wish_is_refused_in_words(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DebtWishRefused, match=words):
        rule_out(**changes)

    assert not DebtWish.objects.exists()


def test_a_wish_is_history_and_holds_no_card_data() -> None:
    wish = rule_out(raw_words="not at work, my card is 4111 1111 1111 1111")

    assert "4111" not in wish.raw_words
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_debtwish SET not_until = '10:00' WHERE id = %s", [wish.pk])


def test_only_requests_about_debts_ask_for_wishes(
    ask: Ask, debt: Ask, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rule_out()
    load_facts([ask()], NOW)

    with django_assert_num_queries(1):
        load_facts([ask(), ask(OTHER)], NOW)
    with django_assert_num_queries(2):
        load_facts([ask(), debt(), debt(OTHER)], NOW)


def test_an_agent_records_it_and_a_compliance_officer_takes_it_back() -> None:
    ana, cleo = signed_in("ana", Role.AGENT), signed_in("cleo", Role.COMPLIANCE)
    shown = ana.get(f"{PAGE}?person=contact:1").content.decode()
    typed = {
        "not_from": "09:00", "not_until": "17:00", "not_days": ["0", "4"], "raw_words": "<b>not at work</b>",
        "heard_on": "phone", "person_ref": "contact:1",
    }  # fmt: skip

    done = ana.post(PAGE, typed, follow=True).content.decode()
    wish = DebtWish.objects.get()
    end = f"/compliance/ruled-out/{wish.pk}/end/"
    told = cleo.get(f"/compliance/numbers/{NUMBER}/").content.decode()

    assert 'value="contact:1"' in shown
    assert "Kept: not Mondays, Fridays 09:00–17:00." in done
    assert (wish.not_days, wish.recorded_by, wish.person_ref) == ([0, 4], "ana", "contact:1")
    assert "&lt;b&gt;not at work" in told
    assert ana.get(end).status_code == 403
    assert cleo.post(end, {"raw_words": ""}).status_code == 422
    cleo.post(end, {"raw_words": "any day is fine"})
    assert wish.end.raw_words == "any day is fine"
    assert "Taken back" in cleo.get(f"/compliance/numbers/{NUMBER}/").content.decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"not_from": "25:00"}, "Enter a valid time"),
        ({"not_until": ""}, "beginning and an end"),
        ({"not_days": ["8"]}, "valid choice"),
        ({"raw_words": ""}, "required"),
        ({"raw_words": "x" * 20_001}, "at most 20000"),
        ({"raw_words": "a\x00b"}, "Null characters"),
        ({"heard_on": "telepathy"}, "valid choice"),
        ({"person_ref": "x" * 81}, "at most 80"),
    ],
)
def test_a_wish_that_cannot_be_is_explained_and_nothing_lost(change: dict[str, Any], message: str) -> None:
    typed = {"not_from": "09:00", "not_until": "17:00", "raw_words": WORDS, "heard_on": "phone"}

    answer = signed_in("ana", Role.AGENT).post(PAGE, {**typed, **change})

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not DebtWish.objects.exists()


@pytest.mark.parametrize(
    "path", ["/compliance/numbers/nonsense/ruled-out/", "/compliance/ruled-out/999/end/"]
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert signed_in("cleo", Role.COMPLIANCE).get(path).status_code == 404


def test_who_may_not_take_refusals_may_not_record_it() -> None:
    assert signed_in("mia", Role.MANAGER).get(PAGE).status_code == 403
