"""Load the demo: people, results, script, numbers, what the gate knows, and a running campaign. Running it again keeps the data."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import services as accounts
from accounts.models import User
from accounts.roles import Role
from campaigns.importing import RawPerson
from campaigns.models import Campaign, LeadList, Script, ScriptVersion
from campaigns.services import campaigns, dispositions, imports, moves
from carriers.models import CallerNumber
from compliance.rules.facts import Purpose
from config import demo_gate, demo_officer
from core import clock

PEOPLE = [
    ("rosa", "Rosa", "Marin", Role.AGENT, "Blue team"),
    ("jonas", "Jonas", "Weber", Role.AGENT, "Blue team"),
    ("mona", "Mona", "Fields", Role.MANAGER, None),
    ("sol", "Sol", "Okafor", Role.SUPERVISOR, None),
    ("rhea", "Rhea", "Lindqvist", Role.RESEARCHER, None),
    ("cora", "Cora", "Novak", Role.COMPLIANCE, None),
    ("ada", "Ada", "Stone", Role.ADMIN, None),
]
SCRIPT = """Good morning {first_name}, this is {agent_name} for {seller}, on a line we can be reached back on: {caller_id}.

I am calling to offer a home energy check. It is a sales call; if you would rather not hear from us, say so and I take \
{company} off our list at once.

Is this a good moment? We look at the roof together on the map, and you get a price in writing the same day.

Would tomorrow morning or the afternoon in {city} suit you better?"""

# (first, last, company, number, city, state, ZIP): invented people on numbers kept for fiction (NPA-555-01XX).
LEADS = [
    ("Maria", "Alvarez", "Alvarez Roofing", "(407) 555-0181", "Orlando", "FL", "32801"),
    ("David", "Chen", "Chen Dental", "(212) 555-0182", "New York", "NY", "10001"),
    ("Aisha", "Rahman", "Lakeside Bakery", "(312) 555-0183", "Chicago", "IL", "60601"),
    ("Tom", "Becker", "Becker & Sons", "(303) 555-0184", "Denver", "CO", "80202"),
    ("Grace", "Okoye", "Okoye Design", "(404) 555-0185", "Atlanta", "GA", "30303"),
    ("Liam", "Murphy", "Harbor Fitness", "(617) 555-0186", "Boston", "MA", "02108"),
    ("Sofia", "Rossi", "Rossi Catering", "(215) 555-0187", "Philadelphia", "PA", "19103"),
    ("Noah", "Kim", "Kim Auto Repair", "(713) 555-0188", "Houston", "TX", "77002"),
    ("Emma", "Larsen", "Northside Books", "(612) 555-0189", "Minneapolis", "MN", "55401"),
    ("Omar", "Haddad", "Haddad Imports", "(313) 555-0190", "Detroit", "MI", "48226"),
    ("Julia", "Santos", "Santos Flowers", "(305) 555-0191", "Miami", "FL", "33130"),
    ("Peter", "Novak", "Novak Machine", "(414) 555-0192", "Milwaukee", "WI", "53202"),
    ("Hana", "Sato", "Sato Tea", "(206) 555-0193", "Seattle", "WA", "98101"),
    ("Ben", "Whitehorse", "Canyon Outfitters", "(928) 555-0194", "Window Rock", "AZ", "86515"),
    ("Nora", "Quinn", "Quinn Interiors", "(808) 555-0195", "Honolulu", "HI", "96813"),
    ("Ivan", "Petrov", "Petrov Welding", "(907) 555-0196", "Anchorage", "AK", "99501"),
    ("Lucy", "Tran", "Tran Optics", "(504) 555-0197", "New Orleans", "LA", "70112"),
    ("Mark", "Ellis", "Ellis Plumbing", "(502) 555-0198", "Louisville", "KY", "40202"),
    ("Elena", "Cruz", "Cruz Bakery", "(505) 555-0199", "Albuquerque", "NM", "87102"),
    ("Sam", "Porter", "Porter Ranch", "(850) 555-0180", "Pensacola", "FL", "32502"),
]
LIST_NAME = "Website enquiries"
CAMPAIGN_NAME = "Home energy check"


class Command(BaseCommand):
    """Refuses to run outside demo mode: it makes people with a known password."""

    help = "Load the demo data; what is there is kept."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load what is missing."""
        if not settings.DEMO_MODE:
            raise CommandError(
                "The demo data goes with demo mode only. Set PARLEY_DEMO=True on a machine for trying things out."
            )
        now = clock.now()
        users = self._people(now)
        self._caller_ids()
        demo_gate.seed_sellers_papers(now)
        demo_gate.seed_registries(now)
        demo_gate.seed_people(now)
        demo_officer.seed_officer(now)
        results_id = dispositions.ensure_default_set(now=now)
        if not Campaign.objects.filter(name=CAMPAIGN_NAME).exists():
            self._campaign(users, results_id, now)

    def _people(self, now: datetime) -> dict[str, int]:
        teams: dict[str, int] = {}
        for username, first, last, role, team in PEOPLE:
            if team and team not in teams:
                teams[team] = accounts.ensure_team(name=team)
            if not User.objects.filter(username=username).exists():
                accounts.add_person(
                    username=username,
                    password=settings.DEMO_PASSWORD,
                    first_name=first,
                    last_name=last,
                    email=f"{username}@northwind.example",
                    role=role,
                    team_id=teams.get(team or ""),
                    by="demo",
                    now=now,
                )
        return dict(User.objects.values_list("username", "pk"))

    def _caller_ids(self) -> None:
        for number, label in settings.DEMO_CALLER_IDS:
            CallerNumber.objects.get_or_create(number=number, defaults={"label": label})

    def _campaign(self, users: dict[str, int], results_id: int, now: datetime) -> None:
        import_id = imports.start_import(
            list_name=LIST_NAME,
            source="csv",
            source_label="Demo data",
            source_ref="",
            by_id=users["mona"],
            by_name="mona",
            now=now,
        )
        rows = [
            RawPerson(
                row_number=line,
                phones=[("main", number)],
                first_name=first,
                last_name=last,
                company=company,
                city=city,
                state=state,
                postal_code=postal_code,
            )
            for line, (first, last, company, number, city, state, postal_code) in enumerate(LEADS, start=2)
        ]
        imports.stage_rows(import_id=import_id, rows=rows, now=now)
        imports.begin_apply(import_id=import_id, now=now)
        imports.apply_import(import_id=import_id, now=now)
        script, _ = Script.objects.get_or_create(name="Home energy check")
        version = script.versions.order_by("-number").first() or ScriptVersion.objects.create(
            script=script, number=1, body=SCRIPT, created_at=now, created_by="mona"
        )
        setup = campaigns.Setup(
            name=CAMPAIGN_NAME,
            purpose=Purpose.TELEMARKETING,
            caller_id=settings.DEMO_CALLER_IDS[0][0],
            list_ids=[LeadList.objects.get(name=LIST_NAME).pk],
            disposition_set_id=results_id,
            script_version_id=version.pk,
        )
        campaign_id = campaigns.create_campaign(setup=setup, by_id=users["mona"], by_name="mona", now=now)
        agents = [users["rosa"], users["jonas"]]
        campaigns.assign_agents(campaign_id=campaign_id, user_ids=agents, by_name="mona", now=now)
        moves.start(campaign_id=campaign_id, by_name="mona", now=now)
