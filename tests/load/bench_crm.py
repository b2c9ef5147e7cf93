"""Measures following a big CRM list: `python -m config.embedded exec python -m tests.load.bench_crm --rows 200000`.

The stand-in Salesforce gets so many contacts; its list view of all of them is followed, read, staged and applied in this one process, as a
worker does it. Then 1,000 contacts change there, and the next poll brings them. Prints one line of JSON.
"""

import argparse
import json
import os
import resource
import time
from datetime import datetime, timedelta
from typing import Any

import django
import requests

from tests.load.chaos_crm import crms

CHANGED = 1000
VIEW = "All Contacts"


class Clock:
    """The machine's clock, which can be put forward so that what is due is due."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        """Return the present instant."""
        from core import clock

        return clock.now() + self.ahead


def main() -> None:
    """Make the contacts, sync them, change some, sync those, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    os.environ["PARLEY_CRM_TIMEOUT_SECONDS"] = "300"  # the stand-in sorts all its contacts for the first page
    with crms.running() as urls:
        os.environ["SALESFORCE_BASE_URL"] = urls["salesforce"]
        django.setup()
        from django.db import connection

        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            told = measure(urls["salesforce"], options.rows)
        finally:
            connection.creation.destroy_test_db("", verbosity=0)
    print(json.dumps(told), flush=True)


def measure(url: str, rows: int) -> dict[str, Any]:
    """Return the figures."""
    from campaigns.models import Contact, ContactPhone, ListImport
    from core import crypto
    from crm_sync.models import ApiHour, LiveList
    from crm_sync.services import connections, live, pulling
    from tests.integration.crm_sync.conftest import make_connection

    ids = make_contacts(url, rows)
    clock = Clock()
    made = make_connection(
        "bench",
        "salesforce",
        secrets=crypto.seal(crms.SECRETS["salesforce"]),
        settings=crms.SETTINGS["salesforce"],
    )
    connections.check_again(connection_id=made.id, clock=clock)
    chosen = next(
        item for item in pulling.list_crm_lists(connection_id=made.id, clock=clock) if item.name == VIEW
    )
    live.follow(
        connection_id=made.id, list_kind=chosen.kind, list_id=chosen.external_id, list_name=chosen.name,
        lead_list_name="Bench", by_id=None, by_name="bench", now=clock(),
    )  # fmt: skip
    began = time.perf_counter()
    live.poll_due(clock=clock)
    waited = read_all(clock)
    read = time.perf_counter() - began
    followed = LiveList.objects.get()
    if followed.last_error:
        raise RuntimeError(followed.last_error)
    apply(clock)
    first = time.perf_counter() - began
    told: dict[str, Any] = {
        "rows": ListImport.objects.get().rows_in,
        "read_seconds": round(read, 1),
        "first_sync_seconds": round(first, 1),
        "rows_per_second": round(rows / first),
        "waited_seconds": waited,  # as long as Salesforce gathers, it is asked again every few seconds
        "requests": ApiHour.objects.get().requests,
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "contacts": Contact.objects.count(),
        "phones": ContactPhone.objects.count(),
    }
    # The contacts are as new as the list's following: their making counts as a change of theirs, once.
    poll(clock, changes_since=followed.created_at)
    before = clock() - clock.ahead
    change(url, ids[:CHANGED])
    began = time.perf_counter()
    poll(clock, changes_since=before)
    told["delta_seconds"] = round(time.perf_counter() - began, 1)
    told["delta_changed"] = Contact.objects.filter(first_name="Changed").count()
    return told


def poll(clock: Clock, *, changes_since: datetime) -> None:
    """Have the list asked for again, changes of its people since an instant too, and apply what is found."""
    from crm_sync.models import LiveList
    from crm_sync.services import live

    clock.ahead += timedelta(seconds=live.CHANGES_EVERY.total_seconds() + 60)
    LiveList.objects.update(due_at=clock(), changes_since=changes_since)
    live.poll_due(clock=clock)
    apply(clock)


def read_all(clock: Clock) -> float:
    """Read what is to be read, as workers do; return the seconds they would have waited for the CRM to gather it."""
    from crm_sync.models import ListPull
    from crm_sync.services import pulling

    waited = timedelta()
    while pull := ListPull.objects.filter(state__in=pulling.OPEN).first():
        if pull.last_error:
            raise RuntimeError(pull.last_error)
        pause = max(pull.due_at - clock(), timedelta()) if pull.due_at else timedelta()
        waited += pause
        clock.ahead += pause
        pulling.import_list(import_id=pull.import_id, clock=clock)
    return round(waited.total_seconds(), 1)


def apply(clock: Clock) -> None:
    """Apply what is staged, as a worker does."""
    from campaigns.models import ListImport
    from campaigns.services import imports

    for import_id in ListImport.objects.filter(state="applying").values_list("id", flat=True):
        while not imports.apply_import(import_id=import_id, now=clock()):
            pass


def make_contacts(url: str, rows: int) -> list[str]:
    """Make so many contacts with a number each and return their ids."""
    found: list[str] = []
    for start in range(0, rows, 200):
        records = [
            {
                "attributes": {"type": "Contact"},
                "FirstName": "Bench",
                "LastName": f"Person {number}",
                "Phone": f"407{200 + number // 10_000 % 700}{number % 10_000:04d}",
                "MailingState": "FL",
            }
            for number in range(start, min(start + 200, rows))
        ]
        found += write(url, requests.post, records)
    return found


def change(url: str, ids: list[str]) -> None:
    """Have users of the CRM change these contacts."""
    for start in range(0, len(ids), 200):
        records = [
            {"attributes": {"type": "Contact"}, "id": each, "FirstName": "Changed"}
            for each in ids[start : start + 200]
        ]
        write(url, requests.patch, records)


_headers: dict[str, str] = {}


def write(url: str, verb: Any, records: list[dict[str, Any]]) -> list[str]:
    """Write records and return their ids."""
    if not _headers:
        form = {"grant_type": "client_credentials", **crms.SECRETS["salesforce"]}
        answer = requests.post(f"{url}/services/oauth2/token", data=form, timeout=60).json()
        _headers["Authorization"] = f"Bearer {answer['access_token']}"
    address = f"{url}/services/data/v66.0/composite/sobjects"
    answers = verb(address, json={"records": records}, headers=_headers, timeout=120).json()
    return [str(row["id"]) for row in answers]


if __name__ == "__main__":
    main()
