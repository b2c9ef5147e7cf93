"""Packs made at the same moment, with real commits: one chain, each of one instant of the database."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.test import override_settings

from compliance.models import Suppression
from core import db
from core.types import PhoneNumber
from evidence import checking, selectors, services
from evidence.models import EvidencePack
from tests.concurrency.test_imports import run_together
from tests.conftest import NOW
from tests.factories.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_packs_made_at_once_are_one_chain(tmp_path: Path) -> None:
    make_world(NOW)

    def make(minute: int) -> services.Made:
        order = services.Order(number=PhoneNumber("+14075550123"), reason=f"Complaint {minute}")
        return services.make_pack(order, actor="nil", now=NOW + timedelta(minutes=minute))

    with override_settings(EVIDENCE_DIR=str(tmp_path)):
        run_together([partial(make, minute) for minute in range(4)])
        found = [selectors.recorded_problems(checking.check(tmp_path / row.file))[1] for row in EvidencePack.objects.all()]  # fmt: skip

    rows = list(EvidencePack.objects.order_by("id"))
    assert [row.prev_sha256 for row in rows] == ["", *(row.sha256 for row in rows[:-1])]
    assert found == [[], [], [], []]


def test_a_pack_is_read_from_one_instant_and_writes_nothing() -> None:
    with pytest.raises(DatabaseError, match="read-only transaction"), db.snapshot():
        Suppression.objects.create(
            number="+14075550123",
            seller="x",
            scope="seller",
            reason="x",
            recorded_by="x",
            at=NOW,
        )

    with db.snapshot():
        before = Suppression.objects.count()
        run_together([lambda: make_suppression()])
        assert Suppression.objects.count() == before
    assert Suppression.objects.count() == before + 1


def make_suppression() -> None:
    """Commit one from another connection."""
    Suppression.objects.create(
        number="+14075550123", seller="x", scope="seller", reason="x", recorded_by="x", at=NOW
    )
