"""The manager's list of numbers a campaign's calls may be handed on to."""

from datetime import datetime

import pytest
from django.test import Client

from campaigns.models import TransferTarget
from campaigns.selectors.targets import get_target, list_targets
from campaigns.services import targets
from campaigns.services.targets import NewTarget, TargetRefused
from core.errors import NotFound
from core.models import AuditEvent
from tests.factories.world import World, make_world

NUMBER = "(407) 555-0177"


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return make_world(now)


def add(world: World, now: datetime, **changes: object) -> int:
    new = NewTarget(**{"label": "Fitters", "number": NUMBER, **changes})  # type: ignore[arg-type]  # texts and a flag
    return targets.add_target(
        campaign_id=world.campaign.pk, new=new, by_id=world.mia.pk, by_name="mia", now=now
    )


def test_a_number_is_listed_with_what_was_said_of_it_on_record(world: World, now: datetime) -> None:
    target_id = add(world, now, state="FL", postal_code="32801", city="Orlando", is_business=True)

    [listed] = list_targets(world.campaign.pk)
    audit = AuditEvent.objects.get(verb="campaign.transfer_target.added")
    assert audit.after is not None
    assert (listed.id, listed.number, listed.state, listed.is_business) == (
        target_id,
        "+14075550177",
        "FL",
        True,
    )
    assert (audit.actor, audit.after["is_business"], audit.after["number"]) == ("mia", True, "…0177")


@pytest.mark.parametrize(
    ("number", "words"),
    [("hello", "not a phone number"), ("+1 900 555 0123", "never called"), ("", "No phone number")],
)
def test_what_is_never_called_is_not_listed(world: World, now: datetime, number: str, words: str) -> None:
    with pytest.raises(TargetRefused, match=words):
        add(world, now, number=number)

    assert not TransferTarget.objects.exists()


def test_a_number_is_listed_once_and_again_after_it_was_removed(world: World, now: datetime) -> None:
    target_id = add(world, now)
    with pytest.raises(TargetRefused, match="already"):
        add(world, now, label="Again")

    targets.remove_target(campaign_id=world.campaign.pk, target_id=target_id, by_name="mia", now=now)
    add(world, now, label="Again")

    assert [one.label for one in list_targets(world.campaign.pk)] == ["Again"]
    assert get_target(world.campaign.pk, target_id) is None


def test_a_number_that_is_not_there_cannot_be_removed(world: World, now: datetime) -> None:
    with pytest.raises(NotFound):
        targets.remove_target(campaign_id=world.campaign.pk, target_id=7, by_name="mia", now=now)


def test_the_managers_page_adds_refuses_and_removes(world: World) -> None:
    client = Client()
    client.force_login(world.mia)
    page = f"/campaigns/{world.campaign.pk}/transfers/"

    empty = client.post(page, {"label": "", "number": ""})
    bad = client.post(page, {"label": "Fitters", "number": "+1 900 555 0123"})
    good = client.post(page, {"label": "Fitters", "number": NUMBER, "state": "FL"})
    shown = client.get(page).content.decode()
    [target] = list_targets(world.campaign.pk)
    removed = client.post(f"{page}{target.id}/remove/")

    assert (empty.status_code, bad.status_code, good.status_code) == (422, 422, 302)
    assert "never called" in bad.content.decode()
    assert "(407) 555-0177" in shown
    assert removed.status_code == 302
    assert list_targets(world.campaign.pk) == []


def test_an_agent_may_not_keep_the_list(world: World) -> None:
    client = Client()
    client.force_login(world.ana)

    assert client.get(f"/campaigns/{world.campaign.pk}/transfers/").status_code == 403
