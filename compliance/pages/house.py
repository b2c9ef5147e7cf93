"""What the house decided, as tables: limits beside the law, lifted denials, emergencies."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from compliance.pages.people import words_cell
from compliance.pages.tables import (
    SHORT,
    WIDE,
    Cell,
    Link,
    Table,
    day,
    listed,
    moment,
    phone,
    table,
    text,
    url,
)
from compliance.pages.verdicts import CONFIDENCE_WORDS
from compliance.reads.house import EmergencyRow, LimitRequestRow, LimitRow, OverrideRow, standing_limit
from compliance.rules.codes import CODES
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import LegalNumber

STRICTER = {"lower": "lower is stricter", "higher": "higher is stricter"}
ABROAD = {"ca": "Canada", "uk": "United Kingdom"}


def value_words(value: object) -> str:
    """Return a number's value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


def name_words(name: str) -> str:
    """Return a number's name as people say it."""
    country, _, rest = name.partition("_")
    if country in ABROAD:
        return f"{ABROAD[country]}: {rest.replace('_', ' ')}"
    return name.replace("_", " ").capitalize()


def direction_words(law: LegalNumber) -> str:
    """Return which way the house may move a number."""
    if law.stricter in STRICTER:
        return STRICTER[law.stricter]
    return "may not be moved" if law.basis == "law" else "any other value takes two people"


def limits_table(
    rows: Iterable[LegalNumber], house: Mapping[str, tuple[LimitRow, ...]], *, on: date, may_manage: bool
) -> Table:
    """Return the numbers of the rule book, the house's value beside each."""
    columns = [
        ("Number", WIDE),
        ("Rule", SHORT),
        ("Law or policy", SHORT),
        ("The house", SHORT),
        ("Source", WIDE),
        ("In force", SHORT),
    ]
    if may_manage:
        columns.append(("", SHORT))
    return table(
        "Numbers of the rule book in force",
        columns,
        (_limit(row, standing_limit(house.get(row.name, ()), on), may_manage) for row in rows),
    )  # fmt: skip


def _limit(law: LegalNumber, limit: LimitRow | None, may_manage: bool) -> list[Cell]:
    house = text("")
    if limit is not None:
        tone = "is-warn" if limit.is_override else "is-good"
        kind = "override" if limit.is_override else "stricter"
        house = Cell(text=f"{value_words(limit.value)}", tone=tone, sub=f"{kind}, by {limit.set_by}")
    cells = [
        Cell(text=name_words(law.name), sub=law.unit),
        rule_cell(law.rule_id),
        text(value_words(law.value), sub=f"{law.basis}, {direction_words(law)}"),
        house,
        text(law.citation, sub=" ".join(filter(None, (f"{CONFIDENCE_WORDS[law.confidence]} confidence.", law.note)))),
        text(in_force_words(law.effective_from, law.effective_to)),
    ]  # fmt: skip
    if may_manage:
        change = Link(words="Set", href=url("compliance-limit", law.name), about=name_words(law.name))
        cells.append(Cell(links=(change,)))
    return cells


def rule_cell(rule_id: str) -> Cell:
    """Return a rule's id that leads to its page."""
    return Cell(text=rule_id, href=url("compliance-rule", rule_id), mono=True)


def in_force_words(since: date | None, until: date | None) -> str:
    """Return [since, until) in words."""
    if since and until:
        return f"{day(since)} until {day(until)}"
    return f"from {day(since)}" if since else f"until {day(until)}" if until else "always"


def limit_history(rows: Iterable[LimitRow], on: date) -> Table:
    """Return every value the house gave a number."""
    columns = [
        ("Value", SHORT),
        ("From", SHORT),
        ("Why", WIDE),
        ("Set by", SHORT),
        ("Approved by", SHORT),
        ("Recorded", SHORT),
    ]
    return table(
        "Values of the house, newest first",
        columns,
        (
            [
                Cell(text=value_words(row.value), tone="is-good" if row.is_in_force(on) else ""),
                text(in_force_words(row.since, row.until)),
                words_cell(row.reason),
                text(row.set_by),
                text(row.approved_by or "not needed"),
                moment(row.at),
            ]
            for row in rows
        ),
        heading="Earlier values of the house",
        empty=("The house never set this number", "The rule book’s value counts."),
    )  # fmt: skip


def limit_requests_table(rows: Iterable[LimitRequestRow], *, may_approve: bool, person: str) -> Table:
    """Return looser limits that wait for a second person."""
    columns = [
        ("Number", WIDE),
        ("Asked value", SHORT),
        ("From", SHORT),
        ("Why", WIDE),
        ("Asked by", SHORT),
        ("", SHORT),
    ]
    return table(
        "Limits that wait for a second person",
        columns,
        (
            [
                text(name_words(row.name)),
                Cell(text=value_words(row.value), tone="is-warn"),
                text(in_force_words(row.since, row.until)),
                words_cell(row.reason),
                moment(row.requested_at, sub=f"by {row.requested_by}"),
                Cell(links=(Link(words="Decide", href=url("compliance-limit-decide", row.id), about=f"on {name_words(row.name)}"),))
                if may_approve
                else text("waits"),
            ]
            for row in rows
        ),
        heading="Waiting for a second person",
    )  # fmt: skip


def overrides_table(rows: Iterable[OverrideRow], *, now: datetime, heading: str = "") -> Table:
    """Return lifted denials, each with whom it reaches and until when."""
    columns = [
        ("Refusal lifted", WIDE),
        ("For", WIDE),
        ("State", SHORT),
        ("Until", SHORT),
        ("Why", WIDE),
        ("By", SHORT),
    ]
    return table(
        "Lifted denials, newest first",
        columns,
        (
            [
                text(CODES.get(row.code, row.code)),
                phone(row.number, sub=listed((each for each in (row.person_ref, row.campaign_ref) if each), ""))
                if row.number
                else text(listed((each for each in (row.person_ref, row.campaign_ref) if each), "")),
                Cell(text="Counts", tone="is-warn") if row.at <= now < row.until else Cell(text="Over", tone=""),
                moment(row.until),
                words_cell(row.reason),
                moment(row.at, sub=f"by {row.by}"),
            ]
            for row in rows
        ),
        heading=heading,
        empty=(
            "No denial was lifted yet",
            "Where a rule leaves room for judgement, a supervisor or compliance officer may lift its refusal for a while, "
            "with a reason. Each such act stands here.",
        ),
    )  # fmt: skip


def emergencies_table(rows: Iterable[EmergencyRow], *, now: datetime, may_manage: bool) -> Table:
    """Return areas under an emergency; those under way can be ended."""
    columns = [
        ("Area", WIDE),
        ("State", SHORT),
        ("ZIP codes", WIDE),
        ("From", SHORT),
        ("To", SHORT),
        ("Declared by", WIDE),
        ("", SHORT),
    ]
    return table(
        "Areas under an emergency, newest first",
        columns,
        (
            [
                text(row.area),
                text(STATE_NAMES.get(row.state, row.state).removeprefix("the ")),
                text(listed(row.zips[:12], "the whole state"), sub=f"and {len(row.zips) - 12} more" if len(row.zips) > 12 else ""),
                moment(row.since),
                moment(row.until) if row.until else text("open"),
                text(row.declared_by, sub=f"recorded by {row.recorded_by}"),
                _emergency_state(row, now, may_manage),
            ]
            for row in rows
        ),
        empty=(
            "No emergency is recorded",
            "Some states forbid sales contacts to areas under a declared emergency. Enter the area when one is proclaimed; "
            "it holds at once.",
        ),
        first_step=Link(words="Declare an area", href=url("compliance-emergency-add")) if may_manage else None,
    )  # fmt: skip


def _emergency_state(row: EmergencyRow, now: datetime, may_manage: bool) -> Cell:
    end = Link(words="End", href=url("compliance-emergency-end", row.id), about=row.area)
    if row.is_under_way(now):
        return Cell(text="Under way", tone="is-bad", links=(end,) if may_manage else ())
    if row.since > now:
        return Cell(text="To come", tone="is-warn", links=(end,) if may_manage else ())
    return Cell(text="Over", tone="")
