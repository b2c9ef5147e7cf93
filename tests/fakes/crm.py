"""A CRM in memory: the same answers as a real one, without the bytes.

Tests/contract holds it to the stand-ins.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from campaigns.importing import RawPerson
from crm_sync.ledger import Entry
from crm_sync.protocol import (
    CallActivity,
    Check,
    CrmConnector,
    CrmList,
    DoNotCall,
    PeoplePage,
    SyncError,
    Usage,
)
from crm_sync.registry import Renew

NO_ANSWER = SyncError("The CRM did not answer (reading more records).", kind="retryable")


@dataclasses.dataclass
class FakeAccount:
    """What the CRM holds, shared by every connector made for it."""

    lists: dict[str, tuple[CrmList, list[RawPerson]]] = dataclasses.field(default_factory=dict)
    calls: dict[str, tuple[str, CallActivity]] = dataclasses.field(default_factory=dict)
    people: set[str] = dataclasses.field(default_factory=set)
    flags: dict[str, bool] = dataclasses.field(default_factory=dict)  # by person
    flag_writes: list[list[str]] = dataclasses.field(default_factory=list)
    flag_error: SyncError | None = None  # what the account's set-up says to every flag
    writes: list[list[str]] = dataclasses.field(default_factory=list)
    # Raised by the next requests, one each; before or after they took effect.
    errors: list[BaseException] = dataclasses.field(default_factory=list)
    errors_after: list[BaseException] = dataclasses.field(default_factory=list)
    refused: dict[str, SyncError] = dataclasses.field(default_factory=dict)  # by external call id
    during_write: Callable[[], None] | None = None
    checks: Sequence[Check] = (Check("Sign-in", True, "Signed in."),)
    page_size: int = 2
    fail_people_after: int | None = None
    people_error: SyncError = NO_ANSWER
    during_page: Callable[[int], None] | None = None
    heirs: dict[str, str] = dataclasses.field(default_factory=dict)  # who merged people became
    changes: dict[str, str] = dataclasses.field(default_factory=dict)  # person -> the CRM's time of change
    binned: set[str] = dataclasses.field(default_factory=set)  # the CRM's ids of calls people deleted
    used: int | None = None
    limit: int | None = None

    def connect(
        self,
        kind: str,
        *,
        secrets: Mapping[str, str],
        settings: Mapping[str, Any],
        ref_prefix: str,
        renew: Renew | None = None,
    ) -> "FakeConnector":
        """Stand in for registry.connect."""
        return FakeConnector(self, secrets=secrets, ref_prefix=ref_prefix)


class FakeConnector:
    """See crm_sync.protocol.CrmConnector."""

    def __init__(self, account: FakeAccount, *, secrets: Mapping[str, str], ref_prefix: str) -> None:
        self._account, self._secrets, self._prefix = account, secrets, ref_prefix

    def check(self) -> Sequence[Check]:
        """Return the account's checks."""
        self._sign_in()
        return self._account.checks

    def prepare(self) -> Mapping[str, str]:
        """Return facts both CRMs have."""
        self._sign_in()
        return {"instance": "crm.example.com", "portal_id": "77"}

    def lists(self) -> Sequence[CrmList]:
        """Return the lists by name."""
        self._sign_in()
        return sorted((item for item, _ in self._account.lists.values()), key=lambda item: item.name)

    def count_people(self, crm_list: CrmList) -> int:
        """Return how many are on the list; of a query, how long its text is."""
        self._sign_in()
        return len(crm_list.query) or len(self._account.lists[crm_list.external_id][1])

    def read_people(self, crm_list: CrmList, cursor: str) -> Iterator[PeoplePage]:
        """Yield pages; after `fail_people_after` of them the CRM is down."""
        self._sign_in()
        _, people = self._account.lists[crm_list.external_id]
        size = self._account.page_size
        for start in range(int(cursor or 0), len(people), size):
            if start // size == self._account.fail_people_after:
                raise self._account.people_error
            chosen = people[start : start + size]
            rows = [
                dataclasses.replace(
                    row,
                    external_ref=self._prefix + row.external_ref,
                    do_not_call=self._account.flags.get(row.external_ref, row.do_not_call),
                )
                for row in chosen
            ]
            if self._account.during_page is not None:
                self._account.during_page(start)
            yield PeoplePage(rows, str(start + size), len(people))

    def member_ids(self, crm_list: CrmList) -> Iterator[Sequence[str]]:
        """Yield one page of ids."""
        self._sign_in()
        if crm_list.external_id not in self._account.lists:
            raise SyncError("This list is not in the CRM any more.", kind="gone")
        yield [row.external_ref for row in self._account.lists[crm_list.external_id][1]]

    def changed_since(self, since: datetime) -> Iterator[Sequence[tuple[str, str]]]:
        """Yield what the test says was changed."""
        self._sign_in()
        yield list(self._account.changes.items())

    def people_of(self, person_ids: Sequence[str]) -> Iterator[Sequence[RawPerson]]:
        """Yield these people of any list."""
        self._sign_in()
        known = {row.external_ref: row for _, people in self._account.lists.values() for row in people}
        found = [known[each] for each in person_ids if each in known]
        yield [
            dataclasses.replace(row, row_number=number, external_ref=self._prefix + row.external_ref)
            for number, row in enumerate(found, start=1)
        ]

    def log_calls(self, calls: Sequence[CallActivity]) -> Sequence[str | SyncError]:
        """Upsert by external id."""
        self._sign_in()
        if self._account.during_write is not None:
            self._account.during_write()
        self._account.writes.append([call.external_call_id for call in calls])
        results = [self._write(call) for call in calls]
        if self._account.errors_after:
            raise self._account.errors_after.pop(0)
        return results

    def set_do_not_call(self, flags: Sequence[DoNotCall]) -> Sequence[str | SyncError]:
        """Keep the flags."""
        self._sign_in()
        self._account.flag_writes.append([flag.person_id for flag in flags])
        if self._account.flag_error is not None:
            raise self._account.flag_error
        results: list[str | SyncError] = []
        for flag in flags:
            if self._account.people and flag.person_id not in self._account.people:
                results.append(SyncError("The person was deleted in the CRM.", kind="gone"))
                continue
            self._account.flags[flag.person_id] = flag.do_not_call
            results.append(flag.person_id)
        if self._account.errors_after:
            raise self._account.errors_after.pop(0)
        return results

    def count_logged(self, day: date) -> int:
        """Count the calls of the day."""
        return sum(len(page) for page in self.logged(day))

    def logged(self, day: date) -> Iterator[Sequence[str]]:
        """Yield one page."""
        self._sign_in()
        yield [ref for ref, (_, call) in self._account.calls.items() if call.local_date == day.isoformat()]

    def deleted_by_people(self, crm_ids: Sequence[str]) -> set[str]:
        """Return what the test says was deleted."""
        return set(crm_ids) & self._account.binned

    def successors(self, person_ids: Sequence[str]) -> Mapping[str, str]:
        """Return who merged people became."""
        return {each: self._account.heirs[each] for each in person_ids if each in self._account.heirs}

    def usage(self) -> Usage:
        """Return what the account says, and the requests of all connectors."""
        return Usage(requests=1, used=self._account.used, limit=self._account.limit)

    def _write(self, call: CallActivity) -> str | SyncError:
        refusal = self._account.refused.get(call.external_call_id)
        if refusal is not None:
            return refusal
        if self._account.people and call.person_id not in self._account.people:
            return SyncError("The person was deleted in the CRM.", kind="gone")
        known = self._account.calls.get(call.external_call_id)
        crm_id = known[0] if known else f"A{len(self._account.calls) + 1}"
        self._account.calls[call.external_call_id] = (crm_id, call)
        return crm_id

    def _sign_in(self) -> None:
        if self._account.errors:
            raise self._account.errors.pop(0)
        if "bad" in self._secrets.values():
            raise SyncError("The CRM refused the sign-in: enter the secret again.", kind="unauthorized")


def people_of_list(connector: CrmConnector, crm_list: CrmList) -> list[RawPerson]:
    """Return everybody on a list of any connector."""
    return [person for page in connector.read_people(crm_list, "") for person in page.people]


@dataclasses.dataclass
class FakeLedger:
    """A connector's book in memory; `age_seconds` is what every entry says of itself."""

    entries: dict[str, str] = dataclasses.field(default_factory=dict)
    age_seconds: float = 1e6

    def read(self, refs: Sequence[str]) -> Mapping[str, Entry]:
        """Return the entries."""
        return {ref: Entry(self.entries[ref], self.age_seconds) for ref in refs if ref in self.entries}

    def begin(self, ref: str) -> None:
        """Keep that it is being written."""
        self.entries[ref] = ""

    def done(self, ref: str, crm_id: str) -> None:
        """Keep the CRM's id."""
        self.entries[ref] = crm_id

    def forget(self, ref: str) -> None:
        """Keep that it is not there."""
        self.entries.pop(ref, None)
