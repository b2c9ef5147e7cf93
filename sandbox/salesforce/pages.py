"""Record pages at the addresses the real CRM uses, to look at what was written."""

from aiohttp import web

from sandbox import crm_html
from sandbox.crm_html import cell, facts, link, table
from sandbox.crm_store import Row
from sandbox.phone_hosts import PhoneHost, call_link
from sandbox.salesforce import soql, soql_run
from sandbox.salesforce.ids import OBJECT_BY_PREFIX, MalformedIdError, parse_id
from sandbox.salesforce.listviews import make_query
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import EXTERNAL_CALL_ID, OBJECTS

SITE = "Sandbox Salesforce"
SHOWN_RESULTS = 100
_HIDDEN = frozenset({"MasterRecordId", "CreatedById", "LastModifiedById", "IsDeleted", "Id"})


class Pages:
    """Home, search, and one page for each lead, contact, campaign and list view. No sign-in."""

    def __init__(self, org: Org) -> None:
        self._org, self._phone = org, PhoneHost("open_cti", SITE)

    def add_routes(self, app: web.Application) -> None:
        """Add the pages to the server."""
        self._phone.add_routes(app)
        app.router.add_get("/", self.home)
        app.router.add_get("/lightning/r/{object:Lead|Contact}/{id}/view", self.person)
        app.router.add_get("/lightning/r/Campaign/{id}/view", self.campaign)
        app.router.add_get("/lightning/o/{object:Lead|Contact}/list", self.list_view)
        app.router.add_get(r"/{id:\w{15}|\w{18}}", self.redirect)

    async def home(self, request: web.Request) -> web.Response:
        """Show campaigns, list views and totals, or what a search found."""
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
        campaigns = [
            (
                link(f"/lightning/r/Campaign/{row['Id']}/view", row["Name"]),
                cell(row["Status"]),
                cell(row["NumberOfLeads"] or 0),
                cell(row["NumberOfContacts"] or 0),
            )
            for row in self._org.rows("Campaign")
        ]
        views = [
            (
                link(f"/lightning/o/{row['SobjectType']}/list?filterName={row['Id']}", row["Name"]),
                cell(row["SobjectType"]),
                cell(self._count(row)),
            )
            for row in self._org.rows("ListView")
        ]
        totals = [(name, sum(1 for _ in self._org.rows(name))) for name in ("Lead", "Contact", "Task")]
        body = f"<h2>Records</h2>{facts(totals)}<h2>Campaigns</h2>"
        body += table(("Name", "Status", "Leads", "Contacts"), campaigns, empty="No campaigns.")
        body += "<h2>List views</h2>" + table(("Name", "Of", "People"), views, empty="No list views.")
        body += "<h2>Latest activities</h2>" + self._latest()
        return crm_html.respond(SITE, "Home", body)

    async def person(self, request: web.Request) -> web.Response:
        """Show a person's fields and every task about them, newest first."""
        row = self._find(request.match_info["object"], request.match_info["id"])
        if row is None:
            return _missing()
        kind = OBJECTS[request.match_info["object"]]
        pairs: list[tuple[str, object]] = [("Record Id", row["Id"])]
        for name, field in kind.fields.items():
            if name in _HIDDEN or row.get(name) is None:
                continue
            followed = self._org.follow(field, row) if field.to else None
            pairs.append((field.relationship or name, followed[1]["Name"]) if followed else (name, row[name]))
        tasks = [task for task in self._org.rows("Task") if task["WhoId"] == row["Id"]]
        entries = [(task["Subject"] or "(no subject)", self._task_facts(task)) for task in reversed(tasks)]
        timeline = crm_html.timeline(entries, empty="No activity yet.")
        numbers = [call_link(row[name], row["Id"]) for name in ("Phone", "MobilePhone") if row.get(name)]
        body = f'<p class="sub">{kind.name}</p>{"".join(numbers)}{self._phone.panel()}'
        body += f"{facts(pairs)}<h2>Activity ({len(tasks)})</h2>{timeline}"
        return crm_html.respond(SITE, row["Name"], body)

    async def campaign(self, request: web.Request) -> web.Response:
        """Show a campaign and its members."""
        row = self._find("Campaign", request.match_info["id"])
        if row is None:
            return _missing()
        members = [m for m in self._org.rows("CampaignMember") if m["CampaignId"] == row["Id"]]
        people = [self._find("Lead", m["LeadId"]) or self._find("Contact", m["ContactId"]) for m in members]
        pairs = [(name, row[name]) for name in ("Id", "Status", "Type", "StartDate", "Description")]
        body = facts(pairs) + f"<h2>Members ({len(members)})</h2>"
        body += _people_table([p for p in people if p is not None], empty="No members yet.")
        return crm_html.respond(SITE, row["Name"], body)

    async def list_view(self, request: web.Request) -> web.Response:
        """Show the people a list view finds."""
        view = self._find("ListView", request.query.get("filterName"))
        if view is None or view["SobjectType"] != request.match_info["object"]:
            return _missing()
        query = make_query(view)
        found = soql_run.run(self._org, soql.parse(query))["records"]
        people = [row for r in found if (row := self._org.find(view["SobjectType"], r["Id"])) is not None]
        body = f'<p class="sub">{len(people)} people. {cell(query)}</p>' + _people_table(
            people, empty="Nobody."
        )
        return crm_html.respond(SITE, view["Name"], body)

    async def redirect(self, request: web.Request) -> web.Response:
        """Lead from a bare record id to the record's page."""
        name = OBJECT_BY_PREFIX.get(request.match_info["id"][:3], "")
        row = self._find(name, request.match_info["id"])
        if row is not None and name == "Task" and row["WhoId"]:
            raise web.HTTPFound(f"/{row['WhoId']}")
        if row is None or name not in ("Lead", "Contact", "Campaign"):
            return _missing()
        raise web.HTTPFound(f"/lightning/r/{name}/{row['Id']}/view")

    def _find(self, name: str, record_id: object) -> Row | None:
        try:
            return self._org.find(name, parse_id(record_id))
        except MalformedIdError:
            return None

    def _count(self, view: Row) -> int:
        return int(soql_run.run(self._org, soql.parse(make_query(view)))["totalSize"])

    def _search(self, query: str) -> list[Row]:
        words, digits = query.lower().split(), "".join(char for char in query if char.isdigit())
        found = []
        for name in ("Lead", "Contact"):
            for row in self._org.rows(name):
                account = self._find("Account", row.get("AccountId"))
                company = account["Name"] if account else row.get("Company")
                text = f"{row['Name']} {row['Email']} {company}".lower()
                phones = "".join(c for c in f"{row['Phone']} {row['MobilePhone']}" if c.isdigit() or c == " ")
                if all(word in text for word in words) or (len(digits) >= 4 and digits in phones):
                    found.append(row)
        return found

    def _latest(self) -> str:
        rows = []
        for task in list(self._org.rows("Task"))[-20:][::-1]:
            who = self._find("Lead", task["WhoId"]) or self._find("Contact", task["WhoId"])
            rows.append(
                (
                    cell(task["CreatedDate"]),
                    link(f"/{task['WhoId']}", who["Name"]) if who else "",
                    cell(task["Subject"]),
                    cell(task["CallDisposition"]),
                    cell(task["CallDurationInSeconds"]),
                )
            )
        heads = ("Written", "Person", "Subject", "Disposition", "Seconds")
        return table(heads, rows, empty="Nothing has been logged yet.")

    def _task_facts(self, task: Row) -> list[tuple[str, object]]:
        owner = self._find("User", task["OwnerId"])
        return [
            ("Disposition", task["CallDisposition"]),
            ("Duration (seconds)", task["CallDurationInSeconds"]),
            ("Call type", task["CallType"]),
            ("Subtype", task["TaskSubtype"]),
            ("Status", task["Status"]),
            ("Date", task["ActivityDate"]),
            ("Assigned to", owner["Name"] if owner else None),
            ("Description", task["Description"]),
            ("Call object", task["CallObject"]),
            ("External id", task[EXTERNAL_CALL_ID]),
            ("Written", task["CreatedDate"]),
            ("Task id", task["Id"]),
        ]


def _people_table(people: list[Row], *, empty: str) -> str:
    rows = []
    for row in people:
        kind = OBJECT_BY_PREFIX[row["Id"][:3]]
        rows.append(
            (
                link(f"/lightning/r/{kind}/{row['Id']}/view", row["Name"]),
                cell(kind),
                cell(row.get("Company") or row.get("Title")),
                cell(row["Phone"]),
                cell(row["MobilePhone"]),
                cell(row.get("State") or row.get("MailingState")),
                "do not call" if row["DoNotCall"] else "",
            )
        )
    heads = ("Name", "Kind", "Company or title", "Phone", "Mobile", "State", "")
    return table(heads, rows, empty=empty)


def _missing() -> web.Response:
    body = '<p class="sub">There is no such record, or it was deleted. Search by name or number above.</p>'
    return crm_html.respond(SITE, "Not found", body, status=404)
