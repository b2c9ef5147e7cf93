"""Measures the waterfall of a campaign of a million people: `python -m config.embedded exec python -m tests.load.bench_waterfall`.

People live in all states and have 1.3 numbers each, a tenth of them of another state; some asked not to be called, some stand on
registries, some were tried lately, some have a line looked up or gave consent. Everything is built with COPY in a test database,
which is dropped afterwards. Prints one line of JSON for each time it is counted; the last one says the first one's seconds too.
"""

import argparse
import hashlib
import json
import os
import random
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import django

STATES_WITH_LISTS = ("CO", "FL", "IN", "LA", "MA", "MO", "OK", "PA", "TN", "TX", "WY")


def main() -> None:
    """Build the people, count them, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--at", default="2026-11-23T16:00:00+00:00", help="when it is counted")
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.db import connection
    from django.test import override_settings

    from dialer.why.waterfall import waterfall

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    now = datetime.fromisoformat(options.at)
    with (
        tempfile.TemporaryDirectory(prefix="bench-waterfall-") as folder,
        override_settings(REGISTRY_DIR=folder),
    ):
        campaign_id = build(options.leads, now)
        first = 0.0
        for _ in range(options.runs):  # the first run in a process reads the gazetteer too
            start, worked = time.perf_counter(), time.process_time()
            found = waterfall(campaign_id, now=now)
            seconds = round(time.perf_counter() - start, 2)
            first = first or seconds
            told = {
                "leads": found.total,
                "seconds": seconds,
                "first_seconds": first,
                # of Python; PostgreSQL has its own
                "processor_seconds": round(time.process_time() - worked, 2),
                "steps": {step.name: step.leads for step in found.steps},
            }
            print(json.dumps(told), flush=True)
    connection.creation.destroy_test_db("", verbosity=0)


def build(leads: int, now: datetime) -> int:
    """Store a running campaign over so many people, and what the gate's stores hold of them; return its id."""
    from django.db import connection

    from tests.factories.world import give_papers, make_world

    draw = random.Random(20261122)
    world = make_world(now)
    give_papers(now)
    people, phones = _people(draw, leads)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica"
        )  # no trigger, no foreign key: only the rows matter
    _store_people(world.campaign.pk, world.lead_list.pk, people, phones, now)
    numbers = [str(phone[1]) for phone in phones]
    _load_registries(draw, numbers, now)
    _store_facts(draw, phones, world.campaign.pk, now)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    return int(world.campaign.pk)


def _people(draw: random.Random, leads: int) -> tuple[list[Sequence[object]], list[Sequence[object]]]:
    """People where people live, as ZIP codes are, and their numbers: (person, number, position)."""
    import zipcodes

    from compliance.rules.jurisdictions.us_states import STATE_NAMES
    from compliance.rules.places import describe_number

    zips = [
        row
        for row in zipcodes.list_all()
        if row["country"] == "US" and row["state"] in STATE_NAMES and row["area_codes"]
    ]
    codes = sorted({code for row in zips for code in row["area_codes"]})
    codes = [code for code in codes if describe_number(f"+1{code}5550100").region == "US"]
    people: list[Sequence[object]] = []
    phones: list[Sequence[object]] = []
    for person in range(1, leads + 1):
        row = draw.choice(zips)
        people.append((person, row["city"], row["state"], row["zip_code"], draw.random() < 0.01))
        for position in range(2 if draw.random() < 0.3 else 1):
            area = draw.choice(row["area_codes"] if draw.random() < 0.9 else codes)
            number = f"+1{area}{draw.randrange(200, 1000)}{draw.randrange(10_000):04}"
            phones.append((person, number, position))
    return people, phones


def _store_people(
    campaign: int,
    lead_list: int,
    people: list[Sequence[object]],
    phones: list[Sequence[object]],
    now: datetime,
) -> None:
    fill = ("external_ref", "first_name", "last_name", "company", "title", "email", "country", "stated_zone")
    _copy(
        "campaigns_contact",
        (
            "id",
            "city",
            "state",
            "postal_code",
            "crm_do_not_call",
            *fill,
            "owner_name",
            "crm_url",
            "created_at",
            "changed_at",
        ),
        ((*each, None, "Maria", "Alvarez", "", "", "", "", "", "", "", now, now) for each in people),
    )
    _copy(
        "campaigns_contactphone",
        ("contact_id", "number", "position", "raw", "kind"),
        ((*each, each[1], "main") for each in phones),
    )
    _copy(
        "campaigns_lead",
        ("lead_list_id", "contact_id", "added_at"),
        ((lead_list, each[0], now) for each in people),
    )
    _copy(
        "campaigns_campaignlead",
        ("campaign_id", "contact_id", "state", "next_try_at", "is_callback", "attempts", "last_result", "reason", "added_at"),
        (
            (campaign, person, "finished" if person % 20 == 0 else "ready", _next_try(person, now), False, 0, "",
             "Not interested" if person % 20 == 0 else "", now)
            for person in (int(str(each[0])) for each in people)
        ),
    )  # fmt: skip


def _next_try(person: int, now: datetime) -> datetime:
    return now + timedelta(hours=person % 60) if person % 10 == 0 else now


def _load_registries(draw: random.Random, numbers: list[str], now: datetime) -> None:
    from compliance.services import import_dnc
    from core import db
    from tests.factories.world import SELLER

    as_of = (now - timedelta(days=2)).date()
    for name in ("national", *STATES_WITH_LISTS):
        there = [one for one in numbers if name in ("national", _state_of_area(one[:5]))]
        with db.use_case():
            import_dnc(
                lines=draw.sample(there, len(there) // (5 if name == "national" else 20)) or there[:1],
                name=name,
                seller=SELLER,
                san="12345",
                as_of=as_of,
                file_sha256=hashlib.sha256(name.encode()).hexdigest(),
                actor="bench",
                now=now,
            )


@cache
def _state_of_area(area_code: str) -> str:
    from compliance.rules.places import describe_number

    evidence = describe_number(f"{area_code}5550100").evidence
    return min(evidence.states, default="") if evidence else ""


def _store_facts(draw: random.Random, phones: list[Sequence[object]], campaign: int, now: datetime) -> None:
    from tests.factories.world import SELLER

    numbers = sorted({str(each[1]) for each in phones})
    by = ("bench", now)
    _copy(
        "compliance_suppression",
        ("number", "seller", "scope", "kind", "channels", "campaign_ref", "person_ref", "category", "after_lifts",
         "reason", "raw_words", "heard_on", "recorded_by", "at"),
        ((number, SELLER, "seller", draw.choice(("do_not_call", "revoked", "wrong_number")), "[]", "", "", "", 0,
          "asked", "", "phone", *by) for number in draw.sample(numbers, len(numbers) // 50)),
    )  # fmt: skip
    _copy(
        "compliance_linerecord",
        ("number", "type", "checked_at", "source", "protected", "account", *BY),
        ((number, draw.choice(("wireless", "landline_res", "voip")), now - timedelta(days=draw.randrange(1, 60)), "bench",
          "", "", *by) for number in draw.sample(numbers, len(numbers) * 3 // 10)),
    )  # fmt: skip
    tried = draw.sample(phones, len(phones) // 10)
    _copy(
        "compliance_contactledger",
        ("decision_id", "number", "person_ref", "channel", "purpose", "seller", "campaign_ref", "attempt_ref", "caller_id",
         "subject", "with_consent", "parts", "at"),
        ((index * 4 + again, number, f"contact:{person}", "live_preview", "telemarketing", SELLER, f"campaign:{campaign}",
          str(index), "+12125550100", "", True, 1, now - timedelta(minutes=draw.randrange(1, 60 * 72)))
         for index, (person, number, _) in enumerate(tried) for again in range(draw.choice((1, 1, 2, 3)))),
    )  # fmt: skip
    _copy("compliance_consentrecord", CONSENT, _consents(draw, phones, now))


BY = ("recorded_by", "recorded_at")
CONSENT = (
    "number", "person_ref", "kind", "sellers", "obtained_by", "certificate", "lead_ref", "given_at", "purposes", "channels",
    "text_shown", "text_sha256", "page_url", "language", "signature", "authorises_automation", "not_a_condition",
    "box_preticked", "agrees_to_be_called", "ip", "user_agent", "session_ref", "name_given", "source", "evidence_file",
    "asked_how", "asked_words", "fingerprint", "position", "prev_hash", "row_hash", *BY,
)  # fmt: skip


def _consents(
    draw: random.Random, phones: list[Sequence[object]], now: datetime
) -> Iterable[Sequence[object]]:
    from tests.factories.world import SELLER

    seen = set()
    for person, number, _ in draw.sample(phones, len(phones) // 10):
        if number in seen:
            continue
        seen.add(number)
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        yield (
            number, f"contact:{person}", draw.choice(("pec", "pewc")), json.dumps([SELLER]), SELLER, "", "",
            now - timedelta(minutes=draw.randrange(1, 900_000)), "[]", "[]", "I agree", digest, "", "en", "checkbox", True,
            True, False, draw.random() < 0.5, "", "", "", "", "form", "", "", "", digest, 1, "", digest, "bench", now,
        )  # fmt: skip


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from django.db import connection

    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


if __name__ == "__main__":
    main()
