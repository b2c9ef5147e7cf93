"""Through the server's own entry point: webhooks and the desk in threads of their own, whole, and no longer than they may be."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from config.asgi import WEBHOOK_THREADS, application


async def ask(path: str, *, body: list[bytes], headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Return status and body of a POST whose body comes in pieces."""
    pieces = [
        {"type": "http.request", "body": piece, "more_body": index < len(body) - 1}
        for index, piece in enumerate(body)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> Any:
        return pieces.pop(0) if pieces else await asyncio.Event().wait()  # the client stays

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "headers": [(b"host", b"127.0.0.1"), *headers],
    }  # fmt: skip
    await application(scope, receive, send)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])


FORM = (b"content-type", b"application/x-www-form-urlencoded")


async def test_a_body_in_pieces_is_one_body() -> None:
    status, body = await ask(
        "/hooks/voice/fault", body=[b"CallSid=", b"CA1"], headers=[FORM, (b"content-length", b"11")]
    )

    assert status == 200
    assert b"technical fault" in body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([FORM, (b"content-length", b"9")], 403),  # nobody has signed it
        ([FORM, (b"content-length", b"70000")], 413),
        ([FORM], 403),  # of unknown length it is read as empty, which nobody has signed either
        ([(b"content-type", b"text/plain"), (b"content-length", b"9")], 415),
    ],
)
async def test_what_may_not_come_in_is_refused(headers: list[tuple[bytes, bytes]], status: int) -> None:
    path = "/hooks/voice/calls/00000000-0000-0000-0000-000000000000/answer"

    assert (await ask(path, body=[b"CallSid=1"], headers=headers))[0] == status


async def test_no_thread_waits_for_a_body_that_comes_slowly() -> None:
    waiting = [asyncio.create_task(_slow()) for _ in range(2 * WEBHOOK_THREADS)]
    await asyncio.sleep(0.05)

    status, _ = await asyncio.wait_for(
        ask("/hooks/voice/fault", body=[b""], headers=[FORM, (b"content-length", b"0")]), timeout=20
    )

    assert status == 200
    for task in waiting:
        task.cancel()


async def _slow() -> None:
    async def receive() -> Any:
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        raise AssertionError("nothing was asked yet")

    scope = {"type": "http", "path": "/hooks/voice/fault"}
    await application(scope, receive, send)


async def test_a_client_that_leaves_before_its_body_is_whole_is_not_served() -> None:
    messages = [{"type": "http.request", "body": b"CallSid=", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        raise AssertionError("nobody is there")

    await application({"type": "http", "path": "/hooks/voice/fault"}, receive, send)


@pytest.mark.parametrize("length", [9, 200_000])
async def test_the_desk_takes_forms_of_any_length(length: int) -> None:
    body = [b"note=" + b"a" * 1000] * (length // 1000) + [b"x" * 9]

    status, _ = await ask(
        "/desk/act/note", body=body, headers=[FORM, (b"content-length", str(sum(map(len, body))).encode())]
    )

    assert status == 403  # nobody is signed in; the form's own key is missing


async def test_pages_are_served_beside_them() -> None:
    assert (await ask("/nowhere", body=[b""], headers=[]))[0] == 404


async def test_every_answer_carries_the_policy_of_what_a_page_may_load(client: Client) -> None:
    policy = (await sync_to_async(client.get)("/nowhere")).headers["Content-Security-Policy"]

    assert {"default-src 'self'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))
