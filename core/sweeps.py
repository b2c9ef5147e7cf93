"""Going through rows that wait, one by one, so that a bad row never stops the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from core.errors import AppError

log = structlog.get_logger(__name__)

Item = TypeVar("Item")


def for_each(items: Iterable[Item], work: Callable[[Item], object], *, what: str) -> int:
    """Call `work` with each item and return how many went well; a refusal is noted, a bug is logged with its trace.

    The items come round again with the next sweep, so nothing is lost by going on.
    """
    done = 0
    for item in items:
        try:
            work(item)
        except AppError as refusal:
            log.info("core.sweep.put_off", what=what, item=str(item), reason=str(refusal))
        except Exception:
            log.exception("core.sweep.failed", what=what, item=str(item))
        else:
            done += 1
    return done
