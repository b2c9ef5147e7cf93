"""ASGI entry point: pages, event streams and webhooks from one process."""

import os
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
# WhiteNoise hands over small files as plain iterators; Django reads them whole, which is fine, and warns each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

WEBHOOK_THREADS: Final = 8  # each holds a database connection while it works; more only wait for each other

pages = get_asgi_application()
# A webhook streams nothing. In one thread from door to answer it costs two thirds of what it costs through Django's asynchronous
# handler, which changes threads at every middleware (docs/measurements.md).
webhooks = WSGIMiddleware(cast(WSGIApp, get_wsgi_application()), workers=WEBHOOK_THREADS)


async def application(
    scope: Any,
    receive: Callable[[], Awaitable[Any]],
    send: Callable[[Any], Awaitable[None]],
) -> None:
    """Serve one connection: the carrier's webhooks in threads of their own, everything else as it comes."""
    is_webhook = scope["type"] == "http" and scope["path"].startswith("/hooks/")
    await (webhooks if is_webhook else pages)(scope, receive, send)


from compliance.rules import places  # noqa: E402 - Django must be set up first

# The look-up of ZIP and area codes takes half a second to build: not during an agent's first click.
places.describe_number("+12125550123")
