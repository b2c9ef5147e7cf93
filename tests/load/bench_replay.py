"""How fast stored verdicts are replayed and verified. By hand: python -m config.embedded exec python -m tests.load.bench_replay

Fills a database of its own with verdicts the gate could have given (many facts, varied instants), replays a changed state row
and, on a part, every rule in full; verifies one day. Prints one line of JSON. --verdicts says how many (default: a million).
"""

import argparse
import json
import os
import random
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

import django

FIRST = date(2026, 10, 1)
DAYS = 50
DISTINCT = 200  # a day
BATCH = 2000
EDIT = "states.FL.weekday=09:00-17:00"  # reaches the rules about hours, days and attempts
NUMBER = "numbers.attempts_per_24h=2"  # reaches one rule


def main() -> None:
    """Fill, replay, verify, print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    parser = argparse.ArgumentParser()
    parser.add_argument("--verdicts", type=int, default=1_000_000)
    parser.add_argument("--full", type=int, default=10, help="days replayed with every rule")
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        print(json.dumps(_measure(options.verdicts, options.full)), flush=True)
    finally:
        teardown_databases(databases, verbosity=0)


def _measure(verdicts: int, full_days: int) -> dict[str, Any]:
    from compliance.replay import running
    from compliance.replay.edits import changed_rules
    from compliance.store.partitions import list_partitions
    from compliance.store.verifying import verify_day

    began = time.perf_counter()
    _fill(verdicts)
    filled = time.perf_counter() - began
    rules, now = changed_rules(edits=[EDIT]), datetime(2026, 11, 22, tzinfo=UTC)
    scope = running.ReplayScope(since=FIRST, until=FIRST + timedelta(days=DAYS))
    quick = running.replay(rules, scope, actor="bench", now=now)
    number = running.replay(changed_rules(edits=[NUMBER]), scope, actor="bench", now=now)
    part = running.ReplayScope(since=FIRST, until=FIRST + timedelta(days=full_days))
    full = running.replay(rules, part, actor="bench", now=now, in_full=True)
    began = time.perf_counter()
    checked = verify_day(FIRST)
    verified = time.perf_counter() - began
    sizes = list_partitions()
    return {
        "verdicts": quick.verdicts,
        "changed": quick.changed,
        "replay_seconds": quick.seconds,
        "replay_per_second": round(quick.verdicts / quick.seconds),
        "one_number_per_second": round(number.verdicts / number.seconds),
        "full_verdicts": full.verdicts,
        "full_per_second": round(full.verdicts / full.seconds),
        "verify_per_second": round(checked.verdicts / verified),
        "findings": len(checked.findings),
        "fill_per_second": round(verdicts / filled),
        "bytes_a_verdict": round(sum(each.table_bytes for each in sizes) / verdicts),
        "bytes_a_verdict_with_indexes": round(sum(each.total_bytes for each in sizes) / verdicts),
    }


def _fill(verdicts: int) -> None:
    from compliance.store import partitions
    from compliance.store.writing import write_decisions
    from core import db

    for month in range(FIRST.month, 13):
        partitions.manage_partitions(now=datetime(FIRST.year, month, 1, tzinfo=UTC))
    rng = random.Random(1)
    for number in range(DAYS):
        kinds = [_decided(rng, FIRST + timedelta(days=number)) for _ in range(DISTINCT)]
        indexes = range(number * verdicts // DAYS, (number + 1) * verdicts // DAYS)
        for start in range(0, len(indexes), BATCH):
            with db.use_case():
                write_decisions([_row(rng.choice(kinds), index) for index in indexes[start : start + BATCH]])


def _decided(rng: random.Random, day: date) -> Any:
    """A verdict of the day; half the people are in Florida, nine in twelve are asked for at an hour of calling."""
    from dataclasses import replace

    from compliance.rules import engine
    from compliance.rules.facts import LineType
    from compliance.services.gate import _decision_row
    from tests.rules.making import attempt, facts

    number, address = rng.choice(
        [
            ("+14075550123", {"state": "FL", "postal_code": "32801", "city": "Orlando"}),
            ("+18505550123", {"state": "FL", "postal_code": "32501", "city": "Pensacola"}),
            ("+12125550123", {"state": "NY", "postal_code": "10001", "city": "New York"}),
            ("+13125550123", {"state": "IL", "postal_code": "60601", "city": "Chicago"}),
        ]
    )
    hour = rng.choice([14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 1, 3])
    # Half a minute off every limit, so that _row may move it within its second.
    when = datetime.combine(day, clock_time(hour, rng.randint(0, 59), 30), UTC)
    found = facts(
        when,
        number=number,
        **address,
        line_type=rng.choice(list(LineType)),
        attempts=tuple(
            attempt(when - timedelta(minutes=rng.randint(61, 3600))) for _ in range(rng.randint(0, 3))
        ),
    )
    state = address["state"]
    found = replace(
        found,
        registry=replace(
            found.registry, own_lists=tuple(one for one in found.registry.own_lists if one.name == state)
        ),
        registrations=tuple(one for one in found.registrations if one.state == state),
        crm_do_not_call=rng.random() < 0.03,
    )
    return _decision_row(found, engine.decide(found))


def _row(kind: Any, index: int) -> Any:
    """The same decision in the same second, of another person: to the byte what the gate would have stored for such facts."""
    from dataclasses import replace

    at = kind.decided_at.replace(microsecond=index % 1_000_000)
    person, attempt = f"contact:{index % 400_000}", f"00000000-0000-4000-8000-{index:012d}"
    facts = (
        kind.facts.replace(_iso(kind.decided_at), _iso(at), 1)
        .replace('"lead:1"', f'"{person}"', 1)
        .replace('"attempt:1"', f'"{attempt}"', 1)
    )
    return replace(kind, facts=facts, decided_at=at, person_ref=person, attempt_ref=attempt)


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    main()
