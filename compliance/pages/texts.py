"""Texts people sent us, as a table."""

from collections.abc import Iterable

from compliance.pages.mail import MEANINGS
from compliance.pages.people import words_cell
from compliance.pages.tables import SHORT, WIDE, Cell, Link, Table, moment, phone, table, url
from compliance.reads.texts import TextRow
from compliance.rules.revocation import Meaning

NO = frozenset({Meaning.REVOKED.value, Meaning.WRONG_NUMBER.value})


def texts_table(rows: Iterable[TextRow], *, may_manage: bool) -> Table:
    """Return the texts; what rules did not take for a no can be made one, and who wants to hear from us again has a consent to give."""
    return table(
        "Texts people sent us, newest first",
        [("From", SHORT), ("Received", SHORT), ("They wrote", WIDE), ("Read as", WIDE), ("Answered", WIDE), ("", SHORT)],
        (
            [
                phone(row.number, sub=f"to {row.our_number}"),
                moment(row.received_at),
                words_cell(row.raw_words),
                Cell(text=MEANINGS.get(Meaning(row.meaning), row.meaning), sub=row.matched_by, tone="is-bad" if row.meaning in NO else ""),
                words_cell(row.answer, "silence, or the carrier’s own answer"),
                Cell(links=_links(row) if may_manage else ()),
            ]
            for row in rows
        ),
        empty=(
            "Nobody has sent a text yet",
            "Texts to your numbers are kept here with how they were read. Set the numbers up with configure_numbers first.",
        ),
    )  # fmt: skip


def _links(row: TextRow) -> tuple[Link, ...]:
    about = f"for text {row.id}"
    if row.meaning in NO:
        return ()
    no = Link(words="It is a no", href=url("compliance-do-not-call-add", number=row.number), about=about)
    if row.meaning != Meaning.RESUBSCRIBE.value:
        return (no,)
    again = Link(words="Record a consent", href=url("compliance-consent-add", number=row.number), about=about)
    return (again, no)
