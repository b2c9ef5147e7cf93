"""HubSpot over hubspot-api-client: checks, lists, people, calls. The only importer of that library."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hubspot import HubSpot

from campaigns.importing import RawPerson
from core import clock
from core.http import OutgoingSession
from crm_sync import links, mapping
from crm_sync.connectors.hubspot_flags import write_flags
from crm_sync.connectors.hubspot_http import HOST, HubSpotAnswerError, Transport, batch_error
from crm_sync.protocol import CallActivity, Check, CrmList, DoNotCall, SyncError

KIND: Final = "hubspot"
BATCH: Final = 100  # inputs of one batch request
_CONTACTS: Final = "0-1"  # object type id
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


@dataclass(frozen=True, slots=True)
class _Account:
    """What mapping needs to know of the account, and until when it may be believed."""

    owners_by_email: Mapping[str, str]
    dispositions: Mapping[str, str]  # lower-case label -> id
    association_type: tuple[str, int]  # category and id of call -> contact
    good_until: float


_accounts: dict[tuple[str, str], _Account] = {}


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
    ) -> None:
        self._token, self._settings, self._prefix, self._base_url = (
            secrets["token"],
            settings,
            ref_prefix,
            base_url,
        )
        session = OutgoingSession(role=KIND, timeout_seconds=timeout_seconds, base_url=base_url)
        self._transport = Transport(session, version=version)
        self._crm = HubSpot(access_token=self._token, host=HOST, api_factory=self._make_api).crm

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
        details = self._transport.read("/account-info/v3/details", self._token)
        return {"portal_id": str(details["portalId"]), "ui_domain": str(details.get("uiDomain") or "")}

    def lists(self) -> Sequence[CrmList]:
        """Return the account's contact lists with their sizes."""
        found: list[CrmList] = []
        offset, more = 0, True
        while more:
            page = self._list_page(offset, count=250)
            for item in page.lists:
                if item.object_type_id != _CONTACTS:
                    continue
                size = (item.additional_properties or {}).get("hs_list_size")
                kind = {"DYNAMIC": "Active list", "SNAPSHOT": "Static list", "MANUAL": "Static list"}.get(
                    item.processing_type, "List"
                )
                found.append(
                    CrmList(
                        kind="list",
                        external_id=str(item.list_id),
                        name=item.name,
                        size=int(size) if size else None,
                        detail=kind,
                    )
                )
            offset, more = page.offset, bool(page.has_more and page.lists)
        return sorted(found, key=lambda item: (item.name.lower(), item.external_id))

    def people(self, crm_list: CrmList) -> Iterator[Sequence[RawPerson]]:
        """Yield the list's contacts in the order of its memberships.

        Contacts deleted meanwhile are left out.
        """
        if not crm_list.external_id.isdigit():
            raise SyncError(
                f"“{crm_list.external_id[:40]}” is not the id of a HubSpot list.", kind="permanent"
            )
        do_not_call = self._settings.get("do_not_call_property", "")
        if do_not_call:
            self._require_contact_property(do_not_call)
        owners = {
            owner.id: f"{owner.first_name or ''} {owner.last_name or ''}".strip() for owner in self._owners()
        }
        number, after = 0, None
        while True:
            options: dict[str, Any] = {"after": after} if after else {}
            page = self._crm.lists.memberships_api.get_page(
                crm_list.external_id, limit=_MEMBERS_PAGE, **options
            )
            ids = [str(member.record_id) for member in page.results]
            for start in range(0, len(ids), BATCH):
                rows = self._read_contacts(ids[start : start + BATCH], do_not_call)
                people = [
                    self._person(row, number + index, owners, do_not_call)
                    for index, row in enumerate(rows, start=1)
                ]
                number += len(people)
                if people:
                    yield people
            after = page.paging.next.after if page.paging and page.paging.next else None
            if not after:
                return

    def log_calls(self, calls: Sequence[CallActivity]) -> Sequence[str | SyncError]:
        """Upsert calls by dialer_call_id and associate each with its contact; every step may be repeated."""
        account = self._account()
        results: list[str | SyncError] = []
        for start in range(0, len(calls), BATCH):
            batch = calls[start : start + BATCH]
            written = self._upsert(batch, account)
            pairs = [
                (crm_id, call.person_id)
                for crm_id, call in zip(written, batch, strict=True)
                if isinstance(crm_id, str)
            ]
            refused = self._associate(pairs, account.association_type)
            results += [refused.get(item, item) if isinstance(item, str) else item for item in written]
        return results

    def set_do_not_call(self, flags: Sequence[DoNotCall]) -> Sequence[str | SyncError]:
        """Write the account's do-not-call property."""
        name = self._settings.get("do_not_call_property", "")
        return write_flags(self._crm.contacts.batch_api, flags, name=name)

    def _upsert(self, calls: Sequence[CallActivity], account: _Account) -> list[str | SyncError]:
        inputs = [
            {
                "id": call.external_call_id,
                "idProperty": mapping.CALL_ID_PROPERTY,
                "objectWriteTraceId": call.external_call_id,
                "properties": mapping.hubspot_call(
                    call,
                    dispositions=account.dispositions,
                    owner_id=account.owners_by_email.get(call.agent_email.lower(), ""),
                ),
            }
            for call in calls
        ]
        try:
            answer = self._crm.objects.calls.batch_api.upsert({"inputs": inputs})
        except SyncError as error:
            if error.kind != "permanent" or len(calls) == 1:
                if error.kind == "permanent":
                    return [error]
                raise
            # One value HubSpot does not accept refuses the whole batch: halve it until the culprit stands
            # alone.
            middle = len(calls) // 2
            return self._upsert(calls[:middle], account) + self._upsert(calls[middle:], account)
        ids = {
            str(row.properties.get(mapping.CALL_ID_PROPERTY, "")).lower(): str(row.id)
            for row in answer.results
        }
        failed = getattr(answer, "errors", None) or []
        return [
            ids.get(call.external_call_id) or batch_error(failed, call.external_call_id) for call in calls
        ]

    def _associate(self, pairs: Sequence[tuple[str, str]], kind: tuple[str, int]) -> dict[str, SyncError]:
        """Associate (call, contact) pairs; return the errors by call.

        Repeating an association changes nothing.
        """
        if not pairs:
            return {}
        types = [{"associationCategory": kind[0], "associationTypeId": kind[1]}]
        inputs = [{"from": {"id": call}, "to": {"id": contact}, "types": types} for call, contact in pairs]
        try:
            answer = self._crm.associations.v4.batch_api.create("calls", "contacts", {"inputs": inputs})
        except SyncError as error:
            if error.kind != "permanent":
                raise
            if len(pairs) == 1:
                return {pairs[0][0]: error}
            middle = len(pairs) // 2
            return self._associate(pairs[:middle], kind) | self._associate(pairs[middle:], kind)
        done = {str(row.from_object_id) for row in answer.results}
        failed = getattr(answer, "errors", None) or []
        return {call: batch_error(failed, call, contact) for call, contact in pairs if call not in done}

    def _account(self) -> _Account:
        key = (self._base_url, self._token)
        known = _accounts.get(key)
        if known is None or known.good_until < clock.monotonic():
            known = _Account(
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
        found = self._transport.read("/calling/v1/dispositions", self._token)
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

    def _person(self, row: Any, number: int, owners: Mapping[str, str], do_not_call: str) -> RawPerson:
        values = row.properties
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
