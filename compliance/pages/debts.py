"""What was ruled out for calls about debts, as a table."""

from collections.abc import Iterable

from compliance.pages.people import words_cell
from compliance.pages.tables import SHORT, WIDE, Cell, Link, Table, moment, phone, table, text, url
from compliance.reads.debts import DebtWishRow
from compliance.rules.calling_window import DAY_NAMES


def debt_wishes_table(rows: Iterable[DebtWishRow], *, may_manage: bool) -> Table:
    """Return what people ruled out; what holds has the way to take it back."""
    columns = [
        ("Said", SHORT),
        ("Ruled out", WIDE),
        ("In their words", WIDE),
        ("On", SHORT),
        ("Recorded by", SHORT),
        ("State", SHORT),
    ]
    return table(
        "Times and places ruled out for calls about a debt, newest first",
        columns,
        (
            [
                moment(row.at),
                text(ruled_out(row)),
                words_cell(row.raw_words),
                phone(row.number, sub=row.person_ref),
                text(row.recorded_by, sub=row.heard_on),
                _state(row, may_manage),
            ]
            for row in rows
        ),
        heading="Ruled out for calls about a debt",
    )


def ruled_out(row: DebtWishRow) -> str:
    """Return what a person ruled out, in words."""
    days = ", ".join(f"{DAY_NAMES[day]}s" for day in row.not_days)
    hours = f"{row.not_from:%H:%M}–{row.not_until:%H:%M}" if row.not_from and row.not_until else ""
    when = " ".join(part for part in (days, hours) if part)
    parts = (when, "on this number" if row.not_here else "")
    return ", ".join(part for part in parts if part)


def _state(row: DebtWishRow, may_manage: bool) -> Cell:
    if row.ended_at:
        return Cell(
            text="Taken back", tone="is-info", sub=f"{row.ended_at:%Y-%m-%d}: {row.ended_words[:200]}"
        )
    go = Link(words="Take back", href=url("compliance-debt-wish-end", row.id), about=ruled_out(row))
    return Cell(text="Holds", tone="is-warn", links=(go,) if may_manage else ())
