"""Measures the import of a file of people: `python -m config.embedded exec python -m tests.load.bench_import --rows 1000000`.

The file has 15 columns with two numbers a person, in the forms people write; one row in fifty cannot be called, one in fifty is there
twice. It is checked, staged and applied in this one process, as a worker does it, into a test database that is dropped afterwards. Beside
it a bare COPY of the same bytes into a table of text. Prints one line of JSON.
"""

import argparse
import csv
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django

COLUMNS = (
    "First name", "Last name", "Company", "Title", "Email", "Phone", "Mobile", "Street", "City", "State", "ZIP", "Country", "Source",
    "Interest", "Notes",
)  # fmt: skip
PLACES = (
    ("Orlando", "FL", "32801", "407"), ("Chicago", "IL", "60601", "312"), ("Denver", "CO", "80202", "303"),
    ("New York", "NY", "10001", "212"), ("San Francisco", "CA", "94103", "415"), ("Houston", "TX", "77002", "713"),
)  # fmt: skip
FORMS = ("({a}) {e}-{l}", "{a}-{e}-{l}", "{a}{e}{l}", "+1{a}{e}{l}", "{a}.{e}.{l}")


def main() -> None:
    """Make the file, import it, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
        path = Path(folder) / "people.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows(options.rows))
        told = {"rows": options.rows, "megabytes": round(path.stat().st_size / 1e6, 1), **copied(path)}
        told.update(imported(path))
    told["times_the_copy"] = round(told["seconds"] / told["copy_seconds"], 1)
    print(json.dumps(told), flush=True)
    connection.creation.destroy_test_db("", verbosity=0)


def rows(number: int) -> Iterator[tuple[str, ...]]:
    """Give the header and so many rows, the same for the same number."""
    dice = random.Random(20261122)
    before = ("", "")
    yield COLUMNS
    for index in range(number):
        city, state, code, area = dice.choice(PLACES)
        if index % 50 == 1:
            first, second = "n/a", "12345"
        elif index % 50 == 2:
            first, second = before
        else:
            first, second = (
                dice.choice(FORMS).format(
                    a=area, e=200 + index // 8_000 % 700, l=f"{(index * 2 + each) % 10_000:04d}"
                )
                for each in (0, 1)
            )
        before = first, second
        yield (
            f"Name{index % 997}", f"Family{index % 7919}", f"Company {index % 50_021}", "Owner", f"person{index}@example.com", first,
            second, f"{index % 999} Main Street", city, state, code, "US", "web", "solar", "asked for an offer",
        )  # fmt: skip


def copied(path: Path) -> dict[str, float]:
    """Return how long PostgreSQL takes to copy the same bytes."""
    from django.db import connection

    columns = ", ".join(f"c{index} text" for index in range(len(COLUMNS)))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_copy ({columns})")
        start = time.perf_counter()
        with path.open("rb") as file, cursor.copy("COPY bench_copy FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        seconds = time.perf_counter() - start
        cursor.execute("DROP TABLE bench_copy")
    return {"copy_seconds": round(seconds, 2)}


def imported(path: Path) -> dict[str, float]:
    """Import the file as a worker would; return the figures."""
    from campaigns import csvfile
    from campaigns.models import ListImport
    from campaigns.services import imports, uploads

    now = datetime.now(UTC)
    begin, worked = time.perf_counter(), time.process_time()
    with path.open("rb") as stream:
        table = csvfile.check(stream, max_rows=20_000_000)
        checked = time.perf_counter()
        import_id = uploads.import_csv(
            stream=stream,
            table=table,
            list_name="Bench",
            file_name=path.name,
            by_id=None,
            by_name="bench",
            now=now,
        )
    staged = time.perf_counter()
    while not imports.apply_import(import_id=import_id, now=now):
        pass
    done = time.perf_counter()
    found = ListImport.objects.get(id=import_id)
    sums = {name: getattr(found, name) for name in ("rows_in", "created", "updated", "duplicate", "refused")}
    assert sums["rows_in"] == sum(sums.values()) - sums["rows_in"], sums
    return {
        "seconds": round(done - begin, 1),
        "check_seconds": round(checked - begin, 1),
        "stage_seconds": round(staged - checked, 1),
        "apply_seconds": round(done - staged, 1),
        "python_seconds": round(time.process_time() - worked, 1),
        "reader_seconds": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, 1),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0),
        **sums,
    }


if __name__ == "__main__":
    main()
