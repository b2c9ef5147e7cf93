"""The rows of a kept file, read and cleaned ahead of the database: in a thread, or for many rows in a process of their own.

A thread takes turns with the one that writes, so that reading costs an import its full time; a process has a core to itself. It
gets the file open and what to read by its standard input, answers batches on its standard output, and ends when nobody listens.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BufferedReader
from typing import BinaryIO, cast

import msgspec
from django.conf import settings

from campaigns import rowreading
from campaigns.customfields import FieldSpec
from campaigns.importing import Reading
from campaigns.importplan import Plan
from campaigns.rowreading import Batch, FieldOf, Order
from campaigns.services.masking import cells_without_cards

MANY_ROWS = 20_000  # whose reading takes longer than a process does to begin
LENGTH_BYTES = 8


class ReaderLost(RuntimeError):
    """The process that read the file ended before the file did; its own words are in the log of the worker."""


class Task(msgspec.Struct):
    """What the process is told: the number of its open file, and the order."""

    file: int
    order: Order


class Ahead:
    """Batches, of which the next is always under way."""

    def __init__(self, pool: ThreadPoolExecutor, source: Iterator[Batch]) -> None:
        """Have the first batch read."""
        self._pool, self._source = pool, source
        self._next: Future[Batch] = pool.submit(next, source)

    def take(self) -> Batch:
        """Return the next batch, and have the one behind it read; an empty one at the end, again and again."""
        batch = self._next.result()
        if batch.rows:
            self._next = self._pool.submit(next, self._source)
        return batch


@contextmanager
def ahead(stream: BinaryIO, order: Order, *, rows: int) -> Iterator[Ahead]:
    """Open a reader of about so many rows of the file."""
    if rows < MANY_ROWS:
        with ThreadPoolExecutor(max_workers=1) as pool:
            yield Ahead(pool, _in_thread(stream, order))
        return
    with _start(stream, order) as process, ThreadPoolExecutor(max_workers=1) as pool:
        try:
            yield Ahead(pool, _of_process(process))
        finally:
            process.kill()  # the thread, which may wait for it, gets the end of the file


def order_for(
    plan: Plan, header: Sequence[str], reading: Reading, *, position: int, batch_rows: int
) -> Order:
    """Return what is to be read of a file, from the row at `position` on."""
    return Order(
        encoding=plan.encoding,
        separator=plan.separator,
        has_header=plan.has_header,
        header=list(header),
        targets=list(plan.targets),
        region=reading.region,
        date_order=reading.date_order,
        own=sorted(cast("frozenset[str]", reading.own)),
        fields=[
            FieldOf(spec.key, spec.label, spec.kind, list(spec.choices)) for spec in reading.fields.values()
        ],
        today=reading.today,
        consent_by=reading.consent_by,
        position=position,
        batch_rows=batch_rows,
    )


def _reading_of(order: Order) -> Reading:
    return Reading(
        region=order.region,
        date_order=order.date_order,
        own=frozenset(order.own),
        fields={
            each.key: FieldSpec(each.key, each.label, each.kind, tuple(each.choices)) for each in order.fields
        },
        today=order.today,
        consent_by=order.consent_by,
    )


def _in_thread(stream: BinaryIO, order: Order) -> Iterator[Batch]:
    return rowreading.batches(stream, order, reading=_reading_of(order), mask=cells_without_cards)


def _start(stream: BinaryIO, order: Order) -> "subprocess.Popen[bytes]":
    rollover = getattr(stream, "rollover", None)
    if rollover is not None:  # kept in memory so far
        rollover()
    number = stream.fileno()
    stream.flush()
    process = subprocess.Popen(
        [sys.executable, "-m", "campaigns.services.readers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[number],
        cwd=settings.BASE_DIR,
    )
    assert process.stdin is not None
    with process.stdin as told:
        told.write(msgspec.json.encode(Task(number, order)))
    return process


def _of_process(process: "subprocess.Popen[bytes]") -> Iterator[Batch]:
    answers = cast(BufferedReader, process.stdout)
    decoder = msgspec.msgpack.Decoder(Batch)
    while True:
        size = answers.read(LENGTH_BYTES)
        data = answers.read(int.from_bytes(size, "big"))
        if len(size) < LENGTH_BYTES or len(data) < int.from_bytes(size, "big"):
            raise ReaderLost("The process that reads the file of an import ended before the file did.")
        batch = decoder.decode(data)
        yield batch
        if not batch.rows:
            return


def answer(task: bytes, out: BinaryIO) -> None:
    """Read as told, and write the batches with the length of each before it. The work of the process."""
    given = msgspec.json.decode(task, type=Task)
    with os.fdopen(given.file, "rb") as stream:
        for batch in _in_thread(stream, given.order):
            data = msgspec.msgpack.encode(batch)
            out.write(len(data).to_bytes(LENGTH_BYTES, "big"))
            out.write(data)
            out.flush()


if __name__ == "__main__":
    gc.disable()  # as in the worker: rows have no cycles
    with suppress(BrokenPipeError):  # the worker was stopped, or needs no more
        answer(sys.stdin.buffer.read(), sys.stdout.buffer)
