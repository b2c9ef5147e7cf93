"""What came of the calls: the carrier's record, the robots' own and the database compared. Shares no code with the product."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg

from tests.e2e import robots, truth

NO_VERDICT = """
    SELECT 'call ' || c.id || ' has no verdict' FROM dialer_call c JOIN dialer_dialattempt a ON a.id = c.attempt_id
    LEFT JOIN compliance_compliancedecision d ON d.id = a.decision_id
    WHERE d.id IS NULL OR d.outcome <> 'allow' OR d.number <> c.number ORDER BY c.id"""
STUCK = """
    SELECT u.username || ' is ' || s.state || ' since ' || s.state_since || coalesce(', call ' || s.call_id, '')
    FROM dialer_agentsession s JOIN accounts_user u ON u.id = s.user_id
    WHERE s.ended_at IS NULL AND (s.call_id IS NOT NULL OR s.campaign_lead_id IS NOT NULL OR s.state <> 'not_ready')
    ORDER BY u.username"""
HELD = """
    SELECT 'lead ' || l.id || ' is held and nobody calls it' FROM campaigns_campaignlead l
    WHERE l.state = 'held' AND NOT EXISTS (
        SELECT 1 FROM dialer_call c JOIN dialer_dialattempt a ON a.id = c.attempt_id
        WHERE a.campaign_lead_id = l.id AND c.state <> 'ended') ORDER BY l.id"""
OPEN = """
    SELECT (SELECT count(*) FROM dialer_call WHERE state <> 'ended')
         + (SELECT count(*) FROM dialer_dialattempt WHERE state IN ('reserved', 'dialing', 'placed', 'unknown'))
         + (SELECT count(*) FROM carriers_carrierinbox WHERE applied_at IS NULL)
         + (SELECT count(*) FROM core_outboxmessage)"""
RESULTS = """
    SELECT c.id, coalesce(d.code, '') FROM dialer_call c
    LEFT JOIN campaigns_disposition d ON d.id = c.disposition_id"""
ENDS = "SELECT carrier_ref, ended_at FROM dialer_call WHERE carrier_ref IS NOT NULL AND ended_at IS NOT NULL"
BRIDGED = "SELECT carrier_ref FROM dialer_call WHERE carrier_ref IS NOT NULL AND bridged_at IS NOT NULL"
KINDS = (
    "not_as_at_the_carrier",
    "double_dials",
    "agents_stuck",
    "dispositions_lost",
    "without_a_verdict",
    "answers_of_500",
)
COUNTS = """
    SELECT count(*) FILTER (WHERE outcome <> 'not_placed') AS placed,
           count(*) FILTER (WHERE outcome = 'not_placed') AS not_placed,
           count(*) FILTER (WHERE answered_at IS NOT NULL) AS answered,
           count(*) FILTER (WHERE bridged_at IS NOT NULL) AS bridged,
           count(*) FILTER (WHERE abandoned) AS abandoned,
           count(*) FILTER (WHERE a.reserved_by_id IS NULL AND outcome <> 'not_placed') AS dialed_by_the_dialer,
           count(*) FILTER (WHERE interruptions > 0) AS interrupted
    FROM dialer_call c JOIN dialer_dialattempt a ON a.id = c.attempt_id"""


def wrongs(
    database_url: str, calls: list[dict[str, Any]], agents: Sequence[robots.Agent]
) -> dict[str, list[str]]:
    """Return all that may not be, by kind, as sentences; every kind is there, empty where all is well."""
    ours = truth.records(database_url)
    found = truth.compare_calls(calls, ours)
    with psycopg.connect(database_url) as connection:
        results: dict[int, str] = dict(connection.execute(RESULTS).fetchall())
        stuck, held, no_verdict = (
            [str(row[0]) for row in connection.execute(query)] for query in (STUCK, HELD, NO_VERDICT)
        )
    lost = [
        f"{agent.username} saved “{code}” on call {call_id}, which has “{results.get(call_id, '')}”"
        for agent in agents
        for call_id, code in agent.saved.items()
        if results.get(call_id) != code
    ]
    stuck += [f"{agent.username} could not finish" for agent in agents if not agent.is_done]
    return {
        "not_as_at_the_carrier": found["lost"],
        "double_dials": found["duplicates"],
        "agents_stuck": [*stuck, *held],
        "dispositions_lost": [*lost, *truth.without_result(ours)],
        "without_a_verdict": no_verdict,
        "answers_of_500": [f"{agent.username}: {fault}" for agent in agents for fault in agent.faults],
    }


def counts(database_url: str) -> Mapping[str, int]:
    """Return how many calls there were of each kind."""
    with psycopg.connect(database_url) as connection:
        cursor = connection.execute(COUNTS)
        row = cursor.fetchone()
        assert row is not None
        assert cursor.description is not None
        return {column.name: int(value) for column, value in zip(cursor.description, row, strict=True)}


def late_ends(database_url: str, calls: list[dict[str, Any]]) -> list[float]:
    """Return for each call how many seconds after its end at the carrier we knew of it."""
    with psycopg.connect(database_url) as connection:
        ends: dict[str, datetime] = dict(connection.execute(ENDS).fetchall())
    return [
        max(0.0, (ends[call["sid"]] - datetime.fromisoformat(call["ended_at"])).total_seconds())
        for call in calls
        if call["ended_at"] and call["sid"] in ends
    ]


def joined_unknown_to_us(database_url: str, calls: list[dict[str, Any]]) -> int:
    """Return how many people were in an agent's conference without our ever having heard of it."""
    with psycopg.connect(database_url) as connection:
        bridged = {row[0] for row in connection.execute(BRIDGED)}
    return sum(bool(call["conferences"]) and call["sid"] not in bridged for call in calls)


def is_quiet(database_url: str) -> bool:
    """Return whether nothing is open any more: no call, attempt, webhook or message."""
    return not truth.scalar(database_url, OPEN)
