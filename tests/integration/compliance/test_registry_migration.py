"""The move of registry numbers from rows to files loses none."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from compliance.registry.snapshot import Snapshot

BEFORE = [("compliance", "0004_registry_file_fields")]
AFTER = [("compliance", "0005_registry_rows_to_files")]


def _migrate(target: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return executor.loader.project_state(target).apps


@pytest.mark.django_db(transaction=True)
def test_stored_numbers_become_files(tmp_path: Path, settings: Any) -> None:
    settings.REGISTRY_DIR = str(tmp_path)
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        apps = _migrate(BEFORE)
        imports = apps.get_model("compliance", "DncListImport")
        told = {
            "seller": "Northwind",
            "san": "1",
            "duplicates": 0,
            "imported_by": "nil",
            "imported_at": datetime(2026, 11, 12, tzinfo=UTC),
            "as_of": date(2026, 11, 12),
        }
        kept = imports.objects.create(
            name="national", file_sha256="a" * 64, accepted=3, refused=0, active=True, **told
        )
        refused = imports.objects.create(
            name="FL", file_sha256="b" * 64, accepted=1, refused=9, active=False, **told
        )
        entries = apps.get_model("compliance", "DncEntry")
        numbers = [4075550123, 2002000000, 9999999999]
        entries.objects.bulk_create(entries(snapshot_id=kept.id, number=f"+1{number}") for number in numbers)

        imports = _migrate(AFTER).get_model("compliance", "DncListImport")

        row, none = imports.objects.get(id=kept.id), imports.objects.get(id=refused.id)
        snapshot = Snapshot(tmp_path / row.file, content_sha256=row.content_sha256)
        assert snapshot.scrub(np.array([*numbers, 4075550124])).tolist() == [True, True, True, False]
        assert (row.numbers, row.activated_by, row.activated_at) == (3, "nil", row.imported_at)
        assert (none.file, none.active, none.activated_by) == ("", False, "")
    finally:
        MigrationExecutor(connection).migrate(latest)
