"""Server-sent events: from an id on, resync when events were missed, a ping while it is quiet. Flow E.

The stream never carries a command and is never the truth: a browser that missed something reads the snapshot again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import redis.asyncio
from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from redis.exceptions import RedisError

from accounts import roles
from core import clock, realtime
from dialer.services import agents
from dialer.services.states import agent_topic

PING_SECONDS = 10.0


async def agent_events(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The signed-in agent's own events; an open stream of the window that works the desk is the agent's heartbeat."""
    user = await request.auser()
    if not user.is_authenticated or not user.may(roles.WORK_DESK):
        return HttpResponse("Sign in to follow the desk.", status=403, content_type="text/plain")
    user_id, tab = int(user.pk), request.GET.get("tab", "")[:32]
    return await _stream(
        request, agent_topic(user_id), lambda: agents.beat(user_id=user_id, tab=tab, now=clock.now())
    )


async def _stream(request: HttpRequest, topic: str, beat: Callable[[], None]) -> StreamingHttpResponse:
    after = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0-0"
    # The look-ups above took a connection from the pool; a stream that stays open for hours must not keep it.
    await sync_to_async(connections.close_all)()
    response = StreamingHttpResponse(_events(topic, after, beat), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(topic: str, after: str, beat: Callable[[], None]) -> AsyncIterator[str]:
    client = realtime.async_client(waits_seconds=PING_SECONDS)
    try:
        if not _is_id(after) or not await realtime.can_resume(client, topic, after):
            yield "event: resync\ndata: {}\n\n"
            after = await sync_to_async(realtime.last_id)(topic)
        while True:
            await sync_to_async(_and_close)(beat)
            async for chunk in _until_quiet(client, topic, after):
                after = chunk[0] or after
                yield chunk[1]
    except RedisError:
        # The browser reconnects, and reads a snapshot if anything was missed meanwhile.
        yield "event: resync\ndata: {}\n\n"
    finally:
        await client.aclose()


async def _until_quiet(
    client: "redis.asyncio.Redis", topic: str, after: str
) -> AsyncIterator[tuple[str, str]]:
    """Yield (id, text) of events until none comes for PING_SECONDS, then a ping."""
    deadline = asyncio.get_running_loop().time() + PING_SECONDS
    while (left := deadline - asyncio.get_running_loop().time()) > 0:
        for message in await realtime.read(client, {topic: after}, max(left, 0.05)):
            after = message.id
            data = {**message.data, "server_now": clock.now().isoformat()}
            yield message.id, f"id: {message.id}\nevent: {message.event}\ndata: {json.dumps(data)}\n\n"
    yield "", f"event: ping\ndata: {json.dumps({'server_now': clock.now().isoformat()})}\n\n"


def _and_close(beat: Callable[[], None]) -> None:
    try:
        beat()
    finally:
        connections.close_all()


def _is_id(text: str) -> bool:
    ms, _, sequence = text.partition("-")
    return ms.isascii() and ms.isdigit() and sequence.isascii() and sequence.isdigit() and len(text) < 40
