"""Who is signed in: read by statements that are kept, with Django's own answers."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client

from accounts.models import User


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create(username="ana", role="agent")


@pytest.fixture
def ana(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_who_has_signed_in_stays_so(ana: Client) -> None:
    assert ana.get("/desk/state").status_code == 200


def test_a_session_whose_time_is_over_is_none(ana: Client) -> None:
    Session.objects.update(expire_date=F("expire_date") - timedelta(days=30))

    assert ana.get("/desk/state").status_code == 302


def test_a_session_that_was_deleted_is_none(ana: Client) -> None:
    Session.objects.all().delete()

    assert ana.get("/desk/state").status_code == 302


def test_who_may_not_sign_in_any_more_is_out_at_the_next_request(ana: Client, person: User) -> None:
    person.is_active = False
    person.save(update_fields=["is_active"])

    assert ana.get("/desk/state").status_code == 302


def test_a_changed_password_ends_other_sessions(ana: Client, person: User) -> None:
    person.set_password("a-new-one-of-their-own")
    person.save(update_fields=["password"])

    assert ana.get("/desk/state").status_code == 302
