"""Reading a file ahead of the database, in a thread or in a process of its own, and writing without the server's look at references."""

import io
import os
import tempfile
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
import pytest
from django.db import IntegrityError, connection

from campaigns import csvfile
from campaigns.customfields import FieldSpec
from campaigns.importing import Reading
from campaigns.importplan import Plan
from campaigns.models import Contact, ContactPhone, ImportRow, Lead, LeadList, ListImport
from campaigns.rowreading import Batch, Order
from campaigns.services import imports, readers, uploads
from campaigns.services.readers import Task
from core import db
from tests.integration.campaigns.conftest import NOW, us_phone

WRITTEN_UNCHECKED = ("campaigns_contactphone", "campaigns_lead", "campaigns_importrow")


def kept_file(text: str) -> int:
    """Return an import of the file, to be applied."""
    stream = io.BytesIO(text.encode())
    table = csvfile.check(stream, max_rows=10_000)
    return uploads.import_csv(
        stream=stream, table=table, list_name="Spring", file_name="x.csv", by_id=None, by_name="sol", now=NOW
    )


def people(numbers: range, *, again: int = 10_000) -> str:
    """Return a file of people with two numbers each, one row in seven refused; numbers come back after `again` rows."""
    rows = [f'Ida {n},{"n/a" if n % 7 == 3 else us_phone(n % again)},,"Ann\\\t{n}"\n' for n in numbers]
    return "Name,Phone,Mobile,Company\n" + "".join(rows)


def on_disk(text: str) -> BinaryIO:
    """Return the file as an import opens it."""
    stream = tempfile.SpooledTemporaryFile()  # noqa: SIM115 - the caller closes it
    stream.write(text.encode())
    return cast(BinaryIO, stream)


def order(text: str) -> Order:
    """Return the order to read a file of these columns."""
    plan = Plan(
        encoding="utf-8",
        separator=",",
        targets=("name", "phone:main", "custom:tariff", "consent_date", "do_not_call"),
    )
    reading = Reading(
        today=date(2026, 3, 4),
        consent_by="LeadCo",
        own=frozenset({"+14075550100"}),
        fields={"tariff": FieldSpec("tariff", "Tariff", "number")},
    )
    header = text.partition("\n")[0].split(",")
    return readers.order_for(plan, header, reading, position=0, batch_rows=3)


FILE = (
    "Name,Phone,Tariff,Given,DNC\n"
    "Ida Field,(201) 555-0100,4.5,2026-03-01,\n"
    "Card 4111 1111 1111 1111,201-555-0101,4,,yes\n"
    "Own,407 555 0100,,,\n"
    "Bad,12,,,\n"
    "Later,(201) 555-0102,,2027-01-01,\n"
    "Word,(201) 555-0103,many,,\n"
    '"Tab\there",(201) 555-0104,,,\n'
)


def test_a_process_reads_what_a_thread_reads() -> None:
    found = []
    for many in (0, readers.MANY_ROWS):
        with on_disk(FILE) as stream, readers.ahead(stream, order(FILE), rows=many) as reader:
            found.append([reader.take() for _ in range(5)])

    assert found[0] == found[1]
    rows = [row for batch in found[0] for row in batch.rows]
    assert [row.code for row in rows] == ["", "", "own_number", "wrong_length", "bad_date", "bad_number", ""]
    assert rows[0].custom == {"tariff": 4.5}
    assert rows[0].consent == (date(2026, 3, 1), "LeadCo", "")
    assert rows[1].do_not_call
    assert "4111" not in rows[1].raw
    assert [bool(batch.rows) for batch in found[0]] == [True, True, True, False, False]
    assert sum(batch.found.get("cards", 0) for batch in found[0]) == 1


def test_the_process_answers_batches_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(FILE)
    out = io.BytesIO()

    with path.open("rb") as stream:
        readers.answer(msgspec.json.encode(Task(os.dup(stream.fileno()), order(FILE))), out)

    lengths = []
    out.seek(0)
    while size := out.read(readers.LENGTH_BYTES):
        lengths.append(len(out.read(int.from_bytes(size, "big"))))
    assert len(lengths) == 4
    assert lengths[-1] < 10


@pytest.mark.django_db
@pytest.mark.parametrize("many", [0, 10**9], ids=["in a process", "in a thread"])
def test_batches_that_follow_each_other_know_the_people_of_the_one_before(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MANY_ROWS", many)
    monkeypatch.setattr(imports, "BATCH_ROWS", 10)
    import_id = kept_file(people(range(70), again=25))

    assert not imports.apply_import(import_id=import_id, now=NOW, batches=3)
    assert imports.apply_import(import_id=import_id, now=NOW)

    done = ListImport.objects.get(pk=import_id)
    assert (done.rows_in, done.refused) == (70, 10)
    assert (done.created, done.duplicate) == (Contact.objects.count(), 60 - Contact.objects.count())
    assert done.created == 25 == Lead.objects.count() == ContactPhone.objects.count()
    numbers = list(ImportRow.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(2, 72))
    assert Contact.objects.order_by("id").values_list("company", flat=True)[0] == "Ann\\0"


@pytest.mark.django_db
def test_a_reading_process_that_dies_costs_nothing_but_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MANY_ROWS", 0)
    monkeypatch.setattr(imports, "BATCH_ROWS", 10)
    import_id = kept_file(people(range(40)))
    whole = readers._of_process
    monkeypatch.setattr(readers, "_of_process", lambda process: _dies(whole(process)))

    with pytest.raises(readers.ReaderLost):
        imports.apply_import(import_id=import_id, now=NOW)
    reached = ListImport.objects.get(pk=import_id)
    monkeypatch.setattr(readers, "_of_process", whole)
    assert imports.apply_import(import_id=import_id, now=NOW)

    assert (reached.state, reached.created + reached.refused) == ("applying", 20)
    done = ListImport.objects.get(pk=import_id)
    assert (done.state, done.created, done.refused) == ("done", 34, 6)


def _dies(batches: Iterator[Batch]) -> Iterator[Batch]:
    yield from islice(batches, 2)
    raise readers.ReaderLost("gone")


def test_the_process_that_ends_too_soon_is_said_to_be_lost() -> None:
    broken = msgspec.structs.replace(order(FILE), encoding="no-such-encoding")

    with (
        on_disk(FILE) as stream,
        readers.ahead(stream, broken, rows=readers.MANY_ROWS) as reader,
        pytest.raises(readers.ReaderLost),
    ):
        reader.take()


@pytest.mark.django_db
def test_an_import_refers_to_nothing_that_is_not_there_though_nobody_looks() -> None:
    imports.apply_import(import_id=kept_file(people(range(30), again=11)), now=NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        assert cursor.fetchone() == (True,), "the test needs a role that may write unchecked"
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
    people_ids = set(Contact.objects.values_list("id", flat=True))
    assert set(ContactPhone.objects.values_list("contact_id", flat=True)) <= people_ids
    assert set(Lead.objects.values_list("contact_id", flat=True)) <= people_ids
    assert set(ImportRow.objects.values_list("contact_id", flat=True)) <= people_ids | {None}
    assert set(Lead.objects.values_list("lead_list_id", flat=True)) == set(
        LeadList.objects.values_list("id", flat=True)
    )


@pytest.mark.django_db
def test_tables_written_unchecked_have_no_triggers_that_would_be_passed_over() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)",
            [list(WRITTEN_UNCHECKED)],
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True)
def test_references_are_looked_at_again_behind_the_block_and_behind_an_error() -> None:
    made = LeadList.objects.create(name="Spring", created_at=NOW)

    with db.use_case():
        with pytest.raises(ZeroDivisionError), db.references_held():
            raise ZeroDivisionError
        with db.references_held():
            pass
    with pytest.raises(IntegrityError), db.use_case():
        db.copy_rows(
            "campaigns_lead", ("lead_list_id", "contact_id", "debt_ref", "added_at"), [(made.pk, 1, "", NOW)]
        )
