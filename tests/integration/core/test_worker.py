"""What a worker process does around its tasks."""

from types import SimpleNamespace

import pytest
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection

from config.celery import app
from dialer.tasks import sweep_attempts


def test_tasks_leave_the_pool_of_connections_open(monkeypatch: pytest.MonkeyPatch) -> None:
    fixup = DjangoWorkerFixup(app)
    fixup.worker = SimpleNamespace(pool_cls="prefork")
    ended: list[bool] = []
    monkeypatch.setattr(fixup, "_close_database", lambda: ended.append(True))

    for _ in range(1000):
        fixup.on_task_prerun(sweep_attempts)
        fixup.on_task_postrun(sweep_attempts)

    assert ended == []


@pytest.mark.django_db(transaction=True)
def test_a_task_gives_its_connection_back_when_it_ends() -> None:
    sweep_attempts.apply()

    assert connection.connection is None
