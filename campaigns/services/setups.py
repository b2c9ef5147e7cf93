"""What a manager decides about a campaign, as values: from its row, as JSON and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from campaigns.models import Campaign
from campaigns.versions import diff
from campaigns.versions.freezing import freeze, thaw


@dataclass(frozen=True, slots=True)
class Setup:
    """What a manager decides about a campaign. Window and days are in the person's own zone."""

    name: str
    purpose: str  # compliance.rules.facts.Purpose
    caller_id: str  # E.164, of our inventory
    list_ids: Sequence[int]
    disposition_set_id: int
    segment_ids: Sequence[int] = ()
    excluded_list_ids: Sequence[int] = ()  # who is on one is left out
    excluded_segment_ids: Sequence[int] = ()
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
    window_breaks: str = ""  # campaigns.breaks, inside the window
    days_off: str = ""  # campaigns.daysoff, of the person's calendar
    priority: int = Campaign.Priority.NORMAL.value
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
    caller_pool_id: int | None = None  # calls to people show a number of it; None: caller_id
    attempt_plan: Mapping[str, Any] | None = None  # campaigns.recycling.Plan; None: the plain rule
    order_plan: Mapping[str, Any] | None = None  # campaigns.ordering.Order; None: as they fall due


# Kept in tables of their own.
SEVERAL = ("list_ids", "segment_ids", "excluded_list_ids", "excluded_segment_ids", "voicemail_variant_ids")


def columns_of(setup: Setup) -> dict[str, Any]:
    """Return what of the setup is kept in the campaign's own row."""
    columns = asdict(setup)
    return {name: value for name, value in columns.items() if name not in SEVERAL}


def frozen(setup: Setup) -> dict[str, Any]:
    """Return the setup as JSON, for its version and the audit trail."""
    return freeze(asdict(setup))


def thawed(setup: diff.Frozen) -> Setup:
    """Return the setup that a version keeps. Raises TypeError for one that lacks what every setup has."""
    return Setup(**thaw(setup, Setup.__dataclass_fields__))


def setup_of(campaign: Campaign) -> Setup:
    """Return the setup in force; five queries."""
    columns = {name: getattr(campaign, name) for name in Setup.__dataclass_fields__ if name not in SEVERAL}
    return Setup(
        list_ids=list_ids_of(campaign),
        segment_ids=segment_ids_of(campaign),
        excluded_list_ids=tuple(campaign.excluded_lists.order_by("id").values_list("id", flat=True)),
        excluded_segment_ids=tuple(campaign.excluded_segments.order_by("id").values_list("id", flat=True)),
        voicemail_variant_ids=tuple(campaign.voicemail_variants.order_by("id").values_list("id", flat=True)),
        **columns,
    )


def list_ids_of(campaign: Campaign) -> tuple[int, ...]:
    """Return its lists, in order."""
    return tuple(campaign.lists.order_by("id").values_list("id", flat=True))


def segment_ids_of(campaign: Campaign) -> tuple[int, ...]:
    """Return its segments, in order."""
    return tuple(campaign.segments.order_by("id").values_list("id", flat=True))


def set_audience(campaign: Campaign, setup: Setup) -> None:
    """Write whom the setup calls and whom it leaves out."""
    campaign.lists.set(setup.list_ids)
    campaign.segments.set(setup.segment_ids)
    campaign.excluded_lists.set(setup.excluded_list_ids)
    campaign.excluded_segments.set(setup.excluded_segment_ids)


def excluded_of(campaign: Campaign) -> tuple[set[int], set[int]]:
    """Return the lists and the segments it leaves out."""
    lists, segments = campaign.excluded_lists, campaign.excluded_segments
    return {*lists.values_list("id", flat=True)}, {*segments.values_list("id", flat=True)}
