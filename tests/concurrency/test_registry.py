"""Imports of the same registry file at the same time make one copy."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from compliance import services
from compliance.models import DncListImport
from compliance.registry_facts import folder

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
WORKERS = 6


def test_the_same_file_loaded_by_many_at_once_is_stored_once(settings: Any, tmp_path: Path) -> None:
    settings.REGISTRY_DIR = str(tmp_path)
    together = Barrier(WORKERS)
    data = "".join(f"407{number:07d}\n" for number in range(5_550_000, 5_560_000)).encode()

    def load(_: int) -> int:
        told = services.RegistryFile(name="national", seller="Northwind", san="1", as_of=date(2026, 11, 12))
        together.wait()
        try:
            return services.import_registry_file(BytesIO(data), told, actor="nil", now=NOW).id
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        ids = set(pool.map(load, range(WORKERS)))

    row = DncListImport.objects.get()
    assert ids == {row.id}
    assert sorted(path.name for path in folder().iterdir()) == [".lock", row.file]
