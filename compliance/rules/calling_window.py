"""When a person may be called: federal hours, state hours, days and holidays, the campaign's schedule.

Every candidate zone is checked against every candidate state (ST-001, TZ-001): one that fails is enough to deny.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from compliance.rules.consent import has_express_consent
from compliance.rules.decision import Outcome, Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import LANDLINES, ContactFacts
from compliance.rules.jurisdictions.holidays import closed_days
from compliance.rules.lines import believed_type
from compliance.rules.pack import Hours, StateRow
from compliance.rules.places import zone_place
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us, is_telemarketing

SEARCH = timedelta(days=14)
MINUTE = timedelta(minutes=1)
NO_ZONE = "the time zone is not known"
ABROAD_REASON = "the hours of the United States do not bind numbers abroad"
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def federal_hours(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny telemarketing outside 08:00–21:00 in any candidate zone; it may not ring past closing either. FED-001."""
    if not binds_us(facts):
        return not_bound("FED-001", ABROAD_REASON)
    if not is_telemarketing(facts):
        return not_bound("FED-001", "the federal hours bind sales contacts only")
    if not facts.zones:
        return denied("FED-001", "TZ_UNKNOWN", NO_ZONE)
    hours = Hours(policy.federal_opens, policy.federal_closes)
    for zone in facts.zones:
        problem = _outside(hours, "federal law", facts, policy, zone)
        if problem:
            return denied_for_now("FED-001", "HOURS_FED", problem, zone=zone)
    return allowed("FED-001", f"inside {hours} in every zone")


def state_hours(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny telemarketing outside the hours of any candidate state, read in any candidate zone. ST-001."""
    if not binds_us(facts):
        return not_bound("ST-001", ABROAD_REASON)
    if not is_telemarketing(facts):
        return not_bound("ST-001", "the state hours bind sales contacts only")
    if not facts.zones:
        return denied("ST-001", "TZ_UNKNOWN", NO_ZONE)
    for zone in facts.zones:
        for row in _rows_on(facts, policy, _local(facts.at, zone).date()):
            for clock in filter(None, (zone, row.also_in_zone)):
                hours = row.hours(_local(facts.at, clock).weekday())
                problem = hours and _outside(hours, row.name, facts, policy, clock)
                if problem:
                    return denied_for_now("ST-001", "HOURS_STATE", problem, zone=zone)
    return allowed("ST-001", f"inside the hours of {_state_list(facts, policy)}")


def state_days(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny telemarketing on a Sunday or holiday of any candidate state that forbids it. ST-002."""
    if not binds_us(facts):
        return not_bound("ST-002", ABROAD_REASON)
    if not is_telemarketing(facts):
        return not_bound("ST-002", "the state calendars bind sales contacts only")
    if not facts.zones:
        return denied("ST-002", "TZ_UNKNOWN", NO_ZONE)
    for zone in facts.zones:
        day = _local(facts.at, zone).date()
        place = zone_place(facts.evidences, zone)
        for row in _rows_on(facts, policy, day):
            if row.hours(day.weekday()) is None:
                name = DAY_NAMES[day.weekday()]
                reason = f"{name} in {place}, {row.name} allows no calls on {name}s"
                return denied_for_now("ST-002", "DAY_STATE", reason, zone=zone)
            holiday = (
                closed_days(policy.book, row.state, day.year).get(day) if row.closed_on_holidays else None
            )
            if holiday:
                reason = f"{holiday} in {place}, {row.name} allows no calls on holidays"
                return denied_for_now("ST-002", "HOLIDAY_STATE", reason, zone=zone)
    return allowed("ST-002", f"a calling day of {_state_list(facts, policy)}")


def campaign_hours(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny any purpose outside the campaign's own schedule in any candidate zone."""
    if not facts.zones:
        return denied("CAMPAIGN", "TZ_UNKNOWN", NO_ZONE)
    hours = Hours(facts.window.opens, facts.window.closes)
    for zone in facts.zones:
        local = _local(facts.at, zone)
        if local.weekday() not in facts.window.days:
            reason = f"{DAY_NAMES[local.weekday()]} in {zone_place(facts.evidences, zone)}, the campaign does not call that day"
            return denied_for_now("CAMPAIGN", "DAY_CAMPAIGN", reason, zone=zone)
        problem = _outside(hours, "the campaign", facts, policy, zone)
        if problem:
            return denied_for_now("CAMPAIGN", "HOURS_CAMPAIGN", problem, zone=zone)
    return allowed("CAMPAIGN", f"inside the campaign's schedule {hours}")


WINDOW_RULES = (federal_hours, state_hours, state_days, campaign_hours)


def is_open(facts: ContactFacts, policy: Policy) -> bool:
    """Return whether every window rule passes at facts.at; never where no zone is known."""
    return bool(facts.zones) and all(rule(facts, policy).outcome is Outcome.ALLOW for rule in WINDOW_RULES)


def next_open(facts: ContactFacts, policy: Policy) -> datetime | None:
    """Return the first instant from facts.at on at which every window rule passes, None if none within 14 days.

    A window can only begin to be open where some clock strikes an opening time or midnight, or is put forward or back.
    """
    if is_open(facts, policy):
        return facts.at
    if not facts.zones:
        return None
    for instant in sorted(_turning_points(facts, policy)):
        if facts.at < instant <= facts.at + SEARCH and is_open(replace(facts, at=instant), policy):
            return instant
    return None


def binding_rows(facts: ContactFacts, policy: Policy) -> tuple[StateRow, ...]:
    """Return the state rows that bind this contact on its day in any candidate zone; none outside telemarketing."""
    if not is_telemarketing(facts) or not binds_us(facts):
        return ()
    days = {_local(facts.at, zone).date() for zone in facts.zones} or {facts.at.astimezone(UTC).date()}
    return tuple(dict.fromkeys(row for day in sorted(days) for row in _rows_on(facts, policy, day)))


def _rows_on(facts: ContactFacts, policy: Policy, day: date) -> tuple[StateRow, ...]:
    """The rows of every candidate state; the strictest one too where the state is a guess (ST-001, TZ-004)."""
    rows = tuple(row for state in facts.states for row in policy.book.hours_rows(state, facts.channel, day))
    # People keep a mobile's number when they move: its area code alone does not say where they are.
    only_a_guess = not facts.states or (
        believed_type(facts, policy) not in LANDLINES and not facts.has_address
    )
    if only_a_guess:
        return (*rows, policy.book.strictest(day))
    if any(row.lifted_by_consent for row in rows) and has_express_consent(facts, policy):
        return tuple(row for row in rows if not row.lifted_by_consent)
    return rows


def _outside(hours: Hours, who: str, facts: ContactFacts, policy: Policy, zone: str) -> str:
    """Say why the contact would fall outside [opens, closes) on the zone's clock; "" when it would not."""
    local = _local(facts.at, zone)
    since_midnight = timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    lead = timedelta(seconds=facts.ring_seconds + policy.close_margin_seconds)
    where = f"{local:%H:%M} in {_clock_place(facts, zone)}"
    if local.time() < hours.opens:
        return f"{where}, {who} allows from {hours.opens:%H:%M}"
    if local.time() >= hours.closes:
        return f"{where}, {who} allows until {hours.closes:%H:%M}"
    if since_midnight + lead >= timedelta(
        hours=hours.closes.hour, minutes=hours.closes.minute, seconds=hours.closes.second
    ):
        return f"{where}, it could ring past {hours.closes:%H:%M} when {who} stops"
    return ""


def _clock_place(facts: ContactFacts, zone: str) -> str:
    return "Central Standard Time" if zone == "Etc/GMT+6" else zone_place(facts.evidences, zone)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)  # its own cache keeps eight zones; an area code can have nine


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(_zone(zone))


def _state_list(facts: ContactFacts, policy: Policy) -> str:
    return ", ".join(dict.fromkeys(row.name for row in binding_rows(facts, policy))) or "every state"


def _turning_points(facts: ContactFacts, policy: Policy) -> set[datetime]:
    """Every instant of the next 14 days at which the answer of a window rule can turn from no to yes."""
    times = {time(0), policy.federal_opens, facts.window.opens}
    clocks = set(facts.zones)
    if is_telemarketing(facts):
        first = facts.at.astimezone(UTC).date()
        for offset in range(-1, SEARCH.days + 3):
            for row in _rows_on(facts, policy, first + timedelta(days=offset)):
                times |= {hours.opens for hours in (row.weekday, row.saturday, row.sunday) if hours}
                clocks |= {row.also_in_zone} - {""}
    points: set[datetime] = set()
    for name in clocks:
        zone = _zone(name)
        first = facts.at.astimezone(zone).date()
        for offset in range(SEARCH.days + 2):
            day = first + timedelta(days=offset)
            for opens in times:
                # Both readings of a time that comes twice on the night clocks go back.
                points |= {
                    datetime.combine(day, opens, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)
                }
            points |= _clock_change(zone, day)
    return points


def _clock_change(zone: ZoneInfo, day: date) -> set[datetime]:
    """Return the instant on `day` at which the zone's clocks are changed, if they are."""
    start = datetime.combine(day, time(0), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)
    before = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == before:
        return set()
    while end - start > MINUTE:  # clocks change on whole minutes
        middle = start + MINUTE * ((end - start) // MINUTE // 2)
        if middle.astimezone(zone).utcoffset() == before:
            start = middle
        else:
            end = middle
    return {end}
