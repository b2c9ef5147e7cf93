"""All that is known about one number, as facts and tables."""

from datetime import datetime

from compliance.pages.debts import debt_wishes_table
from compliance.pages.history import reassigned_table
from compliance.pages.house import overrides_table
from compliance.pages.people import consents_table, lifts_table, revocations_table, suppressions_table
from compliance.pages.tables import SHORT, WIDE, Cell, Link, Stat, Table, day, moment, phone, table, text, url
from compliance.pages.verdicts import CHANNEL_WORDS, PURPOSE_WORDS
from compliance.pages.words import LINE_WORDS
from compliance.reads.numbers import ListingRow, NumberKnowledge
from compliance.rules.codes import CODES
from compliance.rules.registry import NATIONAL
from compliance.selectors import DecisionRow


def number_stats(known: NumberKnowledge) -> tuple[Stat, ...]:
    """Return what is looked for first: refusals that stand, consents, line, registries."""
    on_lists = [row.name for row in known.listings if row.is_listed]
    line = LINE_WORDS.get(known.line.type, known.line.type) if known.line else "Not looked up"
    return (
        Stat(value=str(len(known.standing) or "None"), label="requests not to be called that stand"),
        Stat(value=str(len(known.consents) or "None"), label="consents kept"),
        Stat(value=line, label="kind of line"),
        Stat(value=", ".join(on_lists) or "No list", label="registries that list it"),
    )


def number_actions(number: str, *, may_manage: bool) -> tuple[Link, ...]:
    """Return what may be done, the gravest first."""
    if not may_manage:
        return ()
    return (
        Link(words="Add to do-not-call", href=url("compliance-do-not-call-add", number=number), key="d"),
        Link(words="Record a consent", href=url("compliance-consent-add", number=number), key="c"),
    )


def further_actions(number: str, *, may_manage: bool, may_lift: bool, may_take: bool) -> tuple[Link, ...]:
    """Return the rarer acts."""
    take = (Link(words="Times they rule out (debt)", href=url("compliance-debt-wish-add", number)),)
    manage = (
        Link(words="Record the line", href=url("compliance-line", number)),
        Link(words="Record a reassigned answer", href=url("compliance-reassigned-add", number)),
    )
    lift = (Link(words="Lift a denial", href=url("compliance-override-add", number=number)),)
    return (manage if may_manage else ()) + (take if may_take else ()) + (lift if may_lift else ())


def number_tables(
    known: NumberKnowledge,
    verdicts: tuple[DecisionRow, ...],
    *,
    now: datetime,
    may_manage: bool,
    may_approve: bool,
    person: str,
) -> tuple[Table, ...]:
    """Return the parts that hold anything, in the order of their weight."""
    parts = (
        suppressions_table(
            known.suppressions, may_manage=may_manage, with_number=False, heading="Do not call"
        ),
        lifts_table(known.lifts, may_approve=may_approve, person=person, heading="Lifts asked for"),
        consents_table(known.consents, may_manage=may_manage, with_number=False, heading="Consents"),
        revocations_table(known.revocations, heading="Taken back, in their words"),
        debt_wishes_table(known.debt_wishes, may_manage=may_manage),
        _listings(known),
        reassigned_table(known.reassigned, with_number=False, heading="Reassigned numbers database"),
        _relationships(known),
        overrides_table(known.overrides, now=now, heading="Lifted denials"),
        _verdicts(verdicts, known.number),
        _contacts(known),
    )
    return tuple(part for part in parts if part.rows)


def line_facts(known: NumberKnowledge) -> tuple[tuple[str, str], ...]:
    """Return what is known of the line and the place, in words."""
    found = [("Where the number is from", known.place)]
    if known.problem:
        found.append(("Cannot be dialed", known.problem))
    line = known.line
    if line is None:
        return (*found, ("Kind of line", "not looked up: it counts as a mobile"))
    checked = f"{line.checked_at:%Y-%m-%d}" if line.checked_at else "never"
    found.append(
        (
            "Kind of line",
            f"{LINE_WORDS.get(line.type, line.type)}, looked up {checked} ({line.source or 'no source'})",
        )
    )
    optional = (
        ("Moved to another carrier", f"{line.ported_at:%Y-%m-%d}" if line.ported_at else ""),
        ("Never dialed by machine", line.protected),
        ("Business account", line.account),
    )
    return (*found, *((name, value) for name, value in optional if value))


def _listings(known: NumberKnowledge) -> Table:
    columns = [("List", SHORT), ("Copy of", SHORT), ("Says", WIDE)]
    silent = [row for row in known.listings if row.name != NATIONAL and row.is_listed is False]
    telling = sorted(
        (row for row in known.listings if row not in silent), key=lambda row: (row.name != NATIONAL, row.name)
    )
    rows = [[text(_list_name(row.name)), text(day(row.as_of)), _says(row)] for row in telling]
    if silent:
        names = ", ".join(sorted(row.name for row in silent))
        oldest = min(row.as_of for row in silent)
        rows.append(
            [text("State lists", sub=names), text(day(oldest)), Cell(text="Not listed", tone="is-good")]
        )
    return table("What the registry copies in force say", columns, rows, heading="Registries today")


def _list_name(name: str) -> str:
    return "National" if name == NATIONAL else name


def _says(row: ListingRow) -> Cell:
    if row.is_listed is None:
        return text(row.problem or "does not speak for this area code")
    return Cell(text="Listed", tone="is-bad") if row.is_listed else Cell(text="Not listed", tone="is-good")


def _relationships(known: NumberKnowledge) -> Table:
    columns = [
        ("Person", SHORT),
        ("Seller", WIDE),
        ("Last purchase", SHORT),
        ("Last inquiry", SHORT),
        ("Also", WIDE),
        ("Source", WIDE),
    ]
    return table(
        "Dealings with sellers",
        columns,
        (
            [
                text(row.person_ref),
                text(row.seller),
                text(day(row.last_purchase_on)),
                text(day(row.last_inquiry_on)),
                text(", ".join(word for is_so, word in ((row.customer, "customer"), (row.personal, "acquaintance")) if is_so)),
                Cell(text=row.source, sub=f"said {row.at:%Y-%m-%d}"),
            ]
            for row in known.relationships
        ),
        heading="Dealings with sellers",
    )  # fmt: skip


def _verdicts(rows: tuple[DecisionRow, ...], number: str) -> Table:
    columns = [
        ("When", SHORT),
        ("Verdict", SHORT),
        ("What the gate said", WIDE),
        ("Kind", SHORT),
        ("Campaign", SHORT),
    ]
    return table(
        "Last verdicts",
        columns,
        (
            [
                Cell(at=row.decided_at, href=url("compliance-verdict", row.id)),
                Cell(text="Allowed", tone="is-good")
                if row.outcome == "allow"
                else Cell(text=CODES.get(row.code, row.code), tone="is-bad"),
                text(row.sentence),
                text(
                    CHANNEL_WORDS.get(row.channel, row.channel),
                    sub=PURPOSE_WORDS.get(row.purpose, row.purpose),
                ),
                text(row.campaign_ref),
            ]
            for row in rows
        ),
        heading="Last verdicts",
    )


def _contacts(known: NumberKnowledge) -> Table:
    columns = [
        ("When", SHORT),
        ("Kind", SHORT),
        ("Campaign", SHORT),
        ("Shown number", SHORT),
        ("Person", SHORT),
        ("What became of it", WIDE),
    ]
    return table(
        "Last contacts that were cleared",
        columns,
        (
            [
                moment(row.at),
                text(CHANNEL_WORDS.get(row.channel, row.channel), sub=PURPOSE_WORDS.get(row.purpose, row.purpose)),
                text(row.campaign_ref),
                phone(row.caller_id),
                text(row.person_ref),
                text(row.outcome or "nobody said"),
            ]
            for row in known.contacts
        ),
        heading="Last contacts",
    )  # fmt: skip
