"""Sets of results as managers make them. What a call already has stands: a result in use is retired, never deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError, Q

from campaigns import results
from campaigns.models import Disposition, DispositionSet
from campaigns.results import Question, Step
from campaigns.services.dispositions import DIALER_CODES, add_automatic, add_standard
from core import audit, db
from core.errors import AppError, NotFound, Stale

CATEGORY = Disposition.Category
MAX_RESULTS = 40
MAX_RETRY_MINUTES = 365 * 1440
CRM_KINDS = {"salesforce": "Salesforce", "hubspot": "HubSpot"}


class ResultRefused(AppError):
    """The set or result cannot be stored as it is; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSpec:
    """What a manager decides about one result."""

    label: str
    category: str
    step: str = Step.FINISH
    hotkey: str = ""
    retry_minutes: int | None = None  # where it is tried again
    needs_note: bool = False
    questions: Sequence[Question] = ()
    crm_values: Mapping[str, str] = field(default_factory=dict)  # kind of CRM → its word for the result


def create_set(*, name: str, copy_of: int | None, by_name: str, now: datetime) -> int:
    """Store a new set and return its id: a copy of another, or one with what the dialer enters and “Do not call” alone.

    Raises ResultRefused, NotFound.
    """
    name = _checked_name(name)
    with db.use_case():
        source = None if copy_of is None else _lock(copy_of)
        with db.free_or(_taken(name)):
            made = DispositionSet.objects.create(name=name)
        if source is None:
            add_standard(made.id, [*DIALER_CODES, "do_not_call"])
        else:
            _copy_results(source, made)
        add_automatic(made.id)
        after = {"name": name, "copy_of": source.name if source else None}
        _record(made.id, "created", by_name, now, after=after)
    return made.id


def _copy_results(source: DispositionSet, made: DispositionSet) -> None:
    """Copy what is in use, and retired ones only where the dialer looks for them."""
    wanted = source.dispositions.filter(Q(retired_at__isnull=True) | Q(code__in=DIALER_CODES))
    copies = list(wanted.order_by("position", "id"))
    for row in copies:
        row.pk, row.disposition_set = None, made
        row._state.adding = True
    Disposition.objects.bulk_create(copies)


def rename_set(*, set_id: int, name: str, by_name: str, now: datetime) -> None:
    """Give a set another name. Raises ResultRefused, NotFound."""
    name = _checked_name(name)
    with db.use_case():
        row = _lock(set_id)
        before, row.name = row.name, name
        with db.free_or(_taken(name)):
            row.save(update_fields=["name"])
        _record(set_id, "renamed", by_name, now, before={"name": before}, after={"name": name})


def save_result(
    *, set_id: int, disposition_id: int | None, spec: ResultSpec, revision: int, by_name: str, now: datetime
) -> int:
    """Store a result of the set, a new one without an id, and return its id.

    `revision` is the set's as the manager saw it. Raises ResultRefused with everything that is wrong, Stale, NotFound.
    """
    spec = _checked(spec)
    with db.use_case():
        owner = _lock(set_id)
        _require_seen(owner, revision)
        others = owner.dispositions.exclude(pk=disposition_id or 0)
        row = None if disposition_id is None else _one(owner, disposition_id)
        _refuse_beside(spec, row, list(others.filter(retired_at__isnull=True)))
        before = None if row is None else told(row)
        if row is None:
            taken = list(others.values_list("code", flat=True))
            last = others.filter(automatic=False).aggregate(last=Max("position"))["last"]
            row = Disposition(
                disposition_set=owner,
                code=results.code_of(spec.label, [*taken, *DIALER_CODES]),
                position=0 if last is None else last + 1,
            )
        columns = _columns(spec, row)
        for name, value in columns.items():
            setattr(row, name, value)
        if before is None:
            row.save(force_insert=True)
        else:
            row.save(update_fields=list(columns))
        _move_revision(owner)
        verb = "result_added" if before is None else "result_changed"
        _record(set_id, verb, by_name, now, before=before, after=told(row))
    return row.pk


def remove_result(*, set_id: int, disposition_id: int, revision: int, by_name: str, now: datetime) -> str:
    """Take a result out of the set: deleted where no call has it, else retired. Returns “deleted” or “retired”."""
    with db.use_case():
        owner = _lock(set_id)
        _require_seen(owner, revision)
        row = _one(owner, disposition_id)
        offered = owner.dispositions.filter(automatic=False, retired_at__isnull=True)
        if row.category == CATEGORY.DO_NOT_CALL and not offered.exclude(pk=row.pk).filter(
            category=CATEGORY.DO_NOT_CALL
        ):
            raise ResultRefused(
                "Agents must always be able to enter that somebody does not want to be called (rule TSR-003). "
                "Add another result that counts as “Do not call again” first."
            )
        before = told(row)
        done = "retired" if row.code in DIALER_CODES or not _could_be_deleted(row) else "deleted"
        if done == "retired":
            row.retired_at, row.hotkey = now, ""
            row.save(update_fields=["retired_at", "hotkey"])
        _move_revision(owner)
        _record(set_id, f"result_{done}", by_name, now, before=before)
    return done


def _could_be_deleted(row: Disposition) -> bool:
    """Delete the result unless a call has it; return whether it is gone."""
    try:
        with transaction.atomic():
            Disposition.objects.filter(pk=row.pk).delete()
    except ProtectedError:
        return False
    return True


def bring_back(*, set_id: int, disposition_id: int, revision: int, by_name: str, now: datetime) -> None:
    """Offer a retired result again, without a key. Raises ResultRefused, Stale, NotFound."""
    with db.use_case():
        owner = _lock(set_id)
        _require_seen(owner, revision)
        row = owner.dispositions.filter(pk=disposition_id, retired_at__isnull=False).first()
        if row is None:
            raise NotFound("There is no such retired result in this set.")
        if owner.dispositions.filter(retired_at__isnull=True, label__iexact=row.label).exists():
            raise ResultRefused(f"There is a result “{row.label}” in use already. Rename that one first.")
        row.retired_at = None
        row.save(update_fields=["retired_at"])
        _move_revision(owner)
        _record(set_id, "result_brought_back", by_name, now, after=told(row))


def move_result(
    *, set_id: int, disposition_id: int, up: bool, revision: int, by_name: str, now: datetime
) -> None:
    """Move a result one place up or down on the desk; at the end of the list nothing happens, which is no error."""
    with db.use_case():
        owner = _lock(set_id)
        _require_seen(owner, revision)
        row = _one(owner, disposition_id)
        rows = list(
            owner.dispositions.filter(automatic=False, retired_at__isnull=True).order_by("position", "id")
        )
        at = [each.pk for each in rows].index(row.pk)
        to = max(0, min(len(rows) - 1, at + (-1 if up else 1)))
        rows.insert(to, rows.pop(at))
        for position, each in enumerate(rows):
            each.position = position
        Disposition.objects.bulk_update(rows, ["position"])
        _move_revision(owner)
        _record(set_id, "result_moved", by_name, now, after={"order": [each.code for each in rows]})


def told(row: Disposition) -> dict[str, Any]:
    """Return a result as the audit trail keeps it."""
    names = (
        "code",
        "label",
        "category",
        "hotkey",
        "retry_minutes",
        "needs_note",
        "needs_callback",
        "questions",
        "crm_values",
    )
    return {name: getattr(row, name) for name in names}


def _checked(spec: ResultSpec) -> ResultSpec:
    """Return the spec trimmed and made whole; raise ResultRefused with everything that is wrong by itself."""
    spec = replace(spec, label=" ".join(spec.label.split()))
    crm = {kind: value.strip() for kind, value in dict(spec.crm_values).items() if value.strip()}
    wrong = []
    if not spec.label or len(spec.label) > 60:
        wrong.append("Give the result a name of at most 60 characters.")
    if spec.category not in CATEGORY.values:
        wrong.append("Choose what the result counts as.")
    if spec.step not in list(Step):
        wrong.append("Choose what happens to the lead.")
    if spec.hotkey and spec.hotkey not in results.HOTKEYS:
        wrong.append("The key is one of the digits 1 to 9 and 0; letters are the desk’s own keys.")
    if (spec.category == CATEGORY.DO_NOT_CALL) != (spec.step == Step.DO_NOT_CALL):
        wrong.append("“Do not call again” goes with the step “Never called again”, and no other result does.")
    if spec.category == CATEGORY.CALLBACK and spec.step != Step.CALLBACK:
        wrong.append(
            "A result that counts as a callback is called back at the time agreed: choose that step."
        )
    if spec.step == Step.RETRY and not 1 <= (spec.retry_minutes or 0) <= MAX_RETRY_MINUTES:
        wrong.append("Say after how long it is tried again: from 1 minute to 365 days.")
    if unknown := set(crm) - set(CRM_KINDS):
        wrong.append(f"There is no connection to a CRM of the kind {', '.join(sorted(unknown))}.")
    if any(len(value) > 255 for value in crm.values()):
        wrong.append("A CRM’s word for the result has at most 255 characters.")
    wrong += results.problems(spec.questions)
    if wrong:
        raise ResultRefused(" ".join(wrong))
    return replace(
        spec, crm_values=crm, retry_minutes=spec.retry_minutes if spec.step == Step.RETRY else None
    )


def _refuse_beside(spec: ResultSpec, row: Disposition | None, others: Sequence[Disposition]) -> None:
    """Raise ResultRefused where the result does not go with the set's others."""
    wrong = [
        f"The key {spec.hotkey} is “{other.label}”’s. Choose another, or change that one first."
        for other in others
        if spec.hotkey and other.hotkey == spec.hotkey
    ]
    if any(other.label.casefold() == spec.label.casefold() for other in others):
        wrong.append(f"There is a result “{spec.label}” in this set already.")
    if row is None and len(others) >= MAX_RESULTS:
        wrong.append(f"A set has at most {MAX_RESULTS} results. Take one out first.")
    was_dnc = row is not None and row.category == CATEGORY.DO_NOT_CALL
    if (
        was_dnc
        and spec.category != CATEGORY.DO_NOT_CALL
        and not any(other.category == CATEGORY.DO_NOT_CALL and not other.automatic for other in others)
    ):
        wrong.append(
            "One result of the set must count as “Do not call again” (rule TSR-003). Add another one before you change this."
        )
    if wrong:
        raise ResultRefused(" ".join(wrong))


def _columns(spec: ResultSpec, row: Disposition) -> dict[str, Any]:
    """Return what is stored. A question keeps its code while its text stays, so that answers of both times go together."""
    known = {question.label.casefold(): question.code for question in row.asks}
    questions: list[Question] = []
    for question in spec.questions:
        taken = [*known.values(), *(each.code for each in questions)]
        code = known.get(question.label.casefold()) or results.code_of(question.label, taken)
        options = question.options if question.kind is results.Kind.CHOICE else ()
        questions.append(replace(question, code=code, options=options))
    return {
        "label": spec.label,
        "category": spec.category,
        "hotkey": spec.hotkey,
        "retry_minutes": spec.retry_minutes,
        "needs_note": spec.needs_note,
        "needs_callback": spec.step == Step.CALLBACK,
        "questions": results.as_stored(questions),
        "crm_values": dict(spec.crm_values),
    }


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise ResultRefused("Give the set a name of at most 80 characters.")
    return name


def _lock(set_id: int) -> DispositionSet:
    found = DispositionSet.objects.select_for_update().filter(pk=set_id).first()
    if found is None:
        raise NotFound("This set of results does not exist.")
    return found


def _one(owner: DispositionSet, disposition_id: int) -> Disposition:
    row = owner.dispositions.filter(pk=disposition_id, automatic=False, retired_at__isnull=True).first()
    if row is None:
        raise NotFound("There is no such result in this set.")
    return row


def _require_seen(owner: DispositionSet, revision: int) -> None:
    if owner.revision != revision:
        raise Stale(
            "Somebody changed this set meanwhile. It is shown as it is now; what you entered stands in the form: look, then save again."
        )


def _move_revision(owner: DispositionSet) -> None:
    owner.revision += 1
    owner.save(update_fields=["revision"])


def _record(set_id: int, verb: str, by_name: str, now: datetime, **what: Any) -> None:
    audit.record(
        actor=by_name,
        verb=f"campaigns.dispositions.{verb}",
        target=f"disposition_set:{set_id}",
        now=now,
        **what,
    )


def _taken(name: str) -> ResultRefused:
    return ResultRefused(f"There is a set “{name}” already. Choose another name.")
