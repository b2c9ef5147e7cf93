"""Making and changing segments."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from campaigns.models import Campaign, Segment, SegmentMember
from campaigns.segments import tree
from campaigns.segments.tree import Group, RuleRefused
from campaigns.selectors import matching
from campaigns.services import audience
from core import audit, db
from core.errors import AppError, NotFound, Stale

MAX_NAME = 120
_TAKE = """
INSERT INTO campaigns_segmentmember (segment_id, contact_id) SELECT %s, found.id FROM ({people}) AS found(id) ORDER BY found.id
"""


class SegmentRefused(AppError):
    """The segment cannot be stored or removed as asked; the text says what to do."""


def create_segment(
    *, name: str, kind: str, raw_rule: Any, by_id: int | None, by_name: str, now: datetime
) -> int:
    """Store a new segment, take it if it is a snapshot, and return its id. Raises SegmentRefused, RuleRefused."""
    if kind not in Segment.Kind.values:
        raise SegmentRefused("Choose whether the segment is live or a snapshot.")
    name, rule = _checked(name, raw_rule)
    with db.use_case():
        with db.free_or(_taken(name)):
            row = Segment.objects.create(
                name=name,
                kind=Segment.Kind.LIVE,
                rule=tree.dump(rule),
                created_at=now,
                changed_at=now,
                created_by_id=by_id,
            )
        people = _take(row, rule, now) if kind == Segment.Kind.SNAPSHOT else None
        _record("created", row, by_name, now, after={"kind": kind, "people": people})
    return row.pk


def change_segment(
    *, segment_id: int, name: str, raw_rule: Any, seen_at: str, by_name: str, now: datetime
) -> None:
    """Store a new name and rule of a segment. A snapshot keeps its people and its rule; take it anew to have others.

    `seen_at`: when the segment had last been changed, as the page showed it. Raises SegmentRefused, RuleRefused, NotFound, Stale.
    """
    name, rule = _checked(name, raw_rule)
    with db.use_case():
        row = _lock(segment_id)
        if seen_at != row.changed_at.isoformat():
            raise Stale(
                "Somebody changed this segment meanwhile. Reload the page to see how, then change it again."
            )
        before = {"name": row.name, "rule": row.rule}
        if row.kind == Segment.Kind.LIVE:
            row.rule, row.people, row.counted_at = tree.dump(rule), None, None
        row.name, row.changed_at = name, now
        with db.free_or(_taken(name)):
            row.save(update_fields=["name", "rule", "people", "counted_at", "changed_at"])
        audit.record(
            actor=by_name, verb="campaigns.segment.changed", target=f"segment:{row.pk}", now=now,
            before=before, after={"name": row.name, "rule": row.rule},
        )  # fmt: skip
        audience.follow_soon()


def retake_snapshot(*, segment_id: int, by_name: str, now: datetime) -> int:
    """Take a snapshot anew: who fits its rule now. Campaigns over it add and let go accordingly. Return how many there are."""
    with db.use_case():
        row = _lock(segment_id)
        if row.kind != Segment.Kind.SNAPSHOT:
            raise SegmentRefused("A live segment needs no taking: it holds whoever fits at the time.")
        _, rule = _checked(row.name, row.rule)
        before = row.people
        SegmentMember.objects.filter(segment=row).delete()
        people = _take(row, rule, now)
        audit.record(
            actor=by_name, verb="campaigns.segment.taken", target=f"segment:{row.pk}", now=now,
            before={"people": before}, after={"people": people},
        )  # fmt: skip
        audience.follow_soon()
    return people


def remove_segment(*, segment_id: int, by_name: str, now: datetime) -> None:
    """Remove a segment that no campaign uses. Its people stay. Raises SegmentRefused, NotFound."""
    with db.use_case():
        row = _lock(segment_id)
        over = Campaign.objects.filter(Q(segments=row) | Q(excluded_segments=row)).distinct()
        users = over.order_by("name", "id").values_list("name", flat=True)
        if users:
            raise SegmentRefused(
                f"“{row.name}” is used by {', '.join(users)}. Take it out of the campaign’s settings first; a campaign that "
                "was started keeps its segments."
            )
        _record("removed", row, by_name, now, after=None)
        row.delete()


def _take(row: Segment, rule: Group, now: datetime) -> int:
    people = matching.people_who(rule, matching.current_catalogue(), now=now).order_by().values("pk")
    sql, params = people.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(people=sql), [row.pk, *params])
        count = int(cursor.rowcount)
    row.kind, row.people, row.counted_at, row.changed_at = Segment.Kind.SNAPSHOT, count, now, now
    row.save(update_fields=["kind", "people", "counted_at", "changed_at"])
    return count


def _checked(name: str, raw_rule: Any) -> tuple[str, Group]:
    name = "".join(letter for letter in name if letter.isprintable()).strip()
    if not name or len(name) > MAX_NAME:
        raise SegmentRefused(f"Give the segment a name of at most {MAX_NAME} characters.")
    rule = tree.read(raw_rule, matching.current_catalogue())
    if not rule.members:
        raise RuleRefused([("0", "Add at least one condition: a segment of everybody would say nothing.")])
    return name, rule


def _lock(segment_id: int) -> Segment:
    row = Segment.objects.select_for_update().filter(pk=segment_id).first()
    if row is None:
        raise NotFound("This segment does not exist.")
    return row


def _record(verb: str, row: Segment, by_name: str, now: datetime, *, after: dict[str, Any] | None) -> None:
    told = {"name": row.name, "rule": row.rule}
    audit.record(
        actor=by_name,
        verb=f"campaigns.segment.{verb}",
        target=f"segment:{row.pk}",
        now=now,
        before=told if after is None else None,
        after=None if after is None else {**told, **after},
    )


def _taken(name: str) -> SegmentRefused:
    return SegmentRefused(f"There is a segment “{name}” already. Choose another name.")
