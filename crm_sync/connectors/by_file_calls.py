"""Calls in a CRM that keeps no id of ours. Our own book says what was written; where an answer was lost, the CRM is looked through.

1. Keep in the book that the call is being written. 2. Create it. 3. Keep the CRM's id. A worker killed between leaves a call that was
begun: before it is written again, the activities of the person are searched for our marker, once a request given up on can no longer
take effect.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from crm_sync.byfile import records, values
from crm_sync.byfile.model import MappingFile, Pointer
from crm_sync.connectors import errors
from crm_sync.connectors.by_file_http import Line, Refusal
from crm_sync.ledger import Entry, Ledger
from crm_sync.protocol import CallActivity, SyncError


class Settling(SyncError):
    """An earlier request may still take effect: nothing is decided before it cannot any more."""


class CallBook:
    """Writes calls of one account."""

    def __init__(self, line: Line, file: MappingFile, ledger: Ledger) -> None:
        self._line, self._file, self._ledger = line, file, ledger

    def write(self, calls: Sequence[CallActivity]) -> list[str | SyncError]:
        """Write one by one; where the CRM fails on the way, what is written by then counts."""
        known = self._ledger.read([call.external_call_id for call in calls])
        results: list[str | SyncError] = []
        for call in calls:
            try:
                results.append(self._write(call, known.get(call.external_call_id)))
            except SyncError as error:
                if isinstance(error, Settling) or errors.concerns_one(error.kind):
                    results.append(error)
                    continue
                if not results:
                    raise
                return results + [error] * (len(calls) - len(results))
        return results

    def logged(self, day: date) -> Iterator[Sequence[str]]:
        """Yield our ids found in the texts of a day's activities."""
        rule = self._file.calls.all
        if rule is None:
            raise SyncError(
                "The mapping file does not say how a day's activities are listed (calls.all), so the days are not compared.",
                kind="config",
            )
        rule_text = self._file.calls.all_text_at
        for page in self._line.pages(rule, values.day_bounds(day)):
            yield [ref for record in page if self._is_of(record, day) for ref in _markers(record, rule_text)]

    def deleted(self, crm_ids: Sequence[str]) -> set[str]:
        """Return which activities the CRM says were deleted (a field of it, or status 410); others may have been lost."""
        found: set[str] = set()
        rule = self._file.calls.read
        for crm_id in crm_ids if rule else ():
            assert rule is not None
            try:
                record = self._line.send(rule, {"activity_id": crm_id}).document
            except Refusal as error:
                if error.status == 410:
                    found.add(crm_id)
                elif error.kind != "gone":
                    raise
            else:
                if values.read_flag(record, self._file.calls.deleted):
                    found.add(crm_id)
        return found

    def try_find(self, person_id: str) -> str:
        """Look for a call that is not there, and say how many activities were looked through."""
        self._look(person_id, "parley-test-0")
        return "The person's activities can be looked through for a call of ours."

    def _write(self, call: CallActivity, entry: Entry | None) -> str:
        crm_id = entry.crm_id if entry else ""
        if entry and not crm_id:
            wait = self._file.calls.find.settle_seconds - entry.age_seconds
            if wait > 0:
                said = f"The answer to writing this call was lost; in {wait:.0f} s {self._file.name} is asked whether it stands there."
                raise Settling(said, kind="retryable", retry_after=wait)
            crm_id = self._look(call.person_id, call.external_call_id)
            if crm_id:
                self._ledger.done(call.external_call_id, crm_id)
        if crm_id and self._update(call, crm_id):
            return crm_id
        return self._create(call)

    def _update(self, call: CallActivity, crm_id: str) -> bool:
        """Bring a call up to date; return False if it is not there any more."""
        rule = self._file.calls.update
        if rule is None:
            return True
        try:
            self._line.send(rule, {**records.call_values(call), "activity_id": crm_id})
        except Refusal as error:
            if error.kind == "gone":
                return False
            raise
        return True

    def _create(self, call: CallActivity) -> str:
        ref, rule = call.external_call_id, self._file.calls
        self._ledger.begin(ref)
        try:
            answer = self._line.send(rule.create, records.call_values(call))
        except Refusal as error:
            if error.never_written:
                self._ledger.forget(ref)
            raise
        crm_id = records.record_id(answer.document, rule.created_id_at) or self._look(call.person_id, ref)
        if not crm_id:
            raise SyncError(
                f"{self._file.name} took a call and named no id at {'.'.join(rule.created_id_at)}, and it is not found again either. "
                "Change calls.create and calls.find in the mapping file.",
                kind="config",
            )
        self._ledger.done(ref, crm_id)
        return crm_id

    def _look(self, person_id: str, ref: str) -> str:
        """Return the CRM's id of the activity whose text carries our marker, or ""."""
        rule = self._file.calls.find
        for page in self._line.pages(rule.listing, {"person_id": person_id, "marker": ref}):
            for record in page:
                if ref in _markers(record, rule.text_at):
                    return records.record_id(record, rule.listing.id_at)
        return ""

    def _is_of(self, record: Any, day: date) -> bool:
        where = self._file.calls.all_time_at
        if where is None:
            return True
        instant = values.read_time(values.at(record, where), self._file.times)
        return instant is not None and instant.date() == day


def _markers(record: Any, text_at: Pointer) -> list[str]:
    """Return our id in an activity's text. It stands at the end: a note may quote that of another call."""
    return values.MARKER.findall(values.as_text(values.at(record, text_at)))[-1:]
