"""What really happened: the carrier's and the CRMs' own records, compared with the database. Shares no code with the product."""

import itertools
import json
import urllib.request
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import zipcodes

# Weekday hours by state, copied by hand from the rule book's table 4.2; states that are not here: 8 to 21.
HOURS = {
    "AL": (8, 20), "CT": (9, 20), "FL": (8, 20), "KY": (10, 21), "LA": (8, 20), "MD": (8, 20), "MA": (8, 20), "MI": (9, 21),
    "MN": (9, 21), "MS": (8, 20), "NV": (9, 20), "NM": (9, 21), "OK": (8, 20), "OR": (8, 20), "PA": (9, 19), "RI": (9, 18),
    "SD": (9, 21), "TX": (9, 21), "WA": (8, 20), "WY": (8, 20), "PR": (9, 21),
}  # fmt: skip


@dataclass(frozen=True)
class Record:
    """A call as the database has it."""

    call_id: int
    number: str
    carrier_ref: str | None
    outcome: str
    answered: bool
    disposition: str
    external_ref: str
    postal_code: str
    ended_at: datetime | None


def read_json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.loads(answer.read())


def records(database_url: str) -> list[Record]:
    """Return every call in the database."""
    query = """
        SELECT c.id, c.number, c.carrier_ref, c.outcome, c.answered_at IS NOT NULL, coalesce(d.label, ''),
               coalesce(p.external_ref, ''), p.postal_code, c.ended_at
        FROM dialer_call c JOIN campaigns_contact p ON p.id = c.contact_id
        LEFT JOIN campaigns_disposition d ON d.id = c.disposition_id ORDER BY c.id"""
    with psycopg.connect(database_url) as connection:
        return [Record(*row) for row in connection.execute(query)]


def numbers(database_url: str) -> list[str]:
    """Return the phone numbers of everybody who was imported."""
    with psycopg.connect(database_url) as connection:
        query = "SELECT DISTINCT number FROM campaigns_contactphone ORDER BY number"
        return [str(row[0]) for row in connection.execute(query)]


def scalar(database_url: str, query: str) -> Any:
    with psycopg.connect(database_url) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


CALL = "parley-"  # how our names of calls begin


def activities(salesforce: str, hubspot: str) -> list[dict[str, Any]]:
    """Return every call in both CRMs: external_id, subject, person, created_at."""
    tasks = read_json(f"{salesforce}/_sandbox/activities")["activities"]
    calls = read_json(f"{hubspot}/_sandbox/activities")["activities"]
    return [
        *(
            {
                "external_id": t["external_id"],
                "subject": t["subject"],
                "person": t["who_id"],
                "created_at": t["created_at"],
            }
            for t in tasks
        ),
        *(
            {
                "external_id": c["external_id"],
                "subject": c["title"],
                "person": ",".join(c["contact_ids"]),
                "created_at": c["created_at"],
            }
            for c in calls
        ),
    ]


def outside_hours(calls: list[dict[str, Any]], postal_codes: dict[str, str]) -> list[str]:
    """Return the carrier's calls that were placed outside the hours of the person's ZIP code, naively."""
    wrong = []
    for call in calls:
        placed = datetime.fromisoformat(call["created_at"])
        found = zipcodes.matching(postal_codes[call["to"]]) if postal_codes.get(call["to"]) else []
        if not found:
            continue
        # The ZIP data has a few misprinted zones, all in Alaska.
        zone = found[0]["timezone"] if "/" in found[0]["timezone"] else "America/Anchorage"
        local = placed.astimezone(ZoneInfo(zone))
        opens, closes = HOURS.get(found[0]["state"], (8, 21))
        if not time(opens) <= local.time() < time(closes) or local.weekday() == 6:
            wrong.append(f"{call['to']} at {local:%a %H:%M %Z} in {found[0]['state']}")
    return wrong


def compare(
    *, calls: list[dict[str, Any]], activities: list[dict[str, Any]], ours: list[Record]
) -> dict[str, list[str]]:
    """Return what was lost and what was doubled at the carrier and in the CRMs, each as sentences."""
    at_carrier, in_crms = compare_calls(calls, ours), _compare_activities(activities, ours)
    lost = [*at_carrier["lost"], *in_crms["lost"], *without_result(ours)]
    return {"lost": lost, "duplicates": [*in_crms["duplicates"], *at_carrier["duplicates"]]}


def compare_calls(calls: list[dict[str, Any]], ours: list[Record]) -> dict[str, list[str]]:
    """Return how the carrier's record and the database differ: calls that one of them has not, other ends, numbers dialed twice."""
    by_ref = {record.carrier_ref: record for record in ours if record.carrier_ref}
    lost = [
        f"the carrier's call {call['sid']} to {call['to']} is not in the database"
        for call in calls
        if call["sid"] not in by_ref
    ]
    placed = placed_of(ours)
    finals = {call["sid"]: call["status"] for call in calls}
    lost += [f"call {r.call_id} is not at the carrier" for r in placed if r.carrier_ref not in finals]
    lost += [f"call {r.call_id} has not ended" for r in ours if not r.outcome]
    words = {
        "completed": "answered",
        "busy": "busy",
        "no-answer": "no_answer",
        "failed": "failed",
        "canceled": "canceled",
    }
    lost += [
        f"call {r.call_id} is {r.outcome}, the carrier says {finals[r.carrier_ref]}"
        for r in placed
        if r.carrier_ref in finals and words.get(finals[r.carrier_ref]) != r.outcome
    ]
    return {"lost": lost, "duplicates": _rang_twice(calls)}


def placed_of(ours: list[Record]) -> list[Record]:
    """Return the calls that the carrier took."""
    return [record for record in ours if record.outcome != "not_placed"]


def without_result(ours: list[Record]) -> list[str]:
    """Return the placed calls that nobody, and nothing, has disposed of."""
    return [f"call {record.call_id} has no result" for record in placed_of(ours) if not record.disposition]


def _compare_activities(activities: list[dict[str, Any]], ours: list[Record]) -> dict[str, list[str]]:
    logged = Counter(activity["external_id"] for activity in activities)
    # A promise to call back is a task of its own beside its call's: here it only has to stand there once.
    activities = [each for each in activities if each["external_id"].startswith(CALL)]
    due = {f"-{record.call_id}": record for record in placed_of(ours) if record.external_ref}
    stands = {
        key: activity for activity in activities for key in [f"-{activity['external_id'].rsplit('-', 1)[-1]}"]
    }
    lost = [f"call {record.call_id} is not in the CRM" for key, record in due.items() if key not in stands]
    lost += [
        f"call {record.call_id} has no result in the CRM ({stands[key]['subject']!r}, not {record.disposition!r})"
        for key, record in due.items()
        if key in stands and record.disposition and record.disposition not in stands[key]["subject"]
    ]
    lost += [
        f"call {record.call_id} stands on another person in the CRM"
        for key, record in due.items()
        if key in stands and stands[key]["person"] != record.external_ref.rsplit(":", 1)[-1]
    ]
    doubled = [
        f"{external_id} stands {count} times in the CRM" for external_id, count in logged.items() if count > 1
    ]
    doubled += [
        f"{external_id} is in the CRM and not in the database"
        for external_id in logged
        if external_id.startswith(CALL) and f"-{external_id.rsplit('-', 1)[-1]}" not in due
    ]
    return {"lost": lost, "duplicates": doubled}


def _rang_twice(calls: list[dict[str, Any]]) -> list[str]:
    """Return numbers that had two calls at one time."""
    by_number: dict[str, list[tuple[datetime, datetime]]] = {}
    for call in calls:
        begin = datetime.fromisoformat(call["created_at"])
        end = (
            datetime.fromisoformat(call["ended_at"]) if call["ended_at"] else datetime.max.replace(tzinfo=UTC)
        )
        by_number.setdefault(call["to"], []).append((begin, end))
    wrong = []
    for number, spans in by_number.items():
        spans.sort()
        wrong += [
            f"{number} had two calls at once" for one, two in itertools.pairwise(spans) if two[0] < one[1]
        ]
    return wrong
