"""Measures what-if of a campaign of 100,000 people: `python -m config.embedded exec python -m tests.load.bench_what_if`.

The people are those of tests.load.bench_waterfall. Prints one line of JSON for each mode: seconds of counting the list by all rules, of
reading the campaign's own figures, of the page once the forecast is kept, and of the forecast itself; processor time of Python beside it.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import django

MODES = ("preview", "progressive", "power", "predictive")


def main() -> None:
    """Build the people, ask, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--agents", default="25")
    parser.add_argument("--at", default="2026-11-23T16:00:00+00:00", help="when it is asked")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    from django.db import connection
    from django.test import override_settings

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with (
        tempfile.TemporaryDirectory(prefix="bench-what-if-") as folder,
        override_settings(REGISTRY_DIR=folder, ALLOWED_HOSTS=["testserver"]),
    ):
        measure(options.leads, options.agents, datetime.fromisoformat(options.at))
    connection.creation.destroy_test_db("", verbosity=0)


def measure(leads: int, agents: str, now: datetime) -> None:
    """Print a line for each mode."""
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from core import clock
    from dialer.forecasts import asking, running
    from dialer.forecasts.held import standing
    from dialer.why import counting
    from tests.load.bench_waterfall import build

    campaign = build(leads, now)
    clock.now = lambda: now
    counted, counting_cost = timed(lambda: counting.count(campaign, now=now))
    assert counted.found
    held = standing(counted.found)
    client = Client()
    client.force_login(User.objects.get(username="mia"))
    address = reverse("campaign-what-if", args=[campaign])
    for mode in MODES:
        given = {"mode": mode, "agents": agents, "answer_rate": "22"}
        asked = partial(asking.ask, campaign, given, standing_of=lambda _: held, now=now)
        (ask, _), own = timed(asked)
        _, forecast = timed(partial(running.make, ask))
        _make_kept(ask)
        _, page = timed(partial(client.get, address, given))
        told = {
            "leads": leads, "mode": mode, "agents": int(agents), "callable": ask.a.plan.leads + ask.a.plan.later,
            "count": counting_cost, "own_figures": own, "forecast": forecast, "page": page,
        }  # fmt: skip
        print(json.dumps(told), flush=True)


def _make_kept(ask: Any) -> None:
    """Have the worker's part done, so that the page finds the forecast."""
    from core import jobs as core_jobs
    from dialer.forecasts import running

    keys: list[str] = []
    send, core_jobs.enqueue_on_commit = (
        core_jobs.enqueue_on_commit,
        lambda name, **ids: keys.append(str(ids["key"])),
    )
    running.progress(ask)
    core_jobs.enqueue_on_commit = send
    for key in keys:
        running.play_kept(key)


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Return what the work returns, its seconds, and those of Python's processor time."""
    start, worked = time.perf_counter(), time.process_time()
    found = work()
    return found, {
        "seconds": round(time.perf_counter() - start, 2),
        "processor": round(time.process_time() - worked, 2),
    }


if __name__ == "__main__":
    main()
