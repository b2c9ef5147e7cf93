"""Events to browsers and nudges between processes: one Redis stream per topic, trimmed.

A stream is never the truth: what is lost here is found again by reading the database (snapshot, sweep). See flow E.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
import redis.asyncio
import structlog
from django.conf import settings
from django.db import connection, transaction

from core import clock

log = structlog.get_logger(__name__)

KEEP = 500  # events a topic keeps for browsers that reconnect
PREFIX = "parley:rt:"


@dataclass(frozen=True, slots=True)
class Message:
    """One event as a browser gets it; `id` is the stream's id, to resume from."""

    id: str
    topic: str
    event: str
    data: Mapping[str, Any]


@cache
def _client() -> Any:  # the library types every answer as "anything Redis can say"
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=5, decode_responses=True
    )


def push_on_commit(topic: str, event: str, data: Mapping[str, Any]) -> None:
    """Append an event to the topic's stream once the open transaction has committed.

    Of several of one topic and name in a transaction the last is told, and all of a transaction in one round trip.
    """
    registered: list[Any] = connection.run_on_commit  # (savepoints, what is called, whether it may fail)
    for _, waiting, _ in registered:
        if isinstance(waiting, _Told):
            waiting.events[topic, event] = data
            return
    transaction.on_commit(_Told({(topic, event): data}), robust=True)


class _Told:
    """What a transaction tells of once it is committed."""

    def __init__(self, events: dict[tuple[str, str], Mapping[str, Any]]) -> None:
        self.events = events

    def __call__(self) -> None:
        try:
            with _client().pipeline(transaction=False) as pipeline:
                for (topic, event), data in self.events.items():
                    pipeline.xadd(
                        PREFIX + topic,
                        {"event": event, "data": json.dumps(data, default=str)},
                        maxlen=KEEP,
                        approximate=True,
                    )
                pipeline.execute()
        except redis.RedisError as error:
            log.warning("core.realtime.hint_lost", events=sorted(self.events), reason=str(error)[:200])


def last_id(topic: str) -> str:
    """Return the id of the topic's newest event, "0-0" if there is none or the server does not answer.

    Read it *before* the snapshot it goes with: an event seen twice is harmless, one missed is not.
    """
    try:
        newest = _client().xrevrange(PREFIX + topic, count=1)
    except redis.RedisError:
        return "0-0"
    return str(newest[0][0]) if newest else "0-0"


def wait(topic: str, after: str, timeout_seconds: float) -> str:
    """Block until the topic has an event newer than `after` or the time is over; return the newest id seen.

    While the server is away it only waits: who asks again and again must not spin.
    """
    try:
        found = _client().xread({PREFIX + topic: after}, block=max(1, int(timeout_seconds * 1000)))
    except redis.RedisError as error:
        log.warning("core.realtime.wait_failed", topic=topic, reason=str(error)[:200])
        clock.pause(timeout_seconds)
        return after
    return str(found[0][1][-1][0]) if found else after


def async_client(*, waits_seconds: float) -> Any:
    """Return a client for one event stream, whose read() waits so long at most; the caller closes it.

    Without a limit of our own the library ends a quiet read after its five seconds, as if the server were away.
    """
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=2,
        socket_timeout=waits_seconds + 5,
        decode_responses=True,
    )


async def can_resume(client: Any, topic: str, after: str) -> bool:
    """Return whether every event after `after` is still in the stream; if not, the browser must read a new snapshot."""
    if after == "0-0":
        return not await client.exists(PREFIX + topic)
    try:
        info = await client.xinfo_stream(PREFIX + topic)
    except redis.ResponseError:  # no such stream: the server lost it
        return False
    newest, first = _order(str(info["last-generated-id"])), info["first-entry"]
    if _order(after) >= newest:
        return _order(after) == newest  # newer than all there is: the server lost its streams
    if first is not None and _order(after) >= _order(str(first[0])):
        return True
    # Older than the oldest kept event: complete only if none was ever trimmed.
    return bool(info["entries-added"] == info["length"])


async def read(client: Any, topics: Mapping[str, str], block_seconds: float) -> list[Message]:
    """Wait for events newer than each topic's id and return them in order; empty when the time is over."""
    answer = await client.xread(
        {PREFIX + topic: after for topic, after in topics.items()}, block=int(block_seconds * 1000)
    )
    return [
        Message(
            id=entry_id,
            topic=stream.removeprefix(PREFIX),
            event=fields["event"],
            data=json.loads(fields["data"]),
        )
        for stream, entries in answer
        for entry_id, fields in entries
    ]


def _order(stream_id: str) -> tuple[int, int]:
    ms, _, seq = stream_id.partition("-")
    return int(ms), int(seq or 0)
