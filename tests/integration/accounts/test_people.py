"""Signing in and managing people."""

from datetime import datetime

import pytest
from django.test import Client, override_settings

from accounts import roles, services
from accounts.models import User
from core.models import AuditEvent
from tests.factories.world import person

GOOD = {
    "username": "new",
    "first_name": "New",
    "last_name": "Person",
    "email": "new@parley.example",
    "password": "a-long-password-here",
    "role": "agent",
    "team": "",
    "is_active": "on",
}


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(person("ada", roles.Role.ADMIN))
    return client


def test_a_person_signs_in_and_out(db: None) -> None:
    person("ana", roles.Role.AGENT)
    client = Client()

    wrong = client.post("/sign-in/", {"username": "ana", "password": "no"})
    right = client.post("/sign-in/", {"username": "ana", "password": "a-password-for-tests"})
    out = client.post("/sign-out/")

    assert wrong.status_code == 200
    assert right.headers["Location"] == "/"
    assert out.headers["Location"] == "/sign-in/"


def test_an_added_person_can_sign_in_and_the_act_is_audited(admin: Client) -> None:
    answer = admin.post("/people/new/", GOOD)

    assert answer.status_code == 302
    assert Client().login(username="new", password="a-long-password-here")
    assert AuditEvent.objects.get(verb="accounts.person.added").actor == "ada"


def test_a_new_team_is_made_by_naming_it(admin: Client) -> None:
    admin.post("/people/new/", {**GOOD, "new_team": "Red team"})
    admin.post("/people/new/", {**GOOD, "username": "other", "new_team": "Red team"})

    assert [user.team.name for user in User.objects.exclude(username="ada") if user.team] == [
        "Red team",
        "Red team",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"username": "ada"}, "is taken"),
        ({"username": "a b"}, "valid username"),
        ({"password": "short"}, "at least 12"),
        ({"role": "emperor"}, "valid choice"),
        ({"email": "nobody"}, "valid email"),
        ({"team": "99"}, "valid choice"),
    ],
)
def test_a_wrong_entry_is_said_at_its_field_and_stores_nothing(
    admin: Client, change: dict[str, str], words: str
) -> None:
    answer = admin.post("/people/new/", {**GOOD, **change})

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert User.objects.count() == 1


def test_the_last_administrator_cannot_be_taken_away(admin: Client) -> None:
    ada = User.objects.get()

    answer = admin.post(f"/people/{ada.pk}/", {"role": "agent", "team": "", "is_active": "on"})

    ada.refresh_from_db()
    assert "only administrator" in answer.content.decode()
    assert ada.role == "admin"


def test_a_person_who_is_locked_out_cannot_sign_in(admin: Client, now: datetime) -> None:
    ana = person("ana", roles.Role.AGENT)

    services.change_person(user_id=ana.pk, role="agent", team_id=None, is_active=False, by="ada", now=now)

    assert not Client().login(username="ana", password="a-password-for-tests")


def test_an_unknown_role_may_nothing() -> None:
    assert not roles.may("emperor", roles.WORK_DESK)


def test_every_role_may_open_its_landing_page(db: None) -> None:
    for role in roles.Role:
        client = Client()
        client.force_login(person(role.value, role))
        assert client.get("/", follow=True).status_code == 200, role


@override_settings(DEMO_MODE=False)
def test_demo_logins_are_shown_in_the_demo_only(db: None) -> None:
    assert b"demo-logins" not in Client().get("/sign-in/").content
