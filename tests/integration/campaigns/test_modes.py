"""How a campaign dials: chosen in the form, changed while it runs, never above the law's cap."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Campaign, CampaignAgent, Lead, MessageVersion
from campaigns.services import campaigns, modes, moves, readiness
from campaigns.services.moves import CampaignRefused
from campaigns.services.readiness import Place
from carriers import health
from carriers.models import CallerNumber
from core import db
from core.errors import Stale
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW
from tests.integration.campaigns.test_campaigns import setup_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(mia: User) -> Client:
    """Mia's browser."""
    client = Client()
    client.force_login(mia)
    return client


@pytest.mark.parametrize("percent", ["3.01", "5", "-1"])
def test_a_cap_above_the_laws_is_refused_with_its_citation(draft: int, percent: str) -> None:
    setup = replace(setup_of(draft), mode="predictive", abandon_percent=Decimal(percent))

    with pytest.raises(CampaignRefused) as refusal:
        campaigns.change_campaign(campaign_id=draft, setup=setup, by_name="mia", now=NOW)

    assert "At most 3 %" in str(refusal.value)
    assert "FED-016: 16 CFR 310.4(b)(4)(i), 47 CFR 64.1200(a)(7)" in str(refusal.value)


@pytest.mark.parametrize("percent", [None, Decimal("3"), Decimal("1.5"), Decimal("0")])
def test_a_cap_may_be_lower_than_the_laws(draft: int, percent: Decimal | None) -> None:
    setup = replace(setup_of(draft), mode="power", power_ratio=Decimal("1.5"), abandon_percent=percent)

    campaigns.change_campaign(campaign_id=draft, setup=setup, by_name="mia", now=NOW)

    found = Campaign.objects.get(pk=draft)
    assert (found.mode, found.power_ratio, found.abandon_percent) == ("power", Decimal("1.5"), percent)


def test_the_form_says_the_citation_beside_a_cap_that_is_too_high(manager: Client, draft: int) -> None:
    page = manager.get(reverse("campaign-edit", args=[draft]))
    values = {name: value for name, value in page.context["form"].initial.items() if value is not None}

    answer = manager.post(
        reverse("campaign-edit", args=[draft]),
        {**values, "window_opens": "09:00", "window_closes": "20:00", "abandon_percent": "4"},
    )

    assert answer.status_code == 422
    assert "16 CFR 310.4(b)(4)(i)" in answer.content.decode()


def test_a_running_campaign_changes_its_mode_on_record(draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    later = NOW + timedelta(minutes=5)

    changed = modes.change_mode(campaign_id=draft, mode="predictive", by_name="sol", now=later)
    again = modes.change_mode(campaign_id=draft, mode="predictive", by_name="sol", now=later)

    found = Campaign.objects.get(pk=draft)
    event = AuditEvent.objects.get(verb="campaigns.campaign.mode_changed")
    assert (changed, again) == (True, False)
    assert (found.mode, found.mode_changed_at, found.state) == ("predictive", later, "running")
    assert (event.actor, event.before, event.after) == ("sol", {"mode": "preview"}, {"mode": "predictive"})


def test_a_stopped_campaign_keeps_its_mode_and_an_unknown_one_is_refused(draft: int) -> None:
    with pytest.raises(modes.NoSuchMode, match="no mode “faster”"):
        modes.change_mode(campaign_id=draft, mode="faster", by_name="sol", now=NOW)
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    moves.stop(campaign_id=draft, by_name="mia", now=NOW)

    with pytest.raises(Stale, match="stopped"):
        modes.change_mode(campaign_id=draft, mode="power", by_name="sol", now=NOW)


def test_the_mode_is_changed_on_the_campaigns_page(manager: Client, draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)

    page = manager.post(reverse("campaign-mode", args=[draft]), {"mode": "power"}, follow=True)

    assert "It dials now in the mode power." in page.content.decode()
    assert "Power, 2 calls for each free agent" in page.content.decode()


def test_everything_a_campaign_lacks_is_listed_at_once_with_where_it_is_set(
    draft: int, settings: pytest.FixtureRequest
) -> None:
    CampaignAgent.objects.all().delete()
    Lead.objects.all().delete()
    CallerNumber.objects.update(active=False)
    Campaign.objects.update(
        mode="predictive", abandoned_message=MessageVersion.objects.filter(state="draft")[0]
    )
    settings.CARRIER_CPS = 0.0  # type: ignore[attr-defined]  # pytest-django's settings
    with db.use_case():
        health.begin(reason="20003 Authenticate", now=NOW)

    found = readiness.list_missing(draft, now=NOW)

    assert [one.place for one in found] == [
        Place.LISTS, Place.AGENTS, Place.CALLERS, Place.CARRIER, Place.MESSAGES, Place.CARRIER,
    ]  # fmt: skip
    assert "PARLEY_CARRIER_CPS is 0" in found[3].text
    assert "FED-017" in found[4].text


def test_the_page_links_to_where_each_thing_is_set(manager: Client, draft: int) -> None:
    CampaignAgent.objects.all().delete()
    Lead.objects.all().delete()
    CallerNumber.objects.update(active=False)

    page = manager.get(reverse("campaign", args=[draft])).content.decode()

    assert "3 missing" in page
    for link in (reverse("list-import"), "#agents", reverse("compliance-callers")):
        assert f'<a href="{link}">' in page
