"""Do-not-call flags of both sides compared: never looser afterwards than either was."""

import itertools

import pytest
from django.db import transaction

from campaigns.importing import RawPerson
from campaigns.models import Contact, ContactPhone
from compliance.models import Suppression
from crm_sync.models import CrmConnection, FlagComparison, SyncQueueItem
from crm_sync.protocol import CrmList, SyncError
from crm_sync.services import comparing_flags, flags, pushing
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import NOW, Clock, make_connection

pytestmark = pytest.mark.django_db


def add_person(
    crm: FakeAccount, connection: CrmConnection, person_id: str, *, here: bool, there: bool
) -> str:
    """Add somebody both sides know; return their number."""
    number = f"+1407555{2000 + len(crm.people):04d}"
    contact = Contact.objects.create(
        first_name=person_id,
        external_ref=f"salesforce:{connection.id}:{person_id}",
        created_at=NOW,
        changed_at=NOW,
    )
    ContactPhone.objects.create(contact=contact, number=number, raw=number, kind="main")
    crm.people.add(person_id)
    crm.flags[person_id] = there
    _crm_list, people = crm.lists.setdefault(
        "1", (CrmList(kind="list", external_id="1", name="L", size=None), [])
    )
    people.append(RawPerson(row_number=len(people) + 1, phones=[("main", number)], external_ref=person_id))
    if here:
        with transaction.atomic():
            flags.tell_refused(numbers=[number], now=NOW)
    return number


def flagged_people(crm: FakeAccount) -> None:
    """Let the twin's people say their flags by id, as people_of does in a real CRM."""
    for _crm_list, people in crm.lists.values():
        people[:] = [
            RawPerson(
                row_number=row.row_number,
                phones=row.phones,
                external_ref=row.external_ref,
                do_not_call=crm.flags[row.external_ref],
            )
            for row in people
        ]


def compare(crm: FakeAccount, connection: CrmConnection, clock: Clock) -> FlagComparison:
    flagged_people(crm)
    comparing_flags.compare(connection_id=connection.id, clock=clock, connect=crm.connect)
    return FlagComparison.objects.get()


@pytest.mark.django_db(transaction=True)
def test_what_is_missing_there_is_set_again(
    crm: FakeAccount, connection: CrmConnection, clock: Clock
) -> None:
    add_person(crm, connection, "P1", here=True, there=False)
    add_person(crm, connection, "P2", here=False, there=False)
    pushing.push_due(clock=clock, connect=crm.connect)
    assert crm.flags["P1"]
    crm.flags["P1"] = False

    found = compare(crm, connection, clock)
    pushing.push_due(clock=clock, connect=crm.connect)

    assert (found.compared, found.ours, found.theirs, found.sent_again, found.learned, found.error) == (
        2,
        1,
        0,
        1,
        0,
        "",
    )
    assert crm.flags == {"P1": True, "P2": False}
    assert "P1: asked here not to be called" in found.examples[0]
    again = compare(crm, connection, clock)
    assert (again.ours, again.theirs, again.sent_again, again.examples) == (1, 1, 0, [])


@pytest.mark.django_db(transaction=True)
def test_what_stands_there_alone_counts_here(
    crm: FakeAccount, connection: CrmConnection, clock: Clock
) -> None:
    number = add_person(crm, connection, "P1", here=False, there=True)

    found = compare(crm, connection, clock)

    assert (found.theirs, found.learned) == (1, 1)
    assert Contact.objects.get().crm_do_not_call
    assert Suppression.objects.filter(number=number).exists()
    assert compare(crm, connection, clock).learned == 0


@pytest.mark.django_db(transaction=True)
def test_whatever_the_sides_say_nothing_gets_looser(
    crm: FakeAccount, connection: CrmConnection, clock: Clock
) -> None:
    sides = list(itertools.product([False, True], repeat=2))
    for number, (here, there) in enumerate(sides):
        add_person(crm, connection, f"P{number}", here=here, there=there)
    pushing.push_due(clock=clock, connect=crm.connect)
    for number, (_, there) in enumerate(sides):
        crm.flags[f"P{number}"] = there

    compare(crm, connection, clock)
    pushing.push_due(clock=clock, connect=crm.connect)

    for number, (here, there) in enumerate(sides):
        if here or there:
            assert crm.flags[f"P{number}"]
        refused = Contact.objects.get(first_name=f"P{number}").crm_do_not_call or here
        assert refused == (here or there)


def test_flags_on_their_way_are_no_difference(
    crm: FakeAccount, connection: CrmConnection, clock: Clock
) -> None:
    add_person(crm, connection, "P1", here=True, there=False)
    flagged_people(crm)

    found = comparing_flags._look(
        connection,
        crm.connect("salesforce", secrets={}, settings={}, ref_prefix=f"salesforce:{connection.id}:"),
    )

    assert (found.open, found.missing, found.learned) == (1, [], [])


@pytest.mark.django_db(transaction=True)
def test_a_crm_that_cannot_be_asked_is_said_as_such(
    crm: FakeAccount, connection: CrmConnection, clock: Clock
) -> None:
    add_person(crm, connection, "P1", here=True, there=False)
    crm.errors.append(SyncError("The CRM is down.", kind="retryable"))
    assert compare(crm, connection, clock).error == "The CRM is down."
    FlagComparison.objects.all().delete()
    CrmConnection.objects.all().update(kind="hubspot", settings={"do_not_call_property": ""})
    assert "names no do-not-call field" in compare(crm, connection, clock).error
    assert SyncQueueItem.objects.get().state == "waiting"


def test_a_disconnected_crm_is_not_asked(crm: FakeAccount, clock: Clock) -> None:
    gone = make_connection("Gone", state="disconnected", secrets="")

    assert comparing_flags.compare(connection_id=gone.id, clock=clock, connect=crm.connect) == 0
    assert not FlagComparison.objects.exists()
