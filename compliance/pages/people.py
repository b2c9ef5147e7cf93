"""What people said, as tables."""

from collections.abc import Iterable
from datetime import datetime

from compliance.pages.tables import SHORT, WIDE, Cell, Link, Table, listed, moment, phone, table, text, url
from compliance.pages.verdicts import CHANNEL_WORDS, PURPOSE_WORDS
from compliance.pages.words import ASKED_WORDS, CONSENT_WORDS, KIND_WORDS, SOURCE_WORDS
from compliance.reads.people import ConsentRow, LiftRow, RevocationRow, SuppressionRow
from compliance.rules.facts import SuppressionKind
from compliance.rules.suppression import NEVER_LIFTED
from core.types import format_phone

SHORT_WORDS = 60  # characters of long words shown before the fold
FINDINGS = {"confirmed": "Confirmed", "mistaken": "Misread"}


def may_be_lifted(row: SuppressionRow) -> bool:
    """Return whether a new consent of the person can lift the request at all."""
    return not row.is_lifted and not _stands_for_good(row)


def who_may_lift(row: SuppressionRow) -> str:
    """Return who may lift a request, in words."""
    if row.is_lifted:
        return "lifted"
    if _stands_for_good(row):
        return "nobody, ever"
    return "two people, on a new consent the person asked for"


def _stands_for_good(row: SuppressionRow) -> bool:
    return not row.seller or SuppressionKind(row.kind) in NEVER_LIFTED


def asked_again(how: str, words: str, at: datetime | None) -> str:
    """Return what a person did who asked to be contacted again, "" when nothing is said."""
    if not how or at is None:
        return ""
    return f"{ASKED_WORDS.get(how, how)} on {at:%Y-%m-%d %H:%M} UTC: “{words}”"


def words_cell(words: str, otherwise: str = "") -> Cell:
    """Return words as said: short ones as they are, long ones behind a fold."""
    if len(words) <= SHORT_WORDS:
        return text(words or otherwise)
    return Cell(text=f"{words[:SHORT_WORDS].rstrip()} …", details=words)


def suppressions_table(
    rows: Iterable[SuppressionRow], *, may_manage: bool, with_number: bool = True, heading: str = ""
) -> Table:
    """Return requests not to be called."""
    columns = [
        *([("Number", SHORT)] if with_number else []),
        ("Since", SHORT),
        ("Why", SHORT),
        ("In their words", WIDE),
        ("Holds for", WIDE),
        ("Recorded by", SHORT),
        ("May be lifted by", WIDE),
    ]
    return table(
        "Requests not to be called, newest first",
        columns,
        (_suppression(row, may_manage, with_number) for row in rows),
        empty=(
            "Nobody asked not to be called yet",
            "Requests made to reps, by text, by email or in the CRM are kept here for good and hold in every campaign.",
        ),
        first_step=Link(words="Add a number", href=url("compliance-do-not-call-add")) if may_manage else None,
        heading=heading,
    )


def _suppression(row: SuppressionRow, may_manage: bool, with_number: bool) -> list[Cell]:
    links: tuple[Link, ...] = ()
    if may_manage and may_be_lifted(row):
        links = (
            Link(
                words="Ask for a lift",
                href=url("compliance-lift-request", row.id),
                about=f"of {format_phone(row.number)}",
            ),
        )
    whom = row.seller or "everybody"
    limits = [CHANNEL_WORDS.get(word, word).lower() for word in row.channels]
    limits += [word for word in (row.campaign_ref, row.person_ref) if word]
    tone = "is-info" if row.is_lifted else "is-bad"
    cells = [
        moment(row.at),
        Cell(text="Lifted" if row.is_lifted else KIND_WORDS.get(row.kind, row.kind), tone=tone),
        words_cell(row.raw_words, row.reason),
        text(whom, sub=", ".join(limits)),
        text(row.recorded_by, sub=row.heard_on),
        Cell(text=who_may_lift(row), links=links),
    ]
    return [phone(row.number), *cells] if with_number else cells


def consents_table(
    rows: Iterable[ConsentRow], *, may_manage: bool, with_number: bool = True, heading: str = ""
) -> Table:
    """Return consents with the words they were given on."""
    columns = [
        *([("Number", SHORT)] if with_number else []),
        ("Given", SHORT),
        ("Kind", SHORT),
        ("Words shown", WIDE),
        ("Names", WIDE),
        ("Limited to", WIDE),
        ("Obtained by", WIDE),
        ("Evidence", WIDE),
    ]
    return table(
        "Consents, newest first",
        columns,
        (_consent(row, with_number) for row in rows),
        empty=(
            "No consent is kept yet",
            "Consents from forms, texts, calls and imports stand here with the words they were given on.",
        ),
        first_step=Link(words="Record a consent", href=url("compliance-consent-add")) if may_manage else None,
        heading=heading,
    )


def _consent(row: ConsentRow, with_number: bool) -> list[Cell]:
    limits = [CHANNEL_WORDS.get(word, word).lower() for word in row.channels]
    limits += [PURPOSE_WORDS.get(word, word).lower() for word in row.purposes]
    weak = [
        words
        for is_so, words in (
            (row.box_preticked, "box ticked beforehand"),
            (not row.text_shown and not row.evidence_file, "no words kept"),
        )
        if is_so
    ]
    asked = asked_again(row.asked_how, row.asked_words, row.asked_at)
    evidence = [
        word
        for word in (
            row.signature,
            row.page_url,
            row.evidence_file,
            asked and f"{asked[0].upper()}{asked[1:]}",
        )
        if word
    ]
    cells = [
        moment(row.given_at, sub=f"ends {row.valid_until:%Y-%m-%d}" if row.valid_until else ""),
        Cell(text=CONSENT_WORDS.get(row.kind, row.kind).split(",")[0], tone="is-warn" if weak else "is-good", sub=listed(weak, "")),
        words_cell(row.text_shown),
        text(listed(row.sellers, "nobody")),
        text(listed(limits, "not limited")),
        text(row.obtained_by, sub=f"{SOURCE_WORDS.get(row.source, row.source)}, by {row.recorded_by}"),
        text(evidence[0][:80] if evidence else "", sub=listed((each[:80] for each in evidence[1:]), "")),
    ]  # fmt: skip
    return [phone(row.number, sub=row.person_ref), *cells] if with_number else cells


def messages_table(rows: Iterable[RevocationRow], *, may_manage: bool) -> Table:
    """Return messages that rules took for a wish not to be contacted and a person is still to read."""
    columns = [
        ("Number", SHORT),
        ("Received", SHORT),
        ("They wrote", WIDE),
        ("Read as", WIDE),
        ("On", SHORT),
        ("", SHORT),
    ]
    return table(
        "Messages to read, newest first",
        columns,
        (
            [
                phone(row.number),
                moment(row.received_at),
                words_cell(row.raw_words),
                text("phrase" if row.tier == 2 else "keyword", sub=row.matched_by),
                text(row.heard_on),
                Cell(links=(Link(words="Read", href=url("compliance-review", row.id), about=f"message {row.id}"),))
                if may_manage
                else text("waits"),
            ]
            for row in rows
        ),
        empty=(
            "No message waits to be read",
            "A message whose words are no plain “stop” is honoured at once, and stands here until a person has read it.",
        ),
    )  # fmt: skip


def read_table(rows: Iterable[RevocationRow]) -> Table:
    """Return the messages read last, with what was found."""
    columns = [
        ("Number", SHORT),
        ("They wrote", WIDE),
        ("Finding", SHORT),
        ("Note", WIDE),
        ("Read by", SHORT),
    ]
    return table(
        "Messages read last",
        columns,
        (
            [
                phone(row.number),
                words_cell(row.raw_words),
                Cell(
                    text=FINDINGS.get(row.finding, row.finding),
                    tone="is-good" if row.finding == "confirmed" else "is-warn",
                ),
                words_cell(row.note),
                text(row.reviewed_by),
            ]
            for row in rows
        ),
        heading="Read last",
        empty=("None was read yet", "Findings stand here with who read the message."),
    )


def revocations_table(rows: Iterable[RevocationRow], *, heading: str = "") -> Table:
    """Return every message of a number that took leave back."""
    columns = [
        ("Received", SHORT),
        ("In their words", WIDE),
        ("Read as", WIDE),
        ("On", SHORT),
        ("Read by a person", WIDE),
    ]
    return table(
        "Messages that took leave back, newest first",
        columns,
        (
            [
                moment(row.received_at),
                words_cell(row.raw_words),
                text(("judged by a person", "keyword", "phrase")[row.tier if row.tier in (1, 2) else 0], sub=row.matched_by),
                text(row.heard_on),
                text(
                    f"{FINDINGS.get(row.finding, row.finding)}, {row.reviewed_by}"
                    if row.finding
                    else ("waits" if row.needs_review else "not needed"),
                    sub=row.note[:200],
                ),
            ]
            for row in rows
        ),
        heading=heading,
    )  # fmt: skip


def lifts_table(rows: Iterable[LiftRow], *, may_approve: bool, person: str, heading: str = "") -> Table:
    """Return requests to lift; those that another person may approve have the way to do it."""
    columns = [
        ("Number", SHORT),
        ("Asked", SHORT),
        ("They said then", WIDE),
        ("They agreed since", WIDE),
        ("Why", WIDE),
        ("State", SHORT),
    ]
    return table(
        "Requests to lift, newest first",
        columns,
        (_lift(row, may_approve, person) for row in rows),
        heading=heading,
        empty=(
            "No lift was asked for yet",
            "A person who asked not to be called may change their mind. With their new, documented consent one of you "
            "asks for a lift on the do-not-call list, and another one approves it here.",
        ),
    )


def _lift(row: LiftRow, may_approve: bool, person: str) -> list[Cell]:
    if row.approved_at:
        state = Cell(text="Lifted", tone="is-good", sub=f"by {row.approved_by}")
    elif may_approve and person != row.requested_by:
        go = Link(
            words="Decide",
            href=url("compliance-lift-approve", row.id),
            about=f"on {format_phone(row.number)}",
        )
        state = Cell(text="Waits", tone="is-warn", links=(go,))
    else:
        state = Cell(text="Waits", tone="is-warn", sub="for another person")
    return [
        phone(row.number),
        moment(row.requested_at, sub=f"by {row.requested_by}"),
        words_cell(row.said),
        Cell(at=row.consent_given_at, sub=row.consented[:SHORT_WORDS]),
        words_cell(row.reason),
        state,
    ]
