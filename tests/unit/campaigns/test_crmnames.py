"""What the CRM is called that a person comes from."""

import pytest

from campaigns.crmnames import crm_name


@pytest.mark.parametrize(
    ("ref", "url", "name"),
    [
        ("salesforce:1:00Q1", "https://acme.my.salesforce.com/x", "Salesforce"),
        ("hubspot:2:77", "", "HubSpot"),
        ("rest:3:c-1", "https://crm.example.com:8443/#Contact/view/c-1", "crm.example.com"),
        ("rest:3:c-1", "", "the CRM"),
        ("rest:3:c-1", "http://[broken", "the CRM"),
        ("", "", "the CRM"),
    ],
)
def test_a_link_says_where_it_leads(ref: str, url: str, name: str) -> None:
    assert crm_name(ref, url) == name
