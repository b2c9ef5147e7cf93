"""Imports applied by several workers at once, with real commits."""

import io
import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from campaigns.models import Contact, ImportRow, Lead, ListImport
from campaigns.services import import_drafts, imports
from tests.integration.campaigns.conftest import NOW, person, staged, us_phone

pytestmark = pytest.mark.django_db(transaction=True)


def run_together(jobs: Sequence[Callable[[], object]]) -> None:
    """Run the jobs in threads that start at one moment; raise what any of them raised."""
    barrier = threading.Barrier(len(jobs))
    errors: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            job()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if errors:
        raise errors[0]


def test_two_workers_on_one_import_apply_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 20)
    import_id = staged([person(number, us_phone(number % 150)) for number in range(300)])

    run_together([lambda: imports.apply_import(import_id=import_id, now=NOW, batches=100)] * 4)

    done = ListImport.objects.get(id=import_id)
    assert (done.state, done.rows_in, done.created, done.duplicate) == ("done", 300, 150, 150)
    assert not ImportRow.objects.filter(outcome="").exists()
    assert Contact.objects.count() == Lead.objects.count() == 150


def test_two_workers_on_one_file_place_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 20)
    text = "Phone\n" + "".join(f"{us_phone(number % 150)}\n" for number in range(300))
    file_id = import_drafts.keep_upload(
        stream=io.BytesIO(text.encode()), file_name="x.csv", list_name="Spring", by_id=None, now=NOW
    )
    import_id = import_drafts.begin(file_id=file_id, by_id=None, by_name="sol", now=NOW)

    # A worker that finds the other ahead stops; its hint, or the sweeper's, comes again.
    run_together([lambda: imports.apply_import(import_id=import_id, now=NOW, batches=100)] * 3)
    imports.apply_import(import_id=import_id, now=NOW, batches=100)

    done = ListImport.objects.get(id=import_id)
    assert (done.state, done.rows_in, done.created, done.duplicate) == ("done", 300, 150, 150)
    assert ImportRow.objects.count() == 300
    assert Contact.objects.count() == Lead.objects.count() == 150


def test_two_lists_that_name_the_same_new_persons_create_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 20)
    rows = [person(number, us_phone(number)) for number in range(200)]
    first, second = staged(rows, list_name="Spring"), staged(rows[::-1], list_name="Autumn")

    run_together(
        [
            lambda: imports.apply_import(import_id=first, now=NOW, batches=100),
            lambda: imports.apply_import(import_id=second, now=NOW, batches=100),
        ]
    )

    assert Contact.objects.count() == 200
    assert Lead.objects.count() == 400


def test_two_imports_into_one_list_hold_each_person_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 20)
    rows = [person(number, us_phone(number)) for number in range(100)]
    first, second = staged(rows), staged(rows)

    run_together(
        [
            lambda: imports.apply_import(import_id=first, now=NOW, batches=100),
            lambda: imports.apply_import(import_id=second, now=NOW, batches=100),
        ]
    )

    assert Contact.objects.count() == Lead.objects.count() == 100
    created, duplicate = ListImport.objects.values_list("created", "duplicate").order_by("id")[0]
    assert created + duplicate == 100
