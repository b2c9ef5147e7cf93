"""What was done with registries, as tables."""

from collections.abc import Iterable

from compliance.pages.tables import (
    NUMBER,
    SHORT,
    WIDE,
    Cell,
    Table,
    count,
    day,
    listed,
    moment,
    phone,
    table,
    text,
)
from compliance.pages.words import ANSWER_WORDS
from compliance.reads.history import LoadRow, ReassignedRow, ScrubRow

HASH_SHOWN = 12


def hash_cell(digest: str, sub: str = "") -> Cell:
    """Return a file's hash: its beginning, the whole behind a fold."""
    return Cell(text=f"{digest[:HASH_SHOWN]} …", details=digest, sub=sub) if digest else text("")


def loads_table(rows: Iterable[LoadRow]) -> Table:
    """Return registry files loaded; rows in = accepted + there already + refused."""
    columns = [
        ("Loaded", SHORT), ("List", SHORT), ("Copy of", SHORT), ("SAN", WIDE), ("File’s hash (SHA-256)", WIDE), ("Rows in", NUMBER),
        ("Accepted", NUMBER), ("There already", NUMBER), ("Refused", NUMBER), ("Numbers", NUMBER), ("State", SHORT),
    ]  # fmt: skip
    return table(
        "Registry files loaded, newest first",
        columns,
        (
            [
                moment(row.imported_at, sub=f"by {row.imported_by}"),
                text(row.name, sub="changes" if row.kind == "change" else ""),
                text(day(row.as_of)),
                text(row.san, sub=row.seller),
                hash_cell(row.file_sha256),
                count(row.accepted + row.duplicates + row.refused),
                count(row.accepted),
                count(row.duplicates),
                count(row.refused),
                count(row.numbers),
                Cell(text="In force", tone="is-good") if row.active else Cell(text="Replaced", tone=""),
            ]
            for row in rows
        ),
        heading="Copies loaded",
        empty=(
            "No registry file was loaded yet",
            "Each load stands here with its hash, its subscription and its sums.",
        ),
    )


def scrubs_table(rows: Iterable[ScrubRow]) -> Table:
    """Return lists scrubbed; rows = listed + clean + refused."""
    columns = [
        ("Scrubbed", SHORT), ("List", WIDE), ("Its hash (SHA-256)", WIDE), ("Against", WIDE), ("Rows", NUMBER), ("Listed", NUMBER),
        ("Clean", NUMBER), ("Refused", NUMBER),
    ]  # fmt: skip
    return table(
        "Lists scrubbed, newest first",
        columns,
        (
            [
                moment(row.at, sub=f"by {row.by}"),
                text(row.label),
                hash_cell(row.file_sha256),
                text(
                    f"{len(row.copies)} copies",
                    sub=f"{listed(row.copies[:2], '')}; SAN {listed(row.sans, 'none')}",
                ),
                count(row.rows),
                count(row.listed),
                count(row.clean),
                count(row.refused),
            ]
            for row in rows
        ),
        heading="Lists scrubbed against them",
        empty=(
            "No list was scrubbed yet",
            "The command scrub_dnc sorts a list into listed, clean and refused rows; each run leaves its sums here. Whatever a "
            "scrub says, the gate asks again when a number is dialed.",
        ),
    )


def reassigned_table(rows: Iterable[ReassignedRow], *, with_number: bool = True, heading: str = "") -> Table:
    """Return answers of the Reassigned Numbers Database."""
    columns = [
        *([("Number", SHORT)] if with_number else []),
        ("Asked", SHORT), ("About the time since", SHORT), ("Answer", SHORT), ("Database", SHORT), ("Recorded by", SHORT),
    ]  # fmt: skip
    tones = {"no": "is-good", "yes": "is-bad"}
    return table(
        "Answers about reassigned numbers, newest first",
        columns,
        (
            [
                *([phone(row.number)] if with_number else []),
                moment(row.checked_at),
                text(day(row.since)),
                Cell(
                    text=ANSWER_WORDS.get(row.answer, row.answer).split(":")[0],
                    tone=tones.get(row.answer, "is-warn"),
                ),
                text(row.database_version),
                text(row.recorded_by),
            ]
            for row in rows
        ),
        heading=heading,
        empty=(
            "Nobody asked the Reassigned Numbers Database yet",
            "A contact that stands on consent needs its answer “no” about the day of the consent. Answers are recorded on "
            "the page of a number.",
        )
        if with_number
        else ("", ""),
    )
