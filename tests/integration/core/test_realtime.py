"""What a transaction tells of: once for each thing, all together, and nothing where it was taken back."""

import json
from datetime import datetime

import pytest
from django.db import connection, transaction

from core import realtime

pytestmark = pytest.mark.django_db(transaction=True)


def told(topic: str) -> list[dict[str, object]]:
    """Return what a topic's stream holds, and forget it."""
    client = realtime._client()
    found = [json.loads(fields["data"]) for _, fields in client.xrange(realtime.PREFIX + topic)]
    client.delete(realtime.PREFIX + topic)
    return found


def tell_and_fail(topic: str, *, version: int) -> None:
    """Tell of something that is taken back."""
    with transaction.atomic():
        realtime.push_on_commit(topic, "changed", {"version": version})
        raise ZeroDivisionError


def test_of_several_of_one_name_the_last_is_told(now: datetime) -> None:
    topics = [f"test:{name}:{now.timestamp()}" for name in "ab"]

    with transaction.atomic():
        for version in range(3):
            realtime.push_on_commit(topics[0], "changed", {"version": version})
        realtime.push_on_commit(topics[1], "changed", {"version": 9})
        callbacks = len(connection.run_on_commit)

    assert callbacks == 1
    assert [told(topic) for topic in topics] == [[{"version": 2}], [{"version": 9}]]


def test_without_a_transaction_it_is_told_at_once(now: datetime) -> None:
    topic = f"test:c:{now.timestamp()}"
    realtime.push_on_commit(topic, "changed", {"version": 1})

    assert told(topic) == [{"version": 1}]


def test_what_was_taken_back_is_not_told_and_hides_nothing(now: datetime) -> None:
    topic = f"test:d:{now.timestamp()}"

    with pytest.raises(ZeroDivisionError):
        tell_and_fail(topic, version=1)
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            tell_and_fail(topic, version=2)
        realtime.push_on_commit(topic, "changed", {"version": 3})

    assert told(topic) == [{"version": 3}]
