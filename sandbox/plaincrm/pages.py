"""Pages for people: segments, contacts to look at and edit, and what was logged."""

from html import escape

from aiohttp import web

from sandbox import crm_html
from sandbox.crm_html import cell, facts, link, table
from sandbox.crm_store import Row
from sandbox.phone_hosts import PhoneHost, call_link
from sandbox.plaincrm.book import Book

SITE = "Plain CRM"
EDITABLE = ("given_name", "family_name", "company", "job", "email", "phone", "mobile")
SHOWN_RESULTS = 100


class Pages:
    """The pages of one CRM."""

    def __init__(self, book: Book) -> None:
        self._book, self._phone = book, PhoneHost("plain", SITE)

    def add_routes(self, app: web.Application) -> None:
        """Add the addresses."""
        self._phone.add_routes(app)
        app.router.add_get("/", self.home)
        app.router.add_get("/segments/{id}", self.segment)
        app.router.add_get("/contacts/{id}", self.contact)
        app.router.add_post("/contacts/{id}", self.save)
        app.router.add_post("/contacts/{id}/delete", self.delete)
        app.router.add_post("/activities/{id}/delete", self.delete_activity)

    async def home(self, request: web.Request) -> web.Response:
        """Show the segments, or what a search found."""
        query = request.query.get("q", "").strip()
        if query:
            found = [row for row in self._book.store.rows("contact") if _matches(row, query)]
            return crm_html.respond(SITE, f"Search: {query}", _people(found[:SHOWN_RESULTS]), query=query)
        rows = [
            (link(f"/segments/{row['id']}", row["title"]), cell(len(self._book.members(row["id"]))))
            for row in self._book.store.rows("segment")
        ]
        latest = [
            (
                link(f"/contacts/{row['contact']}", row["contact"]),
                cell(row.get("subject")),
                cell(row.get("result")),
                cell(row.get("at")),
            )
            for row in self._book.activities()[-20:][::-1]
        ]
        body = "<h2>Segments</h2>" + table(("Segment", "Contacts"), rows, empty="No segments.")
        body += "<h2>Latest activities</h2>"
        body += table(("Contact", "Subject", "Result", "At"), latest, empty="Nothing has been logged yet.")
        return crm_html.respond(SITE, "Home", body)

    async def segment(self, request: web.Request) -> web.Response:
        """Show who is in a segment."""
        row = self._book.segment(request.match_info["id"])
        statuses = {
            contact: (link(f"/contacts/{contact}", contact), cell(status))
            for contact, status in row.get("statuses", {}).items()
        }
        body = _people(self._book.members(row["id"])) + "<h2>Statuses</h2>"
        body += table(("Contact", "Status"), list(statuses.values()), empty="None yet.")
        return crm_html.respond(SITE, row["title"], body)

    async def contact(self, request: web.Request) -> web.Response:
        """Show a contact: a form to edit it, and its activities, newest first."""
        row = self._book.contact(request.match_info["id"])
        if row["merged_into"]:
            raise web.HTTPFound(f"/contacts/{row['merged_into']}")
        fields = "".join(
            f'<p><label>{name.replace("_", " ")}<br><input name="{name}" value="{escape(str(row[name] or ""))}"></label></p>'
            for name in EDITABLE
        )
        checked = " checked" if row["do_not_call"] else ""
        dial = "".join(call_link(str(row[name]), row["id"]) for name in ("phone", "mobile") if row[name])
        body = (
            facts([("Record", row["id"]), ("Owner", row["owner"]), *row["address"].items()])
            + dial
            + self._phone.panel()
        )
        body += (
            f'<form method="post">{fields}<p><label><input type="checkbox" name="do_not_call"{checked}> do not call</label></p>'
            f'<button>Save</button></form><form method="post" action="/contacts/{row["id"]}/delete"><button>Delete</button></form>'
        )
        entries = self._book.activities(contact=row["id"])[::-1]
        body += f"<h2>Activities ({len(entries)})</h2>"
        body += crm_html.timeline(
            [(each.get("subject") or "(no subject)", _activity_facts(each)) for each in entries],
            empty="Nothing yet.",
        )
        return crm_html.respond(SITE, f"{row['given_name']} {row['family_name']}", body)

    async def save(self, request: web.Request) -> web.Response:
        """Keep what was edited."""
        form = await request.post()
        row = self._book.contact(request.match_info["id"])
        given = {name: str(form[name]) for name in EDITABLE if name in form}
        self._book.store.put("contact", row["id"], {**row, **given, "do_not_call": "do_not_call" in form})
        raise web.HTTPFound(f"/contacts/{row['id']}")

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a contact."""
        self._book.store.remove("contact", self._book.contact(request.match_info["id"])["id"])
        raise web.HTTPFound("/")

    async def delete_activity(self, request: web.Request) -> web.Response:
        """Delete an activity."""
        row = self._book.activity(request.match_info["id"])
        self._book.store.put("activity", row["id"], {**row, "deleted": True})
        raise web.HTTPFound(f"/contacts/{row['contact']}")


def _matches(row: Row, query: str) -> bool:
    text = " ".join(str(row.get(name) or "") for name in EDITABLE).lower()
    digits = "".join(char for char in query if char.isdigit())
    numbers = "".join(char for char in f"{row['phone']}|{row['mobile']}" if char.isdigit() or char == "|")
    return all(word in text for word in query.lower().split()) or (len(digits) >= 4 and digits in numbers)


def _people(rows: list[Row]) -> str:
    cells = [
        (
            link(f"/contacts/{row['id']}", f"{row['given_name']} {row['family_name']}"),
            cell(row["company"]),
            cell(row["phone"]),
            cell(row["mobile"]),
            "do not call" if row["do_not_call"] else "",
        )
        for row in rows
    ]
    return table(("Name", "Company", "Phone", "Mobile", ""), cells, empty="Nobody is here.")


def _activity_facts(row: Row) -> list[tuple[str, object]]:
    names = ("type", "direction", "at", "seconds", "outcome", "result", "text", "id", "revisions")
    return [(name, row.get(name)) for name in names]
