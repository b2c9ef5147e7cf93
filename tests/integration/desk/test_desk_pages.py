"""The desk through its pages: guards, stale pages, hostile input, a fixed number of queries."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from campaigns.models import Campaign, CampaignLead
from core import clock, realtime
from dialer.models import AgentSession, AnsweredDay, Call
from tests.factories.world import World, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.test_dialing import dial, place


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Stop the clock of the pages."""
    monkeypatch.setattr(clock, "now", lambda: now)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, action: str, **data: object) -> Any:
    return client.post(f"/desk/act/{action}", data)


def test_people_without_the_role_are_refused_and_see_no_link(world: World) -> None:
    nil = signed_in(world.nil)

    refused = nil.get("/desk/")
    page = nil.get("/compliance/").content.decode()

    assert refused.status_code == 403
    assert 'href="/desk/"' not in page
    assert 'href="/campaigns/"' not in page


@pytest.mark.parametrize(
    "path", ["/desk/", "/floor/", "/campaigns/", "/lists/", "/crm/", "/compliance/", "/people/"]
)
def test_nobody_gets_in_without_signing_in(db: None, path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


def test_a_part_asked_for_after_the_session_ended_sends_the_whole_page_to_sign_in(db: None) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1:8000/floor/?x=1"}

    answer = Client().get("/floor/", headers=asked)

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Ffloor%2F"


@pytest.mark.parametrize(
    ("name", "landing"),
    [("ana", "/desk/"), ("sol", "/floor/"), ("mia", "/campaigns/"), ("nil", "/compliance/")],
)
def test_each_role_lands_on_its_own_page(world: World, name: str, landing: str) -> None:
    answer = signed_in(getattr(world, name)).get("/")

    assert answer.headers["Location"] == landing


def test_the_card_shows_the_person_their_time_and_the_script(at_work: AgentSession, world: World) -> None:
    page = signed_in(world.ana).get("/desk/").content.decode()

    assert "Maria Alvarez" in page
    assert "11:00" in page
    assert "ZIP 32801" in page
    assert "(407) 555-0123" in page
    assert ">Northwind Home Energy</span>" in page


def test_a_button_of_an_old_page_gets_409_and_does_nothing(at_work: AgentSession, world: World) -> None:
    answer = post(signed_in(world.ana), "dial", version=at_work.version - 1)

    assert answer.status_code == 409
    assert "out of date" in answer.content.decode()
    assert "desk:changed" in json.loads(answer.headers["HX-Trigger"])
    assert not Call.objects.exists()


def test_dial_reserves_a_call_and_says_nothing_else(at_work: AgentSession, world: World) -> None:
    answer = post(signed_in(world.ana), "dial", version=at_work.version, phone="")

    assert answer.status_code == 204
    assert Call.objects.get().state == "placing"


@pytest.mark.parametrize(
    ("action", "data", "status"),
    [
        ("dial", {"version": "x" * 500}, 409),
        ("dial", {}, 409),
        ("skip", {"version": "1", "reason": "because"}, 422),
        ("not-ready", {"reason": "'; DROP TABLE"}, 422),
        ("hold", {}, 409),
        ("result", {"call": "1"}, 422),
        ("result", {"call": "99999999999999999999", "result": "interested"}, 409),
        ("result", {"call": "1", "result": "interested", "callback_date": "2026-13-45"}, 422),
        (
            "result",
            {
                "call": "1",
                "result": "callback",
                "callback_date": "2026-11-24",
                "callback_time": "10:00",
                "callback_zone": "Mars/Olympus",
            },
            422,
        ),
        (
            "result",
            {
                "call": "1",
                "result": "callback",
                "callback_date": "2027-03-14",
                "callback_time": "02:30",
                "callback_zone": "America/New_York",
            },
            422,
        ),
        ("note", {"call": "1", "note": "x" * 5000}, 422),
        ("note", {"call": "1", "note": "a\x00b"}, 409),
        ("explode", {}, 404),
    ],
)
def test_hostile_input_gets_words_and_changes_nothing(
    at_work: AgentSession, world: World, action: str, data: dict[str, str], status: int
) -> None:
    answer = post(signed_in(world.ana), action, **data)

    assert answer.status_code == status
    assert len(answer.content) > 10
    assert AgentSession.objects.get(pk=at_work.pk).state == "preview"
    assert CampaignLead.objects.get().state == "held"


def test_an_agent_is_told_that_a_card_number_was_taken_out_of_the_note(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)

    answer = post(signed_in(world.ana), "note", call=call.pk, note="card 4111 1111 1111 1111")

    call.refresh_from_db()
    assert call.note == "card ************1111"
    assert "A card number was removed from the note" in json.loads(answer["HX-Trigger"])["parley:say"]["text"]
    assert "desk:changed" not in answer["HX-Trigger"]


def test_a_note_is_kept_while_it_is_typed(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)

    answer = post(signed_in(world.ana), "note", call=call.pk, note="asked for a quo")

    call.refresh_from_db()
    assert answer.status_code == 204
    assert call.note == "asked for a quo"


def test_a_part_that_shows_the_same_card_is_left_alone(at_work: AgentSession, world: World) -> None:
    client = signed_in(world.ana)
    lead_id = CampaignLead.objects.get().pk

    same = client.get(
        "/desk/live", {"shown_work": f"lead-{lead_id}", "shown_result": f"none-{lead_id}"}
    ).content.decode()
    other = client.get(
        "/desk/live", {"shown_work": "lead-0", "shown_result": f"none-{lead_id}"}
    ).content.decode()

    assert 'id="desk-work"' not in same
    assert 'id="desk-result"' not in same
    assert 'id="desk-work"' in other


def test_the_desk_costs_a_fixed_number_of_queries(
    at_work: AgentSession,
    world: World,
    carrier: FakeCarrier,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for index in range(20):
        add_lead(world, f"+1407555{200 + index:04d}")
    place(dial(world, now), now)
    client = signed_in(world.ana)

    with django_assert_max_num_queries(16):
        client.get("/desk/state")


def test_what_the_page_shows_already_is_not_read_again(
    at_work: AgentSession,
    world: World,
    carrier: FakeCarrier,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    place(dial(world, now), now)
    client = signed_in(world.ana)
    whole = client.get("/desk/state").json()
    shown = {f"shown_{part}": key for part, key in whole["keys"].items()}

    with django_assert_max_num_queries(14):
        again = client.get("/desk/state", shown).json()

    assert (whole["changed"], again["changed"]) == (["work", "result"], [])
    assert (bool(whole["card"]["history"]), bool(whole["dispositions"])) == (True, True)
    assert (again["card"]["history"], again["card"]["script"], again["dispositions"]) == ([], [], [])
    not_read = {"history": 0, "script": 0, "part": 0}
    assert {**again["card"], **not_read} == {**whole["card"], **not_read}
    assert again["call"] == whole["call"]


def test_the_floor_costs_the_same_for_one_agent_as_for_many(
    at_work: AgentSession, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.sol)

    with django_assert_max_num_queries(8):
        page = client.get("/floor/").content.decode()

    assert "Ana" in page


def test_the_calls_of_a_person_are_shown_to_managers(
    at_work: AgentSession, world: World, carrier: FakeCarrier, now: datetime
) -> None:
    call = dial(world, now)

    page = signed_in(world.mia).get(f"/contacts/{call.contact_id}/calls").content.decode()

    assert "Spring solar" in page


@pytest.mark.real_broker
def test_the_event_stream_needs_the_role(world: World) -> None:
    assert signed_in(world.nil).get("/desk/events").status_code == 403


def test_the_snapshot_says_where_its_events_end(
    at_work: AgentSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime, "last_id", lambda topic: f"7-{topic.split(':')[1]}")

    page = signed_in(world.ana).get("/desk/").content.decode()

    assert f'data-after="7-{world.ana.pk}"' in page


def test_the_campaigns_page_tells_how_many_calls_were_abandoned_and_the_law(
    world: World, now: datetime
) -> None:
    Campaign.objects.update(started_at=now)
    AnsweredDay.objects.create(campaign=world.campaign, day=now.date(), live=200, abandoned=7)

    part = signed_in(world.mia).get(f"/campaigns/{world.campaign.pk}/answers").content.decode()

    assert "3.5 %" in part
    assert "is-bad" in part
    assert "The law allows 3.0 % (rule FED-016)" in part


def test_no_share_is_shown_where_nobody_but_machines_answered(world: World, now: datetime) -> None:
    Campaign.objects.update(started_at=now)
    AnsweredDay.objects.create(campaign=world.campaign, day=now.date(), machines=2)

    part = signed_in(world.mia).get(f"/campaigns/{world.campaign.pk}/answers").content.decode()

    assert "is-bad" not in part
    assert "100.0 %" not in part


def test_a_draft_has_no_answered_calls_to_show(world: World) -> None:
    Campaign.objects.update(started_at=None, state="draft")

    assert signed_in(world.mia).get(f"/campaigns/{world.campaign.pk}/answers").content == b""


def test_the_desk_says_that_the_person_comes_with_the_card_where_the_dialer_dials(world: World) -> None:
    Campaign.objects.update(mode="progressive")
    ana = signed_in(world.ana)
    ana.post("/desk/sign-on", {"campaign": world.campaign.pk})

    page = ana.get("/desk/").content.decode()

    assert "· Progressive" in page
    assert "be ready to speak" in page


def test_the_key_for_a_machine_is_refused_without_a_call(world: World) -> None:
    ana = signed_in(world.ana)
    ana.post("/desk/sign-on", {"campaign": world.campaign.pk})

    assert post(ana, "heard-machine").status_code == 409


def test_a_window_that_was_taken_over_only_shows_and_is_refused(at_work: AgentSession, world: World) -> None:
    ana = signed_in(world.ana)
    first, second = {"X-Desk-Tab": "a" * 16}, {"X-Desk-Tab": "b" * 16}
    for window in (first, second):
        assert ana.post("/desk/take-over", headers=window).status_code == 204

    refused = ana.post("/desk/act/dial", {"version": at_work.version + 2, "phone": ""}, headers=first)
    shown = ana.get("/desk/live", headers=first).content.decode()
    works = ana.get("/desk/live", headers=second).content.decode()

    assert refused.status_code == 409
    assert "Another window works this desk now" in refused.content.decode()
    assert 'id="act-take-over"' in shown
    assert 'id="act-dial"' not in shown
    assert 'id="act-dial"' in works
    assert not Call.objects.exists()


def test_each_opening_of_the_desk_is_a_window_of_its_own(at_work: AgentSession, world: World) -> None:
    ana = signed_in(world.ana)

    windows = {ana.get("/desk/").context["tab"] for _ in range(2)}

    assert len(windows) == 2
    assert AgentSession.objects.get(pk=at_work.pk).tab == ""


def test_only_those_who_manage_the_floor_may_stop_an_agent(at_work: AgentSession, world: World) -> None:
    path = f"/floor/agents/{at_work.pk}/"

    answers = [signed_in(who).get(path).status_code for who in (world.sol, world.mia, world.ana)]
    page = signed_in(world.mia).get("/floor/").content.decode()

    assert answers == [200, 403, 403]
    assert path not in page


def test_a_supervisor_logs_an_agent_out_with_a_reason(at_work: AgentSession, world: World) -> None:
    sol = signed_in(world.sol)
    path = f"/floor/agents/{at_work.pk}/"
    empty = sol.post(path, {"wish": "offline", "reason": " "})

    done = sol.post(path, {"wish": "offline", "reason": "Shift ends"}, follow=True)

    again = sol.get(path, follow=True).content.decode()
    assert empty.status_code == 422
    assert "Give a reason" in empty.content.decode()
    assert "Ana is logged out" in done.content.decode()
    assert "This agent has signed off" in again


def test_who_presses_a_button_is_there(at_work: AgentSession, world: World, now: datetime) -> None:
    AgentSession.objects.update(seen_at=now - timedelta(seconds=40))

    post(signed_in(world.ana), "explode")
    unknown = AgentSession.objects.get(pk=at_work.pk).seen_at
    post(signed_in(world.ana), "ready")

    assert unknown == now - timedelta(seconds=40)
    assert AgentSession.objects.get(pk=at_work.pk).seen_at == now


def test_the_floor_tells_a_line_that_is_being_brought_back(at_work: AgentSession, world: World) -> None:
    AgentSession.objects.update(leg_state="connecting")

    page = signed_in(world.sol).get("/floor/").content.decode()

    assert ">Connecting</span>" in page


@pytest.mark.parametrize("path", ["/desk/live", "/desk/state"])
def test_a_page_that_shows_the_newest_version_gets_nothing(
    path: str, at_work: AgentSession, world: World
) -> None:
    client = signed_in(world.ana)
    version = client.get("/desk/state").json()["version"]

    shown = client.get(path, {"shown_version": version}, headers={"X-Desk-Tab": at_work.tab})
    post(client, "not-ready", reason="break")
    changed = client.get(path, {"shown_version": version}, headers={"X-Desk-Tab": at_work.tab})

    assert (shown.status_code, shown.content) == (204, b"")
    assert changed.status_code == 200


def test_a_window_that_does_not_work_the_desk_is_told_so_whatever_it_shows(
    at_work: AgentSession, world: World
) -> None:
    client = signed_in(world.ana)
    version = client.get("/desk/state").json()["version"]

    answer = client.get("/desk/live", {"shown_version": version}, headers={"X-Desk-Tab": "b" * 16})

    assert answer.status_code == 200
    assert "Another window works this desk now" in answer.content.decode()


@pytest.mark.parametrize("shown", ["", "x", "1", "1.", "9.9", "\x00", "1.1.1"])
def test_a_version_that_is_not_the_desks_gets_all_of_it(
    shown: str, at_work: AgentSession, world: World
) -> None:
    answer = signed_in(world.ana).get("/desk/state", {"shown_version": shown})

    assert answer.status_code == 200


def test_who_is_signed_off_gets_the_whole_desk(world: World) -> None:
    answer = signed_in(world.ana).get("/desk/state", {"shown_version": ""})

    assert answer.status_code == 200
    assert answer.json()["version"] == ""
