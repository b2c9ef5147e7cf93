"""Campaigns: what they need before they call, and how leads get into them."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from campaigns.models import Campaign, CampaignAgent, CampaignLead, Lead, LeadList
from campaigns.paging import Cursor
from campaigns.selectors import campaigns as read
from campaigns.selectors import overview
from campaigns.services import campaigns, dispositions, moves
from campaigns.services.campaigns import Setup
from campaigns.services.moves import CampaignRefused
from carriers.models import CallerNumber
from core.errors import NotFound, Stale
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone

pytestmark = pytest.mark.django_db


def test_starting_makes_each_person_of_the_lists_one_lead(draft: int) -> None:
    imported([person(2, us_phone(0)), person(3, us_phone(9))], list_name="Autumn")
    lists = tuple(LeadList.objects.order_by("id").values_list("id", flat=True))
    campaigns.change_campaign(
        campaign_id=draft, setup=replace(setup_of(draft), list_ids=lists), by_name="mia", now=NOW
    )

    added = moves.start(campaign_id=draft, by_name="mia", now=NOW)

    leads = CampaignLead.objects.filter(campaign_id=draft)
    assert added == leads.count() == 5
    assert set(leads.values_list("state", "next_try_at", "attempts")) == {("ready", NOW, 0)}


def test_people_imported_later_join_a_started_campaign_once(draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)

    imported([person(2, us_phone(0)), person(3, us_phone(50))])

    assert CampaignLead.objects.filter(campaign_id=draft).count() == 5


def test_people_imported_later_do_not_join_a_draft_or_a_stopped_campaign(draft: int) -> None:
    imported([person(2, us_phone(50))])
    assert not CampaignLead.objects.exists()

    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    moves.stop(campaign_id=draft, by_name="mia", now=NOW)
    imported([person(2, us_phone(51))])

    assert CampaignLead.objects.count() == 5


def test_a_lead_that_was_worked_is_left_as_it_is_when_the_campaign_resumes(draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    CampaignLead.objects.filter(campaign_id=draft).update(state="finished", attempts=2)
    moves.pause(campaign_id=draft, by_name="mia", now=NOW)

    assert moves.resume(campaign_id=draft, by_name="mia", now=NOW + timedelta(hours=1)) == 0

    assert set(CampaignLead.objects.values_list("state", "attempts")) == {("finished", 2)}


def test_all_that_is_missing_is_said_at_once(draft: int) -> None:
    CampaignAgent.objects.all().delete()
    Lead.objects.all().delete()
    CallerNumber.objects.update(active=False)

    with pytest.raises(CampaignRefused) as refusal:
        moves.start(campaign_id=draft, by_name="mia", now=NOW)

    assert "lists are empty" in str(refusal.value)
    assert "no agents" in str(refusal.value)
    assert "FED-025" in str(refusal.value)
    assert Campaign.objects.get(id=draft).state == "draft"


def test_a_campaign_without_a_list_says_so(draft: int) -> None:
    Campaign.objects.get(id=draft).lists.clear()

    with pytest.raises(CampaignRefused, match="no list"):
        moves.start(campaign_id=draft, by_name="mia", now=NOW)


def test_an_agent_who_left_does_not_count(draft: int) -> None:
    User.objects.filter(username="ana").update(is_active=False)

    with pytest.raises(CampaignRefused, match="no agents"):
        moves.start(campaign_id=draft, by_name="mia", now=NOW)


ALLOWED = {
    ("draft", "start"): "running",
    ("running", "pause"): "paused",
    ("running", "stop"): "stopped",
    ("running", "drain"): "draining",
    ("draining", "resume"): "running",
    ("draining", "pause"): "paused",
    ("draining", "stop"): "stopped",
    ("paused", "resume"): "running",
    ("paused", "stop"): "stopped",
}


@pytest.mark.parametrize("state", ["draft", "running", "draining", "paused", "stopped"])
@pytest.mark.parametrize("verb", ["start", "drain", "pause", "resume", "stop"])
def test_only_the_moves_of_the_table_are_legal(draft: int, state: str, verb: str) -> None:
    Campaign.objects.filter(id=draft).update(state=state)
    move = getattr(moves, verb)

    if (state, verb) not in ALLOWED:
        with pytest.raises(Stale, match=f"it is {state}"):
            move(campaign_id=draft, by_name="mia", now=NOW)
        return
    move(campaign_id=draft, by_name="mia", now=NOW)

    assert Campaign.objects.get(id=draft).state == ALLOWED[(state, verb)]
    assert AuditEvent.objects.filter(target=f"campaign:{draft}", before={"state": state}).count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "name"),
        ({"purpose": "unknown"}, "what the calls are for"),
        ({"purpose": "anything"}, "what the calls are for"),
        ({"audience": "everybody"}, "who is called"),
        ({"made_by": ""}, "who makes the calls"),
        ({"caller_id": "+12025550199"}, "FED-025"),
        ({"window_opens": time(20), "window_closes": time(9)}, "open before"),
        ({"window_days": ""}, "at least one day"),
        ({"window_days": "9"}, "at least one day"),
        ({"max_attempts": 0}, "attempts"),
        ({"ring_seconds": 14}, "FED-019"),
        ({"wrap_up_seconds": 4000}, "Wrap-up"),
        ({"list_ids": (999,)}, "lists does not exist"),
        ({"script_version_id": 999}, "script does not exist"),
        ({"disposition_set_id": 999}, "set of results"),
    ],
)
def test_a_wrong_setting_is_refused_in_words(draft: int, wrong: dict[str, object], words: str) -> None:
    setup = replace(setup_of(draft), **{"name": "Another", **wrong})  # type: ignore[arg-type]  # the point is to be wrong

    with pytest.raises(CampaignRefused, match=words):
        campaigns.create_campaign(setup=setup, by_id=None, by_name="mia", now=NOW)

    assert Campaign.objects.count() == 1


def test_a_name_is_used_once(draft: int) -> None:
    with pytest.raises(CampaignRefused, match="already"):
        campaigns.create_campaign(setup=setup_of(draft), by_id=None, by_name="mia", now=NOW)


def test_what_a_campaign_declares_is_in_the_audit_trail(draft: int) -> None:
    setup = replace(setup_of(draft), audience="businesses", made_by="nonprofit", answers_never_sell=True)

    campaigns.change_campaign(campaign_id=draft, setup=setup, by_name="mia", now=NOW)

    found = AuditEvent.objects.get(verb="campaigns.campaign.changed")
    declared = ("audience", "made_by", "answers_never_sell")
    assert found.before is not None
    assert found.after is not None
    assert [found.before[name] for name in declared] == ["people", "company", False]
    assert [found.after[name] for name in declared] == ["businesses", "nonprofit", True]


def test_a_campaign_declares_only_what_there_are_words_for(draft: int) -> None:
    with pytest.raises(IntegrityError, match="declares_known_words"), transaction.atomic():
        Campaign.objects.filter(id=draft).update(audience="everybody")


def test_lists_are_never_taken_away_after_the_start_and_a_stopped_campaign_stays_as_it_was(
    draft: int,
) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    setup = replace(setup_of(draft), max_attempts=3)

    with pytest.raises(CampaignRefused, match="Spring"):
        campaigns.change_campaign(
            campaign_id=draft, setup=replace(setup, list_ids=()), by_name="mia", now=NOW
        )
    moves.stop(campaign_id=draft, by_name="mia", now=NOW)
    with pytest.raises(CampaignRefused, match="stopped"):
        campaigns.change_campaign(campaign_id=draft, setup=setup, by_name="mia", now=NOW)

    assert Campaign.objects.get(id=draft).max_attempts == 6


def test_only_people_who_take_calls_can_be_assigned(draft: int, mia: User) -> None:
    with pytest.raises(CampaignRefused, match="cannot take calls"):
        campaigns.assign_agents(campaign_id=draft, user_ids=[mia.id], by_name="mia", now=NOW)

    assert read.assigned_ids(draft) == {User.objects.get(username="ana").id}


def test_assigning_replaces_the_agents_and_is_audited(draft: int) -> None:
    eve = User.objects.create_user("eve", role="supervisor")

    campaigns.assign_agents(campaign_id=draft, user_ids=[eve.id], by_name="mia", now=NOW)

    assert read.assigned_ids(draft) == {eve.id}
    assert AuditEvent.objects.filter(verb="campaigns.campaign.agents_assigned").count() == 2


def test_a_campaign_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        moves.pause(campaign_id=9, by_name="mia", now=NOW)


def test_the_board_counts_each_lead_in_one_place(draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    first, second, third, _ = CampaignLead.objects.order_by("id")
    soon = NOW + timedelta(hours=2)
    CampaignLead.objects.filter(id=first.id).update(
        next_try_at=soon, is_callback=True, attempts=1, last_result="Busy"
    )
    CampaignLead.objects.filter(id=second.id).update(state="finished", attempts=2, last_result="Interested")
    ana = User.objects.get(username="ana")
    CampaignLead.objects.filter(id=third.id).update(state="held", held_by=ana, held_at=NOW)

    board = read.get_board(draft, now=NOW)

    assert (board.ready, board.waiting, board.held, board.finished, board.leads) == (1, 1, 1, 1, 4)
    assert (board.next_try_at, board.callbacks, board.attempts, board.untried) == (soon, 1, 3, 2)
    assert [(result.label, result.leads) for result in board.results] == [("Busy", 1), ("Interested", 1)]
    assert [(agent.name, agent.holds_lead) for agent in board.agents] == [("Ana Agent", True)]


def test_reads_cost_the_same_however_many_rows(draft: int, django_assert_num_queries: object) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    for number in range(3):
        setup = replace(setup_of(draft), name=f"More {number}")
        campaigns.create_campaign(setup=setup, by_id=None, by_name="mia", now=NOW)
    CampaignLead.objects.update(reason="20:14 in Orlando")
    reads = [
        (3, lambda: overview.list_campaigns(now=NOW)),
        (5, lambda: read.get_campaign(draft)),
        (5, lambda: read.get_board(draft, now=NOW)),
        (1, lambda: read.list_not_called(draft, Cursor())),
        (1, read.list_agents),
    ]

    for queries, function in reads:
        with django_assert_num_queries(queries):  # type: ignore[operator]  # pytest-django's fixture has no public type
            assert function()


def test_the_standard_results_are_made_once_and_have_a_key_each() -> None:
    first = dispositions.ensure_default_set(NOW)

    assert dispositions.ensure_default_set(NOW) == first
    results = read.list_results(first)
    assert [result.key for result in results] == [*"123456789", "", "", ""]  # the last are the dialer's own
    assert [results[number].wait_text for number in (0, 3, 4, 5)] == [
        "not tried again",
        "after 1 day",
        "after 4 h",
        "after 30 min",
    ]
    assert [result.retry_minutes for result in results] == [
        *[None, None, None, 1440, 240, 30, None, 1440, None],
        *[240, 1440, 1440],
    ]


def setup_of(campaign_id: int) -> Setup:
    facts = read.get_campaign(campaign_id)
    return Setup(
        name=facts.name,
        purpose=facts.purpose,
        caller_id=facts.caller_id,
        list_ids=tuple(found.id for found in facts.lists),
        disposition_set_id=facts.disposition_set_id,
    )
