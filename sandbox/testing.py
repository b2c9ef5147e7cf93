"""Run a stand-in inside a test: its own thread and event loop, a free port."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web

TURNS: Final = 5


@contextmanager
def run_in_thread(app: web.Application, *, port: int = 0) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 and yield its base URL, without a slash at the end; stop it on leaving.

    Units: start and stop may take 10 seconds each.
    Raises: whatever the start-up raised, in the caller's thread.
    """
    loop = asyncio.new_event_loop()
    # keep-alive connections of the client under test are not waited for
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)

    listening = socket.create_server(("127.0.0.1", port), backlog=128)

    async def start() -> None:
        await runner.setup()
        await web.SockSite(runner, listening).start()

    async def stop() -> None:
        # Who has been let in gets a connection some turns of the loop later; if the server is closed before, Python 3.11 and 3.12 lose
        # the socket without a word (_accept_connection2). So first nobody is let in any more, and only then it is closed.
        loop.remove_reader(listening)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        await runner.cleanup()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)

    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
        listening.close()
