"""A CRM's list becomes an import, or nothing at all."""

from datetime import timedelta

import pytest

from accounts.models import User
from campaigns.importing import RawPerson
from campaigns.models import Contact, ImportRow, ListImport
from campaigns.services import imports
from core.errors import AppError, Stale
from crm_sync.models import CrmConnection, ListPull
from crm_sync.protocol import CrmList, SyncError
from crm_sync.services import pulling
from tests.fakes.crm import FakeAccount
from tests.integration.crm_sync.conftest import NOW, Clock, make_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def spring(crm: FakeAccount) -> FakeAccount:
    """A CRM with a list of five people."""
    people = [
        RawPerson(
            row_number=n,
            phones=[("main", f"(407) 555-010{n}")],
            external_ref=f"00Q{n}",
            last_name=f"Lead {n}",
        )
        for n in range(1, 6)
    ]
    crm.lists["701A"] = (CrmList(kind="campaign", external_id="701A", name="Spring", size=5), people)
    return crm


def start(connection: CrmConnection, mia: User, *, list_name: str = "Spring", list_id: str = "701A") -> int:
    """Begin an import of the list."""
    return pulling.start_list_import(
        connection_id=connection.id,
        list_kind="campaign",
        list_id=list_id,
        crm_list_name="Spring",
        list_name=list_name,
        by_id=mia.id,
        by_name=mia.username,
        now=NOW,
    )


def test_all_pages_are_staged_and_then_applied(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    import_id = start(connection, mia)

    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)

    running = ListImport.objects.get(id=import_id)
    assert (running.state, running.rows_in) == ("applying", 5)
    assert running.source_label == "Campaign “Spring” in Salesforce"
    imports.apply_import(import_id=import_id, now=NOW)
    running.refresh_from_db()
    assert (running.state, running.created) == ("done", 5)
    assert Contact.objects.filter(external_ref=f"salesforce:{connection.id}:00Q3").exists()


def read(spring: FakeAccount, import_id: int, clock: Clock) -> ListPull:
    """Read on, and return how it stands."""
    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)
    return ListPull.objects.get(import_id=import_id)


def test_a_crm_that_is_down_half_way_is_asked_again_from_there(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    spring.fail_people_after = 1
    import_id = start(connection, mia)

    waits = read(spring, import_id, clock)

    assert (waits.state, waits.rows_read, waits.last_error) == (
        "waiting",
        2,
        "The CRM did not answer (reading more records).",
    )
    assert not Contact.objects.exists()
    assert read(spring, import_id, clock).attempts == 1  # not before it is due
    spring.fail_people_after = None
    clock.tick(2)
    done = read(spring, import_id, clock)
    assert (done.state, done.rows_read, done.last_error) == ("done", 5, "")
    assert ListImport.objects.get(id=import_id).rows_in == 5


def test_a_crm_that_is_down_for_an_hour_keeps_what_was_read(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    spring.fail_people_after = 1
    import_id = start(connection, mia)

    for _ in range(14):
        waits = read(spring, import_id, clock)
        assert waits.due_at is not None
        assert waits.due_at - clock() <= pulling.LONGEST_PAUSE
        clock.now = waits.due_at
        imports.resume_stuck(clock())

    assert clock() > NOW + timedelta(minutes=30)
    spring.fail_people_after = None
    assert read(spring, import_id, clock).state == "done"


def test_a_crm_that_refuses_half_way_leaves_nothing(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    spring.fail_people_after = 1
    spring.people_error = SyncError("The CRM refused the sign-in.", kind="unauthorized")
    import_id = start(connection, mia)

    assert read(spring, import_id, clock).state == "failed"

    failed = ListImport.objects.get(id=import_id)
    assert (failed.state, failed.failure) == ("failed", "The CRM refused the sign-in.")
    assert not ImportRow.objects.exists()
    assert not Contact.objects.exists()


class Killed(BaseException):
    """The worker is killed."""


@pytest.mark.parametrize("page", [0, 2, 4])
def test_a_reader_killed_at_any_page_is_taken_up_and_nobody_is_lost_or_doubled(
    page: int, spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    def kill(start: int) -> None:
        if start == page:
            raise Killed

    spring.during_page = kill
    import_id = start(connection, mia)
    with pytest.raises(Killed):
        read(spring, import_id, clock)

    spring.during_page = None
    assert pulling.go_on(now=clock.tick(80)) == 0
    assert pulling.go_on(now=clock.tick(11)) == 1
    done = read(spring, import_id, clock)

    assert (done.state, done.rows_read, done.lease) == ("done", 5, 2)
    names = [row.raw["person"]["last_name"] for row in ImportRow.objects.order_by("number")]
    assert names == [f"Lead {n}" for n in range(1, 6)]


def test_a_reader_thought_dead_that_comes_back_writes_nothing(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    def another_takes_it(start: int) -> None:
        if start == 2:
            spring.during_page = None
            pulling.go_on(now=clock.tick(100))
            read(spring, import_id, clock)

    spring.during_page = another_takes_it
    import_id = start(connection, mia)

    done = read(spring, import_id, clock)

    assert (done.state, done.rows_read, done.lease) == ("done", 5, 2)
    assert ImportRow.objects.count() == 5


def test_a_long_list_is_read_in_slices(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    def half_a_minute(_: int) -> None:
        clock.tick(30)

    spring.during_page = half_a_minute
    import_id = start(connection, mia)

    first = read(spring, import_id, clock)
    assert (first.state, first.rows_read, first.rows_total) == ("waiting", 4, 5)

    assert read(spring, import_id, clock).state == "done"


def test_a_person_may_stop_the_reading(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    import_id = start(connection, mia)
    spring.during_page = lambda _: pulling.stop_reading(import_id=import_id, by_name="mia", now=NOW)

    assert read(spring, import_id, clock).state == "stopped"

    stopped = ListImport.objects.get(id=import_id)
    assert (stopped.state, stopped.failure) == ("failed", "Stopped by mia. Nothing was imported.")
    with pytest.raises(Stale, match="read already"):
        pulling.stop_reading(import_id=import_id, by_name="mia", now=NOW)


def test_stopping_one_that_waits_ends_it_without_asking_the_crm(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    spring.fail_people_after = 0
    import_id = start(connection, mia)
    read(spring, import_id, clock)

    pulling.stop_reading(import_id=import_id, by_name="mia", now=NOW)

    assert read(spring, import_id, clock).state == "stopped"


def test_a_repeated_task_reads_nothing_twice(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    import_id = start(connection, mia)

    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)
    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)

    assert ListImport.objects.get(id=import_id).rows_in == 5


def test_a_reader_that_died_after_the_last_page_spoils_nothing(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    import_id = start(connection, mia)
    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)
    ListPull.objects.update(state="reading")

    pulling.go_on(now=clock.tick(91))
    read(spring, import_id, clock)

    assert ListImport.objects.get(id=import_id).state == "applying"
    assert ListPull.objects.get().state == "done"


@pytest.mark.parametrize("list_id", ["'; DROP", "701A' OR Id != '", "x" * 61, ""])
def test_what_is_no_list_is_refused_before_a_row_is_written(
    list_id: str, connection: CrmConnection, mia: User
) -> None:
    with pytest.raises(AppError, match="not a list"):
        start(connection, mia, list_id=list_id)

    assert not ListImport.objects.exists()


def test_a_disconnected_crm_imports_nothing(mia: User) -> None:
    gone = make_connection(state="disconnected", secrets="")

    with pytest.raises(AppError, match="is disconnected"):
        start(gone, mia)
