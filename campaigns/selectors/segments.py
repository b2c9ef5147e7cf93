"""Segments as the pages show them, and whom each one means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

import structlog
from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign, CampaignLead, Contact, Lead, Segment, SegmentMember, Tag
from campaigns.segments import tree
from campaigns.segments.fields import Catalogue
from campaigns.segments.tree import Group, RuleRefused
from campaigns.selectors import matching
from campaigns.selectors.lists import Named
from core.errors import NotFound

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFacts:
    """One segment. `rule` is None where it cannot be followed any more; `problem` says why."""

    id: int
    name: str
    kind: str
    kind_label: str
    rule: Group | None
    raw_rule: Any
    words: str
    problem: str
    people: int | None
    counted_at: datetime | None
    changed_at: datetime
    created_by: str
    campaigns: Sequence[Named]

    @property
    def is_live(self) -> bool:
        """Return whether people come and go."""
        return self.kind == Segment.Kind.LIVE

    @property
    def as_wanted(self) -> dict[str, Any]:
        """Return what PeopleQuery.wanted takes: a live segment's rule, a snapshot's id. A rule that cannot be read is nobody's."""
        if self.is_live and self.rule is not None:
            return {"rule": self.rule}
        return {"snapshot_id": self.id}


def list_segments() -> list[SegmentFacts]:
    """Return all segments by name, in five queries."""
    return _facts(list(Segment.objects.select_related("created_by").order_by("name", "id")))


def get_segment(segment_id: int) -> SegmentFacts:
    """Return one segment, in five queries. Raises NotFound."""
    rows = list(Segment.objects.select_related("created_by").filter(id=segment_id))
    if not rows:
        raise NotFound("This segment does not exist.")
    return _facts(rows)[0]


def segment_choices() -> list[Named]:
    """Return all segments by name."""
    return [Named(pk, name) for pk, name in Segment.objects.order_by("name", "id").values_list("id", "name")]


def tag_choices() -> list[Named]:
    """Return all tags by name."""
    return [Named(pk, name) for pk, name in Tag.objects.order_by("name", "id").values_list("id", "name")]


def rule_of(row: Segment, fields: Catalogue) -> Group | None:
    """Return the stored rule; None where what it names is not there any more: it then holds for nobody, not for all."""
    try:
        return tree.read(row.rule, fields)
    except RuleRefused:
        return None


def fitting(rows: Sequence[Segment], *, now: datetime) -> tuple[Q | None, bool]:
    """Return who is in one of the segments, as a condition on Contact (None: nobody), and whether every rule could be read."""
    fields = matching.current_catalogue()
    parts, is_whole = [], True
    for row in rows:
        if row.kind == Segment.Kind.SNAPSHOT:
            parts.append(matching.has_row(SegmentMember, Q(segment_id=row.pk)))
        elif (rule := rule_of(row, fields)) is None:
            log.warning("campaigns.segment.unreadable", segment_id=row.pk)
            is_whole = False
        else:
            parts.append(matching.condition(rule, fields, now=now))
    return (reduce(or_, parts) if parts else None), is_whole


def left_out(campaign_id: int, *, now: datetime) -> tuple[Q | None, bool]:
    """Return whom the campaign leaves out, as `fitting` does."""
    lists = Campaign.excluded_lists.through.objects.filter(campaign=campaign_id).order_by("leadlist_id")
    segments = Segment.objects.filter(left_out_of=campaign_id).order_by("pk")
    return _without(list(lists.values_list("leadlist_id", flat=True)), list(segments), now=now)


def leaving_out(contact_id: int, campaign_ids: Sequence[int], *, now: datetime) -> frozenset[int]:
    """Return which of the campaigns leave the person out, whether they have taken them or not. One query where none leaves anybody out."""
    any_out = Q(excluded_lists__isnull=False) | Q(excluded_segments__isnull=False)
    some = Campaign.objects.filter(any_out, pk__in=campaign_ids).order_by("pk").distinct()
    found = set()
    for campaign_id in some.values_list("pk", flat=True):
        fits, _ = left_out(campaign_id, now=now)
        if fits is not None and Contact.objects.filter(fits, pk=contact_id).exists():
            found.add(campaign_id)
    return frozenset(found)


def untaken_left_out(campaign_id: int, *, now: datetime) -> list[int]:
    """Return whom the campaign leaves out and has not taken, by id."""
    fits, _ = left_out(campaign_id, now=now)
    if fits is None:
        return []
    taken = CampaignLead.objects.filter(campaign_id=campaign_id, contact_id=OuterRef("pk"))
    return list(Contact.objects.filter(fits, ~Exists(taken)).order_by("pk").values_list("pk", flat=True))


def _without(list_ids: Sequence[int], segments: Sequence[Segment], *, now: datetime) -> tuple[Q | None, bool]:
    fits, is_whole = fitting(segments, now=now) if segments else (None, True)
    if list_ids:
        on_list = matching.has_row(Lead, Q(lead_list_id__in=list_ids))
        fits = on_list if fits is None else on_list | fits
    return fits, is_whole


def untaken_of(campaign_id: int, *, now: datetime) -> list[int]:
    """Return who is in a segment of the campaign and not in the campaign yet, by id."""
    rows = list(Segment.objects.filter(campaigns=campaign_id).order_by("pk"))
    fits, _ = fitting(rows, now=now) if rows else (None, True)
    if fits is None:
        return []
    taken = CampaignLead.objects.filter(campaign_id=campaign_id, contact_id=OuterRef("pk"))
    return list(Contact.objects.filter(fits, ~Exists(taken)).order_by("pk").values_list("pk", flat=True))


def _facts(rows: Sequence[Segment]) -> list[SegmentFacts]:
    fields = matching.current_catalogue()
    over: dict[int, list[Named]] = {}
    pairs = Campaign.objects.filter(segments__in=[row.pk for row in rows]).order_by("name", "id")
    for segment_id, campaign_id, name in pairs.values_list("segments", "id", "name"):
        over.setdefault(segment_id, []).append(Named(campaign_id, name))
    return [_one(row, fields, over.get(row.pk, [])) for row in rows]


def _one(row: Segment, fields: Catalogue, campaigns: Sequence[Named]) -> SegmentFacts:
    rule, problem = None, ""
    try:
        rule = tree.read(row.rule, fields)
    except RuleRefused as refused:
        problem = str(refused)
    return SegmentFacts(
        id=row.pk,
        name=row.name,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        rule=rule,
        raw_rule=row.rule,
        words=tree.words(rule, fields) if rule is not None else "a rule that cannot be read any more",
        problem=problem,
        people=row.people,
        counted_at=row.counted_at,
        changed_at=row.changed_at,
        created_by=row.created_by.username if row.created_by else "",
        campaigns=campaigns,
    )


def audience(
    list_ids: Iterable[int],
    segment_ids: Iterable[int],
    *,
    but_lists: Sequence[int] = (),
    but_segments: Sequence[int] = (),
    now: datetime,
) -> "QuerySet[Contact]":
    """Return the people on the lists or in the segments, each once, without those on or in the others.

    Hidden SQL: as many queries as the segments' fields need.
    """
    wanted = Q(Exists(Lead.objects.filter(lead_list_id__in=list(list_ids), contact_id=OuterRef("pk"))))
    segments = list(Segment.objects.filter(pk__in=list(segment_ids)).order_by("pk"))
    if segments:
        fits, _ = fitting(segments, now=now)
        wanted = wanted if fits is None else wanted | fits
    left = list(Segment.objects.filter(pk__in=but_segments).order_by("pk")) if but_segments else []
    out, _ = _without(but_lists, left, now=now)
    return Contact.objects.filter(wanted) if out is None else Contact.objects.filter(wanted, ~out)
