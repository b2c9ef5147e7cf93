"""Activities in a CRM that keeps no id of ours. Our own book says what was written; where an answer was lost, the CRM is looked through.

1. Keep in the book that the activity is being written. 2. Create it. 3. Keep the CRM's id. A worker killed between leaves one that was
begun: before it is written again, the activities of the person are searched for our marker, once a request given up on can no longer
take effect.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm_sync.byfile import records, values
from crm_sync.byfile.model import Activities, MappingFile, Pointer
from crm_sync.connectors import errors
from crm_sync.connectors.by_file_http import Line, Refusal
from crm_sync.ledger import Entry, Ledger
from crm_sync.protocol import SyncError


class Settling(SyncError):
    """An earlier request may still take effect: nothing is decided before it cannot any more."""


@dataclass(frozen=True, slots=True)
class Entered:
    """An activity of ours: its name, whom it is about, and what a body may say of it."""

    ref: str
    person_id: str
    told: Mapping[str, Any]


class ActivityBook:
    """Writes one kind of activity of one account."""

    def __init__(self, line: Line, file: MappingFile, ledger: Ledger, rule: Activities) -> None:
        self._line, self._file, self._ledger, self._rule = line, file, ledger, rule

    def write(self, items: Sequence[Entered]) -> list[str | SyncError]:
        """Write one by one; where the CRM fails on the way, what is written by then counts."""
        known = self._ledger.read([item.ref for item in items])
        results: list[str | SyncError] = []
        for item in items:
            try:
                results.append(self._write(item, known.get(item.ref)))
            except SyncError as error:
                if isinstance(error, Settling) or errors.concerns_one(error.kind):
                    results.append(error)
                    continue
                if not results:
                    raise
                return results + [error] * (len(items) - len(results))
        return results

    def _write(self, item: Entered, entry: Entry | None) -> str:
        crm_id = entry.crm_id if entry else ""
        if entry and not crm_id:
            wait = self._rule.find.settle_seconds - entry.age_seconds
            if wait > 0:
                said = f"The answer to writing this was lost; in {wait:.0f} s {self._file.name} is asked whether it stands there."
                raise Settling(said, kind="retryable", retry_after=wait)
            crm_id = self._look(item.person_id, item.ref)
            if crm_id:
                self._ledger.done(item.ref, crm_id)
        if crm_id and self._update(item, crm_id):
            return crm_id
        return self._create(item)

    def _update(self, item: Entered, crm_id: str) -> bool:
        """Bring an activity up to date; return False if it is not there any more."""
        if self._rule.update is None:
            return True
        try:
            self._line.send(self._rule.update, {**item.told, "activity_id": crm_id})
        except Refusal as error:
            if error.kind == "gone":
                return False
            raise
        return True

    def _create(self, item: Entered) -> str:
        self._ledger.begin(item.ref)
        try:
            answer = self._line.send(self._rule.create, item.told)
        except Refusal as error:
            if error.never_written:
                self._ledger.forget(item.ref)
            raise
        where = self._rule.created_id_at
        crm_id = records.record_id(answer.document, where) or self._look(item.person_id, item.ref)
        if not crm_id:
            raise SyncError(
                f"{self._file.name} took an activity and named no id at {'.'.join(where) or 'the answer itself'}, and it is not found "
                f"again either. Change “create” of {self._rule.create.path} and its “find” in the mapping file.",
                kind="config",
            )
        self._ledger.done(item.ref, crm_id)
        return crm_id

    def _look(self, person_id: str, ref: str) -> str:
        """Return the CRM's id of the activity whose text carries our marker, or ""."""
        rule = self._rule.find
        for page in self._line.pages(rule.listing, {"person_id": person_id, "marker": ref}):
            for record in page:
                if values.marker_in(values.as_text(values.at(record, rule.text_at))) == ref:
                    return records.record_id(record, rule.listing.id_at)
        return ""


class CallBook(ActivityBook):
    """Writes calls, and reads them for the comparison."""

    def __init__(self, line: Line, file: MappingFile, ledger: Ledger) -> None:
        super().__init__(line, file, ledger, file.calls)

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
            yield [ref for record in page if self._is_of(record, day) for ref in _call_of(record, rule_text)]

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

    def _is_of(self, record: Any, day: date) -> bool:
        where = self._file.calls.all_time_at
        if where is None:
            return True
        instant = values.read_time(values.at(record, where), self._file.times)
        return instant is not None and instant.date() == day


def _call_of(record: Any, text_at: Pointer) -> list[str]:
    """Return our id in an activity's text, if the activity is a call."""
    marker = values.marker_in(values.as_text(values.at(record, text_at)))
    return [marker] if values.MARKER.fullmatch(marker) else []
