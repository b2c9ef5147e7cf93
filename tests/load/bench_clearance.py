"""How fast the gate clears. By hand: python -m config.embedded exec python -m tests.load.bench_clearance

In a database of its own, with registry copies, papers and line records: batches of 100 that are decided, stored in the hash
chain and reserved, by one process and by two at once; then single clearances, each reserved and consumed in transactions of its
own as a preview call does. A caller ID makes a hundred calls a day. Prints one line of JSON; `cpu_us_a_verdict` is this process's
own work on a verdict of a batch, without the database's.
"""

import argparse
import json
import multiprocessing
import os
import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
PLACES: list[tuple[str, dict[str, Any]]] = [
    ("407", {"state": "FL", "postal_code": "32801", "city": "Orlando"}),
    ("212", {"state": "NY", "postal_code": "10001", "city": "New York"}),
    ("312", {"state": "IL", "postal_code": "60601", "city": "Chicago"}),
    ("214", {"state": "TX", "postal_code": "75201", "city": "Dallas"}),
    ("602", {"state": "AZ", "postal_code": "85001", "city": "Phoenix"}),
    ("415", {}),
]
BATCH = 100
SERIES, MOST = 8, 10_000  # series of contacts, and how many each may have


def main() -> None:
    """Fill, measure, print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    parser = argparse.ArgumentParser()
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--singles", type=int, default=400)
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        print(json.dumps(_measure(options.batches, options.singles)), flush=True)
    finally:
        teardown_databases(databases, verbosity=0)


def _measure(batches: int, singles: int) -> dict[str, Any]:
    from django.db import connection, connections

    _fill()
    _batches(0, 3)  # warm: reference data, prepared statements
    began = time.process_time()
    one = _batches(1, batches)
    work = time.process_time() - began
    name = connection.settings_dict["NAME"]
    connections.close_all()
    context = multiprocessing.get_context("spawn")
    with context.Pool(2, initializer=_child, initargs=(name,)) as pool:
        pool.starmap(_batches, [(2, 3), (3, 3)])
        began = time.perf_counter()
        pool.starmap(_batches, [(4, batches), (5, batches)])
        two = time.perf_counter() - began
    times = sorted(_single(index) for index in range(singles))
    return {
        "batch_verdicts_per_second": round(batches * BATCH / one),
        "batch_verdicts_per_second_two_processes": round(2 * batches * BATCH / two),
        "cpu_us_a_verdict": round(work / batches / BATCH * 1e6),
        "single_p50_ms": round(statistics.median(times) * 1000, 2),
        "single_p95_ms": round(times[int(len(times) * 0.95)] * 1000, 2),
    }


def _child(name: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = name


def _fill() -> None:
    from compliance.models import CallerAuthority, LineRecord
    from compliance.rules.facts import LineType
    from tests.factories.world import SELLER, give_papers, load_registry, load_state_list

    load_registry(NOW, [f"+1407555{index:04d}" for index in range(5000, 5400)])
    for state in ("FL", "TX"):
        load_state_list(NOW, state)
    give_papers(NOW)
    CallerAuthority.objects.bulk_create(
        CallerAuthority(
            number=_caller_id(series, index),
            seller=SELLER,
            authority="contract 1",
            takes_requests=True,
            tested_on=(NOW - timedelta(days=3)).date(),
            recorded_by="bench",
            recorded_at=NOW,
        )
        for series in range(SERIES)
        for index in range(0, MOST, BATCH)
    )
    LineRecord.objects.bulk_create(
        LineRecord(
            number=_number(series, index),
            type=(LineType.WIRELESS if index % 8 else LineType.LANDLINE_RES).value,
            source="bench",
            checked_at=NOW - timedelta(days=2),
            recorded_by="bench",
            recorded_at=NOW,
        )
        for series in range(SERIES)
        for index in range(0, MOST, 4)
    )


def _number(series: int, index: int) -> Any:
    from core.types import PhoneNumber

    area = PLACES[index % len(PLACES)][0]
    return PhoneNumber(f"+1{area}{200 + series * 20 + index // 10000:03d}{index % 10000:04d}")


def _caller_id(series: int, index: int) -> Any:
    from core.types import PhoneNumber

    return PhoneNumber(f"+1407556{series}{index // BATCH:03d}")


def _request(series: int, index: int) -> Any:
    from compliance.rules.facts import Channel, Purpose
    from compliance.services import ContactRequest
    from tests.factories.world import SELLER

    return ContactRequest(
        number=_number(series, index),
        channel=Channel.LIVE_PREVIEW,
        purpose=Purpose.TELEMARKETING,
        seller=SELLER,
        campaign_ref="campaign:1",
        person_ref=f"lead:{series}-{index}",
        attempt_ref=f"attempt:{series}-{index}",
        caller_id=_caller_id(series, index),
        ring_seconds=25,
        **PLACES[index % len(PLACES)][1],
    )


def _batches(series: int, count: int) -> float:
    """Clear `count` batches and return the seconds it took."""
    from compliance import services
    from core import db

    order = list(range(count * BATCH))
    random.Random(series).shuffle(order)
    began = time.perf_counter()
    for start in range(0, len(order), BATCH):
        with db.use_case():
            services.clear_to_contact(
                [_request(series, index) for index in order[start : start + BATCH]], now=NOW
            )
    return time.perf_counter() - began


def _single(index: int) -> float:
    from compliance import services
    from core import db

    request = _request(6, index)
    bound = services.Bound(
        number=request.number,
        channel=request.channel.value,
        purpose=request.purpose.value,
        seller=request.seller,
        campaign_ref=request.campaign_ref,
        caller_id=request.caller_id,
    )
    began = time.perf_counter()
    with db.use_case():
        [answer] = services.clear_to_contact([request], now=NOW)
    if isinstance(answer, services.Cleared):
        with db.use_case():
            services.consume_clearance(decision_id=answer.decision_id, bound=bound, now=NOW)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
