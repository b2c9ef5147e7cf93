"""Run a stand-in inside a test: its own thread and event loop, a free port."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web


@contextmanager
def run_in_thread(app: web.Application, *, port: int = 0) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 and yield its base URL, without a slash at the end; stop it on leaving.

    Units: start and stop may take 10 seconds each.
    Raises: whatever the start-up raised, in the caller's thread.
    """
    loop = asyncio.new_event_loop()
    # keep-alive connections of the client under test are not waited for
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        return int(runner.addresses[0][1])

    async def stop() -> None:
        server = runner.server
        await runner.cleanup()
        # whoever was let in during the clean-up is shown out, too, so that no socket is left open
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        if server is not None:
            await server.shutdown(0)
        await asyncio.sleep(0)

    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        chosen = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield f"http://127.0.0.1:{chosen}"
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
