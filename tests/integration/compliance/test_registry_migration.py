"""The move of registry numbers from rows to files loses none."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from compliance.registry.snapshot import Snapshot

BEFORE = [("compliance", "0004_registry_file_fields")]
AFTER = [("compliance", "0005_registry_rows_to_files")]


@pytest.fixture
def fresh(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Return the alias of an empty database: later migrations cannot be taken back, so the tests' own will not do."""
    name = f"{connection.settings_dict['NAME']}_before"
    with django_db_blocker.unblock():
        with connection._nodb_cursor() as cursor:  # as Django's own test runner makes its databases
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
        connections.databases["fresh"] = {**connection.settings_dict, "NAME": name}
        try:
            yield "fresh"
        finally:
            connections["fresh"].close()
            del connections["fresh"], connections.databases["fresh"]
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _migrate(alias: str, target: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connections[alias])
    executor.migrate(target)
    return executor.loader.project_state(target).apps


def test_stored_numbers_become_files(fresh: str, tmp_path: Path, settings: Any) -> None:
    settings.REGISTRY_DIR = str(tmp_path)
    apps = _migrate(fresh, BEFORE)
    imports = apps.get_model("compliance", "DncListImport")
    told = {
        "seller": "Northwind",
        "san": "1",
        "duplicates": 0,
        "imported_by": "nil",
        "imported_at": datetime(2026, 11, 12, tzinfo=UTC),
        "as_of": date(2026, 11, 12),
    }
    kept = imports.objects.using(fresh).create(
        name="national", file_sha256="a" * 64, accepted=3, refused=0, active=True, **told
    )
    refused = imports.objects.using(fresh).create(
        name="FL", file_sha256="b" * 64, accepted=1, refused=9, active=False, **told
    )
    entries = apps.get_model("compliance", "DncEntry")
    numbers = [4075550123, 2002000000, 9999999999]
    entries.objects.using(fresh).bulk_create(
        entries(snapshot_id=kept.id, number=f"+1{number}") for number in numbers
    )

    imports = _migrate(fresh, AFTER).get_model("compliance", "DncListImport")

    row, none = imports.objects.using(fresh).get(id=kept.id), imports.objects.using(fresh).get(id=refused.id)
    snapshot = Snapshot(tmp_path / row.file, content_sha256=row.content_sha256)
    assert snapshot.scrub(np.array([*numbers, 4075550124])).tolist() == [True, True, True, False]
    assert (row.numbers, row.activated_by, row.activated_at) == (3, "nil", row.imported_at)
    assert (none.file, none.active, none.activated_by) == ("", False, "")
