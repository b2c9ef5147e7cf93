"""What a campaign lacks before it may call: everything at once, each with where it is set."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings

from accounts import roles
from accounts.models import User
from campaigns.models import Campaign, Lead
from campaigns.selectors import messages as recorded
from campaigns.services import versions
from carriers import health
from carriers import selectors as carriers
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import Purpose
from core.errors import NotFound


class Place(StrEnum):
    """Where something is set."""

    SETTINGS = "settings"  # of the campaign
    LISTS = "lists"
    AGENTS = "agents"  # of the campaign
    MESSAGES = "messages"
    CARRIER = "carrier"
    CALLERS = "callers"  # the inventory of caller IDs
    VERSIONS = "versions"  # of the campaign, and who approved them


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing a campaign lacks."""

    text: str  # a sentence
    place: Place


def list_missing(campaign_id: int, *, now: datetime) -> list[Missing]:
    """Return everything the campaign lacks before it may call; empty: nothing. A fixed number of queries. Raises NotFound."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    return missing_now(campaign, now)


def missing_of(campaign: Campaign) -> list[Missing]:
    """Return everything a campaign lacks before it may call; empty: nothing."""
    return [Missing(text=text, place=place) for place, text in (*_of_people(campaign), *_of_calls(campaign))]


def caller_id_sentence(number: str) -> str:
    """Return what to say of a caller ID that may not be shown."""
    shown = number or "none"
    return f"Its caller id ({shown}) is not an active number of yours (rule FED-025): choose one from the inventory."


def missing_now(campaign: Campaign, now: datetime) -> list[Missing]:
    """Return what a campaign lacks before it may call at this time: also a stop that is over."""
    found = missing_of(campaign)
    if campaign.stops_at is not None and campaign.stops_at <= now:
        found.append(
            Missing(
                text="The time at which it stops by itself is over: give a later one, or none.",
                place=Place.SETTINGS,
            )
        )
    return found


def _of_people(campaign: Campaign) -> Iterator[tuple[Place, str]]:
    lists = list(campaign.lists.order_by("id").values_list("id", flat=True))
    has_segments = campaign.segments.exists()
    if not lists and not has_segments:
        yield Place.SETTINGS, "It has no list and no segment: choose one in its settings."
    elif not has_segments and not Lead.objects.filter(lead_list_id__in=lists).exists():
        yield Place.LISTS, "Its lists are empty: import people first."
    assigned = User.objects.filter(assignments__campaign=campaign).order_by("id")
    if not any(user.may(roles.WORK_DESK) for user in assigned):
        yield Place.AGENTS, "It has no agents: assign at least one."


def _of_calls(campaign: Campaign) -> Iterator[tuple[Place, str]]:
    if not versions.is_approved(campaign):
        yield (
            Place.VERSIONS,
            f"Version {campaign.version} waits for the approval of a second person.",
        )
    active = carriers.active_caller_numbers()
    if campaign.caller_id not in active:
        yield Place.SETTINGS if active else Place.CALLERS, caller_id_sentence(campaign.caller_id)
    if campaign.purpose not in set(Purpose) - {Purpose.UNKNOWN}:
        yield Place.SETTINGS, "It has no purpose: choose what the calls are for."
    judged_for = campaign.script_version.purpose if campaign.script_version else ""
    if (
        judged_for
        and judged_for != campaign.purpose_in_law
        and campaign.purpose_in_law is Purpose.TELEMARKETING
    ):
        yield (
            Place.SETTINGS,
            "Its script was published for calls that do not sell (rule FED-026): publish it for sales, or choose another.",
        )
    if settings.CARRIER_CPS <= 0:
        yield Place.CARRIER, "The carrier may start no calls: PARLEY_CARRIER_CPS is 0."
    if _lacks_message(campaign):
        yield (
            Place.MESSAGES,
            "It has no approved message for people no agent is free for (rule FED-017): approve or choose one.",
        )
    if (trouble := health.trouble()) is not None:
        yield (
            Place.CARRIER,
            f"The carrier refuses our credentials ({trouble.reason}): an administrator must mend them and check the carrier.",
        )


def _lacks_message(campaign: Campaign) -> bool:
    """About a debt nothing may be said to whoever answers (REGF-004). The standard text is written when the campaign starts."""
    if campaign.mode == Campaign.Mode.PREVIEW or campaign.purpose == Purpose.DEBT:
        return False
    if campaign.abandoned_message_id is None:
        return False
    return recorded.playable(campaign.pk, MessageKind.ABANDONED) is None
