"""Record pages at the addresses the real CRM uses, to look at what was written."""

from aiohttp import web

from sandbox import crm_html
from sandbox.crm_html import cell, facts, link, table
from sandbox.crm_store import Row
from sandbox.hubspot.lists import members
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import DISPOSITIONS, OBJECT_TYPES, PORTAL_ID, find_object_type
from sandbox.phone_hosts import PhoneHost, call_link

SITE = "Sandbox HubSpot"
SHOWN_RESULTS = 100
_CONTACTS, _CALLS = OBJECT_TYPES["contacts"], OBJECT_TYPES["calls"]
_OTHER_ACTIVITIES = (
    ("notes", "Note", "hs_note_body"),
    ("tasks", "Task", "hs_task_subject"),
    ("communications", "Message", "hs_communication_body"),
)


class Pages:
    """Home, search, and one page for each contact and list. No sign-in."""

    def __init__(self, portal: Portal) -> None:
        self._portal, self._phone = portal, PhoneHost("calling", SITE)

    def add_routes(self, app: web.Application) -> None:
        """Add the pages to the server."""
        self._phone.add_routes(app)
        app.router.add_get("/", self.home)
        app.router.add_post(r"/contacts/{portal:\d+}/record/{type:[\d-]+}/{id:\d+}", self.change)
        app.router.add_get(r"/contacts/{portal:\d+}/record/{type:[\d-]+}/{id:\d+}", self.record)
        app.router.add_get(r"/contacts/{portal:\d+}/contact/{id:\d+}", self.record)
        app.router.add_get(r"/contacts/{portal:\d+}/lists/{id:\d+}", self.show_list)

    async def home(self, request: web.Request) -> web.Response:
        """Show lists and totals, or what a search found."""
        query = request.query.get("q", "").strip()
        if query:
            found = self._search(query)
            body = (
                f'<p class="sub">{len(found)} found{", the first shown" * (len(found) > SHOWN_RESULTS)}</p>'
            )
            body += _people_table(
                found[:SHOWN_RESULTS], empty="Nobody matches; try part of a name or number."
            )
            return crm_html.respond(SITE, f"Search: {query}", body, query=query)
        rows = [
            (
                link(f"/contacts/{PORTAL_ID}/lists/{row['listId']}", row["name"]),
                cell(find_object_type(row["objectTypeId"]).name),
                "active" if row["processingType"] == "DYNAMIC" else "static",
                cell(len(members(self._portal, row))),
            )
            for row in self._portal.store.rows("list")
        ]
        totals = [(kind.name, sum(1 for _ in self._portal.records(kind))) for kind in OBJECT_TYPES.values()]
        body = f"<h2>Records</h2>{facts(totals)}<h2>Lists</h2>"
        body += table(("Name", "Of", "Kind", "Size"), rows, empty="No lists.")
        body += '<p><a href="/webhooks">Webhooks</a></p>'
        body += "<h2>Latest calls</h2>" + self._latest()
        return crm_html.respond(SITE, "Home", body)

    async def record(self, request: web.Request) -> web.Response:
        """Show a record's properties and, newest first, its calls and other activities."""
        wanted = request.match_info.get("type", "0-1")
        kind = next((kind for kind in OBJECT_TYPES.values() if kind.type_id == wanted), None)
        row = self._portal.find(kind, request.match_info["id"]) if kind else None
        if kind is None or row is None:
            return _missing()
        own = row["properties"]
        owner = self._portal.owner(own.get("hubspot_owner_id"))
        pairs = [("Record ID", row["id"]), *sorted(own.items())]
        if owner:
            pairs.append(("owner", f"{owner['firstName']} {owner['lastName']}"))
        calls = self._associated(kind.name, row, "calls")
        entries = [
            (call["properties"].get("hs_call_title") or "(no title)", _call_facts(call)) for call in calls
        ]
        names = "".join(f"<option>{cell(name)}</option>" for name in sorted(self._portal.properties(kind)))
        body = (
            f'<form method="post"><p><select name="property" aria-label="Property">{names}</select> '
            f'<input name="value" aria-label="New value"> <button>Change</button> '
            f'<button name="act" value="delete">Delete record</button></p></form>'
        )
        body += f'<p class="sub">{kind.singular}</p>'
        if kind.name == "contacts":
            numbers = [call_link(own[name], row["id"]) for name in ("phone", "mobilephone") if own.get(name)]
            body += "".join(numbers) + self._phone.panel()
        body += f"{facts(pairs)}<h2>Calls ({len(calls)})</h2>"
        body += crm_html.timeline(entries, empty="No calls yet.")
        others = [
            (f"{label}: {each['properties'].get(text, '')}", list(each["properties"].items()))
            for name, label, text in _OTHER_ACTIVITIES
            for each in self._associated(kind.name, row, name)
        ]
        body += f"<h2>Other activities ({len(others)})</h2>" + crm_html.timeline(others, empty="None yet.")
        return crm_html.respond(SITE, _name(row), body)

    async def change(self, request: web.Request) -> web.Response:
        """Change one property of a record, or delete the record, as a user of the CRM does."""
        wanted, form = request.match_info["type"], await request.post()
        kind = next((kind for kind in OBJECT_TYPES.values() if kind.type_id == wanted), None)
        row = self._portal.find(kind, request.match_info["id"]) if kind else None
        if kind is None or row is None:
            return _missing()
        if form.get("act") == "delete":
            self._portal.archive(kind, row["id"])
            raise web.HTTPFound("/")
        self._portal.update(kind, row, {str(form.get("property", "")): str(form.get("value", ""))})
        raise web.HTTPFound(request.path)

    async def show_list(self, request: web.Request) -> web.Response:
        """Show a list and its members."""
        row = self._portal.store.get("list", request.match_info["id"])
        if row is None:
            return _missing()
        kind = find_object_type(row["objectTypeId"])
        found = [self._portal.find(kind, record_id) for record_id, _ in members(self._portal, row)]
        people = [each for each in found if each is not None]
        body = f'<p class="sub">{row["processingType"]}, {len(people)} {kind.name}</p>'
        body += _people_table(people, empty="No members yet.", type_id=kind.type_id)
        return crm_html.respond(SITE, row["name"], body)

    def _associated(self, source: str, row: Row, target: str) -> list[Row]:
        if source == target or (source not in ("contacts", "companies")):
            return []
        kind = OBJECT_TYPES[target]
        links = self._portal.associated(OBJECT_TYPES[source], row["id"], kind)
        found = [each for link in links if (each := self._portal.find(kind, link["to_id"])) is not None]
        return sorted(found, key=lambda each: each["properties"].get("hs_timestamp", ""), reverse=True)

    def _search(self, query: str) -> list[Row]:
        words, digits = query.lower().split(), "".join(char for char in query if char.isdigit())
        found = []
        for row in self._portal.records(_CONTACTS):
            own = row["properties"]
            text = " ".join(
                own.get(name, "") for name in ("firstname", "lastname", "email", "company")
            ).lower()
            phones = f"{own.get('phone', '')}|{own.get('mobilephone', '')}"
            phones = "".join(char for char in phones if char.isdigit() or char == "|")
            if all(word in text for word in words) or (len(digits) >= 4 and digits in phones):
                found.append(row)
        return found

    def _latest(self) -> str:
        rows = []
        for call in list(self._portal.records(_CALLS))[-20:][::-1]:
            own = call["properties"]
            contacts = self._portal.associated(_CALLS, call["id"], _CONTACTS)
            contact = self._portal.find(_CONTACTS, contacts[0]["to_id"]) if contacts else None
            rows.append(
                (
                    cell(call["createdAt"]),
                    link(_address(contact, "0-1"), _name(contact)) if contact else "",
                    cell(own.get("hs_call_title")),
                    cell(DISPOSITIONS.get(own.get("hs_call_disposition", ""))),
                    cell(own.get("hs_call_duration")),
                )
            )
        heads = ("Written", "Contact", "Title", "Disposition", "Duration (ms)")
        return table(heads, rows, empty="Nothing has been logged yet.")


def _call_facts(call: Row) -> list[tuple[str, object]]:
    own = call["properties"]
    return [
        ("Disposition", DISPOSITIONS.get(own.get("hs_call_disposition", ""))),
        ("Duration (ms)", own.get("hs_call_duration")),
        ("Status", own.get("hs_call_status")),
        ("Direction", own.get("hs_call_direction")),
        ("Time", own.get("hs_timestamp")),
        ("From", own.get("hs_call_from_number")),
        ("To", own.get("hs_call_to_number")),
        ("Body", own.get("hs_call_body")),
        ("Owner", own.get("hubspot_owner_id")),
        ("dialer_call_id", own.get("dialer_call_id")),
        ("Written", call["createdAt"]),
        ("Call id", call["id"]),
    ]


def _people_table(rows: list[Row], *, empty: str, type_id: str = "0-1") -> str:
    cells = []
    for row in rows:
        own = row["properties"]
        cells.append(
            (
                link(_address(row, type_id), _name(row)),
                cell(own.get("company") or own.get("domain")),
                cell(own.get("phone")),
                cell(own.get("mobilephone")),
                cell(own.get("state")),
                "do not call" if own.get("do_not_call") == "true" else "",
            )
        )
    return table(("Name", "Company", "Phone", "Mobile", "State", ""), cells, empty=empty)


def _address(row: Row, type_id: str) -> str:
    return f"/contacts/{PORTAL_ID}/record/{type_id}/{row['id']}"


def _name(row: Row) -> str:
    own = row["properties"]
    full = f"{own.get('firstname', '')} {own.get('lastname', '')}".strip()
    return full or own.get("name") or own.get("email") or f"Record {row['id']}"


def _missing() -> web.Response:
    body = '<p class="sub">There is no such record, or it was archived. Search by name or number above.</p>'
    return crm_html.respond(SITE, "Not found", body, status=404)
