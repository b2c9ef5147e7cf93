"""What most tests of lists and campaigns start from."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from accounts.models import Team, User
from campaigns.importing import RawPerson
from campaigns.models import ListImport
from campaigns.services import campaigns, dispositions, imports
from carriers.models import CallerNumber

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def person(row_number: int, phone: str, **values: object) -> RawPerson:
    """Return a row with one number."""
    return RawPerson(row_number=row_number, phones=(("main", phone),), **values)  # type: ignore[arg-type]  # text columns and do_not_call by name


def us_phone(index: int) -> str:
    """Return a fictitious number, another for each index below 80,000: NPA 201 up, 555-0100 to 0199."""
    codes = (
        201,
        202,
        203,
        205,
        206,
        207,
        208,
        209,
        210,
        212,
        213,
        214,
        215,
        216,
        217,
        218,
        219,
        301,
        302,
        303,
    )
    return f"({codes[index // 100 % 20]}) 555-01{index % 100:02d}"


def staged(rows: Sequence[RawPerson], *, list_name: str = "Spring", source: str = "csv") -> int:
    """Return an import whose rows wait to be applied."""
    import_id = imports.start_import(
        list_name=list_name,
        source=source,
        source_label="people.csv",
        source_ref="",
        by_id=None,
        by_name="sol",
        now=NOW,
    )
    imports.stage_rows(import_id=import_id, rows=rows, now=NOW)
    imports.begin_apply(import_id=import_id, now=NOW)
    return import_id


def imported(rows: Sequence[RawPerson], *, list_name: str = "Spring", source: str = "csv") -> ListImport:
    """Return a finished import of the rows."""
    import_id = staged(rows, list_name=list_name, source=source)
    assert imports.apply_import(import_id=import_id, now=NOW)
    return ListImport.objects.get(id=import_id)


@pytest.fixture
def ana(db: None) -> User:
    """Ana, an agent of the team East."""
    team = Team.objects.create(name="East")
    return User.objects.create_user(
        "ana", password="correct horse", role="agent", team=team, first_name="Ana", last_name="Agent"
    )


@pytest.fixture
def mia(db: None) -> User:
    """Mia, a campaign manager."""
    return User.objects.create_user(
        "mia", password="correct horse", role="manager", first_name="Mia", last_name="Manager"
    )


@pytest.fixture
def draft(ana: User) -> int:
    """A campaign that lacks nothing, with Ana and four people on its list, not started."""
    CallerNumber.objects.create(number="+14075550100", label="Main")
    done = imported([person(number + 2, us_phone(number), first_name=f"P{number}") for number in range(4)])
    setup = campaigns.Setup(
        name="Spring offer",
        purpose="telemarketing",
        caller_id="+14075550100",
        list_ids=(done.lead_list_id,),
        disposition_set_id=dispositions.ensure_default_set(NOW),
    )
    campaign_id = campaigns.create_campaign(setup=setup, by_id=None, by_name="mia", now=NOW)
    campaigns.assign_agents(campaign_id=campaign_id, user_ids=[ana.id], by_name="mia", now=NOW)
    return campaign_id
