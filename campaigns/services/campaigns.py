"""Making a campaign, and changing what it is. How it moves through its states is in moves.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import roles
from accounts.models import User
from campaigns.models import Campaign, CampaignAgent, LeadList, MessageVersion
from campaigns.selectors import versions as kept
from campaigns.services import audience, filling, versions
from campaigns.services.moves import DIALS, STARTED, CampaignRefused, ensure_texts, lock, record
from campaigns.services.setup_checks import checked
from campaigns.services.setups import (
    Setup,
    columns_of,
    excluded_of,
    frozen,
    list_ids_of,
    segment_ids_of,
    set_audience,
    setup_of,
    thawed,
)
from campaigns.versions import diff
from core import db

__all__ = [
    "Overtaken",
    "Saved",
    "Setup",
    "assign_agents",
    "change_campaign",
    "checked",
    "create_campaign",
    "frozen",
    "put_in_force",
    "refuse_unless_takes",
    "setup_of",
    "thawed",
]

STATE = Campaign.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of a change."""

    number: int  # of the version; the one that stood, where nothing changed
    is_new: bool
    waits: bool  # for a second person; what stood before is in force meanwhile


class Overtaken(CampaignRefused):
    """Somebody saved a newer version than the one this change began from; nothing was stored."""

    def __init__(self, newest: int) -> None:
        super().__init__(
            f"Version {newest} was saved meanwhile. What you typed is kept below, with what the other person changed: "
            "look it over, then save again."
        )
        self.newest = newest


def create_campaign(*, setup: Setup, by_id: int | None, by_name: str, now: datetime, note: str = "") -> int:
    """Store a new campaign as a draft and return its id. Raises CampaignRefused with everything that is wrong."""
    setup = checked(setup, now)
    _refuse_past_stop(setup, now)
    with db.use_case():
        campaign = Campaign(
            seller=settings.SELLER_NAME,
            created_at=now,
            created_by_id=by_id,
            state_changed_at=now,
            version=1,
            **columns_of(setup),
        )
        with db.free_or(_taken(setup.name)):
            campaign.save(force_insert=True)
        set_audience(campaign, setup)
        _set_variants(campaign, setup)
        ensure_texts(campaign, now)
        versions.append(campaign, frozen(setup), note=note, by_name=by_name, now=now)
        record(campaign.id, "created", by_name, now, after=frozen(setup))
    return campaign.id


def change_campaign(
    *,
    campaign_id: int,
    setup: Setup,
    by_name: str,
    now: datetime,
    based_on: int | None = None,
    note: str = "",
) -> Saved:
    """Store new settings as the campaign's next version, and put it into force unless a second person must approve it first.

    A campaign that dials takes what campaigns.versions.fields says it can. `based_on` is the number of the newest version the
    writer saw. Raises Overtaken if there is a newer one, CampaignRefused, NotFound.
    """
    setup = checked(setup, now)
    with db.use_case():
        campaign = lock(campaign_id)
        newest = versions.newest_number(campaign_id)
        if based_on is not None and based_on != newest:
            raise Overtaken(newest)
        before, after = frozen(setup_of(campaign)), frozen(setup)
        if before["stops_at"] != after["stops_at"]:
            _refuse_past_stop(setup, now)
        refuse_unless_takes(campaign, before, after)
        if newest and not diff.changed(kept.setup_at(campaign_id, newest), after):
            return Saved(number=newest, is_new=False, waits=newest != campaign.version)
        version = versions.append(campaign, after, note=note, by_name=by_name, now=now)
        asks = versions.asks_second(before) or versions.asks_second(after)
        waits = asks and campaign.state in STARTED
        if not waits:
            put_in_force(campaign, setup, version.number, now=now)
        verb = "proposed" if waits else "changed"
        record(campaign_id, verb, by_name, now, before=before, after={**after, "version": version.number})
    return Saved(number=version.number, is_new=True, waits=waits)


def refuse_unless_takes(campaign: Campaign, before: diff.Frozen, after: diff.Frozen) -> None:
    """Raise CampaignRefused if the locked campaign cannot take these settings in the state it is in."""
    if campaign.archived_at is not None:
        raise CampaignRefused("The campaign is in the archive. Bring it back first, then change it.")
    if campaign.state == STATE.STOPPED:
        raise CampaignRefused("A stopped campaign cannot be changed. Make a new one over the same lists.")
    if campaign.state in DIALS and (held := diff.held_back(before, after)):
        labels = ", ".join(f"“{one.label}”" for one in held)
        raise CampaignRefused(
            f"The campaign is running, and {labels} cannot change meanwhile. Pause it first."
        )
    removed = set(before["list_ids"]) - set(after["list_ids"])
    if campaign.state in STARTED and removed:
        names = LeadList.objects.filter(id__in=removed).order_by("name", "id").values_list("name", flat=True)
        raise CampaignRefused(
            f"People of {', '.join(names)} are in the campaign already: a list can be added, not removed."
        )
    if campaign.state in STARTED and set(before.get("segment_ids", ())) - set(after["segment_ids"]):
        raise CampaignRefused(
            "People of its segments are in the campaign already: a segment can be added, not removed. "
            "Change the segment’s conditions, and who does not fit them any more waits."
        )


def _refuse_past_stop(setup: Setup, now: datetime) -> None:
    if setup.stops_at is not None and setup.stops_at <= now:
        raise CampaignRefused("The time at which it stops by itself is over. Give a later one, or none.")


def put_in_force(campaign: Campaign, setup: Setup, number: int, *, now: datetime) -> None:
    """Write a version's settings to the locked campaign; people of lists added to a running one are called from `now`."""
    columns: dict[str, Any] = {**columns_of(setup), "version": number}
    if campaign.order_plan != setup.order_plan:
        columns["placed_at"] = None  # until places are given anew, leads are called as they fall due
    if campaign.state in STARTED and campaign.mode != setup.mode:
        columns["mode_changed_at"] = now
    chosen = {*setup.list_ids}, {*setup.segment_ids}
    leaves_out = excluded_of(campaign) != ({*setup.excluded_list_ids}, {*setup.excluded_segment_ids})
    grows = campaign.state in DIALS and chosen != ({*list_ids_of(campaign)}, {*segment_ids_of(campaign)})
    for name, value in columns.items():
        setattr(campaign, name, value)
    with db.free_or(_taken(setup.name)):
        campaign.save(update_fields=list(columns))
    set_audience(campaign, setup)
    _set_variants(campaign, setup)
    ensure_texts(campaign, now)
    if grows:
        filling.fill_campaigns([campaign.pk], now=now)
    elif leaves_out and campaign.state in STARTED:
        filling.lock()
        audience.follow(campaign.pk, now=now)


def assign_agents(*, campaign_id: int, user_ids: Sequence[int], by_name: str, now: datetime) -> None:
    """Make exactly these people the campaign's agents. An agent taken off finishes the lead they hold.

    Raises CampaignRefused if somebody may not work the desk or the campaign is stopped, NotFound.
    """
    wanted = set(user_ids)
    with db.use_case():
        campaign = lock(campaign_id)
        if campaign.state == STATE.STOPPED:
            raise CampaignRefused("A stopped campaign has no agents. Make a new one over the same lists.")
        people = User.objects.filter(id__in=wanted).order_by("id")
        able = {user.id: user.username for user in people if user.may(roles.WORK_DESK)}
        if unable := wanted - able.keys():
            raise CampaignRefused(
                f"{len(unable)} of the people chosen cannot take calls (not an agent, or signed off for good)."
            )
        before = set(CampaignAgent.objects.filter(campaign=campaign).values_list("user_id", flat=True))
        CampaignAgent.objects.filter(campaign=campaign, user_id__in=before - wanted).delete()
        CampaignAgent.objects.bulk_create(
            [CampaignAgent(campaign=campaign, user_id=user_id) for user_id in sorted(wanted - before)]
        )
        record(
            campaign_id,
            "agents_assigned",
            by_name,
            now,
            before={"agents": sorted(before)},
            after={"agents": sorted(wanted)},
        )


def _set_variants(campaign: Campaign, setup: Setup) -> None:
    campaign.voicemail_variants.set(MessageVersion.objects.filter(id__in=setup.voicemail_variant_ids))


def _taken(name: str) -> CampaignRefused:
    return CampaignRefused(f"There is a campaign “{name}” already. Choose another name.")
