"""What one core of the stand-in carrier serves: `python -m tests.load.bench_carrier`; the last line is JSON.

Three parts, each against a fresh process kept on one core, the load on the others: calls created a second while nobody is
told of them; webhooks a second when every call tells all it does; and a minute of simulated traffic at speed 60, checked
call by call.
"""

import argparse
import asyncio
import base64
import collections
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.carrier.settings import Settings

SETTINGS = Settings()
EVENTS = ("initiated", "ringing", "answered", "completed")
TWIML = "<Response><Say>Good morning, this is a test of some length.</Say></Response>"
CONNECTIONS = 8


class Sink(asyncio.Protocol):
    """The product's side of the webhooks: counts them, answers 204, or TwiML on /voice."""

    seen: collections.Counter[str] = collections.Counter()
    statuses: dict[str, list[tuple[int, str]]] = collections.defaultdict(list)
    keep = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            path = head.split(b" ", 2)[1].decode()
            self.seen[path] += 1
            if self.keep and path == "/status":
                form = dict(pair.split("=", 1) for pair in rest[:length].decode().split("&"))
                found = (int(form["SequenceNumber"]), form["CallStatus"])
                self.statuses[form["CallSid"]].append(found)
            self._answer(path)

    def _answer(self, path: str) -> None:
        if path == "/voice":
            body = TWIML.encode()
            head = (
                f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            )
        else:
            head, body = b"HTTP/1.1 204 No Content\r\n\r\n", b""
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.write(head + body)


@contextmanager
def stand_in(**environment: str) -> Iterator[tuple[int, int]]:
    """Serve the stand-in on the first core; yields its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.carrier"],
        env={**os.environ, "SANDBOX_CARRIER_PORT": str(port), **environment},
        stderr=subprocess.DEVNULL,
    )
    os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0) | {0})})
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


class Client:
    """A few keep-alive connections that post one request after the other."""

    def __init__(self, port: int) -> None:
        self.port = port
        secret = f"{SETTINGS.account_sid}:{SETTINGS.auth_token}"
        self.sign_in = base64.b64encode(secret.encode()).decode()

    async def post(self, stream: tuple[Any, Any], path: str, body: str, kind: str) -> bytes:
        """Return the body of the answer."""
        reader, writer = stream
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {self.sign_in}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answer: bytes = await reader.readexactly(length)
        assert b" 20" in head[:12], answer
        return answer

    async def control(self, path: str, body: object) -> None:
        """Post to /_sandbox."""
        stream = await asyncio.open_connection("127.0.0.1", self.port)
        await self.post(stream, f"/_sandbox/{path}", json.dumps(body), "application/json")
        stream[1].close()

    async def create(self, count: int, wishes: Callable[[int], dict[str, Any]], rate: float = 0) -> list[str]:
        """Create so many calls, `rate` a second (0: as fast as possible); returns their sids."""
        path = f"/api/2010-04-01/Accounts/{SETTINGS.account_sid}/Calls.json"
        numbers = iter(range(count))
        began = time.monotonic()
        sids: list[str] = []

        async def work() -> None:
            stream = await asyncio.open_connection("127.0.0.1", self.port)
            for number in numbers:
                if rate:
                    await asyncio.sleep(max(0, began + number / rate - time.monotonic()))
                form = {"To": f"+1310555{number % 10000:04d}", "From": SETTINGS.numbers[0], **wishes(number)}
                answer = await self.post(
                    stream, path, urlencode(form, doseq=True), "application/x-www-form-urlencoded"
                )
                sids.append(json.loads(answer)["sid"])
            stream[1].close()

        await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
        return sids


async def measure_creates(count: int) -> dict[str, object]:
    """Create calls that ring for ever."""
    with stand_in(SANDBOX_CPS="100000") as (port, pid):
        client = Client(port)
        await client.control("population", dict.fromkeys(("person", "machine", "busy", "failed"), 0))
        await client.control("population", {"early_hangup": 0})
        began, busy = time.monotonic(), _processor_seconds(pid)
        await client.create(count, lambda _: {"Twiml": TWIML, "Timeout": 600})
        took, busy = time.monotonic() - began, _processor_seconds(pid) - busy
    return {
        "calls": count,
        "creates_per_second": round(count / took),
        "ms_of_processor": round(busy / count * 1000, 2),
    }


async def _listen() -> tuple[asyncio.Server, str]:
    Sink.seen.clear()
    Sink.statuses.clear()
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def measure_webhooks(count: int) -> dict[str, object]:
    """Let answered calls tell all four events and fetch their document, all at once."""
    server, sink = await _listen()
    with stand_in(SANDBOX_CPS="1000000", SANDBOX_SPEED="10000") as (port, pid):
        client = Client(port)
        await client.control(
            "population", dict.fromkeys(("no_answer", "machine", "busy", "failed", "early_hangup"), 0)
        )
        status = {"StatusCallback": f"{sink}/status", "StatusCallbackEvent": EVENTS}
        began, busy = time.monotonic(), _processor_seconds(pid)
        await client.create(count, lambda _: {"Url": f"{sink}/voice", **status})
        created = time.monotonic() - began
        await _until(lambda: sum(Sink.seen.values()) >= 5 * count)
        took, busy = time.monotonic() - began, _processor_seconds(pid) - busy
    server.close()
    return {
        "calls": count,
        "webhooks": 5 * count,
        "webhooks_per_second_beside_creates": round(5 * count / took),
        "seconds_of_creates": round(created, 2),
        "seconds": round(took, 2),
        "ms_of_processor_a_call": round(busy / count * 1000, 2),
    }


async def measure_traffic(speed: float, rate: float, seconds: float) -> dict[str, object]:
    """Place `rate` calls a real second at this speed; afterwards look whether every call told all, in order."""
    server, sink = await _listen()
    Sink.keep = True
    with stand_in(SANDBOX_CPS=str(2 * rate / speed), SANDBOX_SPEED=str(speed)) as (port, pid):
        client = Client(port)
        status = {"StatusCallback": f"{sink}/status", "StatusCallbackEvent": EVENTS}
        began, busy = time.monotonic(), _processor_seconds(pid)
        sids = await client.create(round(rate * seconds), lambda _: {"Url": f"{sink}/voice", **status}, rate)
        created = time.monotonic() - began
        busy = _processor_seconds(pid) - busy
        await _until(lambda: all(_is_told(Sink.statuses[sid]) for sid in sids))
        calls = await asyncio.to_thread(_all_calls, port)
    server.close()
    wrong = [sid for sid in sids if not _is_told(Sink.statuses[sid])]
    lateness = sorted(_late(call) * speed for call in calls)
    return {
        "speed": speed,
        "calls": len(sids),
        "calls_per_real_second": round(len(sids) / created, 1),
        "share_of_a_core": round(busy / created, 2),
        "webhooks": sum(Sink.seen.values()),
        "calls_not_told_in_order": len(wrong),
        "dialed_late_by_simulated_seconds": {
            "median": round(lateness[len(lateness) // 2], 2),
            "99th percentile": round(lateness[int(len(lateness) * 0.99)], 2),
        },
    }


def _all_calls(port: int) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/calls", timeout=30) as answer:
        found: list[dict[str, Any]] = json.load(answer)["calls"]
        return found


def _late(call: dict[str, Any]) -> float:
    """Return by how many real seconds a call that was not queued was dialed late."""
    started, created = (datetime.fromisoformat(call[name]) for name in ("started_at", "created_at"))
    return max(0.0, (started - created).total_seconds()) if call["queue_ms"] == 0 else 0.0


async def _until(is_done: Callable[[], bool]) -> None:
    for _ in range(1200):
        if is_done():
            return
        await asyncio.sleep(0.05)


def _is_told(found: list[tuple[int, str]]) -> bool:
    final = ("completed", "busy", "no-answer", "failed", "canceled")
    return (
        bool(found) and [number for number, _ in found] == list(range(len(found))) and found[-1][1] in final
    )


def _processor_seconds(pid: int) -> float:
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()  # noqa: SIM115
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def main() -> None:
    """Run the three parts and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--rate", type=float, default=50, help="calls a real second in the third part")
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    others = os.sched_getaffinity(0) - {min(os.sched_getaffinity(0))}
    os.sched_setaffinity(0, others or os.sched_getaffinity(0))
    found = {
        "creates": await measure_creates(options.calls),
        "webhooks": await measure_webhooks(options.calls),
        "traffic": await measure_traffic(options.speed, options.rate, options.seconds),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
