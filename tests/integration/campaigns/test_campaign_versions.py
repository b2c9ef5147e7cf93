"""Versions of a campaign: kept, compared, brought back, approved, and taken by one that runs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from campaigns.models import Campaign, CampaignLead, CampaignVersion, LeadList, VersionDecision
from campaigns.services import campaigns, changes, modes, moves
from campaigns.services.campaigns import Overtaken, Saved, Setup
from campaigns.services.moves import CampaignRefused
from campaigns.versions.fields import LATE
from carriers.models import CallerNumber
from core.errors import NotFound, Stale
from core.models import AppendOnlyError, AuditEvent
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def setup_of(campaign_id: int, **changes: Any) -> Setup:
    return replace(campaigns.setup_of(Campaign.objects.get(pk=campaign_id)), **changes)


def change(campaign_id: int, by_name: str = "mia", based_on: int | None = None, **wanted: Any) -> Saved:
    setup = setup_of(campaign_id, **wanted)
    return campaigns.change_campaign(
        campaign_id=campaign_id, setup=setup, by_name=by_name, now=LATER, based_on=based_on
    )


def test_every_change_is_a_version_and_the_same_again_is_none(draft: int) -> None:
    first = change(draft, max_attempts=3)
    again = change(draft, max_attempts=3)

    rows = CampaignVersion.objects.filter(campaign_id=draft).order_by("number")
    assert (first, again) == (
        Saved(number=2, is_new=True, waits=False),
        Saved(number=2, is_new=False, waits=False),
    )
    assert [(row.number, row.setup["max_attempts"], row.created_by) for row in rows] == [
        (1, 6, "mia"),
        (2, 3, "mia"),
    ]
    assert Campaign.objects.get(pk=draft).version == 2


def test_a_version_is_never_changed_or_removed(draft: int) -> None:
    row = CampaignVersion.objects.get(campaign_id=draft)

    with pytest.raises(AppendOnlyError):
        row.save(update_fields=["note"])
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        CampaignVersion.objects.filter(pk=row.pk).update(note="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        CampaignVersion.objects.create(
            campaign_id=draft, number=1, setup={}, created_at=NOW, created_by="mia"
        )


def test_who_began_from_an_older_version_is_refused_and_nothing_is_stored(draft: int) -> None:
    change(draft, by_name="sol", based_on=1, max_attempts=3)

    with pytest.raises(Overtaken, match="Version 2 was saved meanwhile") as refusal:
        change(draft, based_on=1, ring_seconds=30)
    change(draft, based_on=refusal.value.newest, ring_seconds=30)

    found = Campaign.objects.get(pk=draft)
    assert (found.max_attempts, found.ring_seconds, found.version) == (3, 30, 3)


def test_a_running_campaign_takes_what_counts_from_the_next_call(draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)

    change(draft, max_attempts=3, mode="predictive", goal=5)
    with pytest.raises(CampaignRefused, match="“What the calls are for” cannot change meanwhile"):
        change(draft, purpose="political")
    moves.pause(campaign_id=draft, by_name="mia", now=NOW)
    change(draft, purpose="political")

    found = Campaign.objects.get(pk=draft)
    assert (found.max_attempts, found.mode, found.mode_changed_at) == (3, "predictive", LATER)
    assert (found.purpose, found.version) == ("political", 3)


def test_people_of_a_list_added_to_a_running_campaign_are_called_at_once(draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    imported([person(2, us_phone(0)), person(3, us_phone(60))], list_name="Autumn")
    lists = tuple(LeadList.objects.order_by("id").values_list("id", flat=True))

    change(draft, list_ids=lists)

    assert CampaignLead.objects.filter(campaign_id=draft).count() == 5


def test_going_back_is_a_new_version_checked_against_today(draft: int) -> None:
    change(draft, max_attempts=3, caller_id="+14075550100", ring_seconds=40)

    back = changes.roll_back(campaign_id=draft, number=1, based_on=2, by_name="mia", now=LATER)
    CallerNumber.objects.update(active=False)
    CallerNumber.objects.create(number="+14075550101")
    change(draft, caller_id="+14075550101")
    with pytest.raises(CampaignRefused, match="FED-025"):
        changes.roll_back(campaign_id=draft, number=1, based_on=4, by_name="mia", now=LATER)

    newest = CampaignVersion.objects.get(campaign_id=draft, number=3)
    assert back == Saved(number=3, is_new=True, waits=False)
    assert newest.setup == CampaignVersion.objects.get(campaign_id=draft, number=1).setup
    assert newest.note == "Back to version 1."
    with pytest.raises(NotFound):
        changes.roll_back(campaign_id=draft, number=9, based_on=4, by_name="mia", now=LATER)


def test_going_back_never_takes_away_the_list_of_people_in_the_campaign(draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    imported([person(3, us_phone(60))], list_name="Autumn")
    lists = tuple(LeadList.objects.order_by("id").values_list("id", flat=True))
    change(draft, list_ids=lists, max_attempts=3)

    changes.roll_back(campaign_id=draft, number=1, based_on=2, by_name="mia", now=LATER)

    found = setup_of(draft)
    assert (found.list_ids, found.max_attempts) == (lists, 6)


def test_a_change_of_mode_is_a_version_too(draft: int) -> None:
    modes.change_mode(campaign_id=draft, mode="power", by_name="sol", now=LATER)

    newest = CampaignVersion.objects.filter(campaign_id=draft).latest("number")
    assert (newest.number, newest.setup["mode"], newest.created_by) == (2, "power", "sol")
    assert Campaign.objects.get(pk=draft).version == 2


class TestApproval:
    """A second person."""

    def test_a_draft_that_needs_approval_cannot_start_without(self, draft: int) -> None:
        change(draft, needs_approval=True)

        with pytest.raises(CampaignRefused, match="Version 2 waits for the approval of a second person"):
            moves.start(campaign_id=draft, by_name="mia", now=LATER)
        with pytest.raises(CampaignRefused, match="somebody else must approve"):
            changes.approve(campaign_id=draft, number=2, by_name="mia", now=LATER)
        changes.approve(campaign_id=draft, number=2, by_name="sol", now=LATER)

        assert moves.start(campaign_id=draft, by_name="mia", now=LATER) == 4
        with pytest.raises(Stale, match="approved already, by sol"):
            changes.refuse(campaign_id=draft, number=2, by_name="eve", reason="No.", now=LATER)

    def test_a_running_campaign_dials_as_before_until_the_change_is_approved(self, draft: int) -> None:
        change(draft, needs_approval=True)
        changes.approve(campaign_id=draft, number=2, by_name="sol", now=LATER)
        moves.start(campaign_id=draft, by_name="mia", now=LATER)

        saved = change(draft, max_attempts=2)
        assert saved == Saved(number=3, is_new=True, waits=True)
        assert Campaign.objects.get(pk=draft).max_attempts == 6
        assert changes.approve(campaign_id=draft, number=3, by_name="sol", now=LATER)

        found = Campaign.objects.get(pk=draft)
        assert (found.max_attempts, found.version) == (2, 3)
        verbs = (
            AuditEvent.objects.filter(target=f"campaign:{draft}")
            .order_by("id")
            .values_list("verb", flat=True)
        )
        assert list(verbs)[-3:] == [
            "campaigns.campaign.proposed",
            "campaigns.campaign.changed",
            "campaigns.campaign.approved",
        ]

    def test_turning_approval_off_needs_approval(self, draft: int) -> None:
        change(draft, needs_approval=True)
        changes.approve(campaign_id=draft, number=2, by_name="sol", now=LATER)
        moves.start(campaign_id=draft, by_name="mia", now=LATER)

        assert change(draft, needs_approval=False).waits

    def test_a_refusal_has_a_reason_and_a_newer_version_may_be_approved(self, draft: int) -> None:
        change(draft, needs_approval=True)

        with pytest.raises(CampaignRefused, match="Say why"):
            changes.refuse(campaign_id=draft, number=2, by_name="sol", reason=" ", now=LATER)
        changes.refuse(campaign_id=draft, number=2, by_name="sol", reason="Too early.", now=LATER)
        with pytest.raises(CampaignRefused, match="waits for the approval"):
            moves.start(campaign_id=draft, by_name="mia", now=LATER)
        change(draft, window_opens=NOW.time())
        with pytest.raises(Stale, match="newer version, 3"):
            changes.approve(campaign_id=draft, number=2, by_name="sol", now=LATER)
        changes.approve(campaign_id=draft, number=3, by_name="sol", now=LATER)

        assert VersionDecision.objects.get(kind="refused").reason == "Too early."

    def test_the_whole_house_can_ask_for_it(self, draft: int, settings: Any) -> None:
        settings.CAMPAIGNS_NEED_APPROVAL = True

        with pytest.raises(CampaignRefused, match="Version 1 waits"):
            moves.start(campaign_id=draft, by_name="mia", now=LATER)
        with pytest.raises(CampaignRefused, match="wait for a second person"):
            modes.change_mode(campaign_id=draft, mode="power", by_name="sol", now=LATER)

    def test_what_needs_a_pause_is_not_approved_into_a_running_campaign(self, draft: int) -> None:
        change(draft, needs_approval=True)
        changes.approve(campaign_id=draft, number=2, by_name="sol", now=LATER)
        moves.start(campaign_id=draft, by_name="mia", now=LATER)
        moves.pause(campaign_id=draft, by_name="mia", now=LATER)
        change(draft, purpose="political")
        moves.resume(campaign_id=draft, by_name="mia", now=LATER)

        with pytest.raises(CampaignRefused, match="Pause it first"):
            changes.approve(campaign_id=draft, number=3, by_name="sol", now=LATER)

        assert VersionDecision.objects.filter(version__number=3).count() == 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"goal": 0}, "Give a goal"),
        ({"goal": 10**10}, "Give a goal"),
        ({"owner_id": 99_999}, "The owner must be"),
        ({"stops_at": NOW}, "is over"),
    ],
)
def test_a_wrong_plan_is_refused_in_words(draft: int, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(CampaignRefused, match=words):
        change(draft, **wrong)


def test_an_agent_does_not_own_a_campaign_and_a_manager_does(draft: int, ana: User, mia: User) -> None:
    with pytest.raises(CampaignRefused, match="The owner must be"):
        change(draft, owner_id=ana.pk)

    assert change(draft, owner_id=mia.pk).is_new


@pytest.mark.slow_lane
@pytest.mark.django_db(transaction=True)
def test_what_a_campaign_is_set_up_as_becomes_its_first_version(draft: int) -> None:
    row = Campaign.objects.get(pk=draft)
    told = campaigns.frozen(campaigns.setup_of(row))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_campaignversion DISABLE TRIGGER append_only")
        cursor.execute("DELETE FROM campaigns_campaignversion")
        cursor.execute("ALTER TABLE campaigns_campaignversion ENABLE TRIGGER append_only")
    Campaign.objects.update(version=0)
    loader = MigrationExecutor(connection).loader
    state = loader.project_state([("campaigns", "0027_first_versions")])
    move = loader.get_migration("campaigns", "0027_first_versions").operations[0]

    with connection.schema_editor() as editor:
        move.code(state.apps, editor)  # type: ignore[attr-defined]  # of RunPython

    first = CampaignVersion.objects.get(campaign_id=draft)
    told = {name: value for name, value in told.items() if name not in LATE}
    assert (first.number, first.setup) == (1, told)
    assert Campaign.objects.get(pk=draft).version == 1
