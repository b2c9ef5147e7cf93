"""All that HubSpot can do for us: texts as communications, callbacks as tasks, single properties, the search for people."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from crm_sync import links, mapping, matching, shaping
from crm_sync.capabilities import (
    ActivityKind,
    Candidate,
    CrmField,
    CrmObject,
    FieldType,
    FieldWrite,
    NewPerson,
    Record,
    Results,
    Standing,
    TaskActivity,
    TextActivity,
)
from crm_sync.connectors import hubspot_batches
from crm_sync.connectors import hubspot_compared as compared
from crm_sync.connectors.hubspot import _PHONES, KIND, HubSpotConnector
from crm_sync.connectors.hubspot_batches import BATCH
from crm_sync.connectors.hubspot_http import HubSpotAnswerError
from crm_sync.protocol import CallActivity, SyncError

T = TypeVar("T")
OBJECTS: Final = (CrmObject("contacts", "Contacts", "person"), CrmObject("calls", "Calls", "call"))
TEXT_LIMIT: Final = 65_536
FOUND_AT_MOST: Final = 50
_TYPES: Final[Mapping[str, FieldType]] = {
    "string": "text", "number": "number", "date": "date", "datetime": "instant", "bool": "flag", "enumeration": "choice",
    "phone_number": "phone",
}  # fmt: skip
_BY_WIDGET: Final[Mapping[str, FieldType]] = {
    "textarea": "long_text",
    "html": "long_text",
    "phonenumber": "phone",
    "checkbox": "choices",
    "booleancheckbox": "flag",
}
# Our unique property of each kind of record we write: (name, its label for people).
_OWN: Final[Mapping[str, tuple[str, str]]] = {
    "communications": (mapping.CALL_ID_PROPERTY, "Dialer text ID"),
    "tasks": (mapping.CALL_ID_PROPERTY, "Dialer callback ID"),
    "contacts": (shaping.PERSON_ID_PROPERTY, "Dialer person ID"),
}
# A property that every account has, whose group ours may stand in as well.
_ALWAYS: Final[Mapping[str, str]] = {
    "communications": "hs_communication_body",
    "tasks": "hs_task_subject",
    "contacts": "email",
}


class HubSpotFull(HubSpotConnector):
    """One account, with everything of capabilities but campaign members, which HubSpot has not."""

    def log_texts(self, texts: Sequence[TextActivity]) -> Results:
        """Upsert a communication for each text and associate it with its contact."""
        records = [shaping.hubspot_text(text) for text in texts]
        return self._write("communications", records, [text.person_id for text in texts])

    def keep_tasks(self, tasks: Sequence[TaskActivity]) -> Results:
        """Upsert a task for each promise; one whose owner has left is written without one."""
        if not tasks:
            return []
        owners = self._account().owners_by_email
        records = [
            shaping.hubspot_callback(task, owner_id=owners.get(task.agent_email.lower(), ""))
            for task in tasks
        ]
        people = [task.person_id for task in tasks]
        results = self._write("tasks", records, people)
        left = [
            index
            for index, result in enumerate(results)
            if isinstance(result, SyncError) and result.code == "INVALID_OWNER_ID"
        ]
        if left:
            self._forget_account()
            again = [shaping.hubspot_callback(tasks[index], owner_id="") for index in left]
            written = self._write("tasks", again, [people[index] for index in left])
            for index, result in zip(left, written, strict=True):
                results[index] = result
        return results

    def objects(self) -> Sequence[CrmObject]:
        """Return contacts, and the calls that we write."""
        return OBJECTS

    def object_of(self, person_id: str) -> str:
        """Return contacts: there are no other people."""
        return "contacts"

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Read the properties; call outcomes are the account's own, by their ids."""
        found = [
            _field(each)
            for each in self._crm.properties.core_api.get_all(object_name).results
            if each.type in _TYPES and not each.hidden
        ]
        if object_name == "calls":
            outcomes = self._transport.read("/calling/v1/dispositions")
            options = [(str(each["id"]), str(each["label"])) for each in outcomes if not each.get("deleted")]
            found = [
                CrmField(each.name, each.label, "choice", options=options, only_options=True)
                if each.name == "hs_call_disposition"
                else each
                for each in found
            ]
        return sorted(found, key=lambda each: (each.label.lower(), each.name))

    def read_records(
        self, object_name: str, ids: Sequence[str], names: Sequence[str]
    ) -> Mapping[str, Record]:
        """Read 100 a request; HubSpot leaves out properties it does not have."""
        api = self._crm.contacts if object_name == "contacts" else self._crm.objects.calls
        wanted = [each for each in dict.fromkeys(ids) if each.isdigit()]
        found: dict[str, Record] = {}
        for start in range(0, len(wanted), BATCH):
            body = {
                "inputs": [{"id": each} for each in wanted[start : start + BATCH]],
                "properties": list(dict.fromkeys(names)),
                "propertiesWithHistory": [],
            }
            for row in api.batch_api.read(body).results:
                values = {name: row.properties.get(name) for name in names}
                found[str(row.id)] = Record(
                    values, changed_at=row.updated_at.isoformat() if row.updated_at else ""
                )
        return found

    def write_fields(self, writes: Sequence[FieldWrite]) -> Results:
        """Update contacts by id, 100 a request."""
        records = [
            (each.person_id, {name: mapping.as_text(value) for name, value in each.values.items()})
            for each in writes
        ]
        return _batched(records, lambda some: hubspot_batches.update(self._crm.contacts.batch_api, some))

    def ours_between(
        self, kind: ActivityKind, prefix: str, begin: date, end: date
    ) -> Iterator[Sequence[Standing]]:
        """Search by hs_timestamp, days of UTC."""
        return compared.ours_between(self._crm.objects, kind, prefix, begin, end)

    def standing(self, kind: ActivityKind, crm_ids: Sequence[str]) -> Mapping[str, Standing]:
        """Read by id, archived ones too."""
        return compared.standing(self._crm.objects, kind, crm_ids)

    def as_logged(self, call: CallActivity) -> Standing:
        """Return what the call's properties say."""
        values = mapping.hubspot_call(call, dispositions=self._account().dispositions, owner_id="")
        result = values.get("hs_call_disposition", "")
        return Standing("", call.external_call_id, "", result, values["hs_call_body"])

    def find_people(
        self, *, number: str, email: str, key_field: str = "", key: str = ""
    ) -> Sequence[Candidate]:
        """Search by the digits without the country's, which HubSpot compares in whatever format, and by e-mail."""
        owners = {
            str(each.id): f"{each.first_name or ''} {each.last_name or ''}".strip() for each in self._owners()
        }
        asked: list[dict[str, Any]] = [{"query": matching.national_digits(number)}]
        keyed = bool(key) and self._has_property(key_field)
        for name, value in (("email", email), (key_field if keyed else "", key)):
            if name and value:
                test = {"propertyName": name, "operator": "EQ", "value": value}
                asked.append({"filterGroups": [{"filters": [test]}]})
        properties = [
            *_PHONES,
            "firstname",
            "lastname",
            "company",
            "email",
            "hubspot_owner_id",
            "lastmodifieddate",
            *([key_field] if keyed else []),
        ]
        found = []
        for each in asked:
            answer = self._crm.contacts.search_api.do_search(
                {**each, "properties": properties, "limit": FOUND_AT_MOST}
            )
            found += [self._candidate(row, owners, key_field if keyed else "") for row in answer.results]
        return found

    def _has_property(self, name: str) -> bool:
        try:
            self._crm.properties.core_api.get_by_name("contacts", name)
        except HubSpotAnswerError as error:
            if error.status != 404:
                raise
            return False
        return True

    def create_person(self, person: NewPerson) -> str:
        """Upsert a contact by our own id of the match."""
        record = {
            shaping.PERSON_ID_PROPERTY: person.external_id,
            "firstname": person.first_name,
            "lastname": person.last_name,
            "phone": person.number,
            "email": person.email,
            "company": person.company,
        }
        [result] = self._upsert_own("contacts", [{name: value for name, value in record.items() if value}])
        if isinstance(result, SyncError):
            raise result
        return result

    def _write(
        self, name: str, records: Sequence[Mapping[str, str]], people: Sequence[str]
    ) -> list[str | SyncError]:
        """Upsert records of ours, then associate those that are written; what is written counts where HubSpot fails on the way."""
        written = _batched(records, lambda some: self._upsert_own(name, some))
        pairs = [
            (record_id, person)
            for record_id, person in zip(written, people, strict=True)
            if isinstance(record_id, str)
        ]
        if not pairs:
            return written
        refused = hubspot_batches.associate(self._crm, name, self._types_to_contacts(name), pairs)
        return [refused.get(each, each) if isinstance(each, str) else each for each in written]

    def _upsert_own(self, name: str, records: Sequence[Mapping[str, str]]) -> list[str | SyncError]:
        """Upsert by our own property; before the first write it is made where the account does not have it yet."""
        unique = _OWN[name][0]
        api = (
            self._crm.contacts.batch_api if name == "contacts" else getattr(self._crm.objects, name).batch_api
        )
        if name not in self._made:
            self._make_property(name)
            self._made.add(name)
        results = hubspot_batches.upsert(api, records, unique=unique)
        if any(isinstance(each, SyncError) and each.kind == "config" for each in results):
            self._made.discard(name)  # somebody may have removed it: made anew with the next attempt
        return results

    @property
    def _made(self) -> set[str]:
        return _own_properties.setdefault((self._base_url, self._token), set())

    def _make_property(self, name: str) -> None:
        """Create our unique property where it is missing."""
        own, label = _OWN[name]
        api = self._crm.properties.core_api
        try:
            api.get_by_name(name, own)
        except SyncError as error:
            if getattr(error, "status", 0) != 404:
                raise
        else:
            return
        body = {
            "name": own,
            "label": label,
            "description": "Written by Parley: what makes a repeat an update.",
            "groupName": api.get_by_name(name, _ALWAYS[name]).group_name,
            "type": "string",
            "fieldType": "text",
            "hasUniqueValue": True,
        }
        api.create(name, body)

    def _types_to_contacts(self, name: str) -> tuple[str, int]:
        labels = self._crm.associations.v4.schema.definitions_api.get_all(name, "contacts").results
        for item in sorted(labels, key=lambda label: label.type_id):
            if item.category == "HUBSPOT_DEFINED" and not item.label:
                return item.category, int(item.type_id)
        raise SyncError(
            f"HubSpot names no way to associate {name} with a contact in this account; ask HubSpot's support.",
            kind="permanent",
        )

    def _candidate(self, row: Any, owners: Mapping[str, str], key_field: str) -> Candidate:
        values = row.properties
        facts = {key: str(value) for key, value in self._settings.items()}
        return Candidate(
            person_id=str(row.id),
            object_name="contacts",
            name=f"{values.get('firstname') or ''} {values.get('lastname') or ''}".strip(),
            phones=[values[name] for name in _PHONES if values.get(name)],
            email=values.get("email") or "",
            company=values.get("company") or "",
            owner_name=owners.get(values.get("hubspot_owner_id") or "", ""),
            url=links.person_url(KIND, facts, self._base_url, str(row.id)),
            changed_at=values.get("lastmodifieddate") or "",
            key=str(values.get(key_field) or "") if key_field else "",
        )


# Accounts of this process whose records have our property: asking before each push would double the requests.
_own_properties: dict[tuple[str, str], set[str]] = {}


def _batched(
    records: Sequence[T], write: Callable[[Sequence[T]], list[str | SyncError]]
) -> list[str | SyncError]:
    """Write in batches; where HubSpot fails on the way, what is written by then counts."""
    results: list[str | SyncError] = []
    for start in range(0, len(records), BATCH):
        try:
            results += write(records[start : start + BATCH])
        except SyncError as error:
            if not results:
                raise
            return results + [error] * (len(records) - len(results))
    return results


def _field(found: Any) -> CrmField:
    by_widget = _BY_WIDGET.get(found.field_type)
    kind: FieldType = by_widget or _TYPES[found.type]
    if found.name == "email":
        kind = "email"
    if getattr(found, "external_options", False):
        kind = "reference"
    options = [(str(each.value), str(each.label)) for each in found.options or () if not each.hidden]
    about = found.modification_metadata
    return CrmField(
        name=found.name,
        label=found.label or found.name,
        type=kind,
        length=TEXT_LIMIT if kind in ("text", "long_text") else 0,
        writable=not (about and about.read_only_value) and not found.calculated,
        options=options if kind in ("choice", "choices") else (),
        only_options=kind in ("choice", "choices"),
    )
