"""Requests not to be called on their way to the CRMs: whatever the source, once for each person, taken back by two people alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Contact, ContactPhone
from compliance import services as gate
from compliance.models import Suppression
from compliance.rules.facts import Channel, ConsentKind, SuppressionKind, SuppressionScope
from config.wiring import HANDLERS
from core import db, outbox
from core.models import AuditEvent
from core.types import as_phone
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.protocol import SyncError
from crm_sync.selectors import list_activity
from crm_sync.services import connections, pushing, queueing
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import NOW, Clock, call_logged, make_connection

pytestmark = pytest.mark.django_db(transaction=True)
SELLER = "Northwind Home Energy"
ONE, OTHER = "+14075550123", "+14075550124"


class KilledError(BaseException):
    """The worker is gone."""


def add_person(connection: CrmConnection | None, person_id: str = "00Q1", *numbers: str) -> Contact:
    """Add a person of the CRM with these numbers; None: of a file."""
    ref = f"{connection.kind}:{connection.id}:{person_id}" if connection else None
    contact = Contact.objects.create(
        external_ref=ref, first_name="Lee", last_name=person_id, created_at=NOW, changed_at=NOW
    )
    for position, number in enumerate(numbers or (ONE,)):
        ContactPhone.objects.create(
            contact=contact, number=number, raw=number, kind="main", position=position
        )
    return contact


def revoke(number: str = ONE, *, at: datetime = NOW, **changes: Any) -> None:
    """Take a person at their word, and let everybody hear of it."""
    given = {"seller": SELLER, "raw_words": "stop", "heard_on": "text message", "actor": "sms", **changes}
    with db.use_case():
        gate.revoke(number=as_phone(number), now=at, **given)
    relay(at)


def lift(number: str = ONE, *, at: datetime) -> None:
    """Have two people lift the request on a new consent."""
    consent = gate.NewConsent(
        number=as_phone(number), kind=ConsentKind.PEWC, obtained_by=SELLER, given_at=at, source=gate.Source.FORM,
        sellers=frozenset({SELLER}), text_shown="Call me again", signature="typed name",
        asked_how="call", asked_words="Call me again", asked_at=at,
    )  # fmt: skip
    suppression = Suppression.objects.get(number=number, lift=None)
    with db.use_case():
        row = gate.grant_consent(consent, recorded_by="cleo", now=at)
    with db.use_case():
        asked = gate.request_lift(
            suppression_id=suppression.id, consent_id=row.id, reason="they called us", requested_by="cleo", now=at
        )  # fmt: skip
    relay(at)
    with db.use_case():
        gate.approve_lift(request_id=asked.id, approved_by="ada", now=at)
    relay(at)


def relay(now: datetime) -> None:
    outbox.relay(HANDLERS, now=now)


def push(crm: FakeAccount, clock: Clock) -> int:
    return pushing.push_due(clock=clock, connect=crm.connect)


def by_the_agent() -> None:
    revoke(heard_on="call", kind=SuppressionKind.DO_NOT_CALL, source_ref="call:7", actor="ana")


def by_words() -> None:
    with db.use_case():
        gate.revoke_in_words(
            "please stop texting me", number=as_phone(ONE), seller=SELLER, heard_on="text message", actor="sms", now=NOW
        )  # fmt: skip
    relay(NOW)


def by_the_provider() -> None:
    with db.use_case():
        gate.revoke_from_provider_error(
            number=as_phone(ONE), seller=SELLER, code="21610", text="unsubscribed", source_ref="SM1", actor="sms", now=NOW
        )  # fmt: skip
    relay(NOW)


def by_a_file() -> None:
    gate.import_suppressions(
        ["number,raw_words", f"{ONE},never again"], seller=SELLER, label="old.csv", actor="cleo", now=NOW
    )
    relay(NOW)


def by_every_seller() -> None:
    revoke(scope=SuppressionScope.EVERYONE)


@pytest.mark.parametrize("source", [by_the_agent, by_words, by_the_provider, by_a_file, by_every_seller])
def test_the_crm_hears_of_a_request_whatever_its_source(
    source: Any, connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    add_person(connection)

    source()
    push(crm, clock)

    item = SyncQueueItem.objects.get()
    assert crm.flags == {"00Q1": True}
    assert (item.kind, item.state, item.crm_id) == ("do_not_call", "done", "00Q1")


def test_ten_requests_are_one_write(connection: CrmConnection, crm: FakeAccount, clock: Clock) -> None:
    add_person(connection, "00Q1", ONE, OTHER)

    for minute in range(5):
        revoke(ONE, at=NOW + timedelta(minutes=minute), raw_words=f"stop {minute}")
        revoke(OTHER, at=NOW + timedelta(minutes=minute), raw_words=f"stop {minute}")
    push(crm, clock)
    revoke(ONE, at=NOW + timedelta(hours=1), raw_words="I said stop")
    push(crm, clock)

    assert crm.flag_writes == [["00Q1"]]


def test_everybody_with_the_number_is_told_in_their_own_crm(crm: FakeAccount, clock: Clock) -> None:
    one, other = make_connection("Salesforce"), make_connection("HubSpot", "hubspot")
    add_person(one, "00Q1")
    add_person(other, "512")
    add_person(other, "513", OTHER)
    add_person(None)

    revoke()
    push(crm, clock)

    assert crm.flags == {"00Q1": True, "512": True}


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": SuppressionScope.CAMPAIGN, "campaign_ref": "campaign:1"},
        {"kind": SuppressionKind.WRONG_NUMBER, "person_ref": "contact:1"},
    ],
)
def test_a_request_narrower_than_the_flag_is_not_told(
    changes: dict[str, Any], connection: CrmConnection
) -> None:
    add_person(connection)

    revoke(**changes)

    assert not SyncQueueItem.objects.exists()


def test_a_request_about_texts_alone_sets_no_do_not_call_flag(connection: CrmConnection) -> None:
    add_person(connection)

    with db.use_case():
        gate.suppress(
            number=as_phone(ONE), seller=SELLER, reason="texts", raw_words="no texts", heard_on="phone", actor="cleo", now=NOW,
            channels=frozenset({Channel.SMS}),
        )  # fmt: skip
    relay(NOW)

    assert not SyncQueueItem.objects.exists()


def test_the_flag_is_taken_back_when_two_people_lifted_the_request_and_not_before(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    person = add_person(connection)
    Contact.objects.filter(pk=person.pk).update(crm_do_not_call=True)
    revoke()
    push(crm, clock)

    lift(at=NOW + timedelta(hours=1))
    clock.tick(3600)
    push(crm, clock)

    person.refresh_from_db()
    assert crm.flags == {"00Q1": False}
    assert crm.flag_writes == [["00Q1"], ["00Q1"]]
    assert not person.crm_do_not_call
    assert AuditEvent.objects.get(verb="campaigns.contact.flag_taken_back").actor == "ada"


def test_a_request_that_was_only_asked_to_be_lifted_changes_nothing(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    add_person(connection)
    revoke()
    push(crm, clock)
    consent = gate.NewConsent(
        number=as_phone(ONE), kind=ConsentKind.PEWC, obtained_by=SELLER, given_at=NOW + timedelta(minutes=1),
        source=gate.Source.FORM, sellers=frozenset({SELLER}), text_shown="Call me again",
        asked_how="call", asked_words="Call me again", asked_at=NOW + timedelta(minutes=1),
    )  # fmt: skip
    with db.use_case():
        row = gate.grant_consent(consent, recorded_by="cleo", now=NOW + timedelta(minutes=2))
        gate.request_lift(
            suppression_id=Suppression.objects.get().id, consent_id=row.id, reason="x", requested_by="cleo", now=NOW + timedelta(minutes=2)
        )  # fmt: skip

    relay(NOW + timedelta(minutes=3))
    push(crm, clock)

    assert crm.flags == {"00Q1": True}
    assert len(crm.flag_writes) == 1


def test_the_flag_stays_while_another_number_of_the_person_is_refused(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    person = add_person(connection, "00Q1", ONE, OTHER)
    Contact.objects.filter(pk=person.pk).update(crm_do_not_call=True)
    revoke(ONE)
    revoke(OTHER)
    push(crm, clock)

    lift(ONE, at=NOW + timedelta(hours=1))
    clock.tick(3600)
    push(crm, clock)

    person.refresh_from_db()
    assert crm.flags == {"00Q1": True}
    assert person.crm_do_not_call


def test_a_lift_tells_nothing_to_a_crm_that_was_never_told(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    revoke()
    add_person(connection)

    lift(at=NOW + timedelta(hours=1))
    clock.tick(3600)
    push(crm, clock)

    assert crm.flag_writes == []


def test_a_request_after_a_lift_sets_the_flag_again(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    add_person(connection)
    revoke()
    push(crm, clock)
    lift(at=NOW + timedelta(hours=1))
    revoke(at=NOW + timedelta(hours=2), raw_words="I changed my mind again")
    clock.tick(7200)

    push(crm, clock)

    assert crm.flags == {"00Q1": True}
    assert crm.flag_writes == [["00Q1"], ["00Q1"]]


def test_a_lift_while_the_flag_is_on_its_way_is_sent_afterwards(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    add_person(connection)
    revoke()
    crm.errors_after.append(KilledError())
    with pytest.raises(KilledError):
        push(crm, clock)
    lift(at=NOW + timedelta(seconds=30))
    queueing.free_stuck(now=clock.tick(61))

    push(crm, clock)

    item = SyncQueueItem.objects.get()
    assert crm.flags == {"00Q1": False}
    assert (item.state, item.sent_version) == ("done", 2)


def test_what_the_crms_set_up_refuses_is_held_and_calls_go_on(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    add_person(connection)
    revoke()
    with db.use_case():
        queueing.enqueue_call(call_logged(connection), now=NOW)
    crm.flag_error = SyncError("A field cannot be written.", kind="config")

    push(crm, clock)

    connection.refresh_from_db()
    states = dict(SyncQueueItem.objects.values_list("kind", "state"))
    assert states == {"do_not_call": "held", "call": "done"}
    assert connection.state == "connected"
    assert len(crm.calls) == 1


def test_held_flags_are_sent_when_the_connection_is_tested_again(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    add_person(connection)
    revoke()
    crm.flag_error = SyncError("A field cannot be written.", kind="config")
    push(crm, clock)
    crm.flag_error = None

    connections.check_again(connection_id=connection.id, clock=clock, connect=crm.connect)
    push(crm, clock)

    assert crm.flags == {"00Q1": True}


def test_a_flag_waits_for_no_call_and_a_call_for_no_flag(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    add_person(connection)
    for number in range(3):
        with db.use_case():
            queueing.enqueue_call(call_logged(connection, number), now=NOW)
    revoke()

    push(crm, clock)

    assert crm.flags == {"00Q1": True}
    assert len(crm.calls) == 3


def test_the_list_of_activity_leads_from_a_flag_to_the_person(
    connection: CrmConnection, crm: FakeAccount, clock: Clock
) -> None:
    add_person(connection)
    revoke()
    push(crm, clock)

    row = list_activity().rows[0]

    assert row.subject == "Do not call"
    assert row.crm_url == row.person_url != ""
