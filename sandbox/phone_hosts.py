"""Pages that hold a product's phone in a frame, as the CRMs' own pages do, and play the vendor's side of the conversation.

`open_cti`: what Salesforce's library does, loaded by the phone from here; `calling`: the messages of HubSpot's; `plain`: ours.
Where the phone is, is set by people: `/phone-host` remembers the address until the stand-in ends.
"""

from html import escape
from typing import Literal

from aiohttp import web

from sandbox import crm_html

Kind = Literal["open_cti", "calling", "plain"]
OPEN_CTI_PATH = "/support/api/66.0/lightning/opencti_min.js"

# The phone's side of Open CTI: asks the page that holds it, and hears clicks on numbers from it.
OPEN_CTI = """
(() => {
  const tell = (does, given) => window.parent.postMessage({ opencti: does, given: JSON.parse(JSON.stringify(given ?? {})) }, "*");
  const act = (does) => (given) => { tell(does, given); given?.callback?.({ success: true }); };
  const listeners = [];
  window.addEventListener("message", ({ data, source }) => {
    if (source === window.parent && data?.opencti === "clickToDial") listeners.forEach((hear) => hear(data.given));
  });
  window.sforce = { opencti: {
    SCREENPOP_TYPE: { SOBJECT: "sobject", URL: "url" },
    enableClickToDial: act("enableClickToDial"), disableClickToDial: act("disableClickToDial"), screenPop: act("screenPop"),
    setSoftphonePanelVisibility: act("setSoftphonePanelVisibility"),
    onClickToDial: ({ listener }) => listeners.push(listener),
  } };
})();
"""

_COMMON = """
const frame = document.getElementById("phone"), log = document.getElementById("heard"), phoneOrigin = new URL(frame.src).origin;
const note = (text) => { log.textContent += text + "\\n"; };
const shown = (id) => { document.getElementById("popped").textContent = id; };
const numbers = () => document.querySelectorAll("[data-number]");
const enable = (on) => numbers().forEach((one) => one.setAttribute("aria-disabled", String(!on)));
let dial = () => note("the phone is not ready");
numbers().forEach((one) => one.addEventListener("click", (event) => { event.preventDefault(); dial(one.dataset); }));
const hear = (act) => window.addEventListener("message", ({ data, origin, source }) => {
  if (origin === phoneOrigin && source === frame.contentWindow) act(data);
});
"""

_TALK: dict[Kind, str] = {
    "open_cti": """
hear(({ opencti, given }) => {
  if (!opencti) return;
  note(opencti);
  if (opencti === "enableClickToDial") enable(true);
  if (opencti === "disableClickToDial") enable(false);
  if (opencti === "screenPop") shown(given.params.recordId);
});
dial = ({ number, record }) => frame.contentWindow.postMessage({ opencti: "clickToDial", given: {
  number, recordId: record, objectType: record.startsWith("003") ? "Contact" : "Lead" } }, phoneOrigin);
""",
    "calling": """
let synced = 0;
const say = (type, more) => frame.contentWindow.postMessage({ type, messageId: `host_${Date.now()}`, ...more }, phoneOrigin);
const sync = setInterval(() => say("SYNC", { portalId: 1, userId: 1, ownerId: 1, hostUrl: location.origin }), 300);
hear((data) => {
  if (!data?.type) return;
  note(data.type);
  if (data.type === "SYNC_ACK") clearInterval(sync);
  if (data.type === "LOGGED_IN") enable(true);
  if (data.type === "LOGGED_OUT") enable(false);
  if (data.type === "NAVIGATE_TO_RECORD") shown((data.data ?? data).objectCoordinates.objectId);
});
dial = ({ number, record }) => say("DIAL_NUMBER", { data: { phoneNumber: number, objectId: Number(record), objectType: "CONTACT" } });
""",
    "plain": """
hear((data) => {
  if (!data?.parley) return;
  note(data.parley + (data.said ? ": " + data.said : ""));
  if (data.parley === "signed-in") enable(data.isIn);
  if (data.parley === "pop") shown(data.record);
});
dial = ({ number, record }) => frame.contentWindow.postMessage({ parley: "dial", number, record }, phoneOrigin);
""",
}


def call_link(number: str, record: str) -> str:
    """Return a number of a record's page that calls once a phone is signed in."""
    data = f'data-number="{escape(number)}" data-record="{escape(record)}"'
    return f'<p><a href="#" aria-disabled="true" {data}>Call {escape(number)}</a></p>'


class PhoneHost:
    """The frame of one CRM's pages, and the page where its address is set."""

    def __init__(self, kind: Kind, site: str, address: str = "") -> None:
        self._kind, self._site, self.address = kind, site, address

    def add_routes(self, app: web.Application) -> None:
        """Add `/phone-host`, and the vendor's library where there is one."""
        app.router.add_get("/phone-host", self.page)
        app.router.add_post("/phone-host", self.keep)
        if self._kind == "open_cti":
            app.router.add_get(OPEN_CTI_PATH, self.library)

    def panel(self) -> str:
        """Return the frame with what it said and popped; empty while nobody set the address."""
        if not self.address:
            return (
                '<p class="sub"><a href="/phone-host">Set the address of a phone</a> to call from here.</p>'
            )
        return (
            f'<h2>Phone</h2><iframe id="phone" title="Phone" src="{escape(self.address)}" width="340" height="560" allow="microphone">'
            f'</iframe><p>Record shown by the phone: <strong id="popped">none</strong></p><pre id="heard"></pre>'
            f'<script type="module">{_COMMON}{_TALK[self._kind]}</script>'
        )

    async def page(self, request: web.Request) -> web.Response:
        """Ask for the phone's address; with a number in the address, show a page that can dial it."""
        number, record = request.query.get("number", ""), request.query.get("record", "")
        link = call_link(number, record) if number else ""
        form = (
            f'<form method="post"><p><label>Address of the phone<br><input name="address" value="{escape(self.address)}"></label></p>'
            f"<button>Keep</button></form>"
        )
        return crm_html.respond(self._site, "Phone", form + link + self.panel())

    async def keep(self, request: web.Request) -> web.Response:
        """Keep the address."""
        given = str((await request.post()).get("address", "")).strip()
        self.address = given if given.startswith(("http://", "https://")) else ""
        raise web.HTTPFound("/phone-host")

    async def library(self, _: web.Request) -> web.Response:
        """Give out the library."""
        return web.Response(text=OPEN_CTI, content_type="text/javascript")
