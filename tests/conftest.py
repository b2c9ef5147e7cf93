"""What all tests share: named people, one Monday morning, no network but localhost, hints that do not leave the process.

Ana is an agent, Sol a supervisor, Mia a manager, Nil may do nothing here (a compliance officer).
"""

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import PROFILE, QUICK, examples

# How fast an example runs is the machine's affair. Examples are the same in every run, so that a red run can be repeated;
# `thorough` looks at all of them (tests/examples.py), HYPOTHESIS_PROFILE=explore at new ones.
for name, same in ((QUICK, True), ("thorough", True), ("explore", False)):
    settings.register_profile(
        name,
        max_examples=examples(100),
        deadline=None,
        derandomize=same,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(PROFILE)

# A zone whose date differs from UTC's for half of each day finds code that mixes them up.
os.environ["TZ"] = "Pacific/Kiritimati"
time.tzset()

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # Monday, 11:00 in New York


@pytest.fixture
def now() -> datetime:
    """Return a Monday, 11:00 in New York."""
    return NOW


@pytest.fixture(autouse=True, scope="session")
def _registry_folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Keep registry files of tests in a folder of their own."""
    from django.test import override_settings

    with override_settings(REGISTRY_DIR=str(tmp_path_factory.mktemp("registry"))):
        yield


@pytest.fixture(autouse=True)
def sent_jobs(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, dict[str, Any]]]:
    """Collect started tasks instead of sending them to the broker; tests run the services themselves."""
    from core import jobs

    sent: list[tuple[str, dict[str, Any]]] = []
    if "real_broker" not in request.keywords:
        monkeypatch.setattr(jobs, "_send", lambda name, ids: sent.append((name, ids)))
    return sent


@pytest.fixture(autouse=True)
def _clocks_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests stand on a day of their own, some by moving the process's clock; the database keeps the real one."""
    from core import clock

    monkeypatch.setattr(clock, "drift_from", lambda elsewhere: timedelta(0))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Remove what a test committed by DELETE, and only where there is anything.

    Django empties all tables, some hundreds of files each time, and makes the permissions anew: half a second for each such test.
    """
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = _remove_committed  # type: ignore[attr-defined]  # of Django, untyped


def _remove_committed(_test: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname = 'public'
            AND c.relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
            """
        )
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in tables))
        filled = [name for (name,) in cursor.fetchall()]
        # Neither the order of foreign keys nor what the tables let nobody delete matters here.
        cursor.execute("SET session_replication_role = replica")
        for name in filled:
            cursor.execute(f"DELETE FROM {name}")
        cursor.execute("SET session_replication_role = DEFAULT")
