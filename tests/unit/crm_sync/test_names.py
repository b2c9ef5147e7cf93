"""How persons, records and accounts are named."""

import pytest

from crm_sync import links, refs
from crm_sync.forms import HubSpotForm, SalesforceForm


@pytest.mark.parametrize(
    "text",
    ["", "salesforce", "salesforce:1", "salesforce:0:00Q", "sugar:1:2", "hubspot:1:a b", "hubspot:1:2\n"],
)
def test_what_names_nobody_in_a_crm(text: str) -> None:
    assert refs.parse(text) is None


def test_a_reference_reads_back() -> None:
    ref = refs.prefix("hubspot", 12) + "345"

    assert refs.parse(ref) == refs.PersonRef("hubspot", 12, "345")


def test_links_lead_to_the_crm_or_to_what_stands_in_for_it() -> None:
    salesforce, hubspot = (
        {"instance": "acme.my.salesforce.com"},
        {"portal_id": "77", "ui_domain": "app-eu1.hubspot.com"},
    )

    assert (
        links.person_url("salesforce", salesforce, "", "00Q1")
        == "https://acme.my.salesforce.com/lightning/r/Lead/00Q1/view"
    )
    assert (
        links.person_url("salesforce", salesforce, "http://x/", "0031")
        == "http://x/lightning/r/Contact/0031/view"
    )
    assert (
        links.activity_url("salesforce", salesforce, "", "00T1", "00Q1")
        == "https://acme.my.salesforce.com/00T1"
    )
    assert (
        links.person_url("hubspot", hubspot, "", "5")
        == "https://app-eu1.hubspot.com/contacts/77/record/0-1/5"
    )
    assert (
        links.activity_url("hubspot", {"portal_id": "77"}, "", "9", "5")
        == "https://app.hubspot.com/contacts/77/record/0-1/5?engagement=9"
    )
    for kind in ("salesforce", "hubspot"):
        assert links.person_url(kind, {}, "", "5") == ""
        assert links.activity_url(kind, {"instance": "x", "portal_id": "7"}, "", "", "5") == ""


@pytest.mark.parametrize(
    "pasted",
    [
        "acme.my",
        "ACME.my.salesforce.com",
        "https://acme.my.salesforce.com/",
        " https://acme.my.salesforce.com/lightning/page/home ",
    ],
)
def test_any_part_of_the_address_will_do(pasted: str) -> None:
    form = SalesforceForm(
        {"name": "S", "domain": pasted, "sign_in": "secret", "client_id": "c", "client_secret": "s"}
    )

    assert form.is_valid(), form.errors
    assert form.settings() == {"domain": "acme.my", "sign_in": "secret"}
    assert form.secrets() == {"client_id": "c", "client_secret": "s"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"domain": "evil@x y"}, "domain"),
        ({"domain": "login"}, "domain"),
        ({"client_secret": ""}, "client_secret"),
        ({"sign_in": "key"}, "username"),
        ({"sign_in": "key", "username": "u", "private_key": "not a key"}, "private_key"),
        ({"sign_in": "password"}, "sign_in"),
    ],
)
def test_what_cannot_work_is_refused_at_its_field(values: dict[str, str], field: str) -> None:
    given = {
        "name": "S",
        "domain": "acme.my",
        "sign_in": "secret",
        "client_id": "c",
        "client_secret": "s",
        **values,
    }

    assert field in SalesforceForm(given).errors


@pytest.mark.parametrize("token", ["pat na1", "pät", "a\nb", "x" * 256])
def test_a_token_that_cannot_stand_in_a_header_is_refused(token: str) -> None:
    assert "token" in HubSpotForm({"name": "H", "token": token}).errors
