"""How long sound is kept: by the campaign's rule, never less than the law's minimum; a legal hold wins over every rule."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.db.models import Exists, OuterRef

from carriers import registry
from compliance.rules import card_data
from compliance.rules.content import packaged
from compliance.rules.content.retention import add_months, may_purge
from compliance.rules.content.rows import Retention
from compliance.rules.facts import Purpose
from core import audit, db, sweeps
from core.errors import AppError
from dialer.models import CallRecording, RecordingHold, RecordingRule
from dialer.services.recordings import acting, moving, removing
from dialer.services.recordings.rules import rule_in_force

log = structlog.get_logger(__name__)

SOUND = CallRecording.Sound
KEPT = (SOUND.HERE, SOUND.MISSING, SOUND.WAITING)
DELETING = timedelta(minutes=5)
STRAY_AFTER = timedelta(days=1)
AT_ONCE = 500


class KeepingRefused(AppError):
    """The hold or deletion is not possible; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Until when a recording's sound is kept, and by what."""

    until: date | None  # None: not deleted by waiting
    rule: str
    reason: str
    erasable: bool  # a person's request may delete it before


def term_of(recording: CallRecording, rule: RecordingRule, *, on: date) -> Term:
    """Return how long the sound is kept, by the rule in force now: a rule that is made longer keeps what is there longer."""
    numbers = packaged.in_force(on)
    debt = recording.call.campaign.purpose_in_law is Purpose.DEBT
    row = next(
        each for each in numbers.of(Retention) if each.name == ("debt_recording" if debt else "recording")
    )
    began = (recording.began_at or recording.created_at).astimezone(UTC).date()
    erasable = row.erasable and row.minimum_months == 0
    if rule.keep_days is None:
        verdict = may_purge(row.name, began, None, False, on, numbers=numbers)
        reason = f"Kept for {row.keep_months} months ({row.citation})."
        return Term(until=verdict.from_date, rule=row.rule, reason=reason, erasable=erasable)
    least = add_months(began, row.minimum_months) if row.minimum_months else began
    chosen = began + timedelta(days=rule.keep_days)
    if least is None or chosen < least:
        reason = f"Kept for {row.minimum_months} months, the least the law allows ({row.citation})."
        return Term(until=least, rule=row.rule, reason=reason, erasable=erasable)
    reason = f"Kept for {rule.keep_days} days, as {rule.set_by} set on {rule.set_at:%d %b %Y}: {rule.reason}"
    return Term(until=chosen, rule="HOUSE", reason=reason, erasable=erasable)


def sweep(*, now: datetime) -> int:
    """Delete the sound whose time is over, here and at the carrier; returns how many. Files no row has go too."""
    held = RecordingHold.objects.filter(recording=OuterRef("pk"), lifted_at__isnull=True)
    kept = CallRecording.objects.filter(~Exists(held), sound__in=KEPT, began_at__lt=now - timedelta(days=1))
    rules: dict[int, RecordingRule] = {}
    done, after = 0, None
    while True:
        rows = kept if after is None else kept.filter(began_at__gt=after)
        chunk = list(rows.select_related("call__campaign").order_by("began_at", "pk")[:AT_ONCE])
        if not chunk:
            break
        after = chunk[-1].began_at
        due = []
        for each in chunk:
            campaign = each.call.campaign_id
            rules.setdefault(campaign, rule_in_force(campaign, at=now))
            term = term_of(each, rules[campaign], on=now.date())
            if term.until is not None and now.date() >= term.until:
                due.append((each.pk, term))
        done += sweeps.for_each(
            due,
            lambda pair: _delete(pair[0], rule=pair[1].rule, reason=pair[1].reason, by="rules", now=now),
            what="recording past its time",
        )
    _remove_strays(now)
    return done


def delete_now(*, recording_id: UUID, reason: str, by: str, now: datetime) -> None:
    """Delete the sound before its time, as the person asked (PRIV-002). Raises KeepingRefused where a law or hold keeps it."""
    reason = _said(reason)
    recording = CallRecording.objects.select_related("call__campaign").filter(pk=recording_id).first()
    if recording is None or recording.sound not in KEPT:
        raise KeepingRefused("There is no sound to delete.")
    rule = rule_in_force(recording.call.campaign_id, at=now)
    if not term_of(recording, rule, on=now.date()).erasable:
        raise KeepingRefused(
            "The law wants recordings of debt collection kept for its whole term (rule REGF-005)."
        )
    _delete(recording_id, rule="PRIV-002", reason=reason, by=by, now=now)


def hold(*, recording_id: UUID, reason: str, by: str, now: datetime) -> None:
    """Put a legal hold on a recording. Raises KeepingRefused where there is one, or nothing is left to hold."""
    reason = _said(reason)
    with db.use_case():
        recording = acting.locked(recording_id)
        if recording.sound not in (SOUND.HERE, SOUND.MISSING):
            raise KeepingRefused("There is no sound to hold, or it is still on its way here.")
        if recording.acting_until is not None and recording.acting_until > now:
            raise KeepingRefused("It is being deleted at this moment.")
        if recording.holds.filter(lifted_at__isnull=True).exists():
            raise KeepingRefused("There is a hold on it already.")
        RecordingHold.objects.create(recording=recording, reason=reason, placed_by=by, placed_at=now)
        _record(recording, "held", by, reason, now)


def lift(*, recording_id: UUID, reason: str, by: str, now: datetime) -> None:
    """Lift the hold of a recording. Raises KeepingRefused where there is none."""
    reason = _said(reason)
    with db.use_case():
        recording = acting.locked(recording_id)
        open_hold = recording.holds.filter(lifted_at__isnull=True).first()
        if open_hold is None:
            raise KeepingRefused("There is no hold on it.")
        open_hold.lifted_by, open_hold.lifted_at, open_hold.lift_reason = by, now, reason
        open_hold.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
        _record(recording, "hold_lifted", by, reason, now)


def _delete(recording_id: UUID, *, rule: str, reason: str, by: str, now: datetime) -> None:
    with db.use_case():
        recording = acting.locked(recording_id)
        if recording.sound not in KEPT:
            return
        if recording.holds.filter(lifted_at__isnull=True).exists():
            raise KeepingRefused("A legal hold is on the recording: lift it first.")
        if recording.acting_until is not None and recording.acting_until > now:
            return
        recording.acting_until = now + DELETING  # no hold can be put on it meanwhile
        recording.save(update_fields=["acting_until"])
        ref = recording.carrier_ref if recording.gone_at_carrier_at is None else None
    if ref:
        try:
            registry.carrier().recorder.delete(ref)
        except Exception:
            CallRecording.objects.filter(pk=recording_id).update(acting_until=None)
            raise
    with db.use_case():
        recording = acting.locked(recording_id)
        recording.acting_until = None
        recording.save(update_fields=["acting_until"])
        removing.gone(recording, rule=rule, reason=reason, by=by, now=now)
        audit.record(
            actor=by,
            verb="dialer.recording.deleted",
            target=f"recording:{recording.pk}",
            now=now,
            after={"rule": rule, "reason": reason, "sha256": recording.sha256},
        )


def _record(recording: CallRecording, what: str, by: str, reason: str, now: datetime) -> None:
    moving.note(recording, what, now=now, source=by, detail=reason)
    audit.record(
        actor=by,
        verb=f"dialer.recording.{what}",
        target=f"recording:{recording.pk}",
        now=now,
        after={"reason": reason},
    )


def _said(reason: str) -> str:
    reason = card_data.redact(reason.replace("\x00", "").strip()).text
    if not 5 <= len(reason) <= 300:
        raise KeepingRefused("Say why, in 5 to 300 characters.")
    return reason


def _remove_strays(now: datetime) -> None:
    """Remove files that no recording has: what a process left that was stopped between the file and its row."""
    store = removing.folder()
    old = [each for each in store.rglob("*") if each.is_file() and _written(each) < now - STRAY_AFTER]
    for start in range(0, len(old), AT_ONCE):
        names = {str(each.relative_to(store)) for each in old[start : start + AT_ONCE]}
        known = set(CallRecording.objects.filter(file_name__in=names).values_list("file_name", flat=True))
        for name in sorted(names - known):
            log.warning("dialer.recording.stray_file", name=name)
            removing.remove_file(name)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
