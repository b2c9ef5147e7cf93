"""A button's answer brings the desk's new state to a window that says what it shows."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from core import clock
from dialer.models import AgentSession
from tests.factories.world import World

SHOWS_NOTHING = {"shown_version": "", "shown_work": "", "shown_result": ""}


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Stop the clock of the pages."""
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def ana(world: World) -> Client:
    """Return Ana's browser."""
    client = Client()
    client.force_login(world.ana)
    return client


def shows(desk: dict[str, Any]) -> dict[str, str]:
    """Return what a page says that shows this state."""
    return {
        "shown_version": desk["version"],
        **{f"shown_{part}": key for part, key in desk["keys"].items()},
    }


def test_the_answer_is_the_live_part_in_its_new_state(at_work: AgentSession, ana: Client) -> None:
    answer = ana.post("/desk/act/not-ready", {"reason": "break", **SHOWS_NOTHING})

    at_work.refresh_from_db()
    text = answer.content.decode()
    assert answer.status_code == 200
    assert answer.headers["X-Desk-State"] == f"{at_work.pk}.{at_work.version}"
    assert "HX-Trigger" not in answer.headers  # nothing is left to ask for
    assert 'id="desk-live"' in text
    assert 'hx-swap-oob="morph"' in text.partition(">")[0] + text.partition("<div")[2].partition(">")[0]
    assert "Not ready" in text


def test_a_part_about_the_same_is_left_alone_with_what_is_typed_in_it(
    at_work: AgentSession, ana: Client
) -> None:
    desk = ana.get("/desk/state").json()

    answer = ana.post("/desk/act/hold", shows(desk))
    refused = answer.status_code
    answer = ana.post("/desk/act/reconnect", shows(desk))

    assert refused == 409  # there is no call to hold: said in words, and the page asks for itself
    text = answer.content.decode()
    assert 'id="desk-live"' in text
    assert 'id="desk-work"' not in text
    assert 'id="desk-result"' not in text


def test_a_script_gets_data(at_work: AgentSession, ana: Client) -> None:
    answer = ana.post(
        "/desk/act/not-ready",
        {"reason": "break", **SHOWS_NOTHING},
        headers={"Accept": "application/json"},
    )

    desk = json.loads(answer.content)
    assert desk["session"]["state"] == "not_ready"
    assert desk["version"] == f"{at_work.pk}.{desk['session']['version']}"


def test_who_has_signed_off_is_brought_the_start(at_work: AgentSession, ana: Client) -> None:
    ana.post("/desk/act/not-ready", {"reason": "break"})

    answer = ana.post("/desk/act/sign-off", SHOWS_NOTHING)

    assert answer.headers["X-Desk-State"] == "none"
    assert "Start work" in answer.content.decode()


@pytest.mark.parametrize("shown", [{}, {"shown_work": "lead-1"}], ids=["nothing said", "no version said"])
def test_who_does_not_say_what_they_show_asks_as_before(
    at_work: AgentSession, ana: Client, shown: dict[str, str]
) -> None:
    answer = ana.post("/desk/act/not-ready", {"reason": "break", **shown})

    assert answer.status_code == 204
    assert "desk:changed" in answer.headers["HX-Trigger"]


@pytest.mark.parametrize("shown", ["x", "9" * 500, "1.1\x00", "-1.-1", "<b>"])
def test_hostile_words_about_what_is_shown_bring_all_of_it(
    at_work: AgentSession, ana: Client, shown: str
) -> None:
    said = dict.fromkeys(SHOWS_NOTHING, shown)

    answer = ana.post("/desk/act/not-ready", {"reason": "break", **said})

    assert answer.status_code == 200
    assert 'id="desk-work"' in answer.content.decode()
