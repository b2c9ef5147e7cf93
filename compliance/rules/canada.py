"""Canada, as far as the rule book goes (section 9.3): hours, abandonment, the National DNCL, recorded calls and texts.

Binds numbers of Canada. A request not to be called stops calls at once, whatever the 14 days of CA-003.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from compliance.rules import calling_window
from compliance.rules.abandonment import exceeds
from compliance.rules.consent import has_express_consent
from compliance.rules.days import latest_day, next_month, zone_of
from compliance.rules.decision import Outcome, Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import LANDLINES, Channel, ContactFacts, EvidenceKind, Purpose
from compliance.rules.lines import believed_type
from compliance.rules.pack import Hours
from compliance.rules.places import zone_place
from compliance.rules.policy import Policy
from compliance.rules.purposes import CANADA, is_telemarketing

DNCL = "DNCL"  # the National Do Not Call List among a seller's copies; "CA" there is California
NOT_CANADA = "the number is not of Canada"
TEXTS = frozenset({Channel.SMS, Channel.MMS})
FIRST_AND_LAST_CLOCK = ("America/St_Johns", "America/Vancouver")
SATURDAY = 5
DAYS_AHEAD = 9  # every day of the week comes, whatever the hour now


def hours(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny telemarketing outside the hours of the day in any candidate zone; it may not ring past closing either. CA-001.

    The area code of a line that may be a mobile does not say where the person is: then the country's first and last clock
    count too.
    """
    if facts.region != CANADA:
        return not_bound("CA-001", NOT_CANADA)
    if not is_telemarketing(facts):
        return not_bound("CA-001", "the hours of Canada bind sales contacts only")
    if not facts.zones:
        return denied("CA-001", "TZ_UNKNOWN", "the time zone is not known")
    for zone in _clocks(facts, policy):
        problem = _closed(facts, policy, zone)
        if problem:
            retry_at = _next_open(facts, policy)
            if retry_at is None:
                return denied("CA-001", "HOURS_FED", f"{problem}, and the campaign never calls then")
            return denied_for_now("CA-001", "HOURS_FED", problem, retry_at=retry_at, zone=zone)
    return allowed("CA-001", "inside the hours of Canada in every zone")


def next_open(facts: ContactFacts, policy: Policy) -> datetime | None:
    """Return the first instant from facts.at on at which the hours pass, and the campaign's with them; None if none does."""
    verdict = hours(facts, policy)
    return facts.at if verdict.outcome is Outcome.ALLOW else verdict.retry_at


def abandonment(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny predictive calls once more than 5 % of those answered live in the calendar month were abandoned. CA-002."""
    if facts.region != CANADA:
        return not_bound("CA-002", NOT_CANADA)
    if facts.channel is not Channel.LIVE_PREDICTIVE:
        return not_bound("CA-002", "only predictive calls are abandoned")
    counts = facts.campaign.abandonment
    limit = policy.ca_abandon_limit_basis_points
    if not exceeds(counts.month_abandoned, counts.month_live, limit):
        return allowed("CA-002", f"no more than {limit / 100:g} % abandoned this month")
    return denied_for_now(
        "CA-002",
        "ABANDON_CAP",
        f"{counts.month_abandoned:.10g} of {counts.month_live:.10g} answered calls were abandoned this month, "
        f"Canada allows {limit / 100:g} %",
        retry_at=next_month(facts.at, FIRST_AND_LAST_CLOCK[1]),
    )


def not_on_dncl(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny telemarketing to a number on the National DNCL, and to any number without a fresh copy of it. CA-003."""
    if facts.region != CANADA:
        return not_bound("CA-003", NOT_CANADA)
    if not is_telemarketing(facts):
        return not_bound("CA-003", "the National DNCL binds sales contacts only")
    if "DNC_NATIONAL" not in policy.lifted and any(
        listing.name == DNCL for listing in facts.registry.listings
    ):
        return denied("CA-003", "DNC_NATIONAL", "on the National DNCL of Canada")
    if facts.registry.problem:
        return denied("CA-003", "SCRUB_STALE", facts.registry.problem)
    copies = [copy.as_of for copy in facts.registry.own_lists if copy.name == DNCL]
    if not copies:
        reason = (
            f"no copy of Canada's National DNCL is loaded for {facts.seller}; load it under Registry copies"
        )
        return denied("CA-003", "SCRUB_STALE", reason)
    age, limit = (latest_day(facts) - max(copies)).days, policy.ca_registry_max_age_days
    if not 0 <= age <= limit:
        reason = f"the copy of the National DNCL is {age} days old, the limit is {limit}; load a new one"
        return denied("CA-003", "SCRUB_STALE", reason)
    return allowed("CA-003", f"not on the National DNCL, {age} days old")


def consented(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny recorded calls and texts without express consent; a business relationship is not enough. CA-004, CA-005.

    The rules for recorded calls reach surveys and debts in part, so they bind every purpose but an emergency.
    """
    if facts.region != CANADA:
        return not_bound("CA-004", NOT_CANADA)
    if facts.channel is not Channel.PREREC and facts.channel not in TEXTS:
        return not_bound("CA-004", "a person calls")
    if facts.purpose is Purpose.EMERGENCY:
        return not_bound("CA-004", "an emergency needs no consent")
    if has_express_consent(facts, policy):
        return allowed("CA-004", "the person gave express consent")
    if facts.channel in TEXTS:
        return denied("CA-005", "CONSENT_PEC", "texts to Canada need express consent; record it")
    return denied("CA-004", "CONSENT_PEC", "recorded calls to Canada need express consent; record it")


def _clocks(facts: ContactFacts, policy: Policy) -> tuple[str, ...]:
    is_a_guess = believed_type(facts, policy) not in LANDLINES and not any(
        evidence.zones for evidence in facts.evidences if evidence.kind is not EvidenceKind.AREA_CODE
    )
    return (*facts.zones, *FIRST_AND_LAST_CLOCK) if is_a_guess else facts.zones


def _closed(facts: ContactFacts, policy: Policy, zone: str) -> str:
    """Say why the contact falls outside the hours on the zone's clock, or could ring past them; "" when it does not."""
    local = facts.at.astimezone(zone_of(zone))
    if local.weekday() < SATURDAY:
        hours = Hours(policy.ca_weekday_opens, policy.ca_weekday_closes)
    else:
        hours = Hours(policy.ca_weekend_opens, policy.ca_weekend_closes)
    wall = local.replace(tzinfo=None)
    rung_out = wall + timedelta(seconds=facts.ring_seconds + policy.close_margin_seconds)
    if hours.opens <= wall.time() and rung_out < datetime.combine(wall.date(), hours.closes):
        return ""
    return (
        f"{local:%H:%M} on {local:%A} in {zone_place(facts.evidences, zone)}, Canada allows {hours} that day"
    )


def _next_open(facts: ContactFacts, policy: Policy) -> datetime | None:
    """Return the first instant at which Canada's hours and the campaign's are open together, None if there is none."""
    zones = _clocks(facts, policy)
    ends = {until for _, until in facts.window.breaks}
    strikes = {time(0), facts.window.opens, policy.ca_weekday_opens, policy.ca_weekend_opens} | ends
    points = set()
    for place in map(zone_of, zones):
        today = facts.at.astimezone(place).date()
        for offset in range(DAYS_AHEAD):
            day = today + timedelta(days=offset)
            points |= {datetime.combine(day, strike, place).astimezone(UTC) for strike in strikes}
    for point in sorted(points):
        later = replace(facts, at=point)
        if (
            point > facts.at
            and calling_window.campaign_hours(later, policy).outcome is Outcome.ALLOW
            and not any(_closed(later, policy, zone) for zone in zones)
        ):
            return point
    return None
