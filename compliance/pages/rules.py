"""The rules as tables: what each says, its numbers and laws with their sources, and the cases that hold it."""

from collections.abc import Iterable
from datetime import date

from compliance import rule_index
from compliance.pages.house import in_force_words, name_words, rule_cell, value_words
from compliance.pages.tables import NUMBER, SHORT, WIDE, Cell, Table, listed, table, text, url
from compliance.pages.verdicts import CHANNEL_WORDS, CONFIDENCE_WORDS, holiday_hours
from compliance.rule_index import IndexedRule
from compliance.rules.codes import CODES, NEVER_LIFTED
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.pack import LAW_KINDS, LegalNumber, StateLaw, StateRow
from compliance.rules.packfile import shipped

FAMILIES = {
    "FED": "Federal, TCPA",
    "TSR": "Federal, FTC",
    "ST": "States",
    "REGF": "Debt collection",
    "A2P": "Messaging",
    "CID": "Caller identity",
    "REC": "Recording",
    "PCI": "Card data",
    "PRIV": "Privacy",
    "TZ": "Time zones",
    "CA": "Canada",
    "UK": "United Kingdom",
    "ENG": "The engine",
}


def rules_table() -> Table:
    """Return every rule with what it does, the refusals it gives and how many cases hold it."""
    columns = [
        ("Rule", SHORT),
        ("Family", SHORT),
        ("What it does", WIDE),
        ("Refusals it gives", WIDE),
        ("Test cases", NUMBER),
    ]
    return table(
        "Rules of the book, as the software has them",
        columns,
        (
            [
                rule_cell(rule.rule_id),
                text(FAMILIES.get(rule.rule_id.split("-")[0], "")),
                text(rule.says or "asked by other rules, or judged before something is published"),
                text(listed((CODES.get(code, code) for code in rule.codes), "")),
                Cell(text=str(len(rule.cases))),
            ]
            for rule in known_rules().values()
        ),
    )  # fmt: skip


def known_rules() -> dict[str, IndexedRule]:
    """Return every rule that the software or the rule book's tables name, by id."""
    found = dict(rule_index.indexed())
    for pack in shipped().packs:
        for row in (*pack.numbers, *pack.laws, *pack.states):
            found.setdefault(row.rule_id, IndexedRule(rule_id=row.rule_id, says="", codes=(), cases=()))
    return dict(sorted(found.items()))


def rule_tables(rule: IndexedRule, on: date) -> tuple[Table, ...]:
    """Return the parts of one rule's page: refusals, numbers, laws, cases."""
    numbers = [row for row in shipped().numbers if row.rule_id == rule.rule_id]
    laws = [law for pack in shipped().packs for law in pack.laws if law.rule_id == rule.rule_id]
    states = [row for row in shipped().state_rows if row.rule_id == rule.rule_id]
    parts = (
        _refusals(rule) if rule.codes else None,
        _numbers(numbers, on) if numbers else None,
        laws_table(laws, heading="Laws of states") if laws else None,
        hours_table(states, heading="Hours and days of states") if states else None,
        _cases(rule),
    )
    return tuple(part for part in parts if part is not None)


def _refusals(rule: IndexedRule) -> Table:
    columns = [("Refusal", WIDE), ("Code", SHORT), ("May it be lifted?", WIDE), ("Verdicts", SHORT)]
    return table(
        "Refusals this rule gives",
        columns,
        (
            [
                text(CODES.get(code, code)),
                Cell(text=code, mono=True),
                text(
                    "never" if code in NEVER_LIFTED else "by a supervisor, with a reason, for 30 days at most"
                ),
                Cell(text="Show", href=url("compliance", code=code)),
            ]
            for code in rule.codes
        ),
        heading="Refusals it gives",
    )


def _numbers(rows: Iterable[LegalNumber], on: date) -> Table:
    columns = [
        ("Number", WIDE),
        ("Value", SHORT),
        ("Source", WIDE),
        ("Confidence", SHORT),
        ("In force", SHORT),
    ]
    return table(
        "Numbers of this rule",
        columns,
        (
            [
                Cell(text=name_words(row.name), href=url("compliance-limit", row.name), sub=row.unit),
                Cell(
                    text=value_words(row.value), tone="is-good" if row.is_in_force(on) else "", sub=row.basis
                ),
                text(row.citation, sub=row.note),
                text(CONFIDENCE_WORDS[row.confidence]),
                text(in_force_words(row.effective_from, row.effective_to)),
            ]
            for row in rows
        ),
        heading="Its numbers",
    )


def _cases(rule: IndexedRule) -> Table:
    columns = [("Case", SHORT), ("What it shows", WIDE), ("Where it stands", WIDE)]
    return table(
        "Cases of the rule book that are tests",
        columns,
        (
            [Cell(text=case.vector, mono=True), text(case.name or "as the book has it"), Cell(text=case.file, mono=True)]
            for case in rule.cases
        ),
        heading="Cases of the rule book that are tests",
        empty=("No case of the book stands under this rule", "It is held by tables and properties of its family."),
    )  # fmt: skip


def laws_table(rows: Iterable[StateLaw], *, heading: str = "") -> Table:
    """Return further laws of states, each with its reach, days, source and confidence."""
    columns = [
        ("State", SHORT), ("What it asks", WIDE), ("Reach", WIDE), ("Lifted by", WIDE), ("Source", WIDE), ("Confidence", SHORT),
        ("In force", SHORT), ("Rule", SHORT),
    ]  # fmt: skip
    return table("Further state laws", columns, (_law(law) for law in rows), heading=heading)


def _law(law: StateLaw) -> list[Cell]:
    kind = LAW_KINDS[law.kind].rsplit(" (", 1)[0].split(";")[0]
    asked = {"relationship_months": f"business relationship lifts for {law.value} months only",
             "debt_cap": f"at most {law.value} contacts about a debt in {law.days} days"}.get(law.kind, kind)  # fmt: skip
    is_all = len(law.channels) == len(CHANNEL_WORDS)
    channels = (
        "every channel" if is_all else ", ".join(CHANNEL_WORDS[each.value] for each in sorted(law.channels))
    )
    return [
        text(STATE_NAMES.get(law.state, "Unknown state").removeprefix("the "), sub=law.city),
        text(asked[:1].upper() + asked[1:]),
        text(channels),
        text(listed((word.replace("_", " ") for word in sorted(law.lifted_by)), "nothing")),
        text(law.citation, sub=law.note),
        text(CONFIDENCE_WORDS[law.confidence]),
        text(in_force_words(law.effective_from, law.effective_to)),
        rule_cell(law.rule_id),
    ]


def hours_table(rows: Iterable[StateRow], *, heading: str = "") -> Table:
    """Return rows of the state table: hours, days, caps, with source and days in force."""
    columns = [
        ("State", SHORT), ("Monday to Friday", SHORT), ("Saturday", SHORT), ("Sunday", SHORT), ("Holidays", SHORT), ("Cap", SHORT),
        ("Channels", WIDE), ("In force", SHORT), ("Source", WIDE), ("Confidence", SHORT),
    ]  # fmt: skip
    return table(
        "State hours and days for sales contacts", columns, (_hours(row) for row in rows), heading=heading
    )


def _hours(row: StateRow) -> list[Cell]:
    is_all = len(row.channels) == len(CHANNEL_WORDS)
    name = row.name.removeprefix("the ")
    return [
        text(name[:1].upper() + name[1:], sub="" if row.state == "??" else row.state),
        text(row.weekday or "no calls"),
        text(row.saturday or "no calls"),
        text(row.sunday or "no calls"),
        text(holiday_hours(row)),
        text(f"{row.cap} in {row.cap_hours} h" if row.cap else ""),
        text(
            "all" if is_all else ", ".join(CHANNEL_WORDS[each.value].lower() for each in sorted(row.channels))
        ),
        text(in_force_words(row.effective_from, row.effective_to)),
        text(row.citation, sub=row.note),
        text(CONFIDENCE_WORDS[row.confidence]),
    ]
