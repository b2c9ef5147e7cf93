"""HubSpot over hubspot-api-client: checks, lists, people, calls. The only importer of that library."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from hubspot import HubSpot

from campaigns.importing import RawPerson
from core import clock
from core.http import OutgoingSession
from crm_sync import links, mapping
from crm_sync.connectors import hubspot_companies as companies
from crm_sync.connectors import hubspot_first as first
from crm_sync.connectors import hubspot_search as searching
from crm_sync.connectors import metering
from crm_sync.connectors.hubspot_calls import BATCH, Account, CallLog
from crm_sync.connectors.hubspot_changes import changed_contacts
from crm_sync.connectors.hubspot_count import count_calls, day_of, logged_calls
from crm_sync.connectors.hubspot_first import list_contact_lists
from crm_sync.connectors.hubspot_flags import write_flags
from crm_sync.connectors.hubspot_http import HOST, HubSpotAnswerError, Transport
from crm_sync.protocol import CallActivity, Check, CrmList, DoNotCall, PeoplePage, SyncError, Usage

KIND: Final = "hubspot"
_MEMBERS_PAGE: Final = 250
_ACCOUNT_SECONDS: Final = (
    600.0  # owners and call outcomes change seldom; asking for each push would triple the requests
)

# Column of RawPerson -> property of a contact.
_COLUMNS: Final[Mapping[str, str]] = {
    "first_name": "firstname",
    "last_name": "lastname",
    "company": "company",
    "title": "jobtitle",
    "email": "email",
    "city": "city",
    "state": "state",
    "postal_code": "zip",
    "country": "country",
}
_PHONES: Final[Mapping[str, str]] = {"phone": "main", "mobilephone": "mobile"}


_accounts: dict[tuple[str, str], Account] = {}


class HubSpotConnector:
    """One account. See protocol.CrmConnector; secrets: token; settings.

    Do_not_call_property, empty for none.
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
    ) -> None:
        self._settings, self._prefix, self._base_url = settings, ref_prefix, base_url
        self._token = secrets.get("refresh_token") or secrets["token"]  # what names the account's app here
        session = OutgoingSession(role=KIND, timeout_seconds=timeout_seconds, base_url=base_url)
        self._meter = metering.Meter(session, metering.hubspot)
        self._transport = Transport(session, version=version, token=secrets["token"], renew=renew)
        self._crm = HubSpot(access_token=secrets["token"], host=HOST, api_factory=self._make_api).crm

    def check(self) -> Sequence[Check]:
        """Return each scope and property we need, with what to do where it is missing."""
        return [
            self._try(
                "Contacts", lambda: self._crm.contacts.basic_api.get_page(limit=1), "Contacts can be read."
            ),
            self._try("Lists", lambda: self._list_page(0, count=1), "Lists can be read."),
            self._try("Owners", lambda: self._crm.owners.owners_api.get_page(limit=1), "Owners can be read."),
            self._check_do_not_call(),
            self._check_call_property(),
            self._try("Call outcomes", self._read_dispositions, "The account's call outcomes are known."),
            metering.check(self._meter.usage()),
        ]

    def prepare(self) -> Mapping[str, str]:
        """Create the unique call property where it is not there; return the account's portal id."""
        try:
            self._call_property()
        except HubSpotAnswerError as error:
            if error.status != 404:
                raise
            # The group a property may stand in differs by account: the one of a standard call property
            # always exists.
            group = self._crm.properties.core_api.get_by_name("calls", "hs_call_title").group_name
            self._crm.properties.core_api.create(
                "calls",
                {
                    "name": mapping.CALL_ID_PROPERTY,
                    "label": "Dialer call ID",
                    "description": "Written by Parley: what makes a repeated call log an update.",
                    "groupName": group,
                    "type": "string",
                    "fieldType": "text",
                    "hasUniqueValue": True,
                },
            )
        details = self._transport.read("/account-info/v3/details")
        return {"portal_id": str(details["portalId"]), "ui_domain": str(details.get("uiDomain") or "")}

    def lists(self) -> Sequence[CrmList]:
        """Return the account's contact lists with their sizes."""
        return list_contact_lists(self._list_page)

    def read_people(self, crm_list: CrmList, cursor: str) -> Iterator[PeoplePage]:
        """Yield the list's contacts by record id. Contacts deleted meanwhile are left out."""
        people_of = self._reader()
        if crm_list.kind == "search":
            search = self._crm.contacts.search_api
            return searching.read(search, crm_list.query, lambda ids: people_of([ids]), cursor)
        list_id = self._list_id(crm_list)
        return first.read(
            self._crm.lists.memberships_api,
            list_id,
            lambda ids: people_of([ids]),
            self._size_of(list_id),
            cursor,
        )

    def count_people(self, crm_list: CrmList) -> int:
        """Return how many a search finds, or how long a list is."""
        if crm_list.kind == "search":
            return searching.count(self._crm.contacts.search_api, crm_list.query)
        return self._size_of(self._list_id(crm_list)) or 0

    def people_of(self, person_ids: Sequence[str]) -> Iterator[Sequence[RawPerson]]:
        """Yield contacts by id."""
        return self._reader()([person_ids])

    def member_ids(self, crm_list: CrmList) -> Iterator[Sequence[str]]:
        """Yield the ids of the list's members, 250 a request."""
        if crm_list.kind == "search":
            yield from searching.ids(self._crm.contacts.search_api, crm_list.query)
            return
        list_id, after = self._list_id(crm_list), None
        while True:
            options: dict[str, Any] = {"after": after} if after else {}
            page = self._crm.lists.memberships_api.get_page(list_id, limit=_MEMBERS_PAGE, **options)
            yield [str(member.record_id) for member in page.results]
            after = page.paging.next.after if page.paging and page.paging.next else None
            if not after:
                return

    def changed_since(self, since: datetime) -> Iterator[Sequence[tuple[str, str]]]:
        """Search by lastmodifieddate; begun anew from the last one found where a search would pass its 10,000 results."""
        return changed_contacts(self._crm.contacts.search_api, since)

    def _list_id(self, crm_list: CrmList) -> str:
        if not crm_list.external_id.isdigit():
            raise SyncError(
                f"“{crm_list.external_id[:40]}” is not the id of a HubSpot list.", kind="permanent"
            )
        return crm_list.external_id

    def _size_of(self, list_id: str) -> int | None:
        body = {"listIds": [list_id], "count": 1, "additionalProperties": ["hs_list_size"]}
        found = self._crm.lists.lists_api.do_search(body).lists
        size = (found[0].additional_properties or {}).get("hs_list_size") if found else None
        return int(size) if size else None

    def _reader(self) -> Callable[[Iterable[Sequence[str]]], Iterator[Sequence[RawPerson]]]:
        """Return what reads people by id, having asked once for what all of them need."""
        do_not_call = self._settings.get("do_not_call_property", "")
        if do_not_call:
            self._require_contact_property(do_not_call)
        owners = {
            owner.id: f"{owner.first_name or ''} {owner.last_name or ''}".strip() for owner in self._owners()
        }

        def read(pages: Iterable[Sequence[str]]) -> Iterator[Sequence[RawPerson]]:
            number = 0
            for ids in pages:
                for start in range(0, len(ids), BATCH):
                    rows = self._read_contacts(ids[start : start + BATCH], do_not_call)
                    if do_not_call and not any(do_not_call in row.properties for row in rows):
                        # Taken away while we read? HubSpot leaves out what it does not have, and nobody would be flagged.
                        self._require_contact_property(do_not_call)
                    named = self._companies([row for row in rows if not row.properties.get("company")])
                    people = [
                        self._person(row, number + index, owners, do_not_call, named.get(str(row.id), ""))
                        for index, row in enumerate(rows, start=1)
                    ]
                    number += len(people)
                    if people:
                        yield people

        return read

    def log_calls(self, calls: Sequence[CallActivity]) -> Sequence[str | SyncError]:
        """Upsert calls by dialer_call_id and associate each with its contact; every step may be repeated."""
        if not calls:
            return []
        return CallLog(self._crm, self._account(), self._forget_account).write(calls)

    def set_do_not_call(self, flags: Sequence[DoNotCall]) -> Sequence[str | SyncError]:
        """Write the account's do-not-call property."""
        name = self._settings.get("do_not_call_property", "")
        return write_flags(self._crm.contacts.batch_api, flags, name=name)

    def count_logged(self, day: date) -> int:
        """Count calls by hs_timestamp, days of UTC."""
        return count_calls(self._crm.objects.calls.search_api, *day_of(day))

    def logged(self, day: date) -> Iterator[Sequence[str]]:
        """Search calls by hs_timestamp; a day of more than 10,000 in parts."""
        return logged_calls(self._crm.objects.calls.search_api, *day_of(day))

    def deleted_by_people(self, crm_ids: Sequence[str]) -> set[str]:
        """Ask for archived calls; what was deleted for good is not found."""
        found: set[str] = set()
        for start in range(0, len(crm_ids), BATCH):
            body = {
                "inputs": [{"id": each} for each in crm_ids[start : start + BATCH]],
                "properties": [],
                "propertiesWithHistory": [],
            }
            answer = self._crm.objects.calls.batch_api.read(body, archived=True)
            found |= {str(row.id) for row in answer.results if row.archived}
        return found

    def successors(self, person_ids: Sequence[str]) -> Mapping[str, str]:
        """Ask for each person: HubSpot answers for one who was merged with the one who is left."""
        found: dict[str, str] = {}
        for person_id in dict.fromkeys(person_ids):
            try:
                heir = str(self._crm.contacts.basic_api.get_by_id(person_id, properties=["email"]).id)
            except HubSpotAnswerError as error:
                if error.status not in (400, 404):
                    raise
                continue
            if heir != person_id:
                found[person_id] = heir
        return found

    def usage(self) -> Usage:
        """Return what this connector's requests cost so far."""
        return self._meter.usage()

    def _forget_account(self) -> None:
        _accounts.pop((self._base_url, self._token), None)

    def _account(self) -> Account:
        key = (self._base_url, self._token)
        known = _accounts.get(key)
        if known is None or known.good_until < clock.monotonic():
            known = Account(
                owners_by_email={
                    str(owner.email).lower(): str(owner.id) for owner in self._owners() if owner.email
                },
                dispositions=self._read_dispositions(),
                association_type=self._read_association_type(),
                good_until=clock.monotonic() + _ACCOUNT_SECONDS,
            )
            _accounts[key] = known
        return known

    def _read_association_type(self) -> tuple[str, int]:
        labels = self._crm.associations.v4.schema.definitions_api.get_all("calls", "contacts").results
        for item in sorted(labels, key=lambda label: label.type_id):
            if item.category == "HUBSPOT_DEFINED" and not item.label:
                return item.category, int(item.type_id)
        raise SyncError(
            "HubSpot names no way to associate a call with a contact in this account; ask HubSpot's support.",
            kind="config",
        )

    def _read_dispositions(self) -> dict[str, str]:
        found = self._transport.read("/calling/v1/dispositions")
        return {
            str(item["label"]).strip().lower(): str(item["id"]) for item in found if not item.get("deleted")
        }

    def _owners(self) -> Iterator[Any]:
        after = None
        while True:
            options: dict[str, Any] = {"after": after} if after else {}
            page = self._crm.owners.owners_api.get_page(limit=100, **options)
            yield from page.results
            after = page.paging.next.after if page.paging and page.paging.next else None
            if not after:
                return

    def _read_contacts(self, ids: Sequence[str], do_not_call: str) -> list[Any]:
        properties = [
            *_COLUMNS.values(),
            *_PHONES,
            "hubspot_owner_id",
            *([do_not_call] if do_not_call else []),
        ]
        body = {
            "inputs": [{"id": record_id} for record_id in ids],
            "properties": properties,
            "propertiesWithHistory": [],
        }
        answer = self._crm.contacts.batch_api.read(body)
        rows = {str(row.id): row for row in answer.results}  # HubSpot answers in an order of its own
        return [rows[record_id] for record_id in ids if record_id in rows]

    def _companies(self, rows: Sequence[Any]) -> Mapping[str, str]:
        """Return the companies of contacts that name none themselves."""
        known = companies.known_of((self._base_url, self._token), clock.monotonic())
        return companies.names_of(self._crm, [str(row.id) for row in rows], known)

    def _person(
        self, row: Any, number: int, owners: Mapping[str, str], do_not_call: str, company: str
    ) -> RawPerson:
        values = {**row.properties, "company": row.properties.get("company") or company}
        facts = {key: str(value) for key, value in self._settings.items()}
        return RawPerson(
            row_number=number,
            phones=[(kind, values[name]) for name, kind in _PHONES.items() if values.get(name)],
            external_ref=f"{self._prefix}{row.id}",
            owner_name=owners.get(values.get("hubspot_owner_id") or "", ""),
            crm_url=links.person_url(KIND, facts, self._base_url, str(row.id)),
            do_not_call=bool(do_not_call)
            and str(values.get(do_not_call) or "").lower() in ("true", "yes", "1"),
            custom={},
            **{column: values.get(name) or "" for column, name in _COLUMNS.items()},
        )

    def _require_contact_property(self, name: str) -> None:
        try:
            self._crm.properties.core_api.get_by_name("contacts", name)
        except HubSpotAnswerError as error:
            if error.status != 404:
                raise
            raise SyncError(
                f"HubSpot has no contact property “{name}” for do not call. Create it (Settings, "
                "Properties, Contact: single "
                "checkbox), or name another one, or none, on the connection's page.",
                kind="config",
            ) from error

    def _check_do_not_call(self) -> Check:
        name = self._settings.get("do_not_call_property", "")
        if not name:
            return Check(
                "Do not call",
                True,
                "No property is named: nobody is imported as do not call, and HubSpot hears of no request.",
            )
        return self._try(
            "Do not call",
            lambda: self._require_contact_property(name),
            f"Read from and written to the contact property “{name}”.",
        )

    def _call_property(self) -> Any:
        return self._crm.properties.core_api.get_by_name("calls", mapping.CALL_ID_PROPERTY)

    def _check_call_property(self) -> Check:
        advice = (
            f"Calls have a property {mapping.CALL_ID_PROPERTY} that is not unique. Delete it (Settings, "
            "Properties, Calls) and press "
            "“Test”: Parley creates it anew."
        )
        try:
            unique = bool(self._call_property().has_unique_value)
        except HubSpotAnswerError as error:
            if error.kind in ("retryable", "unauthorized"):
                raise
            return Check("Call log", False, str(error))
        return Check("Call log", unique, "Calls can be written, once per call." if unique else advice)

    def _list_page(self, offset: int, *, count: int) -> Any:
        return self._crm.lists.lists_api.do_search(
            {"count": count, "offset": offset, "additionalProperties": ["hs_list_size"]}
        )

    def _try(self, name: str, ask: Any, found: str) -> Check:
        """Return whether `ask` is allowed; errors that concern the whole account are raised."""
        try:
            ask()
        except SyncError as error:
            if error.kind in ("retryable", "unauthorized"):
                raise
            return Check(name, False, str(error))
        return Check(name, True, found)

    def _make_api(self, package: Any, api_name: str, config: Mapping[str, Any]) -> Any:
        """Build one API of the library around our transport, in place of the library's own connections."""
        configuration = package.Configuration()
        configuration.access_token, configuration.host = config["access_token"], config["host"]
        # Words HubSpot adds to its lists must not break reading the rest.
        configuration.client_side_validation = False
        client = package.ApiClient(configuration=configuration)
        client.rest_client = self._transport
        return getattr(package, api_name)(api_client=client)
