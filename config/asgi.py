"""ASGI entry point: pages, event streams and webhooks from one process."""

import os
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, Final

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from config.threads import InOneThread

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
# WhiteNoise hands over small files as plain iterators; Django reads them whole, which is fine, and warns each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

# Each thread holds a database connection while it works. Whatever comes beyond them waits for a thread; with a thread for each
# request, as Django does it, the many that come at once (a shift that signs in) wait for a connection until that is refused.
WEBHOOK_THREADS: Final = 6
DESK_THREADS: Final = 6
SMALL: Final = 70_000  # bytes; a webhook has at most 64 KB, a form of the desk a few

pages = get_asgi_application()
_in_one_thread = get_wsgi_application()
webhooks = InOneThread(_in_one_thread, threads=WEBHOOK_THREADS, name="webhook")
desk = InOneThread(_in_one_thread, threads=DESK_THREADS, name="desk")
STREAM: Final = "/desk/events"


async def application(scope: Any, receive: Receive, send: Send) -> None:
    """Serve one connection: the carrier's webhooks and the desk in threads of their own, everything else as it comes."""
    path = scope["path"] if scope["type"] == "http" else ""
    if path.startswith("/hooks/"):
        await _serve(webhooks, None, scope, receive, send)
    elif path.startswith(("/desk/", "/sign-in/")) and path != STREAM:
        await _serve(desk, pages, scope, receive, send)
    else:
        await pages(scope, receive, send)


async def _serve(small: InOneThread, large: Any | None, scope: Any, receive: Receive, send: Send) -> None:
    """Serve a request by what its body's length asks for. No thread waits for a body that comes slowly.

    Without `large` a longer one is not read on: its beginning is longer than the view lets in, and refused there.
    """
    read: list[Any] = []
    length = 0
    while length <= SMALL:
        message = await receive()
        if message["type"] == "http.disconnect":
            return  # nobody is there, and the body is not whole
        read.append(message)
        length += len(message.get("body", b""))
        if not message.get("more_body", False):
            break

    async def again() -> Any:
        return read.pop(0) if read else await receive()

    if length <= SMALL or large is None:
        await small(scope, b"".join(message.get("body", b"") for message in read), send)
    else:
        await large(scope, again, send)


from compliance.rules import places  # noqa: E402 - Django must be set up first
from core import memory  # noqa: E402

# The look-up of ZIP and area codes takes half a second to build: not during an agent's first click.
places.describe_number("+12125550123")
memory.settle()
