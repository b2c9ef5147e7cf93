"""The seller's papers as tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.pages.tables import NUMBER, SHORT, WIDE, Cell, Link, Table, day, phone, table, text, url
from compliance.pages.verdicts import CHANNEL_WORDS, CONFIDENCE_WORDS
from compliance.pages.words import SENDER_KINDS
from compliance.reads.papers import CallerRow, RegistrationRow, SenderRow
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import StateLaw
from compliance.rules.packfile import shipped
from core.types import format_phone

WARN_BEFORE = timedelta(days=30)
# What needs attention first.
_STANDING = {
    "missing": ("Missing", "is-bad"),
    "expired": ("Expired", "is-bad"),
    "not yet": ("Not yet valid", "is-bad"),
    "soon": ("Ends soon", "is-warn"),
    "good": ("In order", "is-good"),
    "not asked": ("Not asked", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePapers:
    """One state: what its law asks, and the paper that answers it."""

    state: str
    name: str
    laws: tuple[StateLaw, ...]
    paper: RegistrationRow | None
    standing: str  # "missing", "expired", "not yet", "soon", "good", "not asked"


def papers_by_state(held: Mapping[str, tuple[RegistrationRow, ...]], on: date) -> tuple[StatePapers, ...]:
    """Return every state with its law of the day and the paper that counts best; what needs attention first."""
    found = []
    for state, name in STATE_NAMES.items():
        laws = shipped().laws("registration", state, on)
        paper = _best(held.get(state, ()), on)
        found.append(
            StatePapers(
                state=state,
                name=name.removeprefix("the "),
                laws=laws,
                paper=paper,
                standing=_standing(laws, paper, on),
            )
        )
    order = list(_STANDING)
    return tuple(sorted(found, key=lambda row: (order.index(row.standing), row.name)))


def registrations_table(rows: Iterable[StatePapers], *, may_manage: bool) -> Table:
    """Return all states with what the law asks and what is held."""
    columns = [
        ("State", SHORT),
        ("Standing", SHORT),
        ("What the law asks", WIDE),
        ("Paper", SHORT),
        ("Valid", SHORT),
    ]
    if may_manage:
        columns.append(("", SHORT))
    return table("Registrations by state", columns, (_state(row, may_manage) for row in rows))


def _state(row: StatePapers, may_manage: bool) -> list[Cell]:
    words, tone = _STANDING[row.standing]
    paper = row.paper
    laws = [
        Cell(
            text="; ".join(dict.fromkeys(law.citation for law in row.laws)),
            sub=" ".join(filter(None, (_reach(row.laws), *dict.fromkeys(law.note for law in row.laws)))),
        )
    ]
    cells = [
        text(row.name, sub=row.state),
        Cell(text=words, tone=tone),
        laws[0] if row.laws else text("no registration known to be asked"),
        text(paper.certificate or paper.exemption, sub=_paper_notes(paper)) if paper else text(""),
        text(f"{day(paper.valid_from)} to {day(paper.valid_to) if paper.valid_to else 'no end'}") if paper else text(""),
    ]  # fmt: skip
    if may_manage:
        add = Link(
            words="Record",
            href=url("compliance-registration-add", state=row.state),
            about=f"a paper for {row.name}",
        )
        cells.append(Cell(links=(add,)))
    return cells


def _paper_notes(paper: RegistrationRow) -> str:
    notes = (
        "exemption" if not paper.certificate else "",
        "texts only" if paper.covers_texts_only else "",
        paper.document,
    )
    return ", ".join(note for note in notes if note)


def _reach(laws: Iterable[StateLaw]) -> str:
    """What the laws reach, if not every channel; and how sure the sources are."""
    laws = tuple(laws)
    channels = frozenset().union(*(law.channels for law in laws))
    all_of_them = len(channels) == len(CHANNEL_WORDS)
    words = "" if all_of_them else ", ".join(CHANNEL_WORDS[each.value] for each in sorted(channels)) + "."
    marks = "/".join(dict.fromkeys(CONFIDENCE_WORDS[law.confidence] for law in laws))
    return f"{words} {marks} confidence.".strip()


def _best(rows: Iterable[RegistrationRow], on: date) -> RegistrationRow | None:
    """The paper that counts on the day and longest; else the one that came nearest."""
    return max(
        rows,
        key=lambda row: (
            row.valid_from <= on and (row.valid_to is None or on <= row.valid_to),
            row.valid_to or date.max,
            row.id,
        ),
        default=None,
    )


def _standing(laws: tuple[StateLaw, ...], paper: RegistrationRow | None, on: date) -> str:
    if paper is None:
        return "missing" if laws else "not asked"
    if paper.valid_to is not None and paper.valid_to < on:
        return "expired" if laws else "not asked"
    if paper.valid_from > on:
        return "not yet" if laws else "not asked"
    if paper.valid_to is not None and paper.valid_to - on <= WARN_BEFORE:
        return "soon"
    return "good"


def callers_table(rows: Iterable[CallerRow], *, on: date, max_age_days: int, may_manage: bool) -> Table:
    """Return the inventory of caller IDs with what each still lacks."""
    columns = [
        ("Number", SHORT),
        ("Standing", SHORT),
        ("For", WIDE),
        ("Proof of the right", WIDE),
        ("Called back", SHORT),
        ("Recorded by", SHORT),
    ]
    if may_manage:
        columns.append(("", SHORT))
    return table(
        "Caller IDs, those in use first",
        columns,
        (_caller(row, on, max_age_days, may_manage) for row in rows),
        empty=("No caller ID yet", "The gate refuses every contact whose caller ID is not proven to be the seller’s own."),
        first_step=Link(words="Add a caller ID", href=url("compliance-caller-add")) if may_manage else None,
    )  # fmt: skip


def _caller(row: CallerRow, on: date, max_age_days: int, may_manage: bool) -> list[Cell]:
    age = (on - row.tested_on).days if row.tested_on else None
    lacks = [
        words
        for is_so, words in (
            (not row.takes_requests, "nobody takes requests on it"),
            (age is None, "never called back"),
            (
                age is not None and age > max_age_days,
                f"called back {age} days ago, the limit is {max_age_days}",
            ),
        )
        if is_so
    ]
    if not row.active:
        standing = Cell(text="Not in use", tone="")
    elif lacks:
        standing = Cell(text="Refused", tone="is-bad", sub="; ".join(lacks))
    else:
        standing = Cell(text="May be shown", tone="is-good")
    cells = [
        phone(row.number),
        standing,
        text(row.seller or "every seller"),
        text(row.authority),
        text(day(row.tested_on)),
        text(row.recorded_by),
    ]
    if may_manage:
        change = Link(words="Change", href=url("compliance-caller", row.id), about=format_phone(row.number))
        cells.append(Cell(links=(change,)))
    return cells


def senders_table(rows: Iterable[SenderRow], *, may_manage: bool) -> Table:
    """Return the messaging senders with what each still lacks."""
    columns = [
        ("Sender", SHORT),
        ("Kind", SHORT),
        ("Standing", WIDE),
        ("Use", WIDE),
        ("Parts a day", NUMBER),
        ("Recorded by", SHORT),
    ]
    if may_manage:
        columns.append(("", SHORT))
    return table(
        "Messaging senders",
        columns,
        (_sender(row, may_manage) for row in rows),
        empty=("No messaging sender yet", "Texts leave only from a number or short code whose registration is recorded here."),
        first_step=Link(words="Add a sender", href=url("compliance-sender-add")) if may_manage else None,
    )  # fmt: skip


def _sender(row: SenderRow, may_manage: bool) -> list[Cell]:
    asked = (
        {"verification": row.toll_free_verified}
        if row.kind == "toll_free"
        else {
            "brand": row.brand_approved,
            "campaign": row.campaign_approved,
            "number attached": row.attached,
            "in the messaging service": row.in_pool,
        }
    )
    lacks = [name for name, is_done in asked.items() if not is_done]
    cells = [
        Cell(text=format_phone(row.number), mono=True),
        text(SENDER_KINDS.get(row.kind, row.kind)),
        Cell(text="Registered", tone="is-good")
        if not lacks
        else Cell(text="Not ready", tone="is-bad", sub=f"lacks: {', '.join(lacks)}"),
        text(row.use_case),
        Cell(
            text=f"{row.daily_cap:,}" if row.daily_cap is not None else "not known",
            sub=f"brand {row.brand}" if row.brand else "brand not known",
        ),
        text(row.recorded_by),
    ]
    if may_manage:
        change = Link(words="Change", href=url("compliance-sender", row.id), about=format_phone(row.number))
        cells.append(Cell(links=(change,)))
    return cells
