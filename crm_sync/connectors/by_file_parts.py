"""What a CRM by mapping file can do beyond lists, people and calls: each part is had by connectors whose file says how."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from crm_sync.byfile import records, values
from crm_sync.byfile.model import Activities, MappingFile, Request
from crm_sync.capabilities import (
    Candidate,
    Capability,
    CrmField,
    CrmObject,
    FieldWrite,
    MemberStatus,
    NewPerson,
    Record,
    Results,
    TaskActivity,
    TextActivity,
)
from crm_sync.connectors import errors
from crm_sync.connectors.by_file_calls import ActivityBook, Entered, Settling
from crm_sync.connectors.by_file_http import Line, Refusal
from crm_sync.ledger import Ledger
from crm_sync.protocol import SyncError

T = TypeVar("T")
_MOST_FOUND: Final = 50  # people a search may bring


class Part:
    """What every part finds in its connector."""

    _file: MappingFile
    _line: Line
    _ledger: Ledger
    _prefix: str
    _page: Mapping[str, Any]

    def _read(self, person_id: str) -> Any:
        raise NotImplementedError

    def _book(self, rule: Activities | None) -> ActivityBook:
        assert rule is not None, "asked of a CRM whose file does not say how"
        return ActivityBook(self._line, self._file, self._ledger, rule)


class Texts(Part):
    """See capabilities.LogsTexts."""

    def log_texts(self, texts: Sequence[TextActivity]) -> Results:
        """Create or update texts, by our own book of them."""
        entered = [Entered(each.external_id, each.person_id, records.text_values(each)) for each in texts]
        return self._book(self._file.texts).write(entered)


class Tasks(Part):
    """See capabilities.KeepsTasks."""

    def keep_tasks(self, tasks: Sequence[TaskActivity]) -> Results:
        """Create or update tasks, by our own book of them."""
        entered = [Entered(each.external_id, each.person_id, records.task_values(each)) for each in tasks]
        return self._book(self._file.tasks).write(entered)


class Fields(Part):
    """See capabilities.HasFields. The file names the fields; no CRM by file is asked which it has."""

    def objects(self) -> Sequence[CrmObject]:
        """Return people, and what lists say of their members; asks nothing."""
        found = [CrmObject(records.PERSON, "People", "person")] if self._file.people.own else []
        if self._file.members.status is not None:
            found.append(CrmObject(records.MEMBER, "Members of lists", "member"))
        return found

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Return the fields the file names; asks nothing."""
        if object_name == records.MEMBER:
            options = [(each, each) for each in self._file.members.statuses]
            kind: Any = "choice" if options else "text"
            return [CrmField("Status", "Status", kind, options=options, only_options=bool(options))]
        return [
            CrmField(
                name=each.name,
                label=each.label,
                type=each.type,
                length=each.length,
                writable=each.writable,
                options=each.options,
                only_options=bool(each.options),
            )
            for each in self._file.people.own
        ]

    def object_of(self, person_id: str) -> str:
        """Return the one object there is."""
        del person_id
        return records.PERSON

    def read_records(
        self, object_name: str, ids: Sequence[str], names: Sequence[str]
    ) -> Mapping[str, Record]:
        """Return fields of people, one request each but for those whose record came with a list just now."""
        found = {}
        for person_id in dict.fromkeys(ids) if object_name == records.PERSON else ():
            record = self._page[person_id] if person_id in self._page else self._read(person_id)
            if record is not None:
                found[person_id] = Record(records.own_values(self._file, record, names))
        return found

    def write_fields(self, writes: Sequence[FieldWrite]) -> Results:
        """Write fields of people, one request each; writing the same twice changes nothing."""

        def write(one: FieldWrite) -> str:
            given = {"person_id": one.person_id, "fields": records.to_write(self._file, one.values)}
            self._line.send(_must(self._file.people.write, "people.write"), given)
            return one.person_id

        return one_by_one(writes, write)


class Statuses(Part):
    """See capabilities.HasMembers."""

    def set_member_status(self, changes: Sequence[MemberStatus]) -> Results:
        """Write what lists say of their members, one request each."""

        def write(one: MemberStatus) -> str:
            given = {"list_id": one.campaign_id, "person_id": one.person_id, "status": one.status}
            self._line.send(_must(self._file.members.status, "members.write_status"), given)
            return one.person_id

        return one_by_one(changes, write)


class Search(Part):
    """See capabilities.FindsPeople. No id of ours marks a person: one whose creation's answer was lost is known by number and name."""

    def find_people(
        self, *, number: str, email: str, key_field: str = "", key: str = ""
    ) -> Sequence[Candidate]:
        """Ask each search of the file that what is known allows; a field that the file does not name finds nobody."""
        is_known = any(each.name == key_field for each in self._file.people.own)
        given = {**records.number_values(number), "email": email, "key": key if is_known else ""}
        found: dict[str, Candidate] = {}
        for person_id, record in self._search(given):
            made = records.candidate(
                self._file, record, person_id, prefix=self._prefix, key_field=key_field if is_known else ""
            )
            found.setdefault(person_id, made)
        return list(found.values())[:_MOST_FOUND]

    def create_person(self, person: NewPerson) -> str:
        """Create the person, or return who was created for it before."""
        new = self._file.people.new
        assert new is not None
        entry = self._ledger.read([person.external_id]).get(person.external_id)
        if entry and entry.crm_id:
            return entry.crm_id
        if entry:
            wait = self._file.calls.find.settle_seconds - entry.age_seconds
            if wait > 0:
                said = f"The answer to creating this person was lost; in {wait:.0f} s {self._file.name} is asked whether they are there."
                raise Settling(said, kind="retryable", retry_after=wait)
            if crm_id := self._created(person):
                self._ledger.done(person.external_id, crm_id)
                return crm_id
        self._ledger.begin(person.external_id)
        try:
            answer = self._line.send(_must(new.create, "people.create"), records.new_values(person))
        except Refusal as error:
            if error.never_written:
                self._ledger.forget(person.external_id)
            raise
        crm_id = records.record_id(answer.document, new.created_id_at) or self._created(person)
        if not crm_id:
            raise SyncError(
                f"{self._file.name} took a new person and named no id at {'.'.join(new.created_id_at) or 'the answer itself'}, and no "
                "search finds them. Change people.create and people.search in the mapping file.",
                kind="config",
            )
        self._ledger.done(person.external_id, crm_id)
        return crm_id

    def _created(self, person: NewPerson) -> str:
        """Return who has this number and this name, or ""."""
        name = f"{person.first_name} {person.last_name}".strip()
        digits = "".join(filter(str.isdigit, person.number))
        for each in self.find_people(number=person.number, email=""):
            ends = ["".join(filter(str.isdigit, phone)) for phone in each.phones]
            if each.name == name and any(len(end) > 6 and digits.endswith(end.lstrip("0")) for end in ends):
                return each.person_id
        return ""

    def _search(self, given: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
        new = self._file.people.new
        assert new is not None
        for listing in new.search:
            wanted = {name for name, _ in values.names_in([listing.request.path, listing.request.body])}
            if not all(given[name] for name in wanted):
                continue
            for page in self._line.pages(listing, given):
                for record in page:
                    person_id = records.record_id(record, listing.id_at)
                    whole = self._read(person_id) if person_id else None
                    if whole is not None:
                        yield person_id, whole
                if len(page) >= _MOST_FOUND:
                    break


PARTS: Final[Mapping[Capability, type[Part]]] = {
    Capability.TEXTS: Texts,
    Capability.TASKS: Tasks,
    Capability.FIELDS: Fields,
    Capability.MEMBERSHIP: Statuses,
    Capability.SEARCH: Search,
}


def one_by_one(things: Iterable[T], write: Callable[[T], str]) -> list[str | SyncError]:
    """Write each; what concerns one alone is its own trouble. Raises SyncError where the first fails for all."""
    results: list[str | SyncError] = []
    rest = list(things)
    for thing in rest:
        try:
            results.append(write(thing))
        except SyncError as error:
            if errors.concerns_one(error.kind):
                results.append(error)
                continue
            if not results:
                raise
            return results + [error] * (len(rest) - len(results))
    return results


def _must(request: Request | None, what: str) -> Request:
    if request is None:
        raise SyncError(f"The mapping file does not say how this is written ({what}).", kind="permanent")
    return request
