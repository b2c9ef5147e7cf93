"""The versions of a campaign as the pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.models import User
from campaigns.models import (
    Campaign,
    CampaignVersion,
    Disposition,
    DispositionSet,
    LeadList,
    MessageVersion,
    ScriptVersion,
    Segment,
    VersionDecision,
)
from campaigns.versions import diff, freezing
from campaigns.versions.diff import Change
from campaigns.versions.fields import LATE, Names
from carriers import pools
from compliance.rules.facts import Purpose
from core.errors import NotFound

KIND = VersionDecision.Kind
PURPOSE_NAMES = {
    Purpose.TELEMARKETING: "Sales (telemarketing)",
    Purpose.INFORMATIONAL: "Service or information, no selling",
    Purpose.SURVEY: "Survey or research",
    Purpose.POLITICAL: "Political",
    Purpose.CHARITY: "Charity fundraising",
    Purpose.DEBT: "Debt collection",
    Purpose.EMERGENCY: "Emergency (health and safety)",
    Purpose.HEALTHCARE_HIPAA: "Health care (HIPAA)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What somebody decided about a version."""

    kind: str
    label: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version, and how it differs from the one before."""

    number: int
    at: datetime
    by: str
    note: str
    changes: Sequence[Change]
    in_force: bool
    is_newest: bool
    decided: Decided | None
    waits: bool  # for a second person

    @property
    def summary(self) -> str:
        """Return its changes in one line."""
        return diff.summary(self.changes) if self.number > 1 else "the first version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """What an editor begins from."""

    number: int  # of the newest version
    setup: Mapping[str, Any]  # of the newest that nobody refused
    begun_from: int  # the number of that one
    in_force: int


def names() -> Names:
    """Return the words for everything a setup may refer to; eight queries."""
    scripts = ScriptVersion.objects.select_related("script").order_by("id")
    messages = MessageVersion.objects.select_related("message").order_by("id")
    return Names(
        things={
            "list": _texts(LeadList.objects.order_by("id").values_list("id", "name")),
            "segment": _texts(Segment.objects.order_by("id").values_list("id", "name")),
            "set": _texts(DispositionSet.objects.order_by("id").values_list("id", "name")),
            "script": {str(row.id): f"{row.script.name}, version {row.number}" for row in scripts},
            "message": {str(row.id): f"{row.message.name}, version {row.number}" for row in messages},
            "person": {str(row.pk): row.display_name for row in User.objects.order_by("id")},
            "pool": {str(pool.id): pool.name for pool in pools.list_choices()},
        },
        choices={
            "purpose": {purpose.value: name for purpose, name in PURPOSE_NAMES.items()},
            "audience": dict(Campaign.Audience.choices),
            "made_by": dict(Campaign.MadeBy.choices),
            "mode": dict(Campaign.Mode.choices),
            "preview_then": dict(Campaign.PreviewThen.choices),
            "machine_detection": dict(Campaign.MachineDetection.choices),
            "priority": {str(value): words for value, words in Campaign.Priority.choices},
            "result": dict(Disposition.objects.order_by("id").values_list("code", "label")),
        },
        zone=settings.OFFICE_ZONE,
    )


def list_versions(campaign_id: int, *, before: int = 0, limit: int = 50) -> list[VersionRow]:
    """Return the newest versions, or those before a number, newest first; eleven queries. Raises NotFound."""
    campaign = Campaign.objects.filter(pk=campaign_id).only("version", "needs_approval").first()
    if campaign is None:
        raise NotFound("This campaign does not exist.")
    wanted = CampaignVersion.objects.filter(campaign_id=campaign_id)
    if before:
        wanted = wanted.filter(number__lt=before)
    rows = list(wanted.order_by("-number")[: limit + 1])
    decided = _decisions(rows)
    known, found = names(), []
    for place, row in enumerate(rows[:limit]):
        older = rows[place + 1].setup if place + 1 < len(rows) else row.setup
        asks = settings.CAMPAIGNS_NEED_APPROVAL or campaign.needs_approval or row.setup.get("needs_approval")
        found.append(
            VersionRow(
                number=row.number,
                at=row.created_at,
                by=row.created_by,
                note=row.note,
                changes=[*diff.changes(older, row.setup, known), *diff.new_to(older, row.setup, known)],
                in_force=row.number == campaign.version,
                is_newest=not before and place == 0,
                decided=decided.get(row.pk),
                waits=bool(asks) and not before and place == 0 and row.pk not in decided,
            )
        )
    return found


def newest(campaign_id: int) -> Newest:
    """Return what an editor begins from: the newest version that nobody refused; three queries. Raises NotFound."""
    in_force = Campaign.objects.filter(pk=campaign_id).values_list("version", flat=True).first()
    rows = CampaignVersion.objects.filter(campaign_id=campaign_id).order_by("-number")
    kept = rows.exclude(decisions__kind=KIND.REFUSED).first()
    if in_force is None or kept is None:
        raise NotFound("This campaign does not exist.")
    number = rows.values_list("number", flat=True)[0]
    return Newest(number=number, setup=whole(kept), begun_from=kept.number, in_force=in_force)


def whole(version: CampaignVersion) -> Mapping[str, Any]:
    """Return the setup of a version; of settings that versions did not keep yet, what is in force. At most one query."""
    setup: Mapping[str, Any] = version.setup
    if all(name in setup for name in LATE):
        return setup
    out = {"excluded_list_ids": ("lists", "leadlist_id"), "excluded_segment_ids": ("segments", "segment_id")}
    ids = {
        name: ArraySubquery(
            getattr(Campaign, f"excluded_{kind}")
            .through.objects.filter(campaign=OuterRef("pk"))
            .order_by(column)
            .values(column)
        )
        for name, (kind, column) in out.items()
    }
    late = Campaign.objects.filter(pk=version.campaign_id).annotate(**ids).values(*LATE).get()
    return diff.complete(setup, freezing.freeze(late))


def setup_at(campaign_id: int, number: int) -> Mapping[str, Any]:
    """Return the setup of one version. Raises NotFound."""
    row = CampaignVersion.objects.filter(campaign_id=campaign_id, number=number).first()
    if row is None:
        raise NotFound(f"This campaign has no version {number}.")
    return whole(row)


def author_of(campaign_id: int, number: int) -> str:
    """Return who saved a version; nobody of one that is not there."""
    rows = CampaignVersion.objects.filter(campaign_id=campaign_id, number=number)
    return rows.values_list("created_by", flat=True).first() or ""


def waiting_for(username: str) -> list[tuple[int, str, int]]:
    """Return (campaign, its name, version) of what waits for the approval of anybody but this person; two queries."""
    found = []
    rows = (
        CampaignVersion.objects.filter(campaign__archived_at=None)
        .exclude(campaign__state=Campaign.State.STOPPED)
        .select_related("campaign")
        .order_by("campaign_id", "-number")
        .distinct("campaign_id")
    )
    decided = set(
        VersionDecision.objects.filter(kind__in=[KIND.APPROVED, KIND.REFUSED]).values_list(
            "version_id", flat=True
        )
    )
    for row in rows:
        asks = (
            settings.CAMPAIGNS_NEED_APPROVAL or row.campaign.needs_approval or row.setup.get("needs_approval")
        )
        if asks and row.pk not in decided and row.created_by != username:
            found.append((row.campaign_id, row.campaign.name, row.number))
    return found


def _decisions(rows: Sequence[CampaignVersion]) -> dict[int, Decided]:
    found = VersionDecision.objects.filter(version__in=rows, kind__in=[KIND.APPROVED, KIND.REFUSED]).order_by(
        "id"
    )
    return {
        one.version_id: Decided(
            kind=one.kind, label=one.get_kind_display(), by=one.by, at=one.at, reason=one.reason
        )
        for one in found
    }


def _texts(rows: Any) -> dict[str, str]:
    return {str(key): name for key, name in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A setting that two people changed differently."""

    label: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """What somebody typed, put on top of what another person saved meanwhile."""

    number: int  # of the newest version
    by: str
    changes: Sequence[Change]  # the other's
    clashes: Sequence[Clash]  # ours stand in `setup`
    setup: Mapping[str, Any]


def rebase(campaign_id: int, *, based_on: int, ours: Mapping[str, Any]) -> Rebased:
    """Return our setup, begun from version `based_on`, on top of the newest version. Raises NotFound."""
    base, top = setup_at(campaign_id, based_on), newest(campaign_id)
    merged, known = diff.merge(base, ours, top.setup), names()
    return Rebased(
        number=top.number,
        by=author_of(campaign_id, top.number),
        changes=diff.changes(base, top.setup, known),
        clashes=[
            Clash(label=one.label, ours=one.before, theirs=one.after)
            for one in diff.changes(merged.setup, top.setup, known)
            if one.field.name in merged.clashes
        ],
        setup=merged.setup,
    )
