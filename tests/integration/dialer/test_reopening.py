"""A consent that comes later brings back the leads that were finished for want of it, and no others."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.models import Campaign, CampaignLead
from campaigns.services import reopening, work
from compliance import services as gate
from compliance.rules.facts import ConsentKind, ReassignedAnswer
from config.wiring import HANDLERS
from core import db, outbox
from core.models import AuditEvent, OutboxMessage
from core.types import as_phone
from tests.factories.world import LISTED, SELLER, World, add_lead
from tests.fakes.carrier import FakeCarrier
from tests.integration.dialer.conftest import sign_on

OTHER = "+14075550124"


@pytest.fixture
def finished(world: World, carrier: FakeCarrier, now: datetime) -> CampaignLead:
    """Return a lead the gate finished: its number is on the national registry, and no consent is known."""
    lead = add_lead(world, LISTED)
    sign_on(world, now=now)
    lead.refresh_from_db()
    assert lead.state == "finished"
    return lead


def agree(now: datetime, number: str = LISTED, **changes: Any) -> None:
    """Record a signed consent to calls of the seller, and that the number is still the person's."""
    given: dict[str, Any] = {
        "number": as_phone(number), "kind": ConsentKind.PEWC, "obtained_by": SELLER, "given_at": now - timedelta(hours=1),
        "source": gate.Source.FORM, "sellers": frozenset({SELLER}), "text_shown": "Call me", "signature": "typed name",
        "agrees_to_be_called": True, "authorises_automation": True, "not_a_condition": True, **changes,
    }  # fmt: skip
    with db.use_case():
        gate.grant_consent(gate.NewConsent(**given), recorded_by="cleo", now=now)
        gate.record_reassigned_check(
            number=as_phone(number),
            since=now.date() - timedelta(days=9),
            answer=ReassignedAnswer.NO,
            checked_at=now,
            database_version="1",
            actor="cleo",
            now=now,
        )


def upload(now: datetime) -> None:
    """Record the same consent by a file."""
    rows = [
        "number,kind,obtained_by,given_at,sellers,text_shown,signature,agrees_to_be_called",
        f"{LISTED},pewc,{SELLER},2026-11-20T10:00:00Z,{SELLER},Call me,typed name,yes",
    ]
    report = gate.import_consents(rows, label="fair.csv", actor="cleo", now=now)
    assert report.accepted == 1


def relay(now: datetime) -> None:
    outbox.relay(HANDLERS, now=now)


@pytest.mark.parametrize("door", ["form", "agent", "file"])
def test_a_consent_through_any_door_brings_the_lead_back_with_a_trace(
    door: str, finished: CampaignLead, now: datetime
) -> None:
    assert finished.lacks_consent == "DNC_NATIONAL"

    if door == "file":
        upload(now)
    else:
        agree(now, source=gate.Source.AGENT if door == "agent" else gate.Source.FORM)
    relay(now)

    finished.refresh_from_db()
    trail = AuditEvent.objects.get(verb="campaigns.lead.reopened")
    assert (finished.state, finished.lacks_consent, finished.next_try_at) == ("ready", "", now)
    assert (trail.actor, trail.target) == ("cleo", f"campaign_lead:{finished.pk}")
    assert trail.before is not None
    assert trail.before["code"] == "DNC_NATIONAL"
    assert "national do-not-call list" in trail.before["reason"]


def test_the_lead_that_came_back_is_offered_when_the_consent_is_enough(
    world: World, finished: CampaignLead, now: datetime
) -> None:
    agree(now)
    relay(now)

    [item] = _candidates(world, now)

    assert item.campaign_lead_id == finished.pk


def test_a_consent_that_is_not_enough_finishes_the_lead_again_before_anybody_sees_it(
    world: World, finished: CampaignLead, now: datetime
) -> None:
    from dialer.models import AgentSession
    from dialer.services import offers

    agree(now, sellers=frozenset({"Somebody Else"}))
    relay(now)
    session = AgentSession.objects.get(user=world.ana, ended_at=None)

    assert not offers.offer_next(session_id=session.pk, now=now)

    finished.refresh_from_db()
    assert (finished.state, finished.lacks_consent) == ("finished", "CONSENT_SELLER")


def test_what_a_result_finished_stays_finished(world: World, carrier: FakeCarrier, now: datetime) -> None:
    lead = add_lead(world)
    with db.use_case():
        work.finish(campaign_lead_id=lead.pk, reason="Not interested")

    agree(now, str(lead.contact.phones.get().number))
    relay(now)

    lead.refresh_from_db()
    assert (lead.state, lead.reason) == ("finished", "Not interested")


def test_what_a_refusal_finished_stays_finished(world: World, carrier: FakeCarrier, now: datetime) -> None:
    lead = add_lead(world, LISTED)
    with db.use_case():
        gate.revoke(
            number=as_phone(LISTED), seller=SELLER, raw_words="never again", heard_on="phone", actor="cleo", now=now
        )  # fmt: skip
    sign_on(world, now=now)

    agree(now)
    relay(now)

    lead.refresh_from_db()
    assert (lead.state, lead.lacks_consent) == ("finished", "")


@pytest.mark.parametrize(("state", "expected"), [("paused", "ready"), ("stopped", "finished"), ("draft", "finished")])  # fmt: skip
def test_only_campaigns_that_were_started_and_not_stopped_get_leads_back(
    state: str, expected: str, world: World, finished: CampaignLead, now: datetime
) -> None:
    Campaign.objects.filter(pk=world.campaign.pk).update(state=state)

    agree(now)
    relay(now)

    finished.refresh_from_db()
    assert finished.state == expected


def test_a_consent_of_another_number_brings_nobody_back(finished: CampaignLead, now: datetime) -> None:
    agree(now, OTHER)
    relay(now)

    finished.refresh_from_db()
    assert finished.state == "finished"


def test_the_same_consent_twice_tells_nothing_the_second_time(finished: CampaignLead, now: datetime) -> None:
    agree(now)
    relay(now)

    agree(now)

    assert not OutboxMessage.objects.filter(topic="compliance.consent.given").exists()


def test_a_person_with_two_numbers_comes_back_once(
    world: World, finished: CampaignLead, now: datetime
) -> None:
    finished.contact.phones.create(number=OTHER, raw=OTHER, kind="mobile", position=1)

    with db.use_case():
        count = reopening.reopen_for_consent(numbers=[LISTED, OTHER], by="cleo", now=now)

    assert (count, AuditEvent.objects.filter(verb="campaigns.lead.reopened").count()) == (1, 1)


def _candidates(world: World, now: datetime) -> Any:
    from dialer.services import offers

    with db.use_case():
        items = work.candidates(campaign_id=world.campaign.pk, user_id=world.ana.pk, now=now, limit=5)
        return [each.item for each in offers.screen(world.campaign, items, now=now) if each.phone is not None]
