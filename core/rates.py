"""Rates that all processes keep together: a slot for each act, by the Redis-protocol server's own clock.

The generic cell rate algorithm (ITU-T I.371) in one script: for each limit one number is kept, the instant at which the bucket
would be full again. A slot is an instant, now or soon: who gets it waits for it and acts; who would wait too long gets none.

A server that has lost its data knows of no act, and nobody knows how many there were a moment ago: its buckets begin empty.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings

from core import clock

log = structlog.get_logger(__name__)

PREFIX = "parley:rate:"
BEGUN = f"{PREFIX}begun"  # since when the server has kept rates; never expires, so that it is missing when the data was lost
KEPT_MS = 3000  # how long a slot given to somebody stays theirs, should they ask again
MICRO = 1_000_000

# KEYS: the asker, BEGUN, then the limits. ARGV: longest wait, how long a slot is kept, then interval and tolerance of each limit;
# all in microseconds, which a Lua number holds exactly until the year 2255.
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local given = redis.call('GET', KEYS[1])
if given then return {1, math.max(0, tonumber(given) - now)} end
local begun = redis.call('GET', KEYS[2])
if not begun then
  begun = string.format('%.0f', now)
  redis.call('SET', KEYS[2], begun)
end
local at = now
local fulls = {}
for i = 3, #KEYS do
  local tolerance = tonumber(ARGV[2 * i - 2])
  fulls[i] = tonumber(redis.call('GET', KEYS[i])) or math.max(now, tonumber(begun) + tolerance)
  at = math.max(at, fulls[i] - tolerance)
end
if at - now > tonumber(ARGV[1]) then return {0, at - now} end
for i = 3, #KEYS do
  local full = math.max(fulls[i], at) + tonumber(ARGV[2 * i - 3])
  redis.call('SET', KEYS[i], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
end
redis.call('SET', KEYS[1], string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000) + tonumber(ARGV[2]))
return {1, at - now}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `per_second` acts a second, of which a second's worth (at least one) may come at once."""

    name: str
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Leave to act in `wait_seconds`; or, where `reserved` is False, how long it would be."""

    reserved: bool
    wait_seconds: float


def take(limits: Sequence[Limit], *, asker: str, patience_seconds: float) -> Slot:
    """Reserve a slot under all the limits, or none if it is further away than `patience_seconds`.

    `asker` who comes back within KEPT_MS has the same slot. While the server is away each process keeps to one act a second:
    how many processes there are it cannot know, and the slowest account of a carrier allows one.
    """
    keys = [f"{PREFIX}asker:{asker}", BEGUN]
    numbers = [round(patience_seconds * MICRO), KEPT_MS]
    for limit in limits:
        interval = MICRO / limit.per_second
        keys.append(f"{PREFIX}{limit.name}")
        numbers += [round(interval), round(max(0.0, MICRO - interval))]
    try:
        reserved, wait = _script()(keys=keys, args=numbers)
    except redis.RedisError as error:
        log.warning("core.rates.server_away", reason=str(error)[:200])
        return _alone.take(patience_seconds)
    return Slot(reserved=bool(reserved), wait_seconds=wait / MICRO)


@cache
def _script() -> Any:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.3, socket_timeout=1)
    return client.register_script(SCRIPT)


class _Alone:
    """One act a second in this process, whoever asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def take(self, patience_seconds: float) -> Slot:
        with self._lock:
            now = clock.monotonic()
            wait = max(0.0, self._next - now)
            if wait > patience_seconds:
                return Slot(reserved=False, wait_seconds=wait)
            self._next = now + wait + 1.0
            return Slot(reserved=True, wait_seconds=wait)


_alone = _Alone()
