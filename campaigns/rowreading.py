"""Rows of a file → rows that are clean, in batches. Pure: it runs in a thread, or in a process of its own beside the worker's."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import BinaryIO

import msgspec

from campaigns import csvfile, csvheader, importing
from campaigns.importing import MAX_LENGTHS, CleanPerson, CleanPhone, Consent, RawPerson, Reading, Refusal
from core.types import PhoneNumber

Mask = Callable[[list[str], Counter[str]], Sequence[str]]
_COLUMNS = tuple(MAX_LENGTHS)


class ReadRow(msgspec.Struct, array_like=True, gc=False):
    """A row that is clean, or refused: plain values, since they may come from another process."""

    number: int
    raw: str  # its cells without card data, as JSON
    code: str = ""  # of a refusal
    reason: str = ""
    phones: list[tuple[str, str, str]] = []  # kind, number, as written
    values: list[str] = []  # of the columns of a person, in their order
    debt_ref: str = ""
    do_not_call: bool = False
    custom: dict[str, str | int | float] = {}
    consent: tuple[date, str, str] | None = None

    @property
    def item(self) -> CleanPerson | Refusal:
        """Return the person, or the refusal."""
        if self.code:
            return Refusal(self.code, self.reason)
        return CleanPerson(
            RawPerson(row_number=self.number, phones=(), do_not_call=self.do_not_call),
            [CleanPhone(kind, PhoneNumber(number), raw) for kind, number, raw in self.phones],
            dict(zip(_COLUMNS, self.values, strict=True)),
            self.debt_ref,
            self.custom,
            Consent(*self.consent) if self.consent else None,
        )


class Batch(msgspec.Struct, array_like=True):
    """Rows in order; none at the end of the file. With what card data was taken out of them."""

    rows: list[ReadRow]
    found: dict[str, int] = {}


class FieldOf(msgspec.Struct):
    """A field of the house's own, as campaigns.customfields.FieldSpec."""

    key: str
    label: str
    kind: str
    choices: list[str]


class Order(msgspec.Struct, kw_only=True):
    """What to read, and with what: all that a process needs to know beside the file."""

    encoding: str
    separator: str
    has_header: bool
    header: list[str]
    targets: list[str]
    region: str
    date_order: str
    own: list[str]
    fields: list[FieldOf]
    today: date | None
    consent_by: str
    position: int  # rows to pass over
    batch_rows: int


def batches(stream: BinaryIO, order: Order, *, reading: Reading, mask: Mask) -> Iterator[Batch]:
    """Yield the rows of a file that csvfile.inspect() accepted, batch by batch, and an empty batch at the end.

    `mask` takes card data out of cells; phone numbers and IDs are read as they came: digits of their own, and never a card's.
    """
    columns = csvheader.chosen(order.targets)
    table = csvfile.CsvTable(
        encoding=order.encoding,
        separator=order.separator,
        header=tuple(order.header),
        columns=columns,
        row_count=0,
        has_header=order.has_header,
    )
    kept = {index for _, index in columns.phones} | set(columns.fields.get("external_id", ()))
    rows = islice(csvfile.read_cells(stream, table), order.position, None)
    encode = msgspec.json.encode
    while True:
        batch = Batch([])
        found: Counter[str] = Counter()
        for line, cells in islice(rows, order.batch_rows):
            clear = mask(cells, found)
            if clear is not cells:
                cells = [cells[index] if index in kept else cell for index, cell in enumerate(clear)]
            item = importing.clean(csvfile.person_of(line, cells, columns), reading=reading)
            batch.rows.append(_read_row(line, encode({"cells": clear}).decode(), item))
        batch.found = dict(found)
        yield batch
        if not batch.rows:
            return


def _read_row(line: int, raw: str, item: CleanPerson | Refusal) -> ReadRow:
    if isinstance(item, Refusal):
        return ReadRow(line, raw, item.code, item.reason)
    consent = item.consent
    return ReadRow(
        line,
        raw,
        "",
        "",
        [(phone.kind, phone.number, phone.raw) for phone in item.phones],
        list(item.values.values()),
        item.debt_ref,
        item.raw.do_not_call,
        dict(item.custom) if item.custom else {},
        (consent.given_on, consent.source, consent.wording) if consent else None,
    )


def cells_of(raw: str) -> Sequence[str]:
    """Return the cells a row was kept with."""
    kept: Mapping[str, Sequence[str]] = msgspec.json.decode(raw)
    return kept["cells"]
