"""The made-up people of the two CRM stand-ins: the same seed gives the same people everywhere.

Numbers are of the fictitious range NPA-555-0100 to 0199. Each CRM has its own half of it, so that no number
is in both.
"""

import functools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from sandbox.places import Place, draw_places

Crm = Literal["salesforce", "hubspot", "plaincrm"]

PEOPLE_PER_CRM = 600
OWNERS_PER_CRM = 8
# The plain CRM shares HubSpot's half: its people are few, and of other area codes mostly.
LINES_BY_CRM: dict[Crm, range] = {
    "salesforce": range(100, 150),
    "hubspot": range(150, 200),
    "plaincrm": range(150, 200),
}


def _words(text: str) -> list[str]:
    """Split at bars when there are any, else at white space."""
    return [" ".join(word.split()) for word in (text.split("|") if "|" in text else text.split())]


FIRST_NAMES = _words(
    """
    Aaliyah Adam Aisha Alan Alice Amara Amir Ana Andre Angela Anthony Ben Bianca Brandon Caleb Camila
    Carlos Carmen Charlotte Chen Christopher Claire Daniel Darius David Deborah Diego Dmitri Elena
    Elijah Emily Eric Esther Fatima Felix Gabriel Grace Hannah Harold Hiro Ibrahim Imani Isabel Ivan
    Jada James Jasmine Javier Jean Jennifer Jin Joan Jorge Joshua Julia Kai Karen Keisha Kenji Kevin
    Laila Laura Leah Leon Linda Lucas Luz Malik Marcus Maria Mei Michael Miguel Mona Nadia Naomi Nathan
    Nicole Noah Nora Olivia Omar Oscar Patricia Paul Priya Rachel Rafael Raj Rebecca Renee Robert Rosa
    Ruth Samuel Sara Sean Sofia Stephen Tamika Theo Thomas Uma Victor Wei Yara Zoe
    """
)
LAST_NAMES = _words(
    """
    Abbott Acosta Adeyemi Ali Alvarez Anderson Baker Banerjee Barnes Begay Bennett Bishop Brooks Brown
    Campbell Carter Castillo Chang Cho Clark Cohen Coleman Cruz Davis Delgado Diaz Douglas Dubois
    Edwards Ellis Evans Farrell Fischer Flores Foster Garcia Gibson Gomez Grant Gupta Hall Harris Hayes
    Hernandez Hill Hoang Howard Hughes Ibarra Jackson Jensen Johnson Jones Kahale Kamaka Kaplan Kelly
    Khan Kim King Kowalski Lam Larsen Lee Lewis Lopez Marino Martin Mason Mendoza Miller Mitchell Moore
    Morales Morgan Murphy Nakamura Nelson Nguyen Novak O'Brien Okafor Olsen Ortiz Owens Park Patel Perez
    Peterson Pham Powell Price Quinn Ramirez Reed Reyes Rivera Roberts Robinson Rodriguez Ross Russo
    Sanchez Sanders Santiago Schmidt Scott Shah Silva Singh Smith Stewart Sullivan Tanaka Taylor
    Thompson Torres Tran Turner Vasquez Walker Ward Washington Watson Weber White Williams Wilson Wong
    Wright Yazzie Young
    """
)
COMPANY_FIRST = _words(
    """
    Alder Anchor Apex Aspen Beacon Birch Blue Harbor Bright Cedar Clearwater Copper Crescent Delta Eagle
    Evergreen Fairview Falcon Granite Harvest Horizon Juniper Keystone Lakeside Liberty Maple Meridian
    Midland Northern Oak Orchard Pacific Pioneer Prairie Redwood Ridge River Sage Sierra Silver Southern
    Summit Sunrise Timber Union Valley Vista Western Willow
    """
)
COMPANY_SECOND = _words(
    """
    Accounting Analytics Builders Clinic Dental Electric Engineering Foods Freight Health Hotels
    Insurance Landscaping Legal Logistics Manufacturing Medical Motors Packaging Paper Plumbing Printing
    Properties Roofing Security Software Solar Staffing Supply Telecom Tools Travel
    """
)
COMPANY_LAST = ("Co.", "Group", "Inc.", "LLC", "& Sons", "Partners")
TITLES = _words(
    """
    Owner| Office Manager| Operations Manager| Head of Sales| Buyer| Purchasing Manager| Controller|
    CFO| CEO| IT Manager| Marketing Director| Practice Manager| Facilities Manager| HR Manager| Account
    Manager| Warehouse Supervisor| Partner
    """
)
STREETS = _words("Main St|Oak Ave|Maple Dr|2nd St|Park Rd|Washington Ave|Lake Rd|Hill St|Church St|Mill Rd")
# As they stand in real CRMs: too short, a placeholder, an impossible area code, and one from abroad.
BAD_PHONES = (
    "555-0199",
    "n/a",
    "(000) 000-0000",
    "123-456-7890",
    "ask reception",
    "+44 20 7946 0958",
    "40755501",
)


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A user of the CRM who owns people."""

    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person of one CRM. `phone` and `mobile` are written as people write them; `e164` holds the same,
    clean.
    """

    index: int
    first_name: str
    last_name: str
    company: str
    title: str
    email: str
    phone: str | None
    mobile: str | None
    e164: tuple[str, ...]
    street: str
    city: str
    state: str
    zip_code: str | None
    area_code: str
    timezone: str
    owner: int
    do_not_call: bool
    email_opt_out: bool
    duplicate_of: int | None


def make_owners(crm: Crm, *, seed: int) -> list[Owner]:
    """Make the CRM's eight users; the order is the number a Person's `owner` refers to."""
    rng = random.Random(f"owners-{crm}-{seed}")
    firsts, lasts = rng.sample(FIRST_NAMES, OWNERS_PER_CRM), rng.sample(LAST_NAMES, OWNERS_PER_CRM)
    return [
        Owner(first_name=first, last_name=last, email=f"{_slug(first)}.{_slug(last)}@parley.example.com")
        for first, last in zip(firsts, lasts, strict=True)
    ]


def make_people(crm: Crm, *, seed: int, count: int = PEOPLE_PER_CRM) -> list[Person]:
    """Make the CRM's people; the first 160 already hold duplicates, bad numbers and do-not-call flags.

    Raises ValueError when `count` cannot cover all states and zones.
    """
    return list(_make_people(crm, seed, count))


@functools.cache
def _make_people(crm: Crm, seed: int, count: int) -> tuple[Person, ...]:
    rng = random.Random(f"people-{crm}-{seed}")
    lines = _Lines(LINES_BY_CRM[crm], rng)
    emails: set[str] = set()
    repeats = {index: index - 9 for index in range(25, min(count, 160), 25)}
    places = iter(draw_places(count - len(repeats), rng))
    people: list[Person] = []
    for index in range(count):
        if index in repeats:
            people.append(_make_duplicate(index, people[repeats[index]], emails, rng))
        else:
            people.append(_make_person(index, next(places), lines, emails, rng))
    return tuple(people)


def format_phone(digits: str, rng: random.Random) -> str:
    """Write ten digits as one of the ways found in real CRMs."""
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    styles = [
        (30, f"({area}) {exchange}-{line}"),
        (20, f"{area}-{exchange}-{line}"),
        (12, f"{area}.{exchange}.{line}"),
        (10, f"+1 {area} {exchange} {line}"),
        (10, digits),
        (8, f"+1{digits}"),
        (4, f"1-{area}-{exchange}-{line}"),
        (3, f" ({area}){exchange}-{line} "),
        (3, f"{digits} x{rng.randrange(10, 99)}"),
    ]
    return rng.choices([text for _, text in styles], [weight for weight, _ in styles])[0]


class _Lines:
    """Hands out each line of an area code once."""

    def __init__(self, lines: range, rng: random.Random) -> None:
        self._lines, self._rng = lines, rng
        self._left: dict[str, Iterator[int]] = {}

    def take(self, area_code: str) -> str:
        if area_code not in self._left:
            self._left[area_code] = iter(self._rng.sample(self._lines, len(self._lines)))
        return f"{area_code}555{next(self._left[area_code]):04d}"


def _make_person(index: int, place: Place, lines: _Lines, emails: set[str], rng: random.Random) -> Person:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    company = f"{rng.choice(COMPANY_FIRST)} {rng.choice(COMPANY_SECOND)} {rng.choice(COMPANY_LAST)}"
    phone, mobile, numbers = _make_phones(index, place.area_code, lines, rng)
    number = rng.randrange(1, 9900)
    return Person(
        index=index,
        first_name=first,
        last_name=last,
        company=company,
        title=rng.choice(TITLES),
        email=_make_email(first, last, company, emails),
        phone=phone,
        mobile=mobile,
        e164=numbers,
        street=f"PO Box {number}" if place.is_po_box else f"{number} {rng.choice(STREETS)}",
        city=place.city,
        state=place.state,
        zip_code=None if index % 60 == 17 else place.zip_code,
        area_code=place.area_code,
        timezone=place.timezone,
        owner=rng.randrange(OWNERS_PER_CRM),
        do_not_call=index % 33 == 4,
        email_opt_out=rng.random() < 0.05,
        duplicate_of=None,
    )


def _make_phones(
    index: int, area_code: str, lines: _Lines, rng: random.Random
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Make (phone, mobile, E.164 numbers): most have one main number, some a mobile one, some both, a few
    neither.
    """
    if index % 75 == 11:
        return None, None, ()
    if index % 85 == 29:
        return BAD_PHONES[index // 85 % len(BAD_PHONES)], None, ()
    kind = rng.choices(["main", "mobile", "both"], [70, 12, 18])[0]
    main = lines.take(area_code) if kind != "mobile" else None
    mobile = lines.take(area_code) if kind != "main" else None
    return (
        format_phone(main, rng) if main else None,
        format_phone(mobile, rng) if mobile else None,
        tuple(f"+1{digits}" for digits in (main, mobile) if digits),
    )


def _make_duplicate(index: int, original: Person, emails: set[str], rng: random.Random) -> Person:
    """Make the original a second time: the same name, address and first number, written another way."""
    if not original.e164:
        raise ValueError(f"person {original.index} has no number to repeat")
    digits = original.e164[0].removeprefix("+1")
    phone = format_phone(digits, rng)
    while phone in (original.phone, original.mobile):
        phone = format_phone(digits, rng)
    return replace(
        original,
        index=index,
        email=_make_email(original.first_name, original.last_name, original.company, emails),
        phone=phone,
        mobile=None,
        e164=original.e164[:1],
        owner=rng.randrange(OWNERS_PER_CRM),
        duplicate_of=original.index,
    )


def _make_email(first: str, last: str, company: str, taken: set[str]) -> str:
    domain = f"{_slug(company.rsplit(' ', 1)[0])}.example.com"
    email, number = f"{_slug(first)}.{_slug(last)}@{domain}", 1
    while email in taken:
        number += 1
        email = f"{_slug(first)}.{_slug(last)}{number}@{domain}"
    taken.add(email)
    return email


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())
