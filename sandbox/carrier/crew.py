"""Work that goes on beside requests: kept, so that nothing is collected half done, and stopped together."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

LOG = logging.getLogger("sandbox.carrier.crew")
T = TypeVar("T")


class Crew:
    """Tasks of one owner; one that crashes says so in the log."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Let `work` run; needs a running event loop."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._leave)
        return task

    def stop(self) -> None:
        """Cancel all but the task this is called from."""
        current = asyncio.current_task()
        for task in list(self.tasks):
            if task is not current:
                task.cancel()

    def _leave(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            LOG.error("sandbox.carrier.task_crashed", exc_info=task.exception())
