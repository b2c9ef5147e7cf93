"""A CRM's list becomes an import, or nothing at all."""

from datetime import timedelta

import pytest

from accounts.models import User
from campaigns.importing import RawPerson
from campaigns.models import Contact, ImportRow, ListImport
from campaigns.services import imports
from core.errors import AppError
from crm_sync.models import CrmConnection, ListPull
from crm_sync.protocol import CrmList
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


def test_a_crm_that_fails_half_way_leaves_nothing(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    spring.fail_people_after = 1
    import_id = start(connection, mia)

    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)

    failed = ListImport.objects.get(id=import_id)
    assert (failed.state, failed.failure) == ("failed", "The CRM did not answer (reading more records).")
    assert not ImportRow.objects.exists()
    assert not Contact.objects.exists()
    assert ListPull.objects.get().state == "failed"


def test_a_repeated_task_reads_nothing_twice(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    import_id = start(connection, mia)

    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)
    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)

    assert ListImport.objects.get(id=import_id).rows_in == 5


def test_a_reader_that_died_ends_the_import_with_the_reason(connection: CrmConnection, mia: User) -> None:
    import_id = start(connection, mia)
    ListPull.objects.update(state="reading")

    assert pulling.free_stuck_pulls(now=NOW + timedelta(seconds=80)) == 0
    assert pulling.free_stuck_pulls(now=NOW + timedelta(seconds=91)) == 1

    failed = ListImport.objects.get(id=import_id)
    assert (failed.state, "start the import again" in failed.failure) == ("failed", True)


def test_a_reader_that_died_after_the_last_page_spoils_nothing(
    spring: FakeAccount, connection: CrmConnection, mia: User, clock: Clock
) -> None:
    import_id = start(connection, mia)
    pulling.import_list(import_id=import_id, clock=clock, connect=spring.connect)
    ListPull.objects.update(state="reading")

    pulling.free_stuck_pulls(now=NOW + timedelta(seconds=91))

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
