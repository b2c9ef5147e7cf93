"""What the compliance templates show, prepared: words, local times and ages. No queries."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from compliance.rules.codes import CODES
from compliance.rules.decision import Outcome, Verdict
from compliance.rules.facts import CampaignWindow, Channel, ContactFacts, Purpose
from compliance.rules.pack import UNKNOWN_STATE, Hours, LegalNumber, StateRow
from compliance.rules.packfile import shipped
from compliance.selectors import DecisionRow

PURPOSE_WORDS = {purpose.value: purpose.value.replace("_", " ").capitalize() for purpose in Purpose}
CHANNEL_WORDS = {
    Channel.LIVE_MANUAL.value: "Manual call",
    Channel.LIVE_PREVIEW.value: "Preview call",
    Channel.LIVE_PREDICTIVE.value: "Predictive call",
    Channel.PREREC.value: "Recorded message",
    Channel.SMS.value: "Text message",
    Channel.MMS.value: "Picture message",
}
CONFIDENCE_WORDS = {"H": "High", "M": "Medium", "L": "Low"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Links of a keyset page, as templates/_pager.html expects them."""

    shown: str
    next_url: str
    previous_url: str
    total_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule's verdict as a line of the verdict page."""

    rule_id: str
    allowed: bool
    applies: bool  # False: asked, and not bound
    decides: bool  # the first denial: the one the sentence tells
    word: str
    reason: str
    retry_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLine:
    """One candidate zone, what its clock said, and how it came to be a candidate."""

    zone: str
    local_time: str
    sources: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """One fact, named for people."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    """One row of the state table."""

    state: str
    name: str
    weekday: str
    saturday: str
    sunday: str
    holidays: str
    cap: str
    channels: str
    since: date | None
    until: date | None
    citation: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """One line of the verdict explorer."""

    id: int
    decided_at: datetime
    number: str
    outcome: str
    sentence: str
    kind: str
    campaign_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberLine:
    """One number of the law."""

    rule_id: str
    value: str
    unit: str
    citation: str
    confidence: str


def decision_line(row: DecisionRow) -> DecisionLine:
    """Return the row in words."""
    channel = CHANNEL_WORDS.get(row.channel, row.channel)
    return DecisionLine(
        id=row.id,
        decided_at=row.decided_at,
        number=row.number,
        outcome=row.outcome,
        sentence=row.sentence,
        kind=f"{channel}, {PURPOSE_WORDS.get(row.purpose, row.purpose).lower()}",
        campaign_ref=row.campaign_ref,
    )


def number_lines(on: date) -> list[NumberLine]:
    """Return the numbers of the law in force on the day."""
    return [number_line(row) for row in shipped().numbers if row.is_in_force(on)]


def number_line(row: LegalNumber) -> NumberLine:
    """Return one number of the law in words."""
    return NumberLine(
        rule_id=row.rule_id,
        value=f"{row.value:%H:%M}" if isinstance(row.value, time) else str(row.value),
        unit=row.unit,
        citation=row.citation,
        confidence=CONFIDENCE_WORDS[row.confidence],
    )


def rule_lines(verdicts: tuple[Verdict, ...]) -> list[RuleLine]:
    """Return the verdicts in the order the rules were asked."""
    lines: list[RuleLine] = []
    decided = False
    for verdict in verdicts:
        is_denial = verdict.outcome is not Outcome.ALLOW
        passed = "Passed" if verdict.applies else "Not bound"
        lines.append(
            RuleLine(
                rule_id=verdict.rule_id,
                allowed=not is_denial,
                applies=verdict.applies,
                decides=is_denial and not decided,
                word=CODES.get(verdict.code, verdict.code) if is_denial else passed,
                reason=verdict.reason[:1].upper() + verdict.reason[1:],
                retry_at=verdict.retry_at,
            )
        )
        decided = decided or is_denial
    return lines


def zone_lines(facts: ContactFacts) -> list[ZoneLine]:
    """Return each candidate zone with its clock at the moment of the decision, and the evidence for it."""
    sources: dict[str, list[str]] = {}
    for evidence in facts.evidences:
        for zone in evidence.zones:
            sources.setdefault(zone, []).append(evidence.source)
    return [
        ZoneLine(
            zone=zone,
            local_time=f"{facts.at.astimezone(ZoneInfo(zone)):%a %H:%M:%S}",
            sources=", ".join(known),
        )
        for zone, known in sorted(sources.items())
    ]


def fact_lines(facts: ContactFacts) -> list[FactLine]:
    """Return the facts a reader of one verdict asks for; the whole record stays in the database."""
    sources = [
        evidence.source + (f": {', '.join(sorted(evidence.states))}" if evidence.states else "")
        for evidence in facts.evidences
    ]
    as_of = facts.registry.as_of
    listings = ", ".join(f"{each.name} ({each.as_of})" for each in facts.registry.listings)
    return [
        FactLine(name="Purpose", value=PURPOSE_WORDS[facts.purpose.value]),
        FactLine(name="Channel", value=CHANNEL_WORDS[facts.channel.value]),
        FactLine(name="Seller", value=facts.seller),
        FactLine(name="Caller ID", value=facts.caller_id or "none"),
        FactLine(name="Ring time", value=f"{facts.ring_seconds} s"),
        FactLine(name="Line type", value=facts.line.type.value.replace("_", " ")),
        FactLine(name="Evidence of place", value="; ".join(sources) or "none"),
        FactLine(
            name="States whose law applies",
            value=", ".join(facts.states) or "not known, the strictest row applies",
        ),
        FactLine(name="Campaign schedule", value=_window(facts.window)),
        FactLine(
            name="Registry copy",
            value=facts.registry.problem or (str(as_of) if as_of else "none that covers the number"),
        ),
        FactLine(name="Listed in", value=listings or "no list"),
        FactLine(name="Requests not to be called", value=str(len(facts.suppressions) or "none")),
        FactLine(name="Do-not-call flag in the CRM", value="yes" if facts.crm_do_not_call else "no"),
        FactLine(name="Consents in the ledger", value=str(len(facts.consents) or "none")),
        FactLine(name="Earlier contacts looked at", value=str(len(facts.attempts) or "none")),
    ]


def state_lines(on: date) -> list[RowLine]:
    """Return the state table in force on the day, the strictest row last."""
    rows = sorted(
        (row for row in shipped().state_rows if row.is_in_force(on) and row.state != UNKNOWN_STATE),
        key=lambda row: (row.name.removeprefix("the "), len(row.channels) < 6),
    )
    return [row_line(row) for row in (*rows, shipped().strictest(on))]


def row_line(row: StateRow) -> RowLine:
    """Return one row of the state table in words."""
    is_all = row.channels == frozenset(Channel)
    channels = (
        "All"
        if is_all
        else ", ".join(CHANNEL_WORDS[channel.value].lower() for channel in sorted(row.channels))
    )
    return RowLine(
        state=row.state if row.state != UNKNOWN_STATE else "–",
        name=row.name.removeprefix("the ")[:1].upper() + row.name.removeprefix("the ")[1:],
        weekday=_hours(row.weekday),
        saturday=_hours(row.saturday),
        sunday=_hours(row.sunday),
        holidays=holiday_hours(row),
        cap=f"{row.cap} in {row.cap_hours} h" if row.cap else "–",
        channels=channels,
        since=row.effective_from,
        until=row.effective_to,
        citation=row.citation,
        confidence=CONFIDENCE_WORDS[row.confidence],
        note=row.note,
    )


def holiday_hours(row: StateRow) -> str:
    """Return when the row allows contacts on the state's holidays, in words."""
    if row.closed_on_holidays:
        return "no calls"
    return str(row.holiday) if row.holiday else "as other days"


def _hours(hours: Hours | None) -> str:
    return str(hours) if hours else "no calls"


def _window(window: CampaignWindow) -> str:
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    days = (
        "every day"
        if len(window.days) == 7
        else ", ".join(names[day] for day in sorted(window.days)) or "no day"
    )
    off = f", not on {', '.join(day.isoformat() for day in window.off)}" if window.off else ""
    pauses = "".join(f", break {since:%H:%M} to {until:%H:%M}" for since, until in window.breaks)
    return f"{window.opens:%H:%M} to {window.closes:%H:%M}, {days}{pauses}{off}"
