"""All that Salesforce can do for us: texts and callbacks as Tasks, single fields, campaign members, the search for people."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from crm_sync import links, mapping, matching, shaping
from crm_sync.capabilities import (
    ActivityKind,
    Candidate,
    CrmField,
    CrmObject,
    FieldType,
    FieldWrite,
    MemberStatus,
    NewPerson,
    Record,
    Results,
    Standing,
    TaskActivity,
    TextActivity,
)
from crm_sync.connectors import salesforce_answers as words
from crm_sync.connectors import salesforce_compared as compared
from crm_sync.connectors.salesforce import _ID, BATCH, KIND, SalesforceConnector
from crm_sync.connectors.salesforce_fields import PHONES
from crm_sync.protocol import CallActivity, SyncError

OBJECTS: Final = (
    CrmObject("Lead", "Leads", "person"),
    CrmObject("Contact", "Contacts", "person"),
    CrmObject("Task", "Tasks of calls", "call"),
    CrmObject("CampaignMember", "Campaign members", "member"),
)
FOUND_AT_MOST: Final = 50
_TYPES: Final[Mapping[str, FieldType]] = {
    "string": "text", "textarea": "long_text", "boolean": "flag", "int": "number", "double": "number", "currency": "number",
    "percent": "number", "date": "date", "datetime": "instant", "picklist": "choice", "multipicklist": "choices",
    "combobox": "choice", "phone": "phone", "email": "email", "url": "text", "reference": "reference", "id": "reference",
}  # fmt: skip
NOT_A_MEMBER: Final = "This person is not a member of the campaign in Salesforce any more: add them there and retry, or set this aside."


class SalesforceFull(SalesforceConnector):
    """One org, with everything of capabilities."""

    def log_texts(self, texts: Sequence[TextActivity]) -> Results:
        """Upsert a Task for each text."""
        return self._in_batches([shaping.salesforce_text(text) for text in texts])

    def keep_tasks(self, tasks: Sequence[TaskActivity]) -> Results:
        """Upsert a Task for each promise; one that is kept becomes completed."""
        return self._in_batches([shaping.salesforce_callback(task) for task in tasks])

    def objects(self) -> Sequence[CrmObject]:
        """Return leads, contacts, and the Tasks and campaign members that we write."""
        return OBJECTS

    def object_of(self, person_id: str) -> str:
        """Read it off the id's first three characters."""
        return links.salesforce_object(person_id)

    def fields(self, object_name: str) -> Sequence[CrmField]:
        """Describe the object anew; compound fields are left out, their parts are there."""
        self._visible.pop(object_name, None)
        described = self._describe(object_name).values()
        found = [_field(each) for each in described if each["type"] in _TYPES]
        return sorted(found, key=lambda each: (each.label.lower(), each.name))

    def read_records(
        self, object_name: str, ids: Sequence[str], names: Sequence[str]
    ) -> Mapping[str, Record]:
        """Read 200 a query; a field that is not visible is left out, as if it were empty."""
        visible = self._describe(object_name)
        columns = [name for name in dict.fromkeys(names) if name in visible and name != "Id"]
        found: dict[str, Record] = {}
        wanted = [each for each in dict.fromkeys(ids) if _ID.fullmatch(each)]
        for start in range(0, len(wanted), BATCH):
            some = ", ".join(f"'{each}'" for each in wanted[start : start + BATCH])
            chosen = ", ".join(["Id", "LastModifiedDate", *columns])
            for page in self._query(f"SELECT {chosen} FROM {object_name} WHERE Id IN ({some})"):  # noqa: S608 - described names, ids
                for row in page:
                    values = {name: row.get(name) for name in columns}
                    found[str(row["Id"])] = Record(values, changed_at=str(row.get("LastModifiedDate") or ""))
        return found

    def write_fields(self, writes: Sequence[FieldWrite]) -> Results:
        """Update leads and contacts by id, 200 a request."""
        records = [
            {"attributes": {"type": each.object_name}, "id": each.person_id, **each.values} for each in writes
        ]
        return self._patch(records)

    def set_member_status(self, changes: Sequence[MemberStatus]) -> Results:
        """Find the memberships by query, then update them by id."""
        members = dict(self._memberships(changes))
        records = [
            {"attributes": {"type": "CampaignMember"}, "id": member_id, "Status": each.status}
            for each in changes
            if (member_id := members.get((each.campaign_id, each.person_id)))
        ]
        written = iter(self._patch(records))
        return [
            next(written)
            if (each.campaign_id, each.person_id) in members
            else SyncError(NOT_A_MEMBER, kind="permanent")
            for each in changes
        ]

    def member_records(self, members: Sequence[MemberStatus]) -> Mapping[tuple[str, str], Record]:
        """Ask as the writing does."""
        return compared.members(self._membership_rows(members), members)

    def ours_between(
        self, kind: ActivityKind, prefix: str, begin: date, end: date
    ) -> Iterator[Sequence[Standing]]:
        """Read Tasks by ActivityDate; which kind they are, the prefix says."""
        return compared.ours_between(self._query, prefix, begin, end)

    def standing(self, kind: ActivityKind, crm_ids: Sequence[str]) -> Mapping[str, Standing]:
        """Read Tasks by id."""
        return compared.standing(self._query_all, [each for each in crm_ids if _ID.fullmatch(each)])

    def as_logged(self, call: CallActivity) -> Standing:
        """Return what the Task of a call says."""
        task = mapping.salesforce_task(call)
        said = {
            name: "" if task[name] is None else str(task[name]) for name in ("CallDisposition", "Description")
        }
        return Standing("", call.external_call_id, "", said["CallDisposition"], said["Description"])

    def find_people(
        self, *, number: str, email: str, key_field: str = "", key: str = ""
    ) -> Sequence[Candidate]:
        """Ask leads and contacts, one query each: every number field, with anything between the number's groups."""
        found: list[Candidate] = []
        for name in ("Lead", "Contact"):
            visible = self._describe(name)
            phones = [field for field in PHONES[name] if field in visible]
            pattern = "%".join(matching.groups(number))
            tests = [f"{field} LIKE '%{pattern}%'" for field in phones]  # digits only
            if email and "Email" in visible:
                tests.append(f"Email = '{_quoted(email)}'")
            company = {"Lead": "Company", "Contact": "Account.Name"}[name]
            columns = ["Id", "Name", *phones, "Email", company, "Owner.Name", "LastModifiedDate"]
            wanted = _literal(visible[key_field], key) if key and key_field in visible else ""
            asks_key = bool(wanted)
            if asks_key:
                tests.append(f"{key_field} = {wanted}")
                columns += [key_field] if key_field not in columns else []
            if name == "Lead":
                columns.append("IsConverted")
            soql = f"SELECT {', '.join(columns)} FROM {name} WHERE {' OR '.join(tests)} ORDER BY Id LIMIT {FOUND_AT_MOST}"  # noqa: S608
            for page in self._query(soql):
                found += [
                    self._candidate(name, row, phones, str(row.get(key_field) or "") if asks_key else "")
                    for row in page
                    if not row.get("IsConverted")
                ]
        return found

    def create_person(self, person: NewPerson) -> str:
        """Create a lead or contact; one of the same name and number, made by an attempt whose answer was lost, is taken instead."""
        name = f"{person.first_name} {person.last_name}".strip()
        for each in self.find_people(number=person.number, email=""):
            if each.name == name and matching.has_number(each.phones, person.number):
                return each.person_id
        values: dict[str, Any] = {"LastName": person.last_name[:80], "Phone": person.number}
        values |= {"FirstName": person.first_name[:40]} if person.first_name else {}
        values |= {"Email": person.email} if person.email else {}
        if person.object_name == "Lead":
            values["Company"] = (person.company or shaping.NO_COMPANY)[:255]
        path = f"sobjects/{'Contact' if person.object_name == 'Contact' else 'Lead'}"
        answer = self._call(
            "creating a person", lambda sf: sf.restful(path, method="POST", data=json.dumps(values))
        )
        return str(answer["id"])

    def _in_batches(self, tasks: Sequence[Mapping[str, Any]]) -> list[str | SyncError]:
        results: list[str | SyncError] = []
        for start in range(0, len(tasks), BATCH):
            try:
                results += self._write_tasks(tasks[start : start + BATCH])
            except SyncError as error:
                if not results:
                    raise
                return results + [error] * (len(tasks) - len(results))
        return results

    def _patch(self, records: Sequence[Mapping[str, Any]]) -> list[str | SyncError]:
        results: list[str | SyncError] = []
        for start in range(0, len(records), BATCH):
            answers = self._collection("composite/sobjects", records[start : start + BATCH])
            results += [words.result(answer, not_found="ENTITY_IS_DELETED") for answer in answers]
        return results

    def _memberships(self, changes: Sequence[MemberStatus]) -> Iterator[tuple[tuple[str, str], str]]:
        for page in self._membership_rows(changes):
            for row in page:
                yield (
                    (str(row["CampaignId"]), str(row.get("ContactId") or row["LeadId"])),
                    str(row["Id"]),
                )

    def _membership_rows(self, changes: Sequence[MemberStatus]) -> Iterator[Sequence[Mapping[str, Any]]]:
        for start in range(0, len(changes), BATCH):
            some = changes[start : start + BATCH]
            campaigns = _listed(each.campaign_id for each in some)
            people = _listed(each.person_id for each in some)
            where = f"CampaignId IN ({campaigns}) AND (LeadId IN ({people}) OR ContactId IN ({people}))"
            columns = "Id, CampaignId, LeadId, ContactId, Status, LastModifiedDate"
            yield from self._query(f"SELECT {columns} FROM CampaignMember WHERE {where}")  # noqa: S608 - ids

    def _candidate(self, name: str, row: Mapping[str, Any], phones: Sequence[str], key: str) -> Candidate:
        owner, account = row.get("Owner") or {}, row.get("Account") or {}
        facts = {**self._settings, "instance": self._instance}
        return Candidate(
            person_id=str(row["Id"]),
            object_name=name,
            name=str(row.get("Name") or ""),
            phones=[str(row[field]) for field in phones if row.get(field)],
            email=str(row.get("Email") or ""),
            company=str(row.get("Company") or account.get("Name") or ""),
            owner_name=str(owner.get("Name") or ""),
            url=links.person_url(KIND, facts, self._base_url, str(row["Id"])),
            changed_at=str(row.get("LastModifiedDate") or ""),
            key=key,
        )


def _field(described: Mapping[str, Any]) -> CrmField:
    options: list[tuple[str, str]] = [
        (str(each["value"]), str(each.get("label") or each["value"]))
        for each in described.get("picklistValues") or ()
        if each.get("active", True)
    ]
    return CrmField(
        name=str(described["name"]),
        label=str(described.get("label") or described["name"]),
        type=_TYPES[described["type"]],
        length=int(described.get("length") or 0),
        writable=bool(described.get("updateable")),
        options=options,
        only_options=bool(described.get("restrictedPicklist")),
    )


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(f"'{each}'" for each in dict.fromkeys(ids) if _ID.fullmatch(each)) or "''"


def _literal(described: Mapping[str, Any], key: str) -> str:
    """Return a key as SOQL compares it with a field, "" where the field cannot hold it."""
    if _TYPES.get(described["type"]) != "number":
        return f"'{_quoted(key)}'"
    return key if re.fullmatch(r"[0-9]{1,18}", key) else ""


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
