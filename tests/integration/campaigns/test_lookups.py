"""Asking the carrier about an import's numbers: counted first, paid within a budget, answered where the gate reads it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Notice, NumberLookup, NumberLookupItem
from campaigns.selectors import lookups as read
from campaigns.services import lookups
from carriers import registry
from carriers.lookups import LookedUp, LookUp
from carriers.protocol import CarrierError
from compliance import services as gate
from compliance.models import LineRecord, ReassignedCheck
from compliance.rules.facts import ConsentKind
from compliance.rules.records import ReassignedAnswer
from compliance.rules.vocabulary import LineType
from compliance.services.consents import NewConsent, Source, add_consents
from core import clock, db
from core.errors import Stale
from core.models import AuditEvent
from core.types import PhoneNumber, parse_phone
from tests.fakes.carrier import FakeCarrier
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone

pytestmark = pytest.mark.django_db
GIVEN = datetime(2026, 2, 1, tzinfo=UTC)


def e164(index: int) -> PhoneNumber:
    return parse_phone(us_phone(index))


def consented(*indexes: int, given_at: datetime = GIVEN) -> None:
    """Keep a consent for each of the numbers."""
    with db.use_case():
        add_consents(
            [
                NewConsent(
                    number=e164(index),
                    kind=ConsentKind.PEC,
                    obtained_by="LeadCo",
                    given_at=given_at,
                    source=Source.IMPORT,
                    lead_ref=f"row:{index}",
                )
                for index in indexes
            ],
            recorded_by="test",
            now=NOW,
        )


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> FakeCarrier:
    """The carrier that is asked."""
    fake = FakeCarrier()
    monkeypatch.setattr(registry, "carrier", lambda: fake)
    return fake


@pytest.fixture
def spring(db: None) -> int:
    """An import of four people; two of their numbers have a consent."""
    done = imported([person(number + 2, us_phone(number)) for number in range(4)])
    consented(0, 1)
    return done.pk


@pytest.fixture
def begin(spring: int, mia: User) -> Callable[..., NumberLookup]:
    """Begin a look-up of that import."""

    def begun(*, line: bool = True, holder: bool = True, budget: str = "10") -> NumberLookup:
        pk = lookups.start(
            import_id=spring,
            line=line,
            holder=holder,
            budget=Decimal(budget),
            by_id=mia.pk,
            by_name="mia",
            now=NOW,
        )
        return NumberLookup.objects.get(pk=pk)

    return begun


def ran(lookup: NumberLookup, at: datetime = NOW) -> NumberLookup:
    lookups.run(lookup_id=lookup.pk, clock=lambda: at)
    lookup.refresh_from_db()
    return lookup


def test_the_cost_counts_what_is_not_known_and_leaves_out_what_nobody_could_say(spring: int) -> None:
    found = read.estimate(spring, now=NOW)

    assert (found.numbers, found.lines, found.consented, found.holders, found.without_consent) == (
        4,
        4,
        2,
        2,
        2,
    )
    assert (found.line_cost, found.holder_cost, found.cost) == (
        Decimal("0.04"),
        Decimal("0.04"),
        Decimal("0.08"),
    )


def test_answers_land_where_the_gate_reads_them(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier
) -> None:
    carrier.lookups[e164(0)] = LookedUp(line=LineType.VOIP, reassigned=ReassignedAnswer.YES)

    done = ran(begin())

    assert (done.state, done.total, done.answered, done.failed) == ("done", 4, 4, 0)
    assert (done.asked_line, done.asked_holder, lookups.spent(done)) == (4, 2, Decimal("0.072"))
    line = LineRecord.objects.get(number=e164(0))
    assert (line.type, line.checked_at, line.source) == ("voip", NOW, "twilio lookup")
    check = ReassignedCheck.objects.get(number=e164(0))
    assert (check.answer, check.since, check.checked_at) == ("yes", date(2026, 2, 1), NOW)
    assert ReassignedCheck.objects.count() == 2
    assert Notice.objects.get(key=f"lookup:{done.pk}/done").text.endswith(
        "4 answered, 0 failed, about 0.08 USD."
    )
    assert AuditEvent.objects.filter(verb__startswith="campaigns.lookup.").count() == 2


def test_nothing_is_asked_twice_while_its_answer_counts(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier, spring: int
) -> None:
    ran(begin())

    again, later = read.estimate(spring, now=NOW), read.estimate(spring, now=NOW + timedelta(days=400))
    second = ran(begin())

    assert (again.lines, again.holders, again.cost) == (0, 0, Decimal("0.00"))
    assert (later.lines, later.holders) == (4, 2)
    assert (second.state, second.total) == ("done", 0)
    assert len(carrier.looked_up) == 4


def test_what_another_look_up_answered_meanwhile_is_not_asked(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier
) -> None:
    lookup = begin(holder=False)
    lookups._collect(lookup, NOW)
    with db.use_case():
        gate.record_line(
            number=e164(2), type=LineType.WIRELESS, source="x", checked_at=NOW, actor="x", now=NOW
        )

    done = ran(lookup)

    assert (done.answered, done.asked_line) == (4, 3)
    assert e164(2) not in {each.number for each in carrier.looked_up}


def test_only_what_was_ticked_is_asked(begin: Callable[..., NumberLookup], carrier: FakeCarrier) -> None:
    done = ran(begin(line=False))

    assert sorted(carrier.looked_up, key=lambda each: each.number) == [
        LookUp(number=e164(index), wants_line=False, held_since=GIVEN.date()) for index in (0, 1)
    ]
    assert (done.total, done.asked_line) == (2, 0)


def test_the_budget_is_never_passed_and_can_be_raised(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier
) -> None:
    lookup = ran(begin(budget="0.03"))

    assert (lookup.state, lookups.spent(lookup)) == ("held", Decimal("0.028"))
    assert "used up" in lookup.trouble
    with pytest.raises(lookups.LookupRefused, match="were spent already"):
        lookups.go_on(lookup_id=lookup.pk, budget=Decimal("0.02"), by_name="mia", now=NOW)
    lookups.go_on(lookup_id=lookup.pk, budget=Decimal(1), by_name="mia", now=NOW)
    done = ran(lookup)
    assert (done.state, done.answered, len(carrier.looked_up)) == ("done", 4, 4)


def test_the_database_itself_refuses_to_pass_the_budget(begin: Callable[..., NumberLookup]) -> None:
    lookup = begin(budget="0.01")

    with pytest.raises(IntegrityError), transaction.atomic():
        NumberLookup.objects.filter(pk=lookup.pk).update(asked_line=2)


def test_a_carrier_that_cannot_now_is_asked_again_later_and_not_paid(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier
) -> None:
    carrier.lookups[e164(1)] = CarrierError("Too many requests", kind="retryable", code=20429)
    lookup = ran(begin(holder=False))

    assert (lookup.state, lookup.answered, lookup.asked_line) == ("running", 3, 3)
    assert lookup.due_at == NOW + timedelta(seconds=10)
    assert "asked again by themselves" in lookup.trouble
    assert ran(lookup, NOW + timedelta(seconds=5)).answered == 3
    assert lookups.resume_due(NOW + timedelta(seconds=5)) == 0
    assert lookups.resume_due(NOW + timedelta(seconds=11)) == 1
    del carrier.lookups[e164(1)]
    done = ran(lookup, NOW + timedelta(seconds=11))
    assert (done.state, done.answered, done.trouble) == ("done", 4, "")


def test_a_number_without_an_answer_in_five_tries_fails_with_its_reason(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier, spring: int
) -> None:
    carrier.lookups[e164(1)] = CarrierError("The carrier did not answer in time.", kind="unknown")
    lookup = begin(holder=False)

    for hour in range(6):
        ran(lookup, NOW + timedelta(hours=hour))

    assert (lookup.state, lookup.answered, lookup.failed) == ("done", 3, 1)
    assert read.all_failures(spring) == [
        (e164(1), "No answer in 5 tries: The carrier did not answer in time.")
    ]
    assert lookup.asked_line == 8  # it may have been paid each time


def test_a_refused_number_and_half_an_answer_are_shown(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier
) -> None:
    carrier.lookups[e164(2)] = CarrierError("Not found", kind="permanent", code=20404)
    carrier.lookups[e164(1)] = LookedUp(
        line=LineType.WIRELESS, trouble="no word whether it was reassigned (error 1)"
    )

    done = ran(begin())

    assert (done.state, done.answered, done.failed) == ("done", 2, 2)
    assert LineRecord.objects.filter(number=e164(1), type="wireless").exists()
    said = NumberLookupItem.objects.filter(state="failed").order_by("number").values_list("said", flat=True)
    assert set(said) == {
        "The carrier refused it: Not found",
        "The carrier gave no word whether it was reassigned (error 1).",
    }


def test_refused_credentials_hold_all_up_and_lose_nothing(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier
) -> None:
    carrier.fail_next = CarrierError("Authenticate", kind="retryable", code=20003, refuses_us=True)

    lookup = ran(begin(holder=False))

    assert (lookup.state, lookup.answered, lookup.failed, lookup.asked_line) == ("held", 3, 0, 3)
    assert "does not take Parley’s credentials" in lookup.trouble
    lookups.go_on(lookup_id=lookup.pk, budget=Decimal(10), by_name="mia", now=NOW)
    assert ran(lookup).answered == 4


def test_stopping_keeps_what_was_answered_and_asks_no_more(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "BATCH", 2)
    lookup = begin(holder=False)
    lookups.run(lookup_id=lookup.pk, clock=lambda: NOW, batches=1)

    lookups.stop(lookup_id=lookup.pk, by_name="sol", now=NOW)
    done = ran(lookup)

    assert (done.state, done.answered, len(carrier.looked_up)) == ("stopped", 2, 2)
    with pytest.raises(Stale):
        lookups.stop(lookup_id=lookup.pk, by_name="sol", now=NOW)


def test_a_lost_worker_is_replaced_once_its_lease_is_over(
    begin: Callable[..., NumberLookup], carrier: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookup = begin(holder=False)
    with monkeypatch.context() as lost:
        lost.setattr(lookups, "_store", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ran(lookup)

    assert ran(lookup, NOW + timedelta(seconds=30)).answered == 0
    done = ran(lookup, NOW + timedelta(minutes=3))
    assert (done.state, done.answered, done.asked_line) == (
        "done",
        4,
        8,
    )  # the lost batch was asked twice, and is counted


@pytest.mark.parametrize(
    "posted",
    [
        {"budget": "5"},
        {"line": "on", "budget": "0"},
        {"line": "on", "budget": "-3"},
        {"line": "on", "budget": "NaN"},
        {"line": "on", "budget": "Infinity"},
        {"line": "on", "budget": "1e9"},
        {"line": "on", "budget": "\x00"},
        {"line": "on"},
    ],
)
def test_a_wrong_form_is_said_at_once_and_begins_nothing(
    client: Client, mia: User, spring: int, posted: dict[str, str]
) -> None:
    client.force_login(mia)

    answer = client.post(reverse("import-lookup", args=[spring]), posted)

    assert answer.status_code == 422
    assert not NumberLookup.objects.exists()


def test_the_page_shows_the_cost_then_the_progress(
    client: Client, mia: User, spring: int, carrier: FakeCarrier
) -> None:
    client.force_login(mia)
    before = client.get(reverse("import-lookup", args=[spring])).content.decode()
    begun = client.post(
        reverse("import-lookup", args=[spring]), {"line": "on", "holder": "on", "budget": "0.08"}
    )
    twice = client.post(reverse("import-lookup", args=[spring]), {"line": "on", "budget": "1"})
    ran(NumberLookup.objects.get(), clock.now())
    after = client.get(reverse("import-lookup", args=[spring])).content.decode()

    assert "0.008 USD" in before
    assert "2 numbers have no consent" in before
    assert begun.status_code == 200
    assert "every 2s" in begun.content.decode()
    assert (twice.status_code, "asked about already" in twice.content.decode()) == (422, True)
    assert "4 of 4 numbers answered" in after
    assert "There is nothing to ask" in after


def test_a_held_one_shows_why_and_goes_on_with_a_higher_budget(
    client: Client, mia: User, begin: Callable[..., NumberLookup], carrier: FakeCarrier, spring: int
) -> None:
    lookup = ran(begin(budget="0.03"))
    client.force_login(mia)

    shown = client.get(reverse("import-lookup", args=[spring])).content.decode()
    refused = client.post(reverse("lookup-go-on", args=[lookup.pk]), {"budget": "0.01"})
    ended = client.post(reverse("lookup-go-on", args=[lookup.pk]), {"budget": "3"})

    assert "used up" in shown
    assert (refused.status_code, ended.status_code) == (422, 200)
    assert client.post(reverse("lookup-stop", args=[lookup.pk])).status_code == 200
    assert client.get(reverse("import-lookup-failures", args=[spring])).status_code == 200


def test_who_may_not_manage_lists_may_not_spend(client: Client, ana: User, spring: int) -> None:
    client.force_login(ana)

    answers = [
        client.get(reverse("import-lookup", args=[spring])),
        client.post(reverse("import-lookup", args=[spring]), {"line": "on", "budget": "1"}),
        client.post(reverse("lookup-stop", args=[1])),
        client.post(reverse("lookup-go-on", args=[1])),
        client.get(reverse("import-lookup-failures", args=[spring])),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert client.get("/lists/imports/999999/lookup/").status_code == 403
