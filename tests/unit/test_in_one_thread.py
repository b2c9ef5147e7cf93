"""Requests answered whole in one thread: status, headers, body, and the end of the response whatever happens."""

from collections.abc import Iterator
from typing import Any

import pytest

from config.threads import InOneThread

SCOPE = {
    "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/ü/x", "root_path": "",
    "query_string": b"a=1", "server": ("127.0.0.1", 80), "client": ("10.0.0.9", 1),
    "headers": [(b"content-type", b"text/plain"), (b"content-length", b"3"), (b"x-mark", b"m"), (b"x-mark", b"n")],
}  # fmt: skip


class Response:
    """What a WSGI application returns: pieces, and a close()."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces, self.closed = pieces, False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self) -> None:
        """Remember that it was called."""
        self.closed = True


async def ask(response: Response, seen: dict[str, Any]) -> list[dict[str, Any]]:
    """Send a request through to an application that answers with `response`; returns what was sent back."""

    def application(environ: dict[str, Any], start_response: Any) -> Response:
        seen.update(environ, body=environ["wsgi.input"].read())
        start_response(
            "201 Created", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        )
        return response

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await InOneThread(application, threads=1, name="test")(SCOPE, b"abc", send)
    return sent


async def test_a_request_comes_whole_and_its_answer_goes_whole() -> None:
    response, seen = Response(b"one ", b"two"), dict[str, Any]()

    start, body = await ask(response, seen)

    assert (start["status"], body["body"]) == (201, b"one two")
    assert start["headers"] == [
        (b"content-type", b"text/plain"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    ]
    assert (seen["body"], seen["REQUEST_METHOD"], seen["QUERY_STRING"]) == (b"abc", "POST", "a=1")
    assert (seen["PATH_INFO"].encode("latin1").decode(), seen["REMOTE_ADDR"]) == ("/ü/x", "10.0.0.9")
    assert (seen["CONTENT_LENGTH"], seen["HTTP_X_MARK"]) == ("3", "m,n")
    assert response.closed


async def test_a_response_that_breaks_is_closed_all_the_same() -> None:
    response = Response(b"one", ValueError("broken"))

    with pytest.raises(ValueError, match="broken"):
        await ask(response, {})

    assert response.closed
