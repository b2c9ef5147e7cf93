"""What a campaign's manager declares reaches the gate, and what was not declared is the strictest."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Campaign, CampaignLead, ContactPhone
from campaigns.services import work
from compliance import services as gate
from compliance.models import ComplianceDecision, ContactLedger, LineRecord
from compliance.rules.debt import ANY_DEBT
from compliance.rules.facts import LineType
from core import db
from dialer.services import offers
from tests.factories.world import LISTED, SELLER, World, add_lead, load_registry

OHIO = "+16145550123"
TO_OHIO = {"city": "Columbus", "state": "OH", "postal_code": "43215"}


def declare(world: World, **said: Any) -> Campaign:
    """Change the running campaign as its manager could while it was paused."""
    Campaign.objects.filter(pk=world.campaign.pk).update(**said)
    return Campaign.objects.get(pk=world.campaign.pk)


def screened(world: World, lead: CampaignLead, now: datetime, **said: Any) -> str:
    """Return the code the gate gives for the lead, "" when it may be called."""
    campaign = declare(world, **said)
    with db.use_case():
        [found] = offers.screen(campaign, [work.get_item(campaign_lead_id=lead.pk)], now=now)
    return "" if found.phone else ComplianceDecision.objects.order_by("-id").values_list("code", flat=True)[0]


def looked_up(number: str, line: LineType, now: datetime) -> None:
    """Keep what a look-up said of the line."""
    LineRecord.objects.create(
        number=number, type=line.value, checked_at=now, source="test", recorded_by="test", recorded_at=now
    )


def called(lead: CampaignLead, at: datetime, *, spoke: bool = False, of: str = "campaign:77") -> None:
    """Keep a call about a debt, of another campaign, that was made."""
    decision_id = 900_000 + ContactLedger.objects.count()
    ContactLedger.objects.create(
        decision_id=decision_id,
        number="+14075550123",
        person_ref=offers.person_ref(lead.contact_id),
        channel="live_preview",
        purpose="debt",
        seller=SELLER,
        campaign_ref=of,
        attempt_ref=f"attempt:{decision_id}",
        subject=ANY_DEBT,
        at=at,
    )
    if spoke:
        with db.use_case():
            gate.record_outcome(decision_id=decision_id, connected=True, conversation=True, now=at)


@pytest.mark.parametrize(
    ("hour", "code"), [("12:59:59", "REGF_TIME"), ("13:00:00", ""), ("01:59:30", "REGF_TIME")]
)
def test_regf_003_a_debt_campaign_keeps_the_hours_of_debts_whatever_its_own(
    world: World, lead: CampaignLead, hour: str, code: str
) -> None:
    day = "2026-11-24" if hour < "12" else "2026-11-23"  # before 08:00, at 08:00 and after 20:59 in Orlando
    when = datetime.fromisoformat(f"{day}T{hour}+00:00")

    found = screened(
        world, lead, when, purpose="debt", window_opens="06:00", window_closes="23:00", window_days="0123456"
    )

    assert found == code


def test_regf_001_a_persons_calls_about_debts_count_over_campaigns(
    world: World, lead: CampaignLead, now: datetime
) -> None:
    for days in (6, 5, 4, 3, 2, 1):
        called(lead, now - timedelta(days=days, hours=1))

    seventh = screened(world, lead, now, purpose="debt")
    called(lead, now - timedelta(days=1, hours=2))
    eighth = screened(world, lead, now, purpose="debt")

    assert (seventh, eighth) == ("", "REGF_7IN7")


def test_regf_002_t2_a_call_back_that_was_asked_for_breaks_the_silence(
    world: World, lead: CampaignLead, now: datetime
) -> None:
    spoken_at = now - timedelta(days=2)
    called(lead, spoken_at, spoke=True)

    silent = screened(world, lead, now, purpose="debt")
    with db.use_case():
        work.record_result(
            campaign_lead_id=lead.pk,
            category="callback",
            label="Callback",
            retry_minutes=None,
            callback_at=now,
            callback_for_id=world.ana.pk,
            now=spoken_at + timedelta(minutes=3),
        )
    asked = screened(world, lead, now, purpose="debt")

    assert (silent, asked) == ("REGF_COOLDOWN", "")


def test_regf_003_t3_a_work_number_is_not_called_about_a_debt(
    world: World, lead: CampaignLead, now: datetime
) -> None:
    ContactPhone.objects.filter(contact_id=lead.contact_id).update(kind="work")

    assert screened(world, lead, now, purpose="survey", answers_never_sell=True) == ""
    assert screened(world, lead, now, purpose="debt") == "REGF_TIME"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"purpose": "charity"}, "DNC_NATIONAL"),
        ({"purpose": "charity", "made_by": "nonprofit"}, ""),
        ({"purpose": "charity", "made_by": "fundraiser"}, "DNC_NATIONAL"),
        ({"purpose": "survey"}, "DNC_NATIONAL"),
        ({"purpose": "survey", "answers_never_sell": True}, ""),
        ({"purpose": "informational"}, ""),
        ({"purpose": "telemarketing", "answers_never_sell": True}, "DNC_NATIONAL"),
    ],
)
def test_who_calls_and_what_for_decides_whether_the_registry_binds(
    world: World, now: datetime, said: dict[str, Any], code: str
) -> None:
    assert screened(world, add_lead(world, LISTED), now, **said) == code


@pytest.mark.parametrize(
    ("audience", "line", "code"),
    [
        ("people", LineType.LANDLINE_BIZ, "DNC_NATIONAL"),
        ("businesses", LineType.LANDLINE_BIZ, ""),
        ("businesses", LineType.WIRELESS, "DNC_NATIONAL"),
        ("supplies", LineType.LANDLINE_BIZ, "DNC_NATIONAL"),
    ],
)
def test_fed_035_a_campaign_to_businesses_may_call_their_listed_landlines(
    world: World, now: datetime, audience: str, line: LineType, code: str
) -> None:
    load_registry(now, [OHIO], as_of=(now - timedelta(days=2)).date())
    looked_up(OHIO, line, now)

    assert screened(world, add_lead(world, OHIO, **TO_OHIO), now, audience=audience) == code


def test_regf_001_a_lead_says_which_debt_it_is_and_the_ledger_keeps_it(
    world: World, lead: CampaignLead, now: datetime
) -> None:
    CampaignLead.objects.filter(pk=lead.pk).update(debt_ref="A  17")
    campaign = declare(world, purpose="debt")
    with db.use_case():
        item = work.get_item(campaign_lead_id=lead.pk)
        own = offers.campaign_facts(campaign, offers.channel_of(campaign), now=now)
        request = offers.request_for(campaign, item, item.phones[0], own=own, attempt_ref="one")
        [answer] = gate.clear_to_contact([request], now=now)

    assert isinstance(answer, gate.Cleared), answer.decision.sentence
    assert ContactLedger.objects.get().subject == "debt:a 17"
    assert json.loads(ComplianceDecision.objects.get().facts)["debt"]["ref"] == "A  17"
