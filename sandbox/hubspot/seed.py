"""Fill an empty account: properties, owners, people, companies, lists."""

import random
from datetime import timedelta
from typing import Any

from sandbox.hubspot.account import make_owner
from sandbox.hubspot.portal import Portal, write_datetime
from sandbox.hubspot.schema import OBJECT_TYPES, default_properties
from sandbox.people import Person, make_owners, make_people

FIRST_LIST_ID = 11


def fill(portal: Portal, *, seed: int) -> None:
    """Fill the account with the people of this seed; all at once: a half-filled file is never kept."""
    rng = random.Random(f"hubspot-{seed}")
    with portal.store.transaction():
        for kind in OBJECT_TYPES.values():
            for row in default_properties(kind):
                portal.store.put(f"property/{kind.name}", row["name"], row)
        owners = []
        for number, owner in enumerate(make_owners("hubspot", seed=seed)):
            made = make_owner(number, owner.first_name, owner.last_name, owner.email, portal.now())
            portal.store.put("owner", made["id"], made)
            owners.append(made["id"])
        companies: dict[str, str] = {}
        people = []
        for person in make_people("hubspot", seed=seed):
            created = portal.clock.now() - timedelta(days=rng.randrange(2, 400), seconds=rng.randrange(86400))
            moment = write_datetime(created)
            company_id = _add_company(portal, person, owners, companies, moment)
            row = portal.create(OBJECT_TYPES["contacts"], _contact(person, owners, rng), created_at=moment)
            portal.associate(
                OBJECT_TYPES["contacts"], row["id"], OBJECT_TYPES["companies"], company_id, [279, 1]
            )
            people.append(row["id"])
        _add_lists(portal, people, list(companies.values()))


def _contact(person: Person, owners: list[str], rng: random.Random) -> dict[str, Any]:
    values = {
        "email": person.email,
        "firstname": person.first_name,
        "lastname": person.last_name,
        "phone": person.phone,
        "mobilephone": person.mobile,
        "company": person.company,
        "jobtitle": person.title,
        "address": person.street,
        "city": person.city,
        "state": person.state,
        "zip": person.zip_code,
        "country": ("United States", "US")[person.index % 2],
        "hubspot_owner_id": owners[person.owner],
        "lifecyclestage": rng.choice(("lead", "marketingqualifiedlead", "opportunity", "customer")),
        "hs_lead_status": rng.choice(("NEW", "OPEN", "ATTEMPTED_TO_CONTACT")),
        "hs_email_optout": person.email_opt_out,
        "do_not_call": True if person.do_not_call else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _add_company(
    portal: Portal, person: Person, owners: list[str], companies: dict[str, str], moment: str
) -> str:
    if person.company not in companies:
        values = {
            "name": person.company,
            "domain": person.email.split("@")[1],
            "city": person.city,
            "state": person.state,
            "hubspot_owner_id": owners[person.owner],
        }
        companies[person.company] = portal.create(OBJECT_TYPES["companies"], values, created_at=moment)["id"]
    return companies[person.company]


def _add_lists(portal: Portal, people: list[str], companies: list[str]) -> None:
    new = [{"filters": [{"propertyName": "hs_lead_status", "operator": "IN", "values": ["NEW", "OPEN"]}]}]
    lists: tuple[tuple[str, str, str, Any], ...] = (
        ("Autumn outreach", "0-1", "MANUAL", people[:180]),
        ("Renewals due", "0-1", "MANUAL", people[180:220]),
        ("New and open contacts", "0-1", "DYNAMIC", new),
        ("Spring launch", "0-1", "MANUAL", []),
        ("All contacts", "0-1", "DYNAMIC", []),
        ("Key companies", "0-2", "MANUAL", companies[:25]),
    )
    now = portal.now()
    for number, (name, type_id, processing, members) in enumerate(lists):
        row = {
            "listId": str(FIRST_LIST_ID + number),
            "listVersion": 1,
            "name": name,
            "objectTypeId": type_id,
            "processingType": processing,
            "processingStatus": "COMPLETE",
            "createdById": "9001",
            "updatedById": "9001",
            "createdAt": now,
            "updatedAt": now,
            "filtersUpdatedAt": now,
            "members": [[each, now] for each in members] if processing == "MANUAL" else [],
            "filterGroups": members if processing == "DYNAMIC" else [],
        }
        portal.store.put("list", row["listId"], row)
