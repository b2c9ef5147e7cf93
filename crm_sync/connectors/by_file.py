"""A CRM described by a mapping file: checks, lists, people, calls. It needs neither an id of ours nor times of change in the CRM."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from campaigns.importing import RawPerson
from core.http import OutgoingSession
from crm_sync.byfile import reading, records, values
from crm_sync.byfile.model import Listing, MappingFile
from crm_sync.byfile.nodes import BadMapping
from crm_sync.capabilities import Capability
from crm_sync.connectors import metering
from crm_sync.connectors.by_file_calls import CallBook, Entered
from crm_sync.connectors.by_file_http import Line, Refusal
from crm_sync.connectors.by_file_parts import one_by_one
from crm_sync.ledger import Ledger
from crm_sync.protocol import CallActivity, Check, CrmList, DoNotCall, PeoplePage, SyncError, Usage

KIND: Final = "rest"
DECLARED: Final[Mapping[Capability, tuple[str, str]]] = {
    Capability.TEXTS: ("Texts", "texts"),
    Capability.TASKS: ("Callbacks as tasks", "tasks"),
    Capability.FIELDS: ("Mapped fields and opt-outs", "people.own, members.write_status"),
    Capability.MEMBERSHIP: ("Status of list members", "members.write_status"),
    Capability.SEARCH: ("People the CRM does not know", "people.search, people.create"),
}
_SHOWN: Final = 200
_PART: Final = 50  # people read one by one between two places to go on from


@lru_cache(maxsize=16)
def _read_text(text: str) -> MappingFile:
    return reading.read(text)


def read_file(settings: Mapping[str, str]) -> MappingFile:
    """Return what a connection's mapping file says. Raises SyncError."""
    try:
        return _read_text(settings.get("mapping", ""))
    except BadMapping as error:
        raise SyncError(
            f"The mapping file cannot be read any more: {error.problems[0] if error.problems else error}. Put it in again.",
            kind="config",
        ) from error


class ByFileConnector:
    """One account. See protocol.CrmConnector and protocol.Fingerprinted; settings: mapping (the file's text); secrets: secret, user."""

    def __init__(
        self,
        *,
        secrets: Mapping[str, str],
        settings: Mapping[str, str],
        ref_prefix: str,
        private_hosts: Collection[str],
        ledger: Ledger,
        timeout_seconds: float,
        renew: Callable[[str], str] | None = None,
    ) -> None:
        del renew  # access is asked for anew by each process
        self._file: MappingFile = read_file(settings)
        self._prefix = ref_prefix
        session = OutgoingSession(role=KIND, timeout_seconds=timeout_seconds, private_hosts=private_hosts)
        self._meter = metering.Meter(session, lambda _: None)
        self._line = Line(session, self._file, secrets)
        self._ledger = ledger
        self._calls = CallBook(self._line, self._file, ledger)
        self._prints: dict[str, str] = {}
        self._page: dict[str, Any] = {}  # the records that were read last, by id

    def check(self) -> Sequence[Check]:
        """Try each path that only reads, and say what came; writing is tried by the first call alone."""
        found: list[CrmList] = []
        people: list[RawPerson] = []

        def lists() -> str:
            found.extend(self.lists())
            return f"{len(found)} found: {', '.join(item.name for item in found[:5]) or 'none'}."

        def members() -> str:
            if not found:
                return "Not tried: there is no list."
            for item in found:
                first = next(self.read_people(item, ""), None)
                people.extend(first.people if first else ())
                if people:
                    return f"{len(people)} came on the first page of “{item.name}”."
            return "The lists have nobody on them."

        checks = [self._try("Lists", lists, first=True), self._try("Members", members)]
        one = people[0] if people else None
        if one is not None:
            checks.append(self._try("A person", lambda: self._read_one(one)))
            checks.append(self._numbers(people))
            checks.append(self._try("Finding a call again", lambda: self._calls.try_find(self._id(one))))
        checks.append(self._flags(people))
        if self._file.calls.all is not None:
            checks.append(
                self._try(
                    "Calls of a day",
                    lambda: f"{self.count_logged(date(2026, 1, 1))} of ours stand there on 1 January 2026.",
                )
            )
        else:
            checks.append(
                Check(
                    "Calls of a day",
                    True,
                    "The file does not say how to ask (calls.all): days are not compared.",
                )
            )
        return [*checks, *(self._declared(each) for each in DECLARED)]

    def prepare(self) -> Mapping[str, str]:
        """Return where the CRM's pages are; asks nothing."""
        return {
            "record_url": self._file.record_url,
            "activity_url": self._file.activity_url,
            "crm_name": self._file.name,
            "can": " ".join(self._file.capabilities()),
        }

    def lists(self) -> Sequence[CrmList]:
        """Return the CRM's lists."""
        rule = self._file.lists
        if rule.listing is None:
            return [CrmList("list", list_id, name[:_SHOWN], None, "List") for list_id, name in rule.fixed]
        found: dict[str, CrmList] = {}
        for page in self._line.pages(rule.listing, {}):
            for record in page:
                list_id = self._require_id(rule.listing, record)
                size = values.at(record, rule.size_at) if rule.size_at else None
                found[list_id] = CrmList(
                    kind="list",
                    external_id=list_id,
                    name=values.as_text(values.at(record, rule.name_at))[:_SHOWN] or list_id,
                    size=size if isinstance(size, int) and not isinstance(size, bool) else None,
                    detail="List",
                )
        return sorted(found.values(), key=lambda item: (item.name.lower(), item.external_id))

    def count_people(self, crm_list: CrmList) -> int:
        """Count the list's members; no CRM by file has queries."""
        return sum(len(page) for page in self._member_pages(crm_list))

    def read_people(self, crm_list: CrmList, cursor: str) -> Iterator[PeoplePage]:
        """Yield the list's people in the CRM's order; who moved between two pages comes once.

        The cursor counts pages of members, and those read of the page: going on reads the pages before again, not their people,
        since not every CRM has an address for the middle of a list.
        """
        page_done, done = (int(part) for part in (cursor or "0:0").split(":"))
        for number, page in enumerate(self._member_pages(crm_list)):
            if number < page_done:
                continue
            ids = list(page)
            first = done if number == page_done else 0
            for start in range(first, len(ids), _PART):
                part = ids[start : start + _PART]
                rows = (
                    [(each, page[each]) for each in part]
                    if self._file.members.whole
                    else self._read_people(part)
                )
                people, self._page = self._people(rows, after=0), dict(rows)
                for (person_id, _), row in zip(rows, people, strict=True):
                    self._prints[person_id] = records.fingerprint(row)
                yield PeoplePage(people, f"{number}:{start + len(part)}", left_out=len(part) - len(rows))

    def people_of(self, person_ids: Sequence[str]) -> Iterator[Sequence[RawPerson]]:
        """Yield people by id, one request each; what tells of a later change is kept of those no listing told it of."""
        number = 0
        for start in range(0, len(person_ids), _PART):
            found = self._read_people(person_ids[start : start + _PART])
            rows, self._page = self._people(found, after=number), dict(found)
            for (person_id, _), row in zip(found, rows, strict=True):
                self._prints.setdefault(person_id, records.fingerprint(row))
            number += len(rows)
            if rows:
                yield rows

    def member_ids(self, crm_list: CrmList) -> Iterator[Sequence[str]]:
        """Yield the members' ids; where their records come along, what tells of a change is kept."""
        for page in self._member_pages(crm_list):
            if self._file.members.whole:
                self._keep_prints(page.items())
            yield list(page)

    def changed_since(self, since: datetime) -> Iterator[Sequence[tuple[str, str]]]:
        """Yield everybody read by member_ids, or everybody (people.all), with a fingerprint: who differs from last time was changed."""
        everybody = self._file.people.all
        if not self._prints and everybody is not None:
            for page in self._line.pages(everybody, {}):
                self._keep_prints((self._require_id(everybody, record), record) for record in page)
        yield list(self._prints.items())

    def stamps(self) -> Mapping[str, str]:
        """Return the fingerprints of the people read so far."""
        return self._prints

    def log_calls(self, calls: Sequence[CallActivity]) -> Sequence[str | SyncError]:
        """Create or update the calls, by our own book of them."""
        entered = [
            Entered(call.external_call_id, call.person_id, records.call_values(call)) for call in calls
        ]
        return self._calls.write(entered) if entered else []

    def set_do_not_call(self, flags: Sequence[DoNotCall]) -> Sequence[str | SyncError]:
        """Write the flags, one request each; writing one twice changes nothing."""
        rule = self._file.people.flag
        if rule is None:
            said = "The mapping file does not say how a do-not-call flag is written (people.write_do_not_call), so the CRM cannot be told."
            return [SyncError(said, kind="permanent") for _ in flags]

        def write(flag: DoNotCall) -> str:
            self._line.send(rule, {"person_id": flag.person_id, "do_not_call": flag.do_not_call})
            return flag.person_id

        return one_by_one(flags, write)

    def count_logged(self, day: date) -> int:
        """Count the calls of ours of a day of UTC."""
        return sum(len(page) for page in self.logged(day))

    def logged(self, day: date) -> Iterator[Sequence[str]]:
        """Yield our ids of a day's calls, read from their texts."""
        return self._calls.logged(day)

    def deleted_by_people(self, crm_ids: Sequence[str]) -> set[str]:
        """Ask for each activity whether it says that it was deleted."""
        return self._calls.deleted(crm_ids)

    def successors(self, person_ids: Sequence[str]) -> Mapping[str, str]:
        """Ask for each person whether they say who they were merged into."""
        where = self._file.people.merged_into
        found: dict[str, str] = {}
        for person_id in dict.fromkeys(person_ids) if where else ():
            record = self._read(person_id)
            heir = records.record_id(record, where) if where and record is not None else ""
            if heir and heir != person_id:
                found[person_id] = heir
        return found

    def usage(self) -> Usage:
        """Return what this connector's requests cost so far."""
        return self._meter.usage()

    def _member_pages(self, crm_list: CrmList) -> Iterator[dict[str, Any]]:
        """Yield pages of members, records by id, nobody twice."""
        if not records.ID.fullmatch(crm_list.external_id):
            raise SyncError(f"“{crm_list.external_id[:40]}” is not the id of a list.", kind="permanent")
        rule, seen = self._file.members.listing, set[str]()
        for page in self._line.pages(rule, {"list_id": crm_list.external_id}):
            found = {self._require_id(rule, record): record for record in page}
            new = {person_id: record for person_id, record in found.items() if person_id not in seen}
            seen |= set(new)
            yield new

    def _people(self, page: Iterable[tuple[str, Any]], *, after: int) -> list[RawPerson]:
        return [
            records.person(self._file, record, person_id, number=number, prefix=self._prefix)
            for number, (person_id, record) in enumerate(page, start=after + 1)
        ]

    def _read_people(self, person_ids: Iterable[str]) -> list[tuple[str, Any]]:
        found = ((person_id, self._read(person_id)) for person_id in person_ids)
        merged = self._file.people.merged_into
        return [
            (person_id, record)
            for person_id, record in found
            if record is not None and not (merged and records.record_id(record, merged))
        ]

    def _read(self, person_id: str) -> Any:
        """Return a person's record, or None for who is not there any more."""
        try:
            answer = self._line.send(self._file.people.read, {"person_id": person_id})
        except Refusal as error:
            if error.kind == "gone":
                return None
            raise
        return values.at(answer.document, self._file.people.item_at)

    def _keep_prints(self, found: Iterable[tuple[str, Any]]) -> None:
        for person_id, record in found:
            row = records.person(self._file, record, person_id, number=0, prefix=self._prefix)
            self._prints[person_id] = records.fingerprint(row)

    def _require_id(self, listing: Listing, record: Any) -> str:
        found = records.record_id(record, listing.id_at)
        if not found:
            where = ".".join(listing.id_at)
            said = values.as_text(values.at(record, listing.id_at))[:40]
            raise SyncError(
                f"{self._file.name} gave a record of {listing.request.path} with “{said}” at {where}, which is no id Parley can keep "
                "(letters, digits, - and _, at most 60). Change “id” of this path in the mapping file.",
                kind="config",
            )
        return found

    def _id(self, row: RawPerson) -> str:
        return row.external_ref.removeprefix(self._prefix)

    def _read_one(self, row: RawPerson) -> str:
        record = self._read(self._id(row))
        if record is None:
            raise SyncError(
                "A member of a list cannot be read by the id the list gives. Check people.read.",
                kind="config",
            )
        again = records.person(self._file, record, self._id(row), number=1, prefix=self._prefix)
        # The fields' names alone: what is found is kept with the connection, and people's data is not to be.
        filled = [name for name in self._file.people.fields if getattr(again, name)]
        empty = [name for name in self._file.people.fields if not getattr(again, name)]
        return f"Filled: {', '.join(filled) or 'nothing'}. Empty: {', '.join(empty) or 'nothing'}."

    def _numbers(self, people: Sequence[RawPerson]) -> Check:
        having = sum(1 for row in people if row.phones)
        said = f"{having} of {len(people)} people of the first page have a number."
        if having:
            return Check("Telephone numbers", True, said)
        return Check(
            "Telephone numbers",
            False,
            f"{said} Change “phones” in the mapping file: the field may have another name.",
        )

    def _flags(self, people: Sequence[RawPerson]) -> Check:
        if self._file.people.do_not_call is None:
            return Check(
                "Do not call",
                True,
                "The file names no field: nobody is imported as do not call, and the CRM hears of no request.",
            )
        flagged = sum(1 for row in people if row.do_not_call)
        written = "and written" if self._file.people.flag else "but never written (people.write_do_not_call)"
        return Check(
            "Do not call",
            True,
            f"Read, {written}: {flagged} of {len(people)} people of the first page have it.",
        )

    def _declared(self, capability: Capability) -> Check:
        name, section = DECLARED[capability]
        if capability in self._file.capabilities():
            return Check(name, True, f"The file says how ({section}); it is tried by the first one alone.")
        return Check(name, True, f"The file does not say how ({section}): the CRM hears of none.")

    def _try(self, name: str, what: Callable[[], str], *, first: bool = False) -> Check:
        try:
            return Check(name, True, what())
        except SyncError as error:
            if first and error.kind in ("retryable", "unauthorized"):
                raise
            return Check(name, False, str(error))
