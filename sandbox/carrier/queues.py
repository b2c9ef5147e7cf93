"""Queues: calls that wait until somebody takes them, they leave, hang up or are redirected."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.carrier.model import Call, Hook, World, new_sid
from sandbox.carrier.reports import Reporter
from sandbox.carrier.webhooks import Webhooks

MAX_SIZE = 1000


class QueueFullError(Exception):
    """The queue has as many calls as it may."""


@dataclass(slots=True, eq=False)
class Place:
    """A call in a queue. `left` is set when it is no more, `outcome` says why; `done` when who took it is finished."""

    call: Call
    queue: "Queue"
    action: Hook | None
    entered_at: datetime
    entered_mark: float
    outcome: str = ""
    seconds: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False)
class Queue:
    """Who waits, by call sid, the longest waiting first."""

    sid: str
    name: str
    created_at: datetime
    updated_at: datetime
    max_size: int = MAX_SIZE
    places: dict[str, Place] = field(default_factory=dict)
    joined: asyncio.Event = field(default_factory=asyncio.Event)


class Queues:
    """All queues of the account."""

    def __init__(self, world: World, webhooks: Webhooks, reporter: Reporter) -> None:
        self.world = world
        self.webhooks = webhooks
        self.reporter = reporter
        self.by_sid: dict[str, Queue] = {}
        self.places: dict[str, Place] = {}

    def forget(self) -> None:
        """Forget all queues."""
        self.by_sid.clear()
        self.places.clear()

    def named(self, name: str) -> Queue | None:
        """Return the queue of that name."""
        return next((each for each in self.by_sid.values() if each.name == name), None)

    def open(self, name: str, max_size: int = MAX_SIZE) -> Queue:
        """Return the queue of that name, made when there is none."""
        found = self.named(name)
        if found is None:
            now = self.world.clock.now()
            found = Queue(new_sid("QU"), name, now, now, max_size)
            self.by_sid[found.sid] = found
        return found

    def join(self, call: Call, queue: Queue, action: Hook | None) -> Place:
        """Let a call wait at the end. Raises: QueueFullError."""
        if len(queue.places) >= queue.max_size:
            raise QueueFullError(queue.name)
        place = Place(call, queue, action, self.world.clock.now(), self.world.clock.elapsed())
        queue.places[call.sid] = self.places[call.sid] = place
        queue.joined.set()
        return place

    def leave(self, place: Place, outcome: str) -> None:
        """Take a call out of its queue; one that is out stays out."""
        if place.queue.places.pop(place.call.sid, None) is None:
            return
        self.places.pop(place.call.sid, None)
        place.outcome, place.seconds = outcome, self.waited(place)
        place.left.set()

    def drop(self, call: Call, outcome: str) -> None:
        """Take a call out that does not go on with its document (hangup, redirected), and tell its action address."""
        place = self.places.get(call.sid)
        if place is None:
            return
        self.leave(place, outcome)
        if place.action is not None:
            params = {**self.reporter.voice_params(call), **self.result(place)}
            self.webhooks.post(place.action, params, kind="queue", event=outcome, key=call.sid)

    async def take(self, queue: Queue, patience_seconds: float) -> Place | None:
        """Return who waits longest, taken out as bridged; None when nobody comes in so many simulated seconds."""
        limit = self.world.clock.elapsed() + patience_seconds
        while not queue.places:
            queue.joined.clear()
            left = (limit - self.world.clock.elapsed()) / self.world.clock.speed
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(queue.joined.wait(), left)
            if not queue.places and self.world.clock.elapsed() >= limit:
                return None
        place = next(iter(queue.places.values()))
        self.leave(place, "bridged")
        return place

    def waited(self, place: Place) -> int:
        """Return for how many simulated seconds a call waits."""
        return round(self.world.clock.elapsed() - place.entered_mark)

    def position(self, place: Place) -> int:
        """Return the position in the queue, 1 for who waits longest; 0 for a call that is out."""
        waiting = list(place.queue.places)
        return waiting.index(place.call.sid) + 1 if place.call.sid in waiting else 0

    def average_wait(self, queue: Queue) -> int:
        """Return for how many simulated seconds those in it wait, on average."""
        waits = [self.waited(each) for each in queue.places.values()]
        return round(sum(waits) / len(waits)) if waits else 0

    def wait_params(self, place: Place) -> dict[str, str]:
        """Return what a request to waitUrl carries."""
        queue = place.queue
        return {
            "QueueSid": queue.sid,
            "QueueTime": str(self.waited(place)),
            "QueuePosition": str(self.position(place)),
            "AvgQueueTime": str(self.average_wait(queue)),
            "CurrentQueueSize": str(len(queue.places)),
            "MaxQueueSize": str(queue.max_size),
        }

    def result(self, place: Place) -> dict[str, str]:
        """Return what the request to the action address carries."""
        return {
            "QueueSid": place.queue.sid,
            "QueueTime": str(place.seconds),
            "QueueResult": place.outcome,
        }
