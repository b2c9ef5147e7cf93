"""Replays over stored verdicts: what is read, what is kept, what the command says."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from compliance import services
from compliance.models import ReplayChange, ReplayRun
from compliance.replay import running
from compliance.replay.edits import changed_rules
from compliance.replay.reading import list_replays, replay_changes
from compliance.rules.facts import Purpose
from compliance.services import ContactRequest
from core.errors import NotFound
from tests.integration.compliance.conftest import NOW, ready_to_call

Ask = Callable[..., ContactRequest]
SCOPE = running.ReplayScope(since=date(2026, 11, 23), until=date(2026, 11, 24))
LATER_OPENING = "states.FL.weekday=12:00-20:00"


def decide(*requests: ContactRequest, now: datetime) -> list[int]:
    """Ask the gate; return the ids of the verdicts."""
    with transaction.atomic():
        return [answer.decision_id for answer in services.clear_to_contact(requests, now=now)]


def replay(*edits: str, scope: running.ReplayScope = SCOPE, **options: Any) -> ReplayRun:
    return running.replay(
        changed_rules(edits=edits), scope, actor="nil", now=NOW, **{"processes": 1, **options}
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
class TestInOneProcess:
    """Through the connection of the test."""

    def test_contacts_that_would_have_been_refused_are_counted_and_named(
        self, ask: Ask, now: datetime
    ) -> None:
        allowed, listed, survey = decide(
            ask(), ask("+14075550199"), ask("+14075550111", purpose=Purpose.SURVEY), now=now
        )

        run = replay(LATER_OPENING)

        page = replay_changes(run.pk)
        assert (page.run.verdicts, page.run.changed, page.run.refused, page.run.freed) == (3, 1, 1, 0)
        assert [(row.decision_id, row.old_outcome, row.new_code, row.number) for row in page.rows] == [
            (allowed, "allow", "HOURS_STATE", "+14075550123")
        ]
        assert ("deny", "DNC_NATIONAL", "deny", "DNC_NATIONAL", 1) in page.run.counts
        assert {listed, survey}.isdisjoint(row.decision_id for row in page.rows)

    def test_contacts_that_would_have_been_allowed_are_counted(self, ask: Ask, now: datetime) -> None:
        decide(*(ask(person_ref="lead:1") for _ in range(4)), now=now)

        run = replay("states.FL.cap=9", "numbers.attempts_per_24h=9")

        assert replay_changes(run.pk).run.freed == 1

    def test_only_the_period_and_the_campaign_asked_for_are_replayed(self, ask: Ask, now: datetime) -> None:
        decide(ask(), now=now - timedelta(days=1))
        decide(ask("+14075550111", campaign_ref="campaign:2"), now=now)
        decide(ask("+14075550112"), now=now)

        everything = replay(LATER_OPENING)
        one = replay(
            LATER_OPENING,
            scope=running.ReplayScope(since=SCOPE.since, until=SCOPE.until, campaign_ref="campaign:2"),
        )
        nothing = replay(
            LATER_OPENING, scope=running.ReplayScope(since=date(2025, 1, 1), until=date(2025, 2, 1))
        )

        assert (everything.verdicts, one.verdicts, nothing.verdicts) == (2, 1, 0)

    def test_stretches_leave_nothing_out(
        self, ask: Ask, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decide(*(ask(f"+1407555{n:04d}", person_ref=f"lead:{n}") for n in range(101, 124)), now=now)
        monkeypatch.setattr(running, "STRETCH", 5)

        assert replay(LATER_OPENING).verdicts == 23

    def test_changes_are_paged_and_replays_listed(self, ask: Ask, now: datetime) -> None:
        ids = decide(*(ask(f"+1407555{n:04d}", person_ref=f"lead:{n}") for n in range(101, 106)), now=now)
        run = replay(LATER_OPENING)

        first = replay_changes(run.pk, limit=3)
        second = replay_changes(run.pk, after=first.next_after, limit=3)

        assert [row.decision_id for row in (*first.rows, *second.rows)] == ids
        assert second.next_after is None
        (listed,) = list_replays()
        assert (listed.id, listed.changes, listed.started_by) == (run.pk, (LATER_OPENING,), "nil")
        with pytest.raises(NotFound):
            replay_changes(run.pk + 1)

    def test_a_replay_is_history(self, ask: Ask, now: datetime) -> None:
        decide(ask(), now=now)
        replay(LATER_OPENING)

        for table in ("compliance_replayrun", "compliance_replaychange"):
            with pytest.raises(IntegrityError, match="history"), transaction.atomic():
                connection.cursor().execute(f"DELETE FROM {table}")

    def test_the_command_says_it_in_a_sentence_and_writes_a_file(
        self, ask: Ask, now: datetime, tmp_path: Path
    ) -> None:
        (allowed, _) = decide(ask(), ask("+14075550199"), now=now)
        out, path = StringIO(), tmp_path / "changed.csv"

        call_command(
            "replay_rules",
            since=SCOPE.since,
            last=SCOPE.since,
            edits=[LATER_OPENING],
            processes=1,
            csv=path,
            stdout=out,
        )

        assert "1 contacts that were allowed would have been refused" in out.getvalue()
        assert "1 allow → HOURS_STATE" in out.getvalue()
        assert path.read_text(encoding="utf-8").splitlines() == [
            "decision_id,old_outcome,old_code,new_outcome,new_code",
            f"{allowed},allow,,deny,HOURS_STATE",
        ]

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"edits": ["nonsense"], "last": date(2026, 11, 24)}, "is not a change"),
            ({"edits": [], "last": date(2026, 11, 24)}, "Nothing is changed"),
            ({"edits": [LATER_OPENING], "last": date(2026, 11, 1)}, "Swap"),
            ({"edits": ["house.federal_closes=23:00"], "last": date(2026, 11, 24)}, "is law"),
            ({"edits": [], "last": date(2026, 11, 24), "packs": Path("/nowhere")}, "holds no pack"),
        ],
    )
    def test_the_command_refuses_what_it_cannot_do(self, options: dict[str, Any], said: str) -> None:
        with pytest.raises(CommandError, match=said):
            call_command("replay_rules", since=SCOPE.since, **options)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow_test
def test_two_processes_find_what_one_finds(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    ready_to_call()
    for _ in range(2):  # everybody twice
        decide(
            *(
                ask(f"+1407555{n:04d}", person_ref=f"lead:{n}", purpose=Purpose.SURVEY)
                for n in range(101, 111)
            ),
            now=NOW,
        )
    monkeypatch.setattr(running, "STRETCH", 6)

    one = replay("numbers.attempts_per_24h=1")
    two = replay("numbers.attempts_per_24h=1", processes=2)

    assert (
        (one.counts, one.changed)
        == (two.counts, two.changed)
        == ([["allow", "", "allow", "", 10], ["allow", "", "deny", "FREQ_STATE", 10]], 10)
    )
    assert ReplayChange.objects.filter(run=two).count() == 10
