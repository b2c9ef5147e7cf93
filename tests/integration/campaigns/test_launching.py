"""Starting after a look, at a time, stopping at a time; the archive."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Campaign, CampaignAgent, CampaignLead, Contact
from campaigns.services import campaigns, changes, launching, linting, moves
from campaigns.services.moves import CampaignRefused
from core.errors import NotFound, Stale
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=2)


def change(campaign_id: int, **wanted: Any) -> int:
    setup = replace(campaigns.setup_of(Campaign.objects.get(pk=campaign_id)), **wanted)
    return campaigns.change_campaign(campaign_id=campaign_id, setup=setup, by_name="mia", now=NOW).number


def state_of(campaign_id: int) -> str:
    return Campaign.objects.get(pk=campaign_id).state


def test_what_the_checks_find_wrong_keeps_it_from_starting(draft: int) -> None:
    CampaignAgent.objects.all().delete()

    with pytest.raises(CampaignRefused, match="Nobody who can take calls"):
        launching.start(campaign_id=draft, by_name="mia", now=NOW)


def test_warnings_must_have_been_read_of_this_very_version(draft: int) -> None:
    number = change(draft, goal=500)
    with pytest.raises(CampaignRefused, match="only 4 people"):
        launching.start(campaign_id=draft, by_name="mia", now=NOW)

    changes.mark_read(campaign_id=draft, number=number, codes=["GOAL_TOO_HIGH"], by_name="mia", now=NOW)
    change(draft, goal=400)
    with pytest.raises(CampaignRefused, match="have read it"):
        launching.start(campaign_id=draft, by_name="mia", now=NOW)
    changes.mark_read(campaign_id=draft, number=number + 1, codes=["GOAL_TOO_HIGH"], by_name="mia", now=NOW)

    assert launching.start(campaign_id=draft, by_name="mia", now=NOW) == 4


def test_the_checks_cost_the_same_however_many_people(draft: int, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(15):
        linting.findings_of(Campaign.objects.get(pk=draft), now=NOW)


def test_a_scheduled_campaign_starts_when_its_time_has_come(draft: int) -> None:
    launching.schedule(campaign_id=draft, starts_at=SOON, by_name="mia", now=NOW)
    assert (launching.sweep(now=NOW), state_of(draft)) == (0, "scheduled")

    assert launching.sweep(now=SOON) == 1

    found = Campaign.objects.get(pk=draft)
    assert (found.state, found.starts_at, found.started_at) == ("running", None, SOON)
    assert CampaignLead.objects.count() == 4
    assert AuditEvent.objects.get(verb="campaigns.campaign.started").actor == "schedule"


def test_one_that_lacks_something_by_then_becomes_a_draft_with_the_reason(draft: int) -> None:
    launching.schedule(campaign_id=draft, starts_at=SOON, by_name="mia", now=NOW)
    CampaignAgent.objects.all().delete()

    launching.sweep(now=SOON)

    found = AuditEvent.objects.get(verb="campaigns.campaign.unscheduled")
    assert state_of(draft) == "draft"
    assert found.after is not None
    assert "Nobody who can take calls" in found.after["reason"]


def test_a_schedule_can_be_changed_taken_back_or_overtaken_by_hand(draft: int) -> None:
    launching.schedule(campaign_id=draft, starts_at=SOON, by_name="mia", now=NOW)
    launching.schedule(campaign_id=draft, starts_at=SOON + timedelta(days=1), by_name="mia", now=NOW)
    launching.unschedule(campaign_id=draft, by_name="mia", now=NOW)
    assert (state_of(draft), Campaign.objects.get(pk=draft).starts_at) == ("draft", None)

    launching.schedule(campaign_id=draft, starts_at=SOON, by_name="mia", now=NOW)
    launching.start(campaign_id=draft, by_name="mia", now=NOW)

    assert state_of(draft) == "running"
    with pytest.raises(Stale, match="it is running"):
        launching.unschedule(campaign_id=draft, by_name="mia", now=NOW)
    with pytest.raises(Stale, match="it is running"):
        launching.schedule(campaign_id=draft, starts_at=SOON, by_name="mia", now=NOW)


def test_times_that_cannot_be_are_refused(draft: int) -> None:
    with pytest.raises(CampaignRefused, match="This time is over"):
        launching.schedule(campaign_id=draft, starts_at=NOW, by_name="mia", now=NOW)
    change(draft, stops_at=SOON)
    with pytest.raises(CampaignRefused, match="before it starts"):
        launching.schedule(campaign_id=draft, starts_at=SOON, by_name="mia", now=NOW)
    with pytest.raises(NotFound):
        launching.schedule(campaign_id=99_999, starts_at=SOON, by_name="mia", now=NOW)


def test_a_scheduled_campaign_has_a_time(draft: int) -> None:
    with pytest.raises(IntegrityError, match="scheduled_for_a_time"), transaction.atomic():
        Campaign.objects.filter(pk=draft).update(state="scheduled")


def test_a_campaign_drains_at_its_stop_and_is_not_resumed_after(draft: int) -> None:
    change(draft, stops_at=SOON)
    launching.start(campaign_id=draft, by_name="mia", now=NOW)

    assert launching.sweep(now=SOON) == 1
    assert state_of(draft) == "draining"
    with pytest.raises(CampaignRefused, match="is over"):
        launching.resume(campaign_id=draft, by_name="mia", now=SOON)
    with pytest.raises(CampaignRefused, match="is over"):
        moves.resume(campaign_id=draft, by_name="mia", now=SOON)
    change(draft, stops_at=SOON + timedelta(days=1))

    launching.resume(campaign_id=draft, by_name="mia", now=SOON)
    assert state_of(draft) == "running"


def test_hours_that_the_law_never_opens_cannot_be_started(draft: int) -> None:
    Contact.objects.update(state="ala")
    change(draft, window_opens=time(21, 30), window_closes=time(23))
    launching.start(campaign_id=draft, by_name="mia", now=NOW)  # no state known: nothing to say
    Contact.objects.update(state=" alabama ")
    moves.pause(campaign_id=draft, by_name="mia", now=NOW)

    with pytest.raises(CampaignRefused, match="leaves nothing of 21:30 to 23:00"):
        launching.resume(campaign_id=draft, by_name="mia", now=NOW)


def test_the_archive_takes_what_calls_nobody_and_gives_it_back_as_it_was(draft: int) -> None:
    launching.archive(campaign_id=draft, by_name="mia", now=NOW)
    with pytest.raises(Stale, match="in the archive"):
        moves.start(campaign_id=draft, by_name="mia", now=NOW)
    with pytest.raises(CampaignRefused, match="Bring it back first"):
        change(draft, goal=3)
    with pytest.raises(Stale, match="already"):
        launching.archive(campaign_id=draft, by_name="mia", now=NOW)

    launching.restore(campaign_id=draft, by_name="mia", now=NOW)
    launching.start(campaign_id=draft, by_name="mia", now=NOW)

    with pytest.raises(Stale, match="it is running"):
        launching.archive(campaign_id=draft, by_name="mia", now=NOW)
    with pytest.raises(Stale, match="not in the archive"):
        launching.restore(campaign_id=draft, by_name="mia", now=NOW)
    with pytest.raises(IntegrityError, match="archived_calls_nobody"), transaction.atomic():
        Campaign.objects.filter(pk=draft).update(archived_at=NOW)
