"""Webhooks through the server's own entry point: in threads of their own, whole, and no longer than they may be."""

import asyncio
from typing import Any

import pytest

from config.asgi import application


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


async def test_pages_are_served_beside_them() -> None:
    assert (await ask("/nowhere", body=[b""], headers=[]))[0] == 404
