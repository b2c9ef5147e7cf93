"""Salesforce over simple-salesforce: sign-in, checks, lists, people, calls.

The only importer of that library.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
)
from simple_salesforce.login import SalesforceLogin

from campaigns.importing import RawPerson
from core.http import OutgoingSession
from crm_sync import links, mapping, soql
from crm_sync.connectors import metering, salesforce_reports
from crm_sync.connectors import salesforce_answers as words
from crm_sync.connectors import salesforce_first as first
from crm_sync.connectors import salesforce_reading as reading
from crm_sync.connectors import salesforce_refusals as refusals
from crm_sync.connectors.salesforce_fields import OPTIONAL, PHONES, REQUIRED, person_from
from crm_sync.protocol import CallActivity, Check, CrmList, DoNotCall, PeoplePage, SyncError, Usage

BATCH: Final = 200  # records in one composite/sobjects request
KIND: Final = "salesforce"
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_VIEW_KINDS: Final = {"lead_list_view": "Lead", "contact_list_view": "Contact"}
_CREATE_FIELD = (
    "Salesforce has no field Parley_Call_Id__c on Task that the integration user can write. In Setup, "
    "Object Manager, Activity, "
    "Fields & Relationships, New: type Text, length 64, name Parley_Call_Id, tick “Unique” and “External "
    "ID”, and make it visible "
    "and editable for the integration user."
)

# Access tokens of this process by what they were got with: signing in for each push would use up the login
# limit.
_tokens: dict[tuple[str, ...], tuple[str, str]] = {}


class SalesforceConnector:
    """One org. See protocol.CrmConnector; secrets.

    Client_id and client_secret, or client_id, username and private_key.
    """

    def __init__(
        self,
        *,
        secrets: Mapping[str, str],
        settings: Mapping[str, str],
        ref_prefix: str,
        base_url: str,
        version: str,
        timeout_seconds: float,
        renew: Callable[[str], str] | None = None,
        bulk_over: int = first.BULK_OVER,
    ) -> None:
        self._renew = renew
        self._secrets, self._settings, self._prefix = secrets, settings, ref_prefix
        self._bulk_over = bulk_over
        self._base_url, self._version = base_url, version
        self._session = OutgoingSession(role=KIND, timeout_seconds=timeout_seconds, base_url=base_url)
        self._meter = metering.Meter(self._session, metering.salesforce)
        self._client: Salesforce | None = None
        self._visible: dict[str, dict[str, Mapping[str, Any]]] = {}

    def check(self) -> Sequence[Check]:
        """Return sign-in, the people's fields, and the Task's, each with what to do where it is missing."""
        self._describe("Task")  # also proves the sign-in; raises SyncError where it fails
        found = [Check("Sign-in", True, f"Signed in to {self._instance}.")]
        found.append(words.check_version(reading.versions(self._call), self._version))
        for name in ("Lead", "Contact"):
            found.append(self._check_person(name))
        found += [self._check_flag(), self._check_task(), metering.check(self._meter.usage())]
        return found

    def prepare(self) -> Mapping[str, str]:
        """Return the org's address; fields are the administrator's to create (check says how)."""
        words.require_version(reading.versions(self._call), self._version)
        self._describe("Task")
        return {"instance": self._instance}

    def lists(self) -> Sequence[CrmList]:
        """Return campaigns with their sizes; list views of leads and contacts, and reports, without."""
        found = [*reading.lists(self._query), *salesforce_reports.lists(self._query)]
        return sorted(found, key=lambda item: (item.name.lower(), item.external_id))

    def read_people(self, crm_list: CrmList, cursor: str) -> Iterator[PeoplePage]:
        """Yield the list's people; a converted lead is left out, its contact is there."""
        parts = list(self._people_queries(crm_list))
        return first.read(self._call, parts, self._person, cursor, bulk_over=self._bulk_over)

    def count_people(self, crm_list: CrmList) -> int:
        """Ask for the number of records with the very fields that would be read."""
        return sum(first.size(self._call, query) for _, query in self._people_queries(crm_list))

    def member_ids(self, crm_list: CrmList) -> Iterator[Sequence[str]]:
        """Yield ids alone: 2,000 a request, without the people's fields."""
        if crm_list.kind == "campaign":
            yield from reading.campaign_members(self._query, self._list_id(crm_list))
            return
        if crm_list.kind == "report":
            yield salesforce_reports.person_ids(self._call, self._list_id(crm_list))
            return
        for _, query in self._people_queries(crm_list):
            yield from reading.ids(self._query, query)

    def changed_since(self, since: datetime) -> Iterator[Sequence[tuple[str, str]]]:
        """Read by SystemModstamp, which formula fields do not move."""
        return reading.changed(self._query, since)

    def people_of(self, person_ids: Sequence[str]) -> Iterator[Sequence[RawPerson]]:
        """Yield leads and contacts by id; a converted lead is left out, as in `people`."""
        number = 0
        for name, query in reading.by_id([each for each in person_ids if _ID.fullmatch(each)], self._columns):
            for page in self._query(query):
                rows = [row for row in page if not row.get("IsConverted")]
                yield [self._person(name, row, number + index) for index, row in enumerate(rows, start=1)]
                number += len(rows)

    def log_calls(self, calls: Sequence[CallActivity]) -> Sequence[str | SyncError]:
        """Upsert Tasks by external id, 200 a request; read time-outs are safe to repeat."""
        results: list[str | SyncError] = []
        for start in range(0, len(calls), BATCH):
            try:
                results += self._write_tasks(list(map(mapping.salesforce_task, calls[start : start + BATCH])))
            except SyncError as error:
                if not results:
                    raise
                return results + [error] * (len(calls) - len(results))
        return results

    def _write_tasks(self, tasks: Sequence[Mapping[str, Any]]) -> list[str | SyncError]:
        answers = self._upsert(tasks)
        again = [index for index, answer in enumerate(answers) if words.is_create_only(answer)]
        results = [words.result(answer) for answer in answers]
        if not again:
            return results
        # The Task stands already, and TaskSubtype may only be given when creating. Asking first would cost a request each time
        # and still race with another worker.
        without = [{k: v for k, v in tasks[index].items() if k != mapping.CREATE_ONLY} for index in again]
        updated: Sequence[str | SyncError]
        try:
            updated = [words.result(answer) for answer in self._upsert(without)]
        except SyncError as error:  # the others are written all the same
            updated = [error] * len(again)
        for index, result in zip(again, updated, strict=True):
            results[index] = result
        return results

    def set_do_not_call(self, flags: Sequence[DoNotCall]) -> Sequence[str | SyncError]:
        """Write DoNotCall of leads and contacts, 200 a request."""
        results: list[str | SyncError] = []
        for start in range(0, len(flags), BATCH):
            records = [
                {
                    "attributes": {"type": links.salesforce_object(flag.person_id)},
                    "id": flag.person_id,
                    "DoNotCall": flag.do_not_call,
                }
                for flag in flags[start : start + BATCH]
            ]
            answers = self._collection("composite/sobjects", records)
            results += [words.result(answer, not_found="ENTITY_IS_DELETED") for answer in answers]
        return results

    def count_logged(self, day: date) -> int:
        """Count Tasks by ActivityDate."""
        counted = f"SELECT COUNT() FROM Task WHERE {reading.logged_on(day)}"  # noqa: S608 - a date and a field's name
        return int(self._call("counting calls", lambda sf: sf.query(counted))["totalSize"])

    def logged(self, day: date) -> Iterator[Sequence[str]]:
        """Read Tasks by ActivityDate."""
        return reading.logged(self._query, day)

    def deleted_by_people(self, crm_ids: Sequence[str]) -> set[str]:
        """Look into the recycle bin; what was purged from it is not found."""
        return reading.in_bin(self._query_all, [each for each in crm_ids if _ID.fullmatch(each)])

    def successors(self, person_ids: Sequence[str]) -> Mapping[str, str]:
        """Follow merges (MasterRecordId, of records in the recycle bin too) and conversions (ConvertedContactId), once each."""
        ids = [each for each in dict.fromkeys(person_ids) if _ID.fullmatch(each)]
        return reading.heirs(self._query_all, ids)

    def usage(self) -> Usage:
        """Return what this connector's requests cost so far."""
        return self._meter.usage()

    def _check_flag(self) -> Check:
        """Say whether requests not to be called can be told."""
        locked = [
            name
            for name in ("Lead", "Contact")
            if not self._describe(name).get("DoNotCall", {}).get("updateable")
        ]
        if not locked:
            return Check("Do not call", True, "Requests not to be called can be written.")
        return Check(
            "Do not call",
            False,
            f"The integration user cannot write Do Not Call on {' and '.join(locked)}: make it editable for its profile "
            "(Object Manager, Fields & Relationships, Do Not Call, Set Field-Level Security).",
        )

    def _check_person(self, name: str) -> Check:
        try:
            visible = self._describe(name)
        except SyncError as error:
            if error.kind in ("retryable", "unauthorized"):
                raise
            return Check(
                f"{name}s",
                False,
                f"The integration user cannot see {name}s: give it read access to the object {name}.",
            )
        missing = [field for field in (*REQUIRED[name], "DoNotCall") if field not in visible]
        if not any(field in visible for field in PHONES[name]):
            missing.append("Phone")
        if missing:
            return Check(f"{name}s", False, words.hidden(name, missing))
        return Check(f"{name}s", True, "Names, phone numbers and Do Not Call can be read.")

    def _check_task(self) -> Check:
        field = self._describe("Task").get(mapping.CALL_ID_FIELD)
        if field is None or not field.get("createable") or not field.get("externalId"):
            return Check("Call log", False, _CREATE_FIELD)
        return Check("Call log", True, "Tasks can be written, once per call.")

    def _list_id(self, crm_list: CrmList) -> str:
        if not _ID.fullmatch(crm_list.external_id):
            raise SyncError(f"“{crm_list.external_id[:40]}” is not a Salesforce id.", kind="permanent")
        return crm_list.external_id

    def _people_queries(self, crm_list: CrmList) -> Iterator[tuple[str, str]]:
        kind = crm_list.kind
        if kind == "soql":
            source = soql.check(crm_list.query)
            yield source.object_name, f"SELECT {self._columns(source.object_name)} FROM {source.rest}"  # noqa: S608 - checked
            return
        list_id = self._list_id(crm_list)
        if kind == "report":
            ids = salesforce_reports.person_ids(self._call, list_id)
            yield from reading.by_id(ids, self._columns)
            return
        if kind == "campaign":
            for name, column in (("Lead", "LeadId"), ("Contact", "ContactId")):
                member = f"SELECT {column} FROM CampaignMember WHERE CampaignId = '{list_id}'"  # noqa: S608 - list_id is [A-Za-z0-9] only
                yield name, f"SELECT {self._columns(name)} FROM {name} WHERE Id IN ({member}) ORDER BY Id"  # noqa: S608
            return
        name = _VIEW_KINDS.get(kind, "")
        if not name:
            raise SyncError(f"Parley cannot import a “{kind[:40]}” from Salesforce.", kind="permanent")
        described = self._call(
            f"reading the list view {list_id}",
            lambda sf: sf.restful(f"sobjects/{name}/listviews/{list_id}/describe"),
        )
        # The view's own columns are its owner's choice; its filter, scope and order are what makes it this
        # list.
        _, _, rest = str(described["query"]).partition(" FROM ")
        yield name, f"SELECT {self._columns(name)} FROM {rest}"  # noqa: S608 - the query is Salesforce's own

    def _columns(self, name: str) -> str:
        visible = self._describe(name)
        missing = [field for field in (*REQUIRED[name], "DoNotCall") if field not in visible]
        if missing:
            raise SyncError(words.hidden(name, missing), kind="config")
        optional = [column for field, column in OPTIONAL[name] if field in visible]
        phones = [field for field, _ in PHONES[name].items() if field in visible]
        return ", ".join(["Id", *REQUIRED[name], "DoNotCall", *phones, *optional])

    def _person(self, object_name: str, row: Mapping[str, Any], number: int) -> RawPerson:
        url = links.person_url(
            KIND, {**self._settings, "instance": self._instance}, self._base_url, row["Id"]
        )
        return person_from(object_name, row, number=number, ref=self._prefix + row["Id"], url=url)

    def _upsert(self, tasks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        records = [{"attributes": {"type": "Task"}, **task} for task in tasks]
        return self._collection(f"composite/sobjects/Task/{mapping.CALL_ID_FIELD}", records)

    def _collection(self, path: str, records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Write records in one request, each for itself; return an answer for each."""
        body = json.dumps({"allOrNone": False, "records": records})
        answers = self._call("writing records", lambda sf: sf.restful(path, method="PATCH", data=body))
        if not isinstance(answers, list) or len(answers) != len(records):
            raise SyncError(
                "Salesforce answered writing records with something else than one result each.",
                kind="retryable",
            )
        return answers

    def _query(self, soql: str) -> Iterator[Sequence[Mapping[str, Any]]]:
        answer = self._call("reading records", lambda sf: sf.query(soql))
        while True:
            yield answer["records"]
            if answer["done"]:
                return
            following = partial(
                Salesforce.query_more,
                next_records_identifier=answer["nextRecordsUrl"],
                identifier_is_url=True,
            )
            answer = self._call("reading more records", following)

    def _query_all(self, soql: str) -> Sequence[Mapping[str, Any]]:
        """Return the first page of a query that finds the recycle bin's records too."""
        ask = partial(Salesforce.query, query=soql, include_deleted=True)
        answer: Sequence[Mapping[str, Any]] = self._call("looking for merged people", ask)["records"]
        return answer

    def _describe(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        if name not in self._visible:
            answer = self._call(f"describing {name}", lambda sf: sf.restful(f"sobjects/{name}/describe"))
            self._visible[name] = {field["name"]: field for field in answer["fields"]}
        return self._visible[name]

    @property
    def _instance(self) -> str:
        return str(self._client.sf_instance) if self._client else self._settings.get("instance", "")

    def _call(self, what: str, ask: Callable[[Salesforce], Any]) -> Any:
        """Run one request; an expired session is renewed once. Raises SyncError saying `what` failed."""
        try:
            try:
                return ask(self._signed_in())
            except SalesforceExpiredSession as error:
                self._sign_in_again(error)
                return ask(self._signed_in())
        except SalesforceError as error:
            raise refusals.sync_error(what, error) from error
        except OSError as error:  # what requests raises; only core.http may import that library
            raise SyncError(
                f"Salesforce did not answer ({what}): {refusals.short(error)}.", kind="retryable"
            ) from error

    @property
    def _token_key(self) -> tuple[str, ...]:
        return (self._base_url, self._settings.get("domain", ""), *sorted(self._secrets.values()))

    def _sign_in_again(self, refusal: SalesforceExpiredSession) -> None:
        """Forget the token that was refused; where a person signed in, have it renewed, or raise the refusal."""
        if "refresh_token" in self._secrets:
            if self._renew is None:
                raise refusal
            self._secrets = {**self._secrets, "token": self._renew(self._secrets["token"])}
        _tokens.pop(self._token_key, None)
        self._client = None

    def _signed_in(self) -> Salesforce:
        if self._client is None and "refresh_token" in self._secrets:
            self._client = Salesforce(
                session_id=self._secrets["token"],
                instance=self._settings["instance"],
                version=self._version,
                session=self._session,
            )
        if self._client is None:
            if self._token_key not in _tokens:
                _tokens[self._token_key] = self._sign_in()
            token, instance = _tokens[self._token_key]
            self._client = Salesforce(
                session_id=token, instance=instance, version=self._version, session=self._session
            )
        return self._client

    def _sign_in(self) -> tuple[str, str]:
        """Return token and host; the domain decides where JWT assertions are addressed.

        Sandboxes have their own.
        """
        domain = self._settings["domain"]
        options: dict[str, Any] = {"consumer_key": self._secrets["client_id"]}
        if self._secrets.get("private_key"):
            is_test = domain == "test" or ".sandbox." in f".{domain}."
            words.check_key(self._secrets["private_key"])
            options |= {"username": self._secrets["username"], "privatekey": self._secrets["private_key"]}
            options |= {"domain": "test" if is_test else "login", "instance_url": domain}
        else:
            options |= {"consumer_secret": self._secrets["client_secret"], "domain": domain}
        try:
            token, instance = SalesforceLogin(session=self._session, sf_version=self._version, **options)
        except AttributeError as error:  # the library reads an outage's answer, which is a list, as OAuth's
            raise SyncError(
                "Salesforce's sign-in is out of order; it is tried again.", kind="retryable"
            ) from error
        return str(token), str(instance)
