"""Who of a CRM's people is the one: whatever their number is written like."""

import dataclasses

import pytest

from crm_sync import matching
from crm_sync.capabilities import Candidate


def person(name: str, *phones: str, email: str = "", changed_at: str = "") -> Candidate:
    """Return somebody of the CRM."""
    return Candidate(name, "Lead", name, phones, email=email, changed_at=changed_at)


@pytest.mark.parametrize(
    "written",
    ["+14075550123", "(407) 555-0123", "407.555.0123", "1-407-555-0123", "4075550123", "407-555-0123 x12"],
)
def test_every_format_is_the_same_number(written: str) -> None:
    assert matching.has_number(["nothing", "+442071838750", written], "+14075550123")


def test_a_number_goes_before_an_address_and_the_newest_first() -> None:
    candidates = [
        person("Old", "(407) 555-0123", changed_at="2025-01-01"),
        person("New", "+1 407 555 0123", changed_at="2026-01-01"),
        person("New", "+1 407 555 0123", changed_at="2026-01-01"),
        person("Mail", "407 555 9999", email="Lee@Example.com"),
    ]

    by_number = matching.choose(candidates, number="+14075550123", email="lee@example.com")
    by_email = matching.choose(candidates, number="+12125550000", email="lee@example.com")
    nobody = matching.choose(candidates, number="+12125550000", email="")

    assert ([each.name for each in by_number.people], by_number.by) == (["New", "Old"], "number")
    assert ([each.name for each in by_email.people], by_email.by) == (["Mail"], "e-mail")
    assert (nobody.people, nobody.by) == ([], "")


def test_a_customer_number_goes_before_all_else() -> None:
    keyed = dataclasses.replace(person("Key", "407 555 9999", changed_at="2020-01-01"), key="C-17 ")
    candidates = [keyed, person("Phone", "(407) 555-0123"), dataclasses.replace(person("Other"), key="C-18")]

    found = matching.choose(candidates, number="+14075550123", email="", key="c-17")
    without = matching.choose(candidates, number="+14075550123", email="", key="C-19")

    assert ([each.name for each in found.people], found.by) == (["Key"], "customer number")
    assert ([each.name for each in without.people], without.by) == (["Phone"], "number")


@pytest.mark.parametrize(
    ("number", "groups"),
    [
        ("+14075550123", ("407", "555", "0123")),
        ("+442071838750", ("207", "183", "8750")),
        ("+4712345678", ("12", "34", "56", "78")),
    ],
)
def test_a_search_looks_for_the_groups(number: str, groups: tuple[str, ...]) -> None:
    assert matching.groups(number) == groups
