"""Measures a round of the dialing loop: `python -m config.embedded exec python -m tests.load.bench_pacer_tick`.

Fifty predictive campaigns with ten agents each: a third of the agents are free, the others talk or write; twelve calls ring for each
campaign, and a thousand leads are left. Carrier limit 0.001 calls a second, so that the round decides everything and starts
nothing: what a started call costs is the gate's, and measured there. Everything is built in a test database, which is dropped
afterwards. Prints one line of JSON and fails when a round takes longer than the bound in the mean.
"""

import argparse
import json
import os
import statistics
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import django

BOUND_MS = 50.0


def main() -> None:
    """Build the campaigns, run rounds, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--campaigns", type=int, default=50)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.db import connection
    from django.test import override_settings

    from dialer.services.pacing import Pacing

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    now = datetime.fromisoformat("2026-11-23T16:00:00+00:00")
    with override_settings(CARRIER_CPS=0.001):
        build(options.campaigns, options.agents, now)
        pacing = Pacing()
        pacing.round(now=now)  # takes the campaigns over
        walls, works = [], []
        for number in range(1, options.rounds + 1):
            begun, worked = time.perf_counter(), time.process_time()
            pacing.round(now=now + timedelta(seconds=number / 4))
            walls.append((time.perf_counter() - begun) * 1000)
            works.append((time.process_time() - worked) * 1000)
    connection.creation.destroy_test_db("", verbosity=0)
    told = {
        "campaigns": options.campaigns,
        "agents": options.agents,
        "rounds": options.rounds,
        "mean_ms": round(statistics.mean(walls), 1),
        "median_ms": round(statistics.median(walls), 1),
        "p95_ms": round(sorted(walls)[int(0.95 * len(walls))], 1),
        "processor_mean_ms": round(statistics.mean(works), 1),  # of Python; PostgreSQL has its own
        "bound_ms": BOUND_MS,
    }
    print(json.dumps(told), flush=True)
    sys.exit(told["mean_ms"] > BOUND_MS)


def build(campaigns: int, agents: int, now: datetime) -> None:
    """Store running campaigns with agents at work, calls that ring, leads left and a month of counted answers."""
    from django.db import connection

    from accounts.models import User
    from campaigns.models import Campaign
    from dialer.models import AgentSession, AnsweredDay
    from tests.factories.world import make_world

    base = make_world(now).campaign
    base.mode, base.started_at, base.state = "predictive", now - timedelta(days=40), "running"
    base.save(update_fields=["mode", "started_at", "state"])
    for number in range(1, campaigns):
        base.pk, base.name = None, f"Campaign {number}"
        base.save(force_insert=True)
    ids = list(Campaign.objects.order_by("pk").values_list("pk", flat=True))
    AnsweredDay.objects.bulk_create(
        AnsweredDay(campaign_id=each, day=(now - timedelta(days=back)).date(), live=400, abandoned=8)
        for each in ids
        for back in range(31)
    )
    User.objects.bulk_create(
        User(username=f"agent{number}", email=f"agent{number}@parley.example", role="agent")
        for number in range(agents)
    )
    people = list(User.objects.filter(username__startswith="agent").order_by("pk"))
    AgentSession.objects.bulk_create(
        _session(user.pk, ids[number % campaigns], number, now) for number, user in enumerate(people)
    )
    for each in ids:
        _store_calls(each, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _session(user_id: int, campaign_id: int, number: int, now: datetime) -> Any:
    from dialer.models import AgentSession

    return AgentSession(
        user_id=user_id,
        campaign_id=campaign_id,
        state=("ready", "on_call", "wrap_up")[number // 50 % 3],
        state_since=now - timedelta(seconds=number % 60),
        leg_state="up",
        started_at=now - timedelta(hours=1),
        seen_at=now + timedelta(minutes=1),
    )


def _store_calls(campaign_id: int, now: datetime) -> None:
    """Leads by the thousand and calls that ring; the gate's verdicts on these are left out, nothing here reads them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica"
        )  # no trigger, no foreign key: only the rows matter
        cursor.execute(
            "INSERT INTO campaigns_campaignlead (campaign_id, contact_id, state, next_try_at, is_callback, attempts, last_result,"
            " reason, added_at) SELECT %s, n, 'ready', %s, false, 0, '', '', %s FROM generate_series(1, 1000) n",
            [campaign_id, now - timedelta(hours=1), now],
        )
        cursor.execute(
            "WITH made AS (INSERT INTO dialer_dialattempt (id, campaign_lead_id, number, caller_id, channel, decision_id, state,"
            " state_at, reason, reserved_at, placed_at) SELECT gen_random_uuid(), n, '+1407555' || lpad((%(c)s * 12 + n)::text, 4, '0'),"
            " '+14075550100', 'live_predictive', %(c)s * 1000 + n, 'placed', %(now)s, '', %(now)s, %(now)s - n * interval '1 second'"
            " FROM generate_series(1, 12) n RETURNING id, number)"
            " INSERT INTO dialer_call (attempt_id, campaign_id, contact_id, number, caller_id, state, outcome, answered_by,"
            " machine_verdict, agent_heard, abandoned, created_at, hold_mark, interruptions, told, lost_in_mid_call, note, times_logged)"
            " SELECT id, %(c)s, 1, number, '+14075550100', 'ringing', '', '', '', '', false, %(now)s, '', 0, '', false, '', 0 FROM made",
            {"c": campaign_id, "now": now},
        )
        cursor.execute("SET session_replication_role = origin")


if __name__ == "__main__":
    main()
