"""The agent's way through a script, kept with the call."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign, CampaignLead
from campaigns.scripting.running import NoWay
from core import db
from core.errors import Stale
from dialer import log_reads, script_reads
from dialer.callflow import CallNews
from dialer.models import AgentSession, Call, ScriptRun, ScriptStep
from dialer.services import dialing, results, script_runs, states
from dialer.services.results import ResultForm
from tests.factories.scripts import SALES, step_version
from tests.factories.world import World

SECOND = timedelta(seconds=1)


@pytest.fixture
def call(at_work: AgentSession, world: World, now: datetime) -> Call:
    """A call of Ana's with a script that branches; they met a second ago."""
    Campaign.objects.update(script_version=step_version(now))
    dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)
    Call.objects.update(answered_at=now, bridged_at=now, state="connected")
    return Call.objects.get()


def go(world: World, number: int, way: Any, at: datetime) -> str:
    return script_runs.go(user_id=world.ana.pk, number=number, way=way, agent_name="Ana", now=at)


def end(call: Call, world: World, at: datetime) -> None:
    """Hang up and save a result."""
    with db.use_case():
        call = Call.objects.get(pk=call.pk)
        states.advance_call(call, CallNews.COMPLETED, now=at, source="test", detail="")
    Call.objects.filter(pk=call.pk).update(ended_at=at)
    AgentSession.objects.filter(user=world.ana).update(
        state="wrap_up", call=call, campaign_lead=CampaignLead.objects.get()
    )
    form = ResultForm("interested", note="", callback_at=None, callback_mine=False, then_ready=False)
    results.save_result(user_id=world.ana.pk, call_id=call.pk, form=form, now=at)


def test_each_answer_and_its_time_are_kept(call: Call, world: World, now: datetime) -> None:
    assert go(world, 1, 0, now + 10 * SECOND) == ""
    assert go(world, 2, 0, now + 25 * SECOND) == "interested"

    steps = ScriptStep.objects.order_by("number").values_list("node", "answer", "entered_at", "left_at")
    assert list(steps) == [
        ("n1", "Yes", now, now + 10 * SECOND),
        ("n3", "Next", now + 10 * SECOND, now + 25 * SECOND),
        ("n4", "", now + 25 * SECOND, None),
    ]
    view = script_reads.run_of(call.pk)
    assert view is not None
    assert (view.number, view.node, view.trail) == (3, "n4", [("Opening", "Yes"), ("Sunny offer", "Next")])


def test_back_goes_where_the_agent_came_from(call: Call, world: World, now: datetime) -> None:
    go(world, 1, 0, now + SECOND)
    go(world, 2, "back", now + 2 * SECOND)
    go(world, 3, 1, now + 3 * SECOND)
    view = script_reads.run_of(call.pk)

    assert view is not None
    assert (view.node, view.trail) == ("n5", [("Opening", "No")])
    go(world, 4, "back", now + 4 * SECOND)
    with pytest.raises(NoWay, match="nothing before"):
        go(world, 5, "back", now + 5 * SECOND)


def test_answers_on_the_way_that_counts_are_told_to_the_crm(call: Call, world: World, now: datetime) -> None:
    go(world, 1, 0, now + SECOND)
    go(world, 2, "back", now + 2 * SECOND)
    go(world, 3, 1, now + 3 * SECOND)
    end(call, world, now + 10 * SECOND)

    told = log_reads.logged_event(call.pk)

    assert [(each["node"], each["answer"]) for each in told.script_answers] == [("n1", "No")]


def test_an_answer_to_a_step_that_is_gone_or_to_nothing_is_refused(
    call: Call, world: World, now: datetime
) -> None:
    go(world, 1, 0, now + SECOND)

    with pytest.raises(Stale, match="went on meanwhile"):
        go(world, 1, 0, now + SECOND)
    with pytest.raises(NoWay, match="no such answer"):
        go(world, 2, 7, now + SECOND)
    assert ScriptStep.objects.count() == 2


def test_a_call_keeps_the_version_it_began_with(call: Call, world: World, now: datetime) -> None:
    go(world, 1, 0, now + SECOND)
    first = ScriptRun.objects.get().version
    Campaign.objects.update(script_version=step_version(now))

    go(world, 2, 0, now + 2 * SECOND)

    assert ScriptRun.objects.get().version == first


def test_the_script_ends_with_the_result_and_its_figures_say_where(
    call: Call, world: World, now: datetime
) -> None:
    go(world, 1, 0, now + 10 * SECOND)
    end(call, world, now + 30 * SECOND)

    run = ScriptRun.objects.get()
    figures = script_reads.figures_of(run.version_id)
    by_code = {node.code: node for node in figures.nodes}
    assert (run.reached_end, run.ended_at) == (False, now + 30 * SECOND)
    assert (figures.calls, figures.ended_well.part) == (1, 0)
    assert (by_code["n1"].reached.part, by_code["n1"].left.part, by_code["n1"].median_seconds) == (1, 0, 10)
    assert (by_code["n3"].left.part, by_code["n3"].median_seconds) == (1, 20)
    assert by_code["n1"].answers == [("Yes", 1)]
    assert by_code["n5"].reached.part == 0
    assert "n2" not in by_code


def test_a_call_without_an_answer_was_over_at_the_first_step(call: Call, world: World, now: datetime) -> None:
    end(call, world, now + 8 * SECOND)

    step = ScriptStep.objects.get()
    assert (step.node, step.entered_at, step.left_at) == ("n1", now, now + 8 * SECOND)


def test_a_script_of_one_text_leaves_nothing(at_work: AgentSession, world: World, now: datetime) -> None:
    dialing.reserve(user_id=world.ana.pk, version=at_work.version, phone_id=None, now=now)
    Call.objects.update(answered_at=now, bridged_at=now, state="connected")
    call = Call.objects.get()
    with pytest.raises(states.NotAllowed, match="no script with steps"):
        go(world, 1, 0, now)

    end(call, world, now + 8 * SECOND)

    assert not ScriptRun.objects.exists()


def test_the_desk_shows_a_step_takes_an_answer_and_suggests_the_result(
    call: Call, world: World, client: Client
) -> None:
    client.force_login(world.ana)
    page = client.get("/desk/").content.decode()
    assert "May I go on?" in page
    assert "Sunny offer" not in page

    part = client.post("/desk/script", {"number": "1", "way": "0"}).content.decode()
    assert "Orlando</span> has sun." in part
    done = client.post("/desk/script", {"number": "2", "way": "0"})
    assert '"code": "interested"' in done.headers["HX-Trigger"]
    assert "The script ends here" in done.content.decode()
    refused = client.post("/desk/script", {"number": "x" * 9, "way": "\x00"})
    assert "went on meanwhile" in refused.headers["HX-Trigger"]
    assert "The script ends here" in refused.content.decode()


def test_figures_are_a_managers(call: Call, world: World, now: datetime, client: Client) -> None:
    end(call, world, now + 8 * SECOND)
    version = ScriptRun.objects.get().version_id
    client.force_login(world.ana)
    assert client.get(f"/scripts/versions/{version}/figures").status_code == 403
    client.force_login(world.mia)

    part = client.get(f"/scripts/versions/{version}/figures").content.decode()

    assert "1 call<" in part
    assert SALES.nodes[0].title in part
    assert client.get("/scripts/versions/0/figures").status_code == 404
