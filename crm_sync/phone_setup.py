"""What a CRM is given so that its pages show our phone: a file or settings, with the address in them. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 340, 560  # pixels; the result of a call has its place without scrolling
INTERNAL_NAME: Final = 40  # characters; Salesforce takes letters and digits alone
_CALL_CENTER: Final = """<?xml version="1.0" encoding="UTF-8"?>
<callCenter>
  <section sortOrder="0" name="reqGeneralInfo" label="General Information">
    <item sortOrder="0" name="reqInternalName" label="Internal Name">{internal}</item>
    <item sortOrder="1" name="reqDisplayName" label="Display Name">{display}</item>
    <item sortOrder="2" name="reqAdapterUrl" label="CTI Adapter URL">{address}</item>
    <item sortOrder="3" name="reqUseApi" label="Use CTI API">true</item>
    <item sortOrder="4" name="reqSoftphoneHeight" label="Softphone Height">{height}</item>
    <item sortOrder="5" name="reqSoftphoneWidth" label="Softphone Width">{width}</item>
    <item sortOrder="6" name="reqSalesforceCompatibilityMode" label="Salesforce Compatibility Mode">Lightning</item>
  </section>
  <section sortOrder="1" name="reqDialingOptions" label="Dialing Options">
    <item sortOrder="0" name="reqOutsidePrefix" label="Outside Prefix"></item>
    <item sortOrder="1" name="reqLongDistPrefix" label="Long Distance Prefix"></item>
    <item sortOrder="2" name="reqInternationalPrefix" label="International Prefix"></item>
  </section>
</callCenter>
"""
_FRAME: Final = """<iframe id="parley-phone" title="Phone" src="{address}" width="{width}" height="{height}" allow="microphone"></iframe>
<script type="module">
  const frame = document.getElementById("parley-phone");
  const origin = new URL(frame.src).origin;
  // Dial: the number as it is written, and the record's id as the mapping file reads it.
  const dial = (number, record) => frame.contentWindow.postMessage({{ parley: "dial", number, record }}, origin);
  document.querySelectorAll("[data-number]").forEach((one) =>
    one.addEventListener("click", () => dial(one.dataset.number, one.dataset.record)));
  window.addEventListener("message", (event) => {{
    if (event.origin !== origin || event.source !== frame.contentWindow) return;
    const {{ parley, record, isIn, call, said }} = event.data;
    // ready; signed-in (isIn); call (its number, null once its result is saved); pop: open this record; refused (said)
    console.info("Parley phone", parley, {{ record, isIn, call, said }});
  }});
</script>
"""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the administrator puts into the CRM."""

    file_name: str
    content_type: str
    text: str


def setup(kind: str, *, connection_id: int, name: str, address: str) -> Setup:
    """Return the file for a kind of CRM, for the phone at `address`."""
    if kind == "salesforce":
        return Setup(
            f"parley-phone-{connection_id}.xml", "application/xml", _call_center(connection_id, name, address)
        )
    if kind == "hubspot":
        return Setup(f"parley-phone-{connection_id}.json", "application/json", _calling_settings(address))
    text = _FRAME.format(address=escape(address, {'"': "&quot;"}), width=WIDTH, height=HEIGHT)
    return Setup(f"parley-phone-{connection_id}.html", "text/html", text)


def is_taken_as_it_is(kind: str, address: str) -> bool:
    """Return whether the CRM's real product takes the address: one that begins with https. Other CRMs decide for themselves."""
    return kind == "rest" or address.startswith("https://")


def _call_center(connection_id: int, name: str, address: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]", "", name)
    return _CALL_CENTER.format(
        internal=f"Parley{connection_id}{plain}"[:INTERNAL_NAME],
        display=escape(f"Parley phone ({name})"),
        address=escape(address),
        width=WIDTH,
        height=HEIGHT,
    )


def _calling_settings(address: str) -> str:
    """Return the body of the calling settings of an app. The line is the desk's, so HubSpot need not open a window to hold it."""
    values = {
        "name": "Parley",
        "url": address,
        "width": WIDTH,
        "height": HEIGHT,
        "isReady": True,
        "supportsCustomObjects": False,
        "supportsInboundCalling": False,
        "usesCallingWindow": False,
        "usesRemote": False,
    }
    return json.dumps(values, indent=2) + "\n"
