"""A number with thousands of verdicts: bounded memory, seconds."""

import tempfile
import time
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from compliance.models import ComplianceDecision
from compliance.store.writing import NewDecision, write_decisions
from core import db
from core.evidence import Asked
from evidence import checking
from evidence.gathering import gather
from evidence.models import EvidencePack
from evidence.spool import Spool
from tests.integration.evidence.conftest import NUMBER, Story, make

pytestmark = [pytest.mark.django_db, pytest.mark.slow_lane]
MANY = 2_000
COPIED = (
    "attempt_ref", "number", "person_ref", "channel", "purpose", "seller", "campaign_ref", "outcome", "code", "sentence",
    "verdicts", "facts", "rules_version", "rules_hash", "next_allowed_at",
)  # fmt: skip


@pytest.fixture
def many(story: Story, now: datetime) -> Story:
    """The story with two thousand more verdicts like its first, one a minute."""
    row = ComplianceDecision.objects.get()
    like_it = {name: getattr(row, name) for name in COPIED}
    with db.use_case():
        write_decisions(
            [NewDecision(**like_it, decided_at=now + timedelta(minutes=index)) for index in range(MANY)]
        )
    return story


def test_two_thousand_verdicts_take_seconds_and_each_is_in_the_pack(many: Story) -> None:
    started = time.perf_counter()

    made = make(many.honoured_at + timedelta(days=9))

    seconds = time.perf_counter() - started
    row = EvidencePack.objects.get(pk=made.id)
    assert row.counts["verdicts"] == MANY + 1
    assert row.pages > MANY / 20
    assert checking.check(made.path).problems == []
    assert seconds < 30


def test_rows_are_never_all_in_memory(many: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), NUMBER)
        tracemalloc.start()

        gather(spool, Asked(number=NUMBER))

        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        written = (Path(folder) / "verdicts.jsonl").stat().st_size
    assert written > 8_000_000
    assert peak < written / 2
