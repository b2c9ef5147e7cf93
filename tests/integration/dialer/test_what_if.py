"""What if: a campaign's own figures as the start, the answer of the command, and what is made by a worker."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from campaigns import recycling
from campaigns.models import Campaign, CampaignLead, Contact
from core import clock
from core import jobs as core_jobs
from core.errors import NotFound
from dialer import jobs
from dialer.callflow import NetworkOutcome
from dialer.forecasts import asking, held, measured, running
from dialer.forecasts.held import Standing, standing
from dialer.forecasts.own import DOUBTED, USUAL, own_plan
from dialer.models import AgentSession, AgentStateChange, Call, DialAttempt
from dialer.whatif.plan import Plan
from dialer.why import ahead
from dialer.why.waterfall import waterfall
from tests.factories.world import World, add_lead

SHORT_DAY = {"opens": "09:00", "closes": "09:20", "talk_seconds": "60"}  # quick to play


@pytest.fixture(autouse=True)
def _noon(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "now", lambda: now)
    cache.clear()
    yield
    cache.clear()


def stand(world: World) -> Standing:
    """Return the campaign's list as the gate sees it."""
    return standing(waterfall(world.campaign.pk, now=world.now))


def add_people(world: World, count: int = 3) -> None:
    """Add people in Orlando who may be called now."""
    for index in range(count):
        add_lead(world, f"+14075550{200 + index}", external_ref=None)


def add_calls(world: World, campaign: Campaign, counts: dict[str, int], *, days_ago: float = 1.0) -> None:
    """Store calls the dialer started, which took 100 s of talk and 20 s of wrap-up where a person was there."""
    lead = CampaignLead.objects.order_by("pk").first()
    assert lead is not None
    sold = campaign.disposition_set.dispositions.get(code="interested")
    began = world.now - timedelta(days=days_ago)
    first = DialAttempt.objects.count() + 1
    numbers = iter(range(first, first + 10_000))
    for kind, count in counts.items():
        attempts = [
            DialAttempt(
                campaign_lead=lead, number=f"+1312555{number:04}", caller_id="+14075550100", channel="live_autodialed",
                decision_id=number, state="settled", state_at=began, reserved_at=began, placed_at=began,
            )
            for number in (next(numbers) for _ in range(count))
        ]  # fmt: skip
        DialAttempt.objects.bulk_create(attempts)
        answered = kind in ("person", "machine")
        met = began + timedelta(seconds=12)
        talked = {
            "answered_at": met, "bridged_at": met, "ended_at": met + timedelta(seconds=100), "disposition": sold,
            "disposed_at": met + timedelta(seconds=120), "answered_by": "person",
        }  # fmt: skip
        machine = {"answered_at": met, "ended_at": met, "answered_by": "machine"}
        silent = {"ended_at": met}
        facts: dict[str, Any] = {"person": talked, "machine": machine}.get(kind, silent)
        Call.objects.bulk_create(
            Call(
                attempt=attempt, campaign=campaign, contact=lead.contact, number=attempt.number, caller_id="+14075550100",
                state="ended", outcome=NetworkOutcome.ANSWERED if answered else kind, created_at=began, **facts,
            )
            for attempt in attempts
        )  # fmt: skip


def add_sign_on(world: World, *, hours_ready: float, hours_resting: float) -> None:
    """Store a sign-on of Ana's yesterday: ready, then not, then off."""
    began = world.now - timedelta(days=1)
    rests, ends = began + timedelta(hours=hours_ready), began + timedelta(hours=hours_ready + hours_resting)
    session = AgentSession.objects.create(
        user=world.ana, campaign=world.campaign, state="offline", state_since=ends, started_at=began, seen_at=ends, ended_at=ends,
    )  # fmt: skip
    for at, event, before, after in (
        (began, "ready", "not_ready", "ready"),
        (rests, "not_ready", "ready", "not_ready"),
        (ends, "left", "not_ready", "offline"),
    ):
        AgentStateChange.objects.create(
            session=session, at=at, event=event, from_state=before, to_state=after
        )


def run_command(*options: str) -> dict[str, Any]:
    """Return the command's JSON."""
    out = StringIO()
    call_command("what_if", *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_without_calls_the_usual_values_are_named_so(world: World, now: datetime) -> None:
    add_people(world)

    own = own_plan(world.campaign.pk, stand(world), now=now)

    assert own.sources["answer_rate"] == own.sources["talk_seconds"] == USUAL
    assert own.plan.counted == DOUBTED
    assert not own.plan.has_learned
    assert own.plan.leads == 3


def test_the_campaigns_own_calls_of_four_weeks_count(world: World, now: datetime) -> None:
    add_people(world)
    add_calls(world, world.campaign, {"person": 40, "machine": 60, "busy": 10, "failed": 10, "no_answer": 80})
    add_calls(world, world.campaign, {"busy": 300}, days_ago=29)

    own = own_plan(world.campaign.pk, stand(world), now=now)

    plan = own.plan
    assert (plan.answers, plan.machines, plan.busy, plan.failed, plan.counted) == (0.2, 0.3, 0.05, 0.05, 200)
    assert plan.talk == pytest.approx(100)
    assert plan.wrap == pytest.approx(20)
    assert own.sources["answer_rate"] == "from 200 calls of the last four weeks, this campaign"
    assert own.sources["talk_seconds"] == "from 40 conversations of the last four weeks, this campaign"
    assert plan.has_learned


def test_where_people_are_how_many_numbers_they_have_and_when_they_are_due_comes_from_the_gate(
    world: World, now: datetime
) -> None:
    add_people(world, 3)
    add_lead(world, "+13125550199", external_ref=None, city="Chicago", state="IL", postal_code="60601")
    waits = CampaignLead.objects.order_by("pk").first()
    assert waits is not None
    CampaignLead.objects.filter(pk=waits.pk).update(next_try_at=now + timedelta(days=2), is_callback=True)

    own = own_plan(world.campaign.pk, stand(world), now=now)

    assert dict(own.plan.zones) == {
        "America/New_York": pytest.approx(75),
        "America/Chicago": pytest.approx(25),
    }
    assert own.plan.numbers[0] == 1
    [(at, people)] = own.plan.due
    assert (at // 24, people) == (2, 1)
    assert own.sources["zones"] == "from its lists, as the gate places people"


def test_breaks_limits_of_tries_and_the_order_are_the_campaigns(world: World, now: datetime) -> None:
    add_people(world)
    planned = recycling.Plan(max_per_number=2, max_per_day=1, max_per_person=7, person_days=14)
    Campaign.objects.filter(pk=world.campaign.pk).update(
        window_breaks="12:00-13:00",
        attempt_plan=recycling.store(planned),
        order_plan={"kind": "closing_first"},
    )

    own = own_plan(world.campaign.pk, stand(world), now=now)

    plan = own.plan
    assert plan.breaks == ((time(12), time(13)),)
    assert (plan.per_number, plan.per_day, plan.per_person, plan.person_days) == (2, 1, 7, 14)
    assert (plan.order, own.sources["order"]) == ("closing_first", "from the campaign’s settings")
    assert own.sources["per_day"] == "from its plan of further tries"


def test_an_order_nobody_can_foresee_is_named(world: World, now: datetime) -> None:
    add_people(world)
    Campaign.objects.filter(pk=world.campaign.pk).update(order_plan={"kind": "best_time"})

    own = own_plan(world.campaign.pk, stand(world), now=now)

    assert (own.plan.order, own.sources["order"][:15]) == ("due", "as they fall du")


def test_agents_breaks_are_measured_where_they_were_signed_on_long_enough(
    world: World, now: datetime
) -> None:
    add_people(world)
    few = own_plan(world.campaign.pk, stand(world), now=now)
    add_sign_on(world, hours_ready=9, hours_resting=1)

    own = own_plan(world.campaign.pk, stand(world), now=now)

    assert (few.plan.break_share, few.sources["break_rate"]) == (0.07, "a usual value")
    assert own.plan.break_share == pytest.approx(0.1)
    assert own.sources["break_rate"] == "from the latest 1 sign-ons of the last four weeks, this campaign"


def test_how_many_ask_to_be_called_again_is_measured(world: World, now: datetime) -> None:
    add_people(world)
    add_calls(world, world.campaign, {"person": 50, "no_answer": 60})
    again = world.campaign.disposition_set.dispositions.filter(category="callback").first()
    assert again is not None
    Call.objects.filter(pk__in=Call.objects.filter(disposition__isnull=False).values("pk")[:10]).update(
        disposition=again
    )

    own = own_plan(world.campaign.pk, stand(world), now=now)

    assert own.plan.callback_rate == pytest.approx(0.2)
    assert own.sources["callback_rate"].startswith("from 50 conversations")


def test_each_hour_says_what_counts_there(world: World, now: datetime) -> None:
    add_people(world)
    add_calls(world, world.campaign, {"person": 60, "no_answer": 60}, days_ago=1)
    add_calls(world, world.campaign, {"no_answer": 5}, days_ago=1 + 2 / 24)

    own = own_plan(world.campaign.pk, stand(world), now=now)

    [hour] = [hour for hour, _ in own.plan.by_hour]
    assert own.sources[f"answer_rate_{hour:02}"] == "measured 50.0%, 120 calls"
    assert own.sources[f"answer_rate_{hour - 2:02}"] == "as the whole day; too few: 5 calls"


def test_what_waiting_does_not_lift_is_the_same_for_both() -> None:
    assert set(held.LASTING) == set(ahead.LASTING)


def test_else_those_of_the_same_purpose_count(world: World, now: datetime) -> None:
    add_people(world)
    other = Campaign.objects.get(pk=world.campaign.pk)
    other.pk, other.name = None, "Autumn solar"
    other.save()
    add_calls(world, other, {"person": 50, "no_answer": 100})

    own = own_plan(world.campaign.pk, stand(world), now=now)

    assert (
        own.sources["answer_rate"] == "from 150 calls of the last four weeks, campaigns of the same purpose"
    )
    assert own.plan.answers == pytest.approx(1 / 3)


def test_too_few_calls_say_nothing(world: World, now: datetime) -> None:
    add_people(world)
    add_calls(world, world.campaign, {"person": 99})

    assert measured.measure([world.campaign.pk], now=now) is None
    assert measured.measure([], now=now) is None


def test_hours_with_calls_enough_have_a_share_of_their_own(world: World, now: datetime) -> None:
    add_people(world)
    add_calls(world, world.campaign, {"person": 60, "no_answer": 60}, days_ago=1)
    add_calls(world, world.campaign, {"person": 20, "no_answer": 100}, days_ago=1 + 2 / 24)

    found = measured.measure([world.campaign.pk], now=now)

    assert found
    assert [round(times, 3) for _, times in found.by_hour] == [0.5, 1.5]


def test_attempts_made_and_minutes_between_them_are_the_campaigns(world: World, now: datetime) -> None:
    add_people(world, 4)
    CampaignLead.objects.filter(pk__in=CampaignLead.objects.order_by("pk").values("pk")[:1]).update(
        attempts=2
    )
    world.campaign.disposition_set.dispositions.filter(code="busy").update(retry_minutes=None)

    plan = own_plan(world.campaign.pk, stand(world), now=now).plan

    assert plan.tried == (0.75, 0.0, 0.25)
    assert (plan.retries.busy, plan.retries.no_answer) == (None, 240)


def test_whom_the_rules_hold_is_counted_by_rule_with_what_changes_it(world: World, now: datetime) -> None:
    add_people(world, 5)
    CampaignLead.objects.filter(
        contact__phones__number__in=["+14075550201"]
    ).update(next_try_at=now + timedelta(days=3))  # fmt: skip

    found = stand(world)

    assert (found.to_do, found.now, found.later, found.held_back) == (5, 4, 1, 0)
    [row] = found.held
    assert (row.why, row.leads, row.in_time) == ("Waits for its next try", 1, True)


def test_a_campaign_that_is_not_there_is_told(world: World, now: datetime) -> None:
    with pytest.raises(NotFound):
        own_plan(10**9, stand(world), now=now)
    with pytest.raises(CommandError, match="does not exist"):
        run_command("999999")


def test_the_command_prints_one_json_object(world: World) -> None:
    add_people(world)

    found = run_command(
        str(world.campaign.pk), "--agents", "2", "--answer-rate", "30", "--opens", "09:00", "--closes", "09:20"
    )  # fmt: skip

    assert found["state"] == "done"
    a = found["a"]
    assert a["inputs"]["agents"] == {"value": "2", "unit": "", "basis": "entered"}
    assert a["inputs"]["attempts"]["basis"] == "from the campaign’s settings"
    assert a["list"]["callable_now"] == 3
    talk = a["forecast"]["talk_minutes_per_agent_hour"]
    assert talk["low"] <= talk["mid"] <= talk["high"]
    assert found["b"] is None


def test_the_command_takes_zones_hours_and_breaks(world: World) -> None:
    add_people(world)

    found = run_command(
        str(world.campaign.pk), "--mode", "preview", "--zones", "Eastern 50, Pacific 50", "--breaks", "12:00-13:00", "--works-until",
        "20:00", "--answer-rate-10", "35", "--per-day", "1", "--order", "closing_first",
    )  # fmt: skip

    inputs = found["a"]["inputs"]
    assert inputs["zones"] == {"value": "Eastern 50, Pacific 50", "unit": "% by zone", "basis": "entered"}
    assert found["a"]["answers_by_hour_percent"]["10"] == 35.0
    assert inputs["answer_rate_09"]["value"] == ""
    assert inputs["answer_rate_09"]["basis"] == "as the whole day; no calls"
    assert found["a"]["forecast"]["people_reached"]["mid"] > 0


def test_b_begins_as_a_and_differs_in_what_is_given(world: World) -> None:
    add_people(world)

    found = run_command(str(world.campaign.pk), "--agents", "2", "--b-talk-seconds", "300")

    assert found["b"]["inputs"]["agents"]["value"] == "2"
    assert found["b"]["inputs"]["talk_seconds"] == {"value": "300", "unit": "seconds", "basis": "entered"}
    assert any(text.startswith("B talks more") for text in found["differences"])


def test_another_draft_stands_beside_it_with_its_own_figures(world: World) -> None:
    add_people(world)
    other = Campaign.objects.get(pk=world.campaign.pk)
    other.pk, other.name, other.state, other.max_attempts = None, "Autumn solar", "draft", 2
    other.save()
    other.lists.set([world.lead_list])

    found = run_command(str(world.campaign.pk), "--against", str(other.pk), "--agents", "9")

    assert found["b"]["name"] == "Autumn solar"
    assert (found["b"]["inputs"]["attempts"]["value"], found["b"]["inputs"]["agents"]["value"]) == ("2", "5")
    assert found["b"]["list"]["to_do"] == 3


def test_a_table_for_people(world: World) -> None:
    add_people(world)
    out = StringIO()

    call_command(
        "what_if", str(world.campaign.pk), "--table", "--b-agents", "3", "--finish-by", "2027-01-31", stdout=out
    )  # fmt: skip

    shown = out.getvalue()
    for words in (
        "A: Spring solar",
        "B: Spring solar",
        "Done",
        "Talk, minutes an hour",
        "a usual value",
        "A agents",
    ):
        assert words in shown, words  # fmt: skip


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--agents", "0", "A: Agents: a whole number from 1 to 2,000; nobody is called without one"),
        ("--b-answer-rate", "120", "B: People who answer: from 0 to 100 %"),
        ("--closes", "08:00", "These hours never open"),
        ("--leads", "999999999", "from 1 to 5,000,000"),
    ],
)
def test_the_command_refuses_what_cannot_be_played(world: World, option: str, value: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run_command(str(world.campaign.pk), option, value)


def test_an_empty_list_says_what_to_do(world: World) -> None:
    found = run_command(str(world.campaign.pk))

    assert found["a"]["forecast"] is None
    assert (
        found["a"]["problem"]
        == "The lists of “Spring solar” are empty: import people, or choose a list in its settings."
    )


def test_a_list_the_rules_hold_says_why_and_when_it_changes(world: World) -> None:
    add_people(world)
    Contact.objects.update(crm_do_not_call=True)

    found = run_command(str(world.campaign.pk))

    assert found["a"]["forecast"] is None
    assert "The rules hold all 3 people of “Spring solar”" in found["a"]["problem"]
    assert found["a"]["problem"].endswith(
        "when the person comes back by themself, and two people lift the request."
    )
    assert found["a"]["list"]["held_back"] == 3


def ask(world: World, **given: str) -> asking.Ask:
    """Return the question of a form."""
    found, wrong = asking.ask(
        world.campaign.pk, given, standing_of=lambda _: stand(world), now=world.now
    )  # fmt: skip
    assert wrong == []
    return found


def test_quick_forecasts_are_made_at_once_and_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add_people(world)
    asked = ask(world, mode="preview")

    first = running.progress(asked)

    monkeypatch.setattr(running, "forecast", None)  # not made again
    assert first.is_done
    assert running.progress(asked) == first


def test_others_are_made_by_a_worker_that_tells_how_far_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:  # fmt: skip
    add_people(world)
    sent: list[str] = []
    monkeypatch.setattr(core_jobs, "_send", lambda name, ids: sent.append(ids["key"]))
    asked = ask(world, mode="progressive", b_agents="3", **SHORT_DAY)

    with django_capture_on_commit_callbacks(execute=True):
        first = running.progress(asked)
        again = running.progress(asked)

    assert (first.is_done, first.done, first.of) == (False, 0, 16)
    assert again == first
    assert len(sent) == 2  # asked for once each, however often the page asks
    cache.set(f"{sent[0]}:done", 3)
    assert running.progress(asked).done == 3
    running.play_kept(sent[0])
    assert running.progress(asked).a is not None
    assert not running.progress(asked).is_done
    running.play_kept(sent[1])
    assert running.progress(asked).is_done
    running.play_kept(sent[1])  # a hint told twice
    assert jobs.PLAY_WHAT_IF == "dialer.play_what_if"


def test_a_forecast_cancelled_in_the_middle_stops_after_its_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_people(world)
    asked = ask(world, mode="progressive", **SHORT_DAY)
    sent: list[str] = []
    monkeypatch.setattr(core_jobs, "enqueue_on_commit", lambda name, key: sent.append(key))
    running.progress(asked)
    told: list[int] = []

    def play(plan: Plan, *, report: Callable[[int], None]) -> None:
        for done in range(1, 9):
            told.append(done)
            if done == 3:
                assert running.cancel(asked)
            report(done)

    monkeypatch.setattr(running, "forecast", play)
    running.play_kept(sent[0])

    assert told == [1, 2, 3]
    made = running.progress(asked)
    assert (made.is_cancelled, made.is_done, made.a) == (True, False, None)


def test_the_command_stopped_in_the_middle_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add_people(world)

    def stopped(plan: Plan, *, report: Callable[[int], None]) -> None:
        report(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "forecast", stopped)

    with pytest.raises(CommandError, match="Cancelled in the middle, 1 runs played"):
        run_command(str(world.campaign.pk))


def test_a_worker_and_the_command_say_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add_people(world)
    asked = ask(world, mode="progressive", **SHORT_DAY)
    sent: list[str] = []
    monkeypatch.setattr(core_jobs, "enqueue_on_commit", lambda name, key: sent.append(key))
    running.progress(asked)
    running.play_kept(sent[0])

    assert running.progress(asked).a == running.make(asked).a


def test_a_question_is_kept_by_its_key(world: World) -> None:
    add_people(world)
    asked = ask(world)

    assert running.kept(running.keep(asked)) == asked
    assert running.kept("nothing") is None


def test_own_figures_cost_nine_queries(
    world: World, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    add_people(world, 5)
    add_calls(world, world.campaign, {"person": 150})
    found = stand(world)

    with django_assert_max_num_queries(9):
        own_plan(world.campaign.pk, found, now=now)
