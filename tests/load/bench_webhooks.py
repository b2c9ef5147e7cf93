"""How fast "somebody picked up" is answered with TwiML: `make bench-webhooks`, or python -m config.embedded exec this module.

One web process, or `--processes` of them, with PostgreSQL and Redis behind; one client process posts 100 signed webhooks a second for
20 seconds, each for a call of its own that an agent waits for, at its time whether or not the one before was answered. The server's own
figures are those of its request log; the client's have the network and the client's own waiting in them. Prints one line of JSON.
"""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

GOAL_P99_MS = 50
WARM_UP = 100
FORM = "application/x-www-form-urlencoded"
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Fill, start the web process, post, print."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    from django.db import connections
    from django.test.utils import setup_databases, teardown_databases

    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--processes", type=int, default=1, help="web processes")
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        attempts = _fill(options.rate * options.seconds + WARM_UP)
        with (
            tempfile.TemporaryDirectory() as folder,
            _web(Path(folder) / "web.log", options.processes) as web,
        ):
            url, process = web
            found = asyncio.run(_post_all(url, attempts, options.rate, process.pid))
            found |= _from_log(Path(folder) / "web.log")
        answered = _answered()
        print(
            json.dumps(
                {**found, "calls_answered": answered, "goal_p99_ms": GOAL_P99_MS, "load": os.getloadavg()[0]}
            )
        )
    finally:
        connections.close_all()
        teardown_databases(databases, verbosity=0)


def _fill(count: int) -> list[str]:
    """Store so many calls that ring, each with an agent whose phone is up; the gate's part of them is left out."""
    from django.db import connection

    from accounts.models import User
    from campaigns.models import CampaignLead, Contact
    from dialer.models import AgentSession, Call, DialAttempt
    from tests.factories.world import CALLER_ID, make_world

    now = datetime.now(UTC)
    world = make_world(now)
    with connection.cursor() as cursor:
        # No verdict stands behind these attempts, which the triggers would refuse.
        cursor.execute("SET session_replication_role = replica")
    users = User.objects.bulk_create(User(username=f"a{index}", role="agent") for index in range(count))
    people = Contact.objects.bulk_create(
        Contact(first_name="A", last_name=str(index), created_at=now, changed_at=now)
        for index in range(count)
    )
    leads = CampaignLead.objects.bulk_create(
        CampaignLead(
            campaign=world.campaign,
            contact=who,
            state="held",
            held_by=user,
            held_at=now,
            next_try_at=now,
            added_at=now,
        )
        for who, user in zip(people, users, strict=True)
    )
    attempts = DialAttempt.objects.bulk_create(
        DialAttempt(
            campaign_lead=lead, number=f"+1407{index + 2_000_000}", caller_id=CALLER_ID, decision_id=index + 1,
            state="placed", state_at=now, reserved_at=now, placed_at=now,
        )
        for index, lead in enumerate(leads)
    )  # fmt: skip
    sessions = AgentSession.objects.bulk_create(
        AgentSession(
            user=user, campaign=world.campaign, state="on_call", state_since=now, leg_state="up",
            leg_ref=f"CAagent{user.pk}", started_at=now, seen_at=now + timedelta(hours=1), campaign_lead=lead,
        )
        for user, lead in zip(users, leads, strict=True)
    )  # fmt: skip
    calls = Call.objects.bulk_create(
        Call(
            attempt=attempt, campaign=world.campaign, contact=who, agent=session.user, session=session,
            carrier_ref=f"CA{attempt.pk.hex}", number=attempt.number, caller_id=CALLER_ID, state="ringing", created_at=now,
        )
        for attempt, who, session in zip(attempts, people, sessions, strict=True)
    )  # fmt: skip
    for session, call in zip(sessions, calls, strict=True):
        session.call = call
    AgentSession.objects.bulk_update(sessions, ["call"], batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    return [str(attempt.pk) for attempt in attempts]


@contextlib.contextmanager
def _web(log: Path, processes: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    from django.db import connection

    head, _, tail = os.environ["DATABASE_URL"].partition("?")
    name = connection.settings_dict["NAME"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = {
        **os.environ,
        "DATABASE_URL": f"{head.rsplit('/', 1)[0]}/{name}?{tail}",
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PARLEY_PUBLIC_URL": url,
        "PARLEY_LOG_FORMAT": "json",
        "PARLEY_LOG_LEVEL": "INFO",
    }
    words = [
        "uvicorn",
        "config.asgi:application",
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "warning",
        *(["--workers", str(processes)] if processes > 1 else []),
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], env=env, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(url)
            yield url, process
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(url: str) -> None:
    import requests

    for _ in range(300):
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{url}/hooks/voice/fault", timeout=30).status_code == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("The web process did not start.")


async def _post_all(url: str, attempts: list[str], rate: int, pid: int) -> dict[str, Any]:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=100)
    async with aiohttp.ClientSession(connector=connector) as client:
        for attempt in attempts[:WARM_UP]:
            await _post(client, url, attempt)
        cpu, began = _cpu_seconds(pid), time.perf_counter()
        tasks = []
        for index, attempt in enumerate(attempts[WARM_UP:]):
            await asyncio.sleep(max(0.0, began + index / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(_post(client, url, attempt)))
        times = sorted(await asyncio.gather(*tasks))
        took = time.perf_counter() - began
    return {
        "webhooks": len(times),
        "per_second": round(len(times) / took, 1),
        "client_p50_ms": _at(times, 0.5),
        "client_p99_ms": _at(times, 0.99),
        "web_cpu_ms_each": round((_cpu_seconds(pid) - cpu) / len(times) * 1000, 2),
    }


async def _post(client: Any, url: str, attempt: str) -> float:
    from django.conf import settings
    from twilio.request_validator import RequestValidator

    address = f"{url}/hooks/voice/calls/{attempt}/answer"
    params = {
        "CallSid": f"CA{uuid.UUID(attempt).hex}", "AccountSid": settings.TWILIO_ACCOUNT_SID, "CallStatus": "in-progress",
        "From": "+14075550100", "To": "+14075550123", "Direction": "outbound-api", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    headers = {
        "X-Twilio-Signature": RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(address, params),
        "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
        "Content-Type": FORM,
    }
    began = time.perf_counter()
    async with client.post(address, data=urlencode(params), headers=headers) as answer:
        text = await answer.text()
        took = time.perf_counter() - began
        if answer.status != 200 or "</Conference>" not in text:
            raise RuntimeError(f"{answer.status} {text[:300]}")
    return took * 1000


def _from_log(log: Path) -> dict[str, Any]:
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if '"core.request"' in line]
    times = [found["ms"] for line in lines if (found := json.loads(line))["path"].endswith("/answer")]
    times = sorted(times[WARM_UP:])
    return {"server_p50_ms": _at(times, 0.5), "server_p99_ms": _at(times, 0.99)}


def _answered() -> int:
    from dialer.models import Call

    return Call.objects.filter(state="answered").count()


def _at(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(len(times) * share))], 1)


def _cpu_seconds(pid: int) -> float:
    """Return what a process and those it has started have used up."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return _own_cpu_seconds(pid) + sum(_own_cpu_seconds(int(child)) for child in children)


def _own_cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


if __name__ == "__main__":
    main()
