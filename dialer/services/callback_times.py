"""Whether a callback that is about to be promised may be made then: its hours and days are known beforehand."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import CampaignLead
from campaigns.services import work
from compliance.explaining import Explained, explain_fully
from compliance.rules import calling_window
from compliance.rules.decision import Outcome, Verdict
from core.errors import AppError
from dialer.models import Call
from dialer.services import offers

HOURS_CODES = ("HOURS_", "DAY_", "HOLIDAY_", "REGF_TIME")


class BadResult(AppError):
    """The result cannot be saved as given; the text says what is missing."""


class OutsideHours(BadResult):
    """The person may not be called at that time; `offer` is the next one at which they may."""

    def __init__(self, message: str, *, offer: datetime, zone: str) -> None:
        super().__init__(message)
        self.offer = offer
        self.zone = zone


def require_open(call: Call, *, campaign_lead_id: int, at: datetime, now: datetime) -> None:
    """Raise OutsideHours where law or campaign will not let the person be called at `at`, with the next time they will.

    Only hours and days are looked at: the rest may change until then, and is asked when the call is made. Where no zone is known
    nothing can be said.
    """
    lead = CampaignLead.objects.select_related("contact").get(pk=campaign_lead_id)
    item = work.item_of(lead.contact, lead)
    phone = next((each for each in item.phones if each.number == call.number), None)
    if phone is None:
        return
    channel = offers.channel_of(call.campaign)
    own = offers.campaign_facts(call.campaign, channel, now=now)
    # As somebody who asks for this call now: REGF-002 counts it so when it is made.
    asked = replace(item, callback_asked_at=now)
    [explained] = explain_fully(
        [offers.request_for(call.campaign, asked, phone, channel=channel, own=own)], now=now
    )
    verdict = _first_denial(explained, at)
    if verdict is None:
        return
    offer = calling_window.next_open(replace(explained.facts, at=at + timedelta(seconds=1)), explained.policy)
    if offer is None:
        return
    zone = verdict.zone or explained.zone
    there = offer.astimezone(ZoneInfo(zone))
    raise OutsideHours(
        f"They may not be called then: {verdict.reason}. The next time is {there:%A} {there.day} {there:%B}, {there:%H:%M} "
        "there. Take it, or choose another.",
        offer=offer,
        zone=zone,
    )


def _first_denial(explained: Explained, at: datetime) -> Verdict | None:
    for rule in calling_window.WINDOW_RULES:
        verdict = rule(explained.facts, explained.policy, at)
        if verdict.outcome is not Outcome.ALLOW and verdict.code.startswith(HOURS_CODES):
            return verdict
    return None
