"""The order in which a CRM hears of one person, over all kinds, whatever the CRM does meanwhile."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sync.capabilities import TaskActivity, TextActivity
from crm_sync.handlers import on_call_logged
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.protocol import CallActivity, SyncError
from crm_sync.services import outqueue, pushing
from crm_sync.services.addressing import Target
from tests.examples import examples
from tests.fakes.crm import FakeAccount, FakeConnector
from tests.integration.crm_sync.conftest import Clock, call_logged

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = ("00Q1", "00Q2", "00Q3")
PROMISE: dict[str, Any] = {
    "disposition_code": "callback", "disposition_label": "Back", "disposition_category": "callback",
    "callback_at": "2026-03-06T15:00:00+00:00", "callback_date": "2026-03-06", "callback_agent_name": "Ana",
    "callback_agent_email": "ana@example.com",
}  # fmt: skip
RESULT: dict[str, Any] = {
    "disposition_code": "sale",
    "disposition_label": "Sale",
    "disposition_category": "conversion",
}
FATES = ("written", "written", "written", "busy", "busy, yet written", "down", "down, yet written", "refused")


class Moody(FakeConnector):
    """A CRM of which each item has a fate; it writes down what it was told, in the order it was told."""

    def __init__(self, fates: list[str], heard: list[tuple[str, Any]]) -> None:
        super().__init__(FakeAccount(), secrets={}, ref_prefix="")
        self._fates, self._heard = fates, heard
        self.pushes = 0

    def log_calls(self, calls: Sequence[CallActivity]) -> Sequence[str | SyncError]:
        """Hear calls."""
        return self._hear("call", calls)

    def keep_tasks(self, tasks: Sequence[TaskActivity]) -> Sequence[str | SyncError]:
        """Hear promises."""
        return self._hear("callback", tasks)

    def log_texts(self, texts: Sequence[TextActivity]) -> Sequence[str | SyncError]:
        """Hear texts."""
        return self._hear("text", texts)

    def _hear(self, kind: str, things: Sequence[Any]) -> Sequence[str | SyncError]:
        self.pushes += 1
        results: list[str | SyncError] = []
        for each in things:
            fate = self._fates.pop() if self._fates else "written"
            if "written" in fate:
                self._heard.append((kind, each))
            if "down" in fate:
                raise SyncError("The CRM did not answer.", kind="retryable")
            kinds: dict[str, Any] = {
                "busy": "retryable",
                "busy, yet written": "retryable",
                "refused": "permanent",
            }
            results.append(SyncError(fate, kind=kinds[fate]) if fate in kinds else "1")
        return results


@dataclasses.dataclass
class Day:
    """What is told of people in the course of a day, and which call keeps which promise."""

    connection: CrmConnection
    kept_by: dict[int, int] = dataclasses.field(
        default_factory=dict
    )  # a promise's call -> the call that kept it
    calls: int = 0
    open: dict[int, int] = dataclasses.field(default_factory=dict)  # a person's open promise

    def tell(self, what: str, who: int, clock: Clock) -> None:
        """Tell of a call or a text."""
        ref = f"salesforce:{self.connection.pk}:{PEOPLE[who]}"
        if what == "text":
            text = TextActivity(
                f"parleytext-{clock.now.timestamp()}", PEOPLE[who], "s", "inbound", "+1", "+1", "w", "", ""
            )
            with transaction.atomic():
                target = Target(self.connection, PEOPLE[who], "", ref)
                body = dataclasses.asdict(text)
                outqueue.put(target, "text", text.external_id, body, version=1, now=clock())
            return
        self.calls += 1
        if who in self.open:
            self.kept_by[self.open.pop(who)] = self.calls
        if what == "promise":
            self.open[who] = self.calls
        payload = call_logged(
            self.connection,
            self.calls,
            contact_ref=ref,
            lead_id=who,
            **(PROMISE if what == "promise" else RESULT),
        )
        with transaction.atomic():
            on_call_logged(payload, clock())


def number(ref: str) -> int:
    """Return the call an id of ours is of."""
    return int(ref.rsplit("-", 1)[1])


def check(heard: Sequence[tuple[str, Any]], day: Day, refused: set[int]) -> None:
    """Fail where a promise stood before its call, or was kept before the call that kept it, or calls changed places."""
    stand: set[int] = set(refused)
    last: dict[str, int] = {}
    for kind, each in heard:
        if kind == "call":
            call = number(each.external_call_id)
            assert last.get(each.person_id, 0) <= call or call in stand
            last[each.person_id] = max(call, last.get(each.person_id, 0))
            stand.add(call)
        elif kind == "callback":
            assert number(each.external_id) in stand
            assert not each.done or day.kept_by[number(each.external_id)] in stand


@pytest.mark.slow_lane
def test_a_promise_never_stands_before_its_call_nor_is_kept_before_the_call_that_kept_it(
    connection: CrmConnection,
) -> None:
    told = st.lists(
        st.tuples(
            st.sampled_from(("promise", "result", "text")), st.integers(0, 2), st.sampled_from((0, 0, 1, 400))
        ),
        min_size=2,
        max_size=8,
    )

    @settings(max_examples=examples(60), deadline=None)
    @given(told, st.lists(st.sampled_from(FATES), max_size=25))
    def holds(events: list[tuple[str, int, int]], fates: list[str]) -> None:
        SyncQueueItem.objects.all().delete()
        CrmConnection.objects.update(paused_until=None, failures=0)
        clock = Clock()
        heard: list[tuple[str, Any]] = []
        day = Day(connection)
        crm = Moody(list(fates), heard)
        for what, who, wait in events:
            day.tell(what, who, clock)
            clock.tick(1)
            if wait:
                clock.tick(wait)
                pushing.push_due(clock=clock, connect=lambda *_, **__: crm)
        while SyncQueueItem.objects.filter(state="waiting").exists():
            pushing.push_due(clock=clock, connect=lambda *_, **__: crm)
            clock.tick(310)

        states = set(SyncQueueItem.objects.values_list("state", flat=True))
        assert states <= {"done", "held"}
        held = SyncQueueItem.objects.filter(state="held", kind="call")
        check(heard, day, {number(ref) for ref in held.values_list("external_call_id", flat=True)})

    holds()


def test_the_order_costs_no_batch(connection: CrmConnection, clock: Clock) -> None:
    """Twelve people with a call, a promise and a second call that keeps it: four requests' worth, not one for each person."""
    heard: list[tuple[str, Any]] = []
    crm = Moody([], heard)
    day = Day(connection)
    for _ in range(2):
        for who in range(12):
            ref = f"salesforce:{connection.pk}:00Q{who:03}"
            day.calls += 1
            payload = call_logged(connection, day.calls, contact_ref=ref, lead_id=who, **PROMISE)
            with transaction.atomic():
                on_call_logged(payload, clock())
        clock.tick(1)

    pushing.push_due(clock=clock, connect=lambda *_, **__: crm)

    assert set(SyncQueueItem.objects.values_list("state", flat=True)) == {"done"}
    assert crm.pushes <= 5
