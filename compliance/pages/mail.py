"""Tables of e-mails and of who is known under an address. No queries."""

from collections.abc import Iterable, Sequence

from compliance.directory import Addressee
from compliance.pages.people import words_cell
from compliance.pages.tables import SHORT, WIDE, Cell, Link, Table, moment, phone, table, text, url
from compliance.reads.mail import MailRow
from compliance.rules.revocation import Meaning
from core.types import format_phone

MEANINGS = {
    Meaning.REVOKED: "asks not to be contacted",
    Meaning.WRONG_NUMBER: "says it is the wrong person",
    Meaning.HELP: "asks who writes",
    Meaning.RESUBSCRIBE: "wants to hear from us again",
    Meaning.NONE: "no such wish was recognised",
}
OUTCOMES = {"revoked": "Revoked", "nobody": "Nobody here has the address", "no_request": "Is no request"}
TONES = {"revoked": "is-good", "nobody": "is-info", "no_request": "is-info"}


def read_as(row: MailRow) -> str:
    """Return how rules read the words."""
    words = MEANINGS.get(Meaning(row.meaning), row.meaning)
    return f"{words} (“{row.matched_by}”)" if row.matched_by else words


def waiting_table(rows: Iterable[MailRow], *, may_settle: bool) -> Table:
    """Return the e-mails that nobody has settled yet."""
    return table(
        "E-mails that wait, newest first",
        [("From", SHORT), ("Received", SHORT), ("They wrote", WIDE), ("Read as", WIDE), ("Taken in", SHORT), ("", SHORT)],
        (
            [
                text(row.address or "not said"),
                moment(row.received_at),
                words_cell(row.raw_words),
                text(read_as(row)),
                text(row.recorded_by),
                Cell(links=(Link(words="Settle", href=url("compliance-mail", row.id), about=f"e-mail {row.id}"),))
                if may_settle
                else text("waits"),
            ]
            for row in rows
        ),
        empty=(
            "No e-mail waits",
            "An e-mail whose writer is known is honoured as soon as it is taken in. One from an address nobody here has stands "
            "here until somebody has found out whose it is.",
        ),
    )  # fmt: skip


def settled_table(rows: Iterable[MailRow]) -> Table:
    """Return what became of the others, newest first."""
    return table(
        "E-mails settled, newest first",
        [("From", SHORT), ("Received", SHORT), ("They wrote", WIDE), ("Outcome", WIDE), ("Settled by", SHORT)],
        (
            [
                text(row.address or "not said"),
                moment(row.received_at),
                words_cell(row.raw_words),
                Cell(
                    text=OUTCOMES.get(row.outcome, row.outcome),
                    tone=TONES.get(row.outcome, ""),
                    sub=", ".join(map(format_phone, row.numbers)) or row.note[:200],
                ),
                moment(row.settled_at, sub=f"by {row.settled_by}"),
            ]
            for row in rows
        ),
        heading="Settled",
        empty=("None was settled yet", "What was decided stands here, with the numbers that were revoked."),
    )  # fmt: skip


def addressees_table(people: Sequence[Addressee], *, with_links: bool) -> Table:
    """Return who is known under the address, one row a number."""
    return table(
        "Whose numbers would be revoked",
        [("Person", WIDE), ("Number", SHORT)],
        (
            [text(person.name, sub=person.person_ref), _number(number, with_links)]
            for person in people
            for number in (person.numbers or ("",))
        ),
        heading="Known under this address",
        empty=(
            "Nobody here has this address",
            "People are found as soon as a list brings them: look again later, or find the person by name or number.",
        ),
    )


def _number(number: str, with_links: bool) -> Cell:
    if not number:
        return text("no number known")
    return phone(number) if with_links else Cell(text=format_phone(number), mono=True)
