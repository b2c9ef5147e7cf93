"""Requests answered whole in one thread: what streams nothing changes threads once on its way in and once on its way out.

Django's asynchronous handler does at every middleware, and a2wsgi three times on the way out (docs/measurements.md).
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from a2wsgi.wsgi import build_environ

Send = Callable[[Any], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class _Answer(NamedTuple):
    status: int
    headers: Headers
    content: bytes


class InOneThread:
    """A WSGI application served in threads of its own; what comes beyond them waits for one."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int, name: str) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def __call__(self, scope: Any, body: bytes, send: Send) -> None:
        """Answer a request whose body has been read."""
        environ: Any = build_environ(scope, io.BytesIO(body))  # type: ignore[arg-type]  # it only reads it
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._pool, self._answer, environ)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.content})

    def _answer(self, environ: Any) -> _Answer:
        status, headers = 500, Headers()

        def start_response(line: str, fields: list[tuple[str, str]], _: Any = None) -> None:
            nonlocal status
            status = int(line[:3])
            headers.extend((name.lower().encode("latin1"), value.encode("latin1")) for name, value in fields)

        response: Any = self._application(environ, start_response)
        try:
            content = b"".join(response)
        finally:
            response.close()  # Django gives the database connection back here
        return _Answer(status, headers, content)
