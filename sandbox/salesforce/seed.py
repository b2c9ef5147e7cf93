"""Fill an empty org: users, people, accounts, campaigns, list views."""

import random
from datetime import timedelta

from sandbox.people import Owner, Person, make_owners, make_people
from sandbox.salesforce.org import Org, write_datetime
from sandbox.salesforce.schema import OBJECTS

LEADS_OF_TEN = 7
# (name, type, status, first person, number of people, description)
CAMPAIGNS = (
    ("Autumn outreach", "Telemarketing", "In Progress", 0, 180, "People who asked for a price this year."),
    ("Renewals due", "Telemarketing", "In Progress", 180, 40, "Contracts that end within 60 days."),
    ("Webinar follow-up", "Webinar", "Completed", 220, 120, "Signed up for the September webinar."),
    ("Spring launch", "Telemarketing", "Planned", 0, 0, "Nobody has been added yet."),
)
# (object, name, WHERE)
LIST_VIEWS = (
    ("Lead", "All Open Leads", "IsConverted = false"),
    ("Lead", "Callable Leads", "DoNotCall = false AND Phone != null"),
    ("Lead", "Florida Leads", "State = 'FL'"),
    ("Lead", "Purchased Lists", "LeadSource = 'Purchased List'"),
    ("Contact", "All Contacts", ""),
    ("Contact", "Contacts With a Mobile Phone", "MobilePhone != null"),
)

# (name, folder, query)
REPORTS = (
    (
        "Leads in Florida with a phone",
        "Dialing",
        "SELECT Id, Name, Phone FROM Lead WHERE State = 'FL' AND Phone != null",
    ),
    ("Contacts not to be called", "Dialing", "SELECT Id, Name, Phone FROM Contact WHERE DoNotCall = true"),
)


def fill(org: Org, *, seed: int) -> None:
    """Fill the org with the people of this seed; all at once, so that a half-filled file is never kept."""
    rng = random.Random(f"salesforce-{seed}")
    with org.store.transaction():
        _add_organization(org)
        owners = [_add_owner(org, owner) for owner in make_owners("salesforce", seed=seed)]
        accounts: dict[str, str] = {}
        ids = []
        for person in make_people("salesforce", seed=seed):
            created = org.clock.now() - timedelta(days=rng.randrange(2, 400), seconds=rng.randrange(86400))
            stamps = dict.fromkeys(
                ("CreatedDate", "LastModifiedDate", "SystemModstamp"), write_datetime(created)
            )
            values = {**_person_values(person), "OwnerId": owners[person.owner], **stamps}
            if person.index % 10 < LEADS_OF_TEN:
                ids.append(_add_lead(org, person, values, rng))
            else:
                ids.append(_add_contact(org, person, values, accounts))
        _add_campaigns(org, owners, ids, rng)
        for kind, name, where in LIST_VIEWS:
            developer_name = name.replace(" ", "_")
            view = {"Name": name, "DeveloperName": developer_name, "SobjectType": kind, "_where": where}
            org.create(OBJECTS["ListView"], view, seeding=True)
        for name, folder, query in REPORTS:
            developer_name = name.replace(" ", "_")
            report = {
                "Name": name,
                "DeveloperName": developer_name,
                "FolderName": folder,
                "Format": "TABULAR",
                "_query": query,
            }
            org.create(OBJECTS["Report"], report, seeding=True)


def _add_organization(org: Org) -> None:
    values = {
        "Name": "Parley Sandbox",
        "IsSandbox": True,
        "OrganizationType": "Developer Edition",
        "TimeZoneSidKey": "America/New_York",
        "InstanceName": "SANDBOX1",
    }
    org.create(OBJECTS["Organization"], values, seeding=True)
    org.create(
        OBJECTS["User"], _user_values("Parley", "Integration", "integration@parley.example.com"), seeding=True
    )


def _add_owner(org: Org, owner: Owner) -> str:
    values = _user_values(owner.first_name, owner.last_name, owner.email)
    return org.create(OBJECTS["User"], values, seeding=True)


def _user_values(first_name: str, last_name: str, email: str) -> dict[str, object]:
    return {
        "Username": f"{email}.sandbox",
        "FirstName": first_name,
        "LastName": last_name,
        "Email": email,
        "IsActive": True,
        "TimeZoneSidKey": "America/New_York",
    }


def _person_values(person: Person) -> dict[str, object]:
    original = person.index if person.duplicate_of is None else person.duplicate_of
    return {
        "FirstName": person.first_name,
        "LastName": person.last_name,
        "Title": person.title,
        "Phone": person.phone,
        "MobilePhone": person.mobile,
        "Email": person.email,
        "DoNotCall": person.do_not_call,
        "HasOptedOutOfEmail": person.email_opt_out,
        # duplicates came from the same row of an older system
        "Legacy_Id__c": f"OLD-{original:05d}",
    }


def _address(person: Person, prefix: str) -> dict[str, object]:
    country = ("US", "USA", "United States")[person.index % 3]
    return {
        f"{prefix}Street": person.street,
        f"{prefix}City": person.city,
        f"{prefix}State": person.state,
        f"{prefix}PostalCode": person.zip_code,
        f"{prefix}Country": country,
    }


def _add_lead(org: Org, person: Person, values: dict[str, object], rng: random.Random) -> str:
    kind = OBJECTS["Lead"]
    own = {
        "Company": person.company,
        "Status": rng.choice(kind.fields["Status"].picklist[:2]),
        "LeadSource": rng.choice(kind.fields["LeadSource"].picklist),
    }
    return org.create(kind, {**values, **own, **_address(person, "")}, seeding=True)


def _add_contact(org: Org, person: Person, values: dict[str, object], accounts: dict[str, str]) -> str:
    if person.company not in accounts:
        account = {"Name": person.company, "OwnerId": values["OwnerId"], **_address(person, "Billing")}
        accounts[person.company] = org.create(OBJECTS["Account"], account, seeding=True)
    own = {"AccountId": accounts[person.company], **_address(person, "Mailing")}
    return org.create(OBJECTS["Contact"], {**values, **own}, seeding=True)


def _add_campaigns(org: Org, owners: list[str], people: list[str], rng: random.Random) -> None:
    for number, (name, kind, status, first, count, description) in enumerate(CAMPAIGNS):
        values = {
            "Name": name,
            "Type": kind,
            "Status": status,
            "IsActive": status != "Completed",
            "Description": description,
            "OwnerId": owners[number],
            "StartDate": (org.clock.now() - timedelta(days=20 * number)).date().isoformat(),
        }
        campaign_id = org.create(OBJECTS["Campaign"], values, seeding=True)
        for person_id in people[first : first + count]:
            member = {
                "CampaignId": campaign_id,
                "LeadId" if person_id.startswith("00Q") else "ContactId": person_id,
                "Status": "Responded" if rng.random() < 0.1 else "Sent",
            }
            org.create(OBJECTS["CampaignMember"], member, seeding=True)
