"""What a CRM is given to show our phone."""

import json
from xml.etree import ElementTree

import pytest

from crm_sync import phone_setup

ADDRESS = 'https://parley.example.com/phone/7/?a=1&b="2"'
NAMES = ["Sales & <Service>", "Ünternehmen 2", "9 to 5", "x" * 80, ""]


@pytest.mark.parametrize("name", NAMES)
def test_a_call_centre_says_what_salesforce_requires(name: str) -> None:
    made = phone_setup.setup("salesforce", connection_id=7, name=name, address=ADDRESS)

    root = ElementTree.fromstring(made.text.encode())
    items = {each.get("name"): each.text for each in root.iter("item")}
    general = [each.get("sortOrder") for each in root.findall("section")[0]]
    internal = items["reqInternalName"] or ""
    assert root.tag == "callCenter"
    assert internal.isalnum()
    assert internal[0].isalpha()
    assert len(internal) <= 40
    assert items["reqDisplayName"] == f"Parley phone ({name})"
    assert items["reqAdapterUrl"] == ADDRESS
    assert (items["reqUseApi"], items["reqSalesforceCompatibilityMode"]) == ("true", "Lightning")
    assert general == [str(number) for number in range(len(general))]


def test_the_calling_settings_are_those_hubspot_asks_for() -> None:
    made = phone_setup.setup("hubspot", connection_id=7, name="HubSpot", address=ADDRESS)

    values = json.loads(made.text)
    assert values["url"] == ADDRESS
    assert values["isReady"] is True
    required = {
        "name",
        "url",
        "width",
        "height",
        "isReady",
        "supportsCustomObjects",
        "supportsInboundCalling",
    }
    assert set(values) == required | {"usesCallingWindow", "usesRemote"}


def test_a_frame_for_any_page_escapes_the_address() -> None:
    made = phone_setup.setup("rest", connection_id=7, name="Ours", address=ADDRESS)

    assert "?a=1&amp;b=&quot;2&quot;" in made.text
    assert "{{" not in made.text


@pytest.mark.parametrize(
    ("kind", "address", "taken"),
    [("salesforce", "http://a/", False), ("hubspot", "https://a/", True), ("rest", "http://a/", True)],
)
def test_the_real_products_want_https(kind: str, address: str, taken: bool) -> None:
    assert phone_setup.is_taken_as_it_is(kind, address) is taken
