"""Sets of results as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from campaigns.models import Campaign, Disposition, DispositionSet
from campaigns.results import STEP_NAMES, Question, Step
from campaigns.selectors.lists import Named
from core.errors import NotFound
from core.models import AuditEvent

HISTORY = 50


@dataclass(frozen=True, slots=True)
class SetRow:
    """One set in the list of all."""

    id: int
    name: str
    results: int
    campaigns: Sequence[str]


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """One result with everything a manager decided about it."""

    id: int
    code: str
    label: str
    category: str
    category_label: str
    hotkey: str
    automatic: bool
    retry_minutes: int | None
    needs_note: bool
    wants_time: bool
    questions: Sequence[Question]
    crm_values: Sequence[tuple[str, str]]
    retired_at: datetime | None

    @property
    def step(self) -> Step:
        """Return what happens to the lead."""
        if self.category == Disposition.Category.DO_NOT_CALL:
            return Step.DO_NOT_CALL
        if self.wants_time:
            return Step.CALLBACK
        return Step.FINISH if self.retry_minutes is None else Step.RETRY

    @property
    def step_text(self) -> str:
        """Return what happens to the lead, in words: "tried again after 4 h"."""
        if self.step is not Step.RETRY or self.retry_minutes is None:
            return STEP_NAMES[self.step]
        number, unit = in_units(self.retry_minutes)
        return f"Tried again after {number} {unit}{'s' if unit == 'day' and number > 1 else ''}"

    @property
    def asks_text(self) -> str:
        """Return what the agent must or may enter, in words."""
        asked = [
            *(["a note"] if self.needs_note else []),
            *(["a time"] if self.wants_time else []),
            *(f"{one.label}{'' if one.required else ' (optional)'}" for one in self.questions),
        ]
        return ", ".join(asked)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a set, from the audit trail."""

    at: datetime
    actor: str
    what: str
    details: str


@dataclass(frozen=True, slots=True)
class SetFacts:
    """One set with its results in the order of the desk."""

    id: int
    name: str
    revision: int
    offered: Sequence[ResultFacts]
    automatic: Sequence[ResultFacts]
    retired: Sequence[ResultFacts]
    campaigns: Sequence[Named]
    could_use: Sequence[Named]  # campaigns that are not dialing and have another set
    history: Sequence[Change]


def in_units(minutes: int) -> tuple[int, str]:
    """Return a wait in the largest unit that divides it: (4, "h")."""
    for unit, size in (("day", 1440), ("h", 60)):
        if minutes >= size and minutes % size == 0:
            return minutes // size, unit
    return minutes, "min"


def list_sets() -> list[SetRow]:
    """Return all sets by name, in two queries."""
    offered = Count("dispositions", filter=Q(dispositions__retired_at=None, dispositions__automatic=False))
    used: dict[int, list[str]] = {}
    for set_id, name in Campaign.objects.order_by("name", "id").values_list("disposition_set_id", "name"):
        used.setdefault(set_id, []).append(name)
    rows = DispositionSet.objects.annotate(offered=offered).order_by("name", "id")
    return [SetRow(row.pk, row.name, row.offered, used.get(row.pk, [])) for row in rows]


def get_set(set_id: int) -> SetFacts:
    """Return one set, in four queries. Raises NotFound."""
    row = DispositionSet.objects.filter(pk=set_id).first()
    if row is None:
        raise NotFound("This set of results does not exist.")
    found = [_facts(each) for each in row.dispositions.order_by("position", "id")]
    campaigns = list(
        Campaign.objects.exclude(state=Campaign.State.STOPPED)
        .order_by("name", "id")
        .values_list("id", "name", "state", "disposition_set_id")
    )
    may_change = (Campaign.State.DRAFT, Campaign.State.PAUSED)
    return SetFacts(
        id=row.pk,
        name=row.name,
        revision=row.revision,
        offered=[each for each in found if not each.automatic and each.retired_at is None],
        automatic=[each for each in found if each.automatic],
        retired=[each for each in found if each.retired_at is not None],
        campaigns=[Named(pk, name) for pk, name, _, used in campaigns if used == set_id],
        could_use=[
            Named(pk, name) for pk, name, state, used in campaigns if used != set_id and state in may_change
        ],
        history=_history(set_id),
    )


def get_result(set_id: int, disposition_id: int) -> ResultFacts:
    """Return one result that is in use and a manager's. Raises NotFound."""
    row = Disposition.objects.filter(
        pk=disposition_id, disposition_set_id=set_id, automatic=False, retired_at__isnull=True
    ).first()
    if row is None:
        raise NotFound("There is no such result in this set.")
    return _facts(row)


def _facts(row: Disposition) -> ResultFacts:
    return ResultFacts(
        id=row.pk,
        code=row.code,
        label=row.label,
        category=row.category,
        category_label=row.get_category_display(),
        hotkey=row.hotkey,
        automatic=row.automatic,
        retry_minutes=row.retry_minutes,
        needs_note=row.needs_note,
        wants_time=row.wants_time,
        questions=row.asks,
        crm_values=sorted(row.crm_values.items()),
        retired_at=row.retired_at,
    )


def _history(set_id: int) -> list[Change]:
    rows = AuditEvent.objects.filter(target=f"disposition_set:{set_id}").order_by("-id")[:HISTORY]
    return [Change(row.at, row.actor, _verb(row.verb), _difference(row.before, row.after)) for row in rows]


def _verb(verb: str) -> str:
    return verb.rsplit(".", 1)[-1].replace("_", " ").capitalize()


def _difference(before: dict[str, object] | None, after: dict[str, object] | None) -> str:
    """Return what changed: "label: Callback → Call back"."""
    old, new = before or {}, after or {}
    name = str(new.get("label") or old.get("label") or new.get("name") or "")
    changed = [
        f"{key.replace('_', ' ')}: {old[key] or 'none'} → {new[key] or 'none'}"
        for key in new
        if key in old and old[key] != new[key]
    ]
    return "; ".join([name, *changed]) if name else "; ".join(changed)
