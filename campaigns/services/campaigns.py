"""Making a campaign, and changing what it is. How it moves through its states is in moves.py."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts import roles
from accounts.models import User
from campaigns.models import (
    Campaign,
    CampaignAgent,
    Disposition,
    DispositionSet,
    LeadList,
    MessageVersion,
    ScriptVersion,
    Segment,
)
from campaigns.selectors import messages as recorded
from campaigns.services import filling, readiness, versions
from campaigns.services.moves import DIALS, STARTED, CampaignRefused, ensure_texts, lock, record
from campaigns.versions import diff
from campaigns.versions.freezing import freeze, thaw
from carriers import selectors as carriers
from compliance.gathering import policy_for
from compliance.rules.facts import Purpose
from core import db

STATE = Campaign.State
MIN_RING_SECONDS = 15  # rule FED-019
MAX_RING_SECONDS = 120
DETECTION = Campaign.MachineDetection
MAX_GOAL = 1_000_000_000
MIN_PREVIEW_SECONDS, MAX_PREVIEW_SECONDS = 5, 3600
MIN_GREETING_SECONDS, MAX_GREETING_SECONDS = (
    10,
    59,
)  # shorter, silence and a long greeting look alike; carriers listen no longer


@dataclass(frozen=True, slots=True)
class Setup:
    """What a manager decides about a campaign. Window and days are in the person's own zone."""

    name: str
    purpose: str  # compliance.rules.facts.Purpose
    caller_id: str  # E.164, of our inventory
    list_ids: Sequence[int]
    disposition_set_id: int
    segment_ids: Sequence[int] = ()
    audience: str = Campaign.Audience.PEOPLE.value
    made_by: str = Campaign.MadeBy.COMPANY.value
    answers_never_sell: bool = False
    script_version_id: int | None = None
    mode: str = Campaign.Mode.PREVIEW
    power_ratio: Decimal = Decimal(2)  # calls for each free agent, in the mode power
    abandon_percent: Decimal | None = None  # of the calls answered live; None: what the law allows
    preview_seconds: int | None = None  # to decide on a card, in the mode preview; None: as long as one likes
    preview_then: str = Campaign.PreviewThen.NOT_READY
    machine_detection: str = Campaign.MachineDetection.OFF
    machine_sample_percent: int = 5
    greeting_seconds: int = 30  # a machine that still speaks then is hung up on
    window_opens: time = time(9)
    window_closes: time = time(20)
    window_days: str = "012345"  # Monday = 0
    max_attempts: int = 6
    ring_seconds: int = 25
    wrap_up_seconds: int = 60
    abandoned_message_id: UUID | None = None  # None: the standard text of its seller and caller ID
    voicemail_message_id: UUID | None = None
    voicemail_variant_ids: Sequence[UUID] = ()  # left in turn with it
    personal_voicemail: bool = False  # a rep's own message, where there is one, goes first
    owner_id: int | None = None  # who answers for it
    goal: int | None = None  # conversions
    stops_at: datetime | None = None  # it drains by itself then
    needs_approval: bool = False  # of each version, by a second person


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
            **_columns(setup),
        )
        with db.free_or(_taken(setup.name)):
            campaign.save(force_insert=True)
        campaign.lists.set(setup.list_ids)
        campaign.segments.set(setup.segment_ids)
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
        if newest and not diff.changed(versions.get(campaign_id, newest).setup, after):
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
    columns = {**_columns(setup), "version": number}
    if campaign.state in STARTED and campaign.mode != setup.mode:
        columns["mode_changed_at"] = now
    chosen = {*setup.list_ids}, {*setup.segment_ids}
    grows = campaign.state in DIALS and chosen != ({*_list_ids(campaign)}, {*_segment_ids(campaign)})
    for name, value in columns.items():
        setattr(campaign, name, value)
    with db.free_or(_taken(setup.name)):
        campaign.save(update_fields=list(columns))
    campaign.lists.set(setup.list_ids)
    campaign.segments.set(setup.segment_ids)
    _set_variants(campaign, setup)
    ensure_texts(campaign, now)
    if grows:
        filling.fill_campaigns([campaign.pk], now=now)


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


def checked(setup: Setup, now: datetime) -> Setup:
    """Return the setup with its name trimmed; raise CampaignRefused with everything that is wrong, for any caller."""
    setup = replace(setup, name=setup.name.strip(), window_days="".join(sorted(set(setup.window_days))))
    wrong = [sentence for is_wrong, sentence in (*_of_itself(setup), *_of_others(setup, now)) if is_wrong]
    wrong += recorded.misfits(
        abandoned_id=setup.abandoned_message_id,
        voicemail_ids=(setup.voicemail_message_id, *setup.voicemail_variant_ids),
        purpose=setup.purpose,
    )
    if wrong:
        raise CampaignRefused(" ".join(wrong))
    return setup


def _of_itself(setup: Setup) -> Iterator[tuple[bool, str]]:
    """Give for each setting whether it is wrong, and what to say then."""
    yield not setup.name or len(setup.name) > 120, "Give the campaign a name of at most 120 characters."
    yield setup.purpose not in set(Purpose) - {Purpose.UNKNOWN}, "Choose what the calls are for."
    yield setup.audience not in Campaign.Audience.values, "Choose who is called."
    yield setup.made_by not in Campaign.MadeBy.values, "Choose who makes the calls."
    yield setup.mode not in Campaign.Mode.values, "Choose how the campaign dials."
    yield not 1 <= setup.power_ratio <= 10, "Between 1 and 10 calls for each free agent."
    yield (
        setup.preview_seconds is not None
        and not MIN_PREVIEW_SECONDS <= setup.preview_seconds <= MAX_PREVIEW_SECONDS,
        f"Give between {MIN_PREVIEW_SECONDS} and {MAX_PREVIEW_SECONDS:,} seconds to decide on a card, or leave it empty.",
    )
    yield (
        setup.preview_then not in Campaign.PreviewThen.values,
        "Choose what happens to a card nobody decided on.",
    )
    yield (
        setup.machine_detection not in Campaign.MachineDetection.values,
        "Choose whether answering machines are detected.",
    )
    yield not 0 <= setup.machine_sample_percent <= 100, "Check between 0 and 100 % of the machines."
    yield (
        not MIN_GREETING_SECONDS <= setup.greeting_seconds <= MAX_GREETING_SECONDS,
        f"Wait between {MIN_GREETING_SECONDS} and {MAX_GREETING_SECONDS} seconds for the end of a greeting.",
    )
    yield (
        setup.voicemail_message_id is None
        and (bool(setup.voicemail_variant_ids) or setup.machine_detection == DETECTION.MESSAGE),
        "Choose the voicemail message that is left.",
    )
    yield setup.window_opens >= setup.window_closes, "The calling window must open before it closes."
    yield (
        not setup.window_days or not set(setup.window_days) <= set("0123456"),
        "Choose at least one day for calls.",
    )
    yield not 1 <= setup.max_attempts <= 50, "Between 1 and 50 attempts a person."
    yield (
        not MIN_RING_SECONDS <= setup.ring_seconds <= MAX_RING_SECONDS,
        f"Let it ring between {MIN_RING_SECONDS} and {MAX_RING_SECONDS} seconds (rule FED-019).",
    )
    yield not 0 <= setup.wrap_up_seconds <= 3600, "Wrap-up may last up to 3,600 seconds."
    yield setup.goal is not None and not 1 <= setup.goal <= MAX_GOAL, f"Give a goal of 1 to {MAX_GOAL:,}."


def _of_others(setup: Setup, now: datetime) -> Iterator[tuple[bool, str]]:
    """Give for each thing the campaign names whether it is not there, or above the law's limit, and what to say then."""
    limit = Decimal(policy_for(now).abandon_limit_basis_points) / 100
    yield (
        setup.abandon_percent is not None and not 0 <= setup.abandon_percent <= limit,
        f"At most {limit:f} % of the calls answered live may be abandoned (rule FED-016: 16 CFR 310.4(b)(4)(i), "
        "47 CFR 64.1200(a)(7)). Choose that or less.",
    )
    yield (
        setup.caller_id not in carriers.active_caller_numbers(),
        readiness.caller_id_sentence(setup.caller_id),
    )
    yield (
        LeadList.objects.filter(id__in=setup.list_ids).count() != len(set(setup.list_ids)),
        "One of the lists does not exist any more.",
    )
    yield (
        Segment.objects.filter(id__in=setup.segment_ids).count() != len(set(setup.segment_ids)),
        "One of the segments does not exist any more.",
    )
    yield (
        setup.script_version_id is not None
        and not ScriptVersion.objects.filter(id=setup.script_version_id).exists(),
        "The script does not exist any more.",
    )
    yield (
        setup.owner_id is not None
        and not any(user.may(roles.MANAGE_CAMPAIGNS) for user in User.objects.filter(id=setup.owner_id)),
        "The owner must be somebody who manages campaigns.",
    )
    yield (
        not DispositionSet.objects.filter(id=setup.disposition_set_id).exists(),
        "The set of results does not exist any more.",
    )
    offered = Disposition.objects.filter(
        disposition_set_id=setup.disposition_set_id, automatic=False, retired_at__isnull=True
    )
    yield (
        not offered.filter(category=Disposition.Category.DO_NOT_CALL).exists(),
        "The set of results has none that counts as “Do not call again”, which agents must always have (rule TSR-003). "
        "Add one to it, or choose another set.",
    )


def _set_variants(campaign: Campaign, setup: Setup) -> None:
    campaign.voicemail_variants.set(MessageVersion.objects.filter(id__in=setup.voicemail_variant_ids))


def _columns(setup: Setup) -> dict[str, Any]:
    columns = asdict(setup)
    del columns["list_ids"], columns["segment_ids"], columns["voicemail_variant_ids"]
    return columns


def frozen(setup: Setup) -> dict[str, Any]:
    """Return the setup as JSON, for its version and the audit trail."""
    return freeze(asdict(setup))


def thawed(setup: diff.Frozen) -> Setup:
    """Return the setup that a version keeps. Raises TypeError for one that lacks what every setup has."""
    return Setup(**thaw(setup, Setup.__dataclass_fields__))


def setup_of(campaign: Campaign) -> Setup:
    """Return the setup in force; three queries."""
    several = ("list_ids", "segment_ids", "voicemail_variant_ids")
    columns = {name: getattr(campaign, name) for name in Setup.__dataclass_fields__ if name not in several}
    return Setup(
        list_ids=_list_ids(campaign),
        segment_ids=_segment_ids(campaign),
        voicemail_variant_ids=tuple(campaign.voicemail_variants.order_by("id").values_list("id", flat=True)),
        **columns,
    )


def _list_ids(campaign: Campaign) -> tuple[int, ...]:
    return tuple(campaign.lists.order_by("id").values_list("id", flat=True))


def _segment_ids(campaign: Campaign) -> tuple[int, ...]:
    return tuple(campaign.segments.order_by("id").values_list("id", flat=True))


def _taken(name: str) -> CampaignRefused:
    return CampaignRefused(f"There is a campaign “{name}” already. Choose another name.")
