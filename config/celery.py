"""The Celery application; tasks are found in each app's tasks.py."""

import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import setup_logging, task_postrun, worker_init

# Its fear as root is pickled messages; ours are JSON only (settings/celery.py).
warnings.filterwarnings("ignore", category=SecurityWarning)
app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Celery would replace the root logger's handlers; connecting here tells it not to."""


@worker_init.connect
def _load_places(**_: object) -> None:
    """Build the look-up of ZIP and area codes before the pool forks: half a second once, not at each child's first call."""
    from compliance.rules import places
    from core import memory

    places.describe_number("+12125550123")
    memory.settle()  # what is shared with the children stays shared, too


@task_postrun.connect
def _give_back_connections(**_: object) -> None:
    """Give the task's connection back to the pool, as a request does; a broken one is replaced there."""
    from django.db import close_old_connections

    close_old_connections()
