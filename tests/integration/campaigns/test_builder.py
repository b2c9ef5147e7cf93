"""The builder, the history, the review: what a manager does on these pages, and what is refused there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Campaign, CampaignAgent, CampaignDraft, CampaignTemplate, LeadList
from campaigns.services import changes, drafts
from core import clock
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW
from tests.integration.campaigns.test_campaign_versions import change

pytestmark = pytest.mark.django_db
BASICS = {
    "name": "Autumn",
    "purpose": "survey",
    "made_by": "company",
    "answers_never_sell": "on",
    "owner": "",
    "goal": "",
}


@pytest.fixture
def manager(mia: User) -> Client:
    """Mia's browser."""
    return signed_in(mia)


@pytest.fixture
def other(db: None) -> Client:
    """The browser of Max, another manager."""
    return signed_in(User.objects.create_user("max", password="correct horse", role="manager"))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def begun(client: Client, **chosen: object) -> int:
    client.post(reverse("build-begin"), chosen)
    return CampaignDraft.objects.latest("pk").pk


def send(client: Client, draft_id: int, step: str, values: dict[str, Any] | None = None, **more: Any) -> Any:
    return client.post(reverse("build-step", args=[draft_id, step]), {**(values or {}), **more})


def page_of(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def test_a_campaign_is_built_in_steps_reviewed_and_saved(manager: Client, draft: int, ana: User) -> None:
    wanted = str(LeadList.objects.get().pk)
    begun_id = begun(manager)

    first = send(manager, begun_id, "basics", BASICS)
    send(manager, begun_id, "audience", lists=[wanted], audience="people")
    send(manager, begun_id, "caller", caller_id="+14075550100")
    send(manager, begun_id, "agents", agents=[str(ana.pk)], wrap_up_seconds="45")
    review = page_of(manager, "build-step", begun_id, "review")
    saved = send(manager, begun_id, "review", note="For the survey.")

    made = Campaign.objects.get(name="Autumn")
    assert first.headers["Location"] == reverse("build-step", args=[begun_id, "audience"])
    assert "Calls 4 people on Spring." in review
    assert "Monday to Saturday from 09:00 to 20:00 in each person’s own time" in review
    assert saved.headers["Location"] == reverse("campaign-review", args=[made.pk])
    assert (made.wrap_up_seconds, made.version, made.state) == (45, 1, "draft")
    assert CampaignAgent.objects.filter(campaign=made, user=ana).exists()
    assert made.versions.get().note == "For the survey."
    assert not CampaignDraft.objects.exists()


def test_a_step_with_errors_stays_and_keeps_what_was_typed(manager: Client, draft: int) -> None:
    begun_id = begun(manager)

    answer = send(
        manager, begun_id, "schedule", window_opens="21:00", window_closes="20:00", window_days=["1"]
    )
    again = page_of(manager, "build-step", begun_id, "schedule")
    unseen = page_of(manager, "build-step", begun_id, "basics")

    assert answer.status_code == 422
    for page in (answer.content.decode(), again):
        assert (
            '<a href="#id_window_closes">Call until: The calling window must close after it opens.</a>'
            in page
        )
        assert 'value="21:00"' in page
    assert "1 to mend" in unseen
    assert "This field is required" not in unseen


def test_a_draft_is_left_resumed_autosaved_and_discarded(manager: Client, draft: int) -> None:
    begun_id = begun(manager)

    kept = manager.post(
        reverse("build-autosave", args=[begun_id, "basics"]), {"name": "Half a na\x00me", "purpose": "x"}
    )
    left = send(manager, begun_id, "dialing", mode="power", go="leave")
    listed = page_of(manager, "campaigns")
    resumed = page_of(manager, "build-step", begun_id, "basics")
    manager.post(reverse("build-discard", args=[begun_id]))

    assert kept.status_code == 200
    assert "saved_at" in kept.json()
    assert left.headers["Location"] == reverse("campaigns")
    assert reverse("build-step", args=[begun_id, "dialing"]) in listed
    assert 'value="Half a name"' in resumed
    assert not CampaignDraft.objects.exists()


def test_what_was_typed_later_is_not_overwritten_by_a_save_that_came_late(
    manager: Client, draft: int
) -> None:
    begun_id = begun(manager)

    send(manager, begun_id, "basics", {**BASICS, "name": "The later name", "typed_at": "2000"})
    manager.post(
        reverse("build-autosave", args=[begun_id, "basics"]), {**BASICS, "name": "The", "typed_at": "1000"}
    )

    assert CampaignDraft.objects.get().values["name"] == ["The later name"]


def test_a_draft_is_of_one_person_alone(manager: Client, other: Client, draft: int) -> None:
    begun_id = begun(manager)

    assert other.get(reverse("build-step", args=[begun_id, "basics"])).status_code == 404
    assert send(other, begun_id, "basics", BASICS).status_code == 404
    assert other.post(reverse("build-discard", args=[begun_id])).status_code == 404
    assert manager.get(reverse("build-step", args=[begun_id, "nowhere"])).status_code == 404


@pytest.mark.slow_lane
def test_nobody_keeps_more_drafts_or_longer_texts_than_anybody_means(
    manager: Client, mia: User, draft: int
) -> None:
    begun_id = begun(manager)
    send(manager, begun_id, "basics", {**BASICS, "name": "x" * 100_000})
    assert len(CampaignDraft.objects.get().values["name"][0]) == drafts.MOST_CHARACTERS

    for _ in range(drafts.MOST_DRAFTS + 1):
        answer = manager.post(reverse("build-begin"), follow=True)

    assert "unfinished campaigns" in answer.content.decode()
    assert CampaignDraft.objects.count() == drafts.MOST_DRAFTS


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("basics", {**BASICS, "purpose": "unknown", "goal": "-1", "owner": "x", "made_by": "robots"}),
        ("audience", {"lists": ["x", "99999", "9" * 400], "audience": "all"}),
        ("caller", {"caller_id": "+1'; DROP TABLE"}),
        ("schedule", {"window_opens": "25:99", "window_closes": "", "window_days": ["8"], "stops_at": "31 February"}),
        ("schedule", {"window_opens": "09:00", "window_closes": "20:00", "window_days": ["1"], "stops_at": "1066-10-14T09:00"}),
        ("dialing", {"mode": "warp", "power_ratio": "NaN", "ring_seconds": "1e9", "abandoned_message": "not-a-uuid"}),
        ("attempts", {"max_attempts": "many"}),
        ("agents", {"agents": ["99999"], "wrap_up_seconds": "-1"}),
        ("script", {"script_version": "none", "disposition_set": "77"}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_saved(
    manager: Client, draft: int, step: str, values: dict[str, Any]
) -> None:
    begun_id = begun(manager)

    answer = send(manager, begun_id, step, values)
    review = send(manager, begun_id, "review")

    assert (answer.status_code, review.status_code) == (422, 422)
    assert 'id="form-errors"' in answer.content.decode()
    assert Campaign.objects.count() == 1


def test_a_change_in_steps_is_the_next_version(manager: Client, draft: int) -> None:
    begun_id = begun(manager, campaign=draft)
    assert begun(manager, campaign=draft) == begun_id  # the one begun is gone on with

    send(manager, begun_id, "attempts", max_attempts="3")
    review = page_of(manager, "build-step", begun_id, "review")
    send(manager, begun_id, "review", note="")

    found = Campaign.objects.get(pk=draft)
    assert '<del><span class="visually-hidden">before: </span>6</del>' in review
    assert (found.max_attempts, found.version) == (3, 2)
    assert found.assignments.count() == 1


def test_the_second_of_two_managers_is_told_what_the_first_changed_and_merges(
    manager: Client, other: Client, draft: int
) -> None:
    mine, theirs = begun(manager, campaign=draft), begun(other, campaign=draft)
    send(other, theirs, "attempts", max_attempts="2")
    send(other, theirs, "agents", wrap_up_seconds="90", agents=[])
    send(other, theirs, "review")

    send(manager, mine, "attempts", max_attempts="4")
    send(manager, mine, "dialing", _dialing(ring_seconds="40"))
    told = send(manager, mine, "review")
    send(manager, mine, "review")

    text, found = told.content.decode(), Campaign.objects.get(pk=draft)
    assert told.status_code == 409
    assert "max saved version 2 while you were typing" in text
    assert "Attempts a person: max set “2”, you set “4”. Yours stands unless you change it." in text
    assert (found.max_attempts, found.wrap_up_seconds, found.ring_seconds, found.version) == (4, 90, 40, 3)


def test_on_one_page_the_second_is_told_too_and_keeps_what_was_typed(
    manager: Client, other: Client, draft: int
) -> None:
    where = reverse("campaign-edit", args=[draft])
    values = {
        name: value for name, value in manager.get(where).context["form"].initial.items() if value is not None
    }
    change(draft, by_name="max", ring_seconds=40)

    told = manager.post(
        where, {**values, "window_opens": "09:00", "window_closes": "20:00", "max_attempts": "4"}
    )
    form = told.context["form"]
    again = {name: value for name, value in form.initial.items() if value not in (None, "")}
    manager.post(where, {**again, "window_opens": "09:00", "window_closes": "20:00"})

    found = Campaign.objects.get(pk=draft)
    assert told.status_code == 409
    assert "max saved version 2" in told.content.decode()
    assert (form.initial["based_on"], form.initial["max_attempts"]) == (2, 4)
    assert (found.max_attempts, found.ring_seconds, found.version) == (4, 40, 3)


def test_the_history_says_who_changed_what_and_goes_back(manager: Client, draft: int) -> None:
    change(draft, by_name="max", max_attempts=3, name="Spring again")
    change(draft, by_name="mia", max_attempts=2)

    page = page_of(manager, "campaign-versions", draft)
    manager.post(reverse("campaign-roll-back", args=[draft, 2]), {"based_on": "3"})
    stale = manager.post(reverse("campaign-roll-back", args=[draft, 1]), {"based_on": "3"}, follow=True)

    older = manager.get(reverse("campaign-versions", args=[draft]), {"before": "2"}).content.decode()
    assert ("Version 1</h2>" in older, "Version 2</h2>" in older) == (True, False)
    assert page.index("Version 3") < page.index("Version 2") < page.index("Version 1")
    assert "Spring again" in page
    assert Campaign.objects.get(pk=draft).max_attempts == 3
    assert "Version 4 was saved meanwhile" in stale.content.decode()
    assert manager.post(reverse("campaign-roll-back", args=[draft, 77]), {"based_on": "4"}).status_code == 404


def test_a_second_person_approves_on_the_page_or_refuses_with_a_reason(
    manager: Client, other: Client, draft: int
) -> None:
    change(draft, by_name="mia", needs_approval=True)
    decide = reverse("campaign-decide", args=[draft, 2])

    own = page_of(manager, "campaign-review", draft)
    theirs = page_of(other, "campaigns")
    manager.post(decide, {"decision": "approve"})
    other.post(decide, {"decision": "refuse", "reason": ""})
    blocked = manager.post(
        reverse("campaign-launch", args=[draft]), {"how": "now"}, follow=True
    ).content.decode()
    other.post(decide, {"decision": "approve", "reason": "Fine."})
    manager.post(reverse("campaign-launch", args=[draft]), {"how": "now"})

    assert "somebody else who manages campaigns must approve it" in own
    assert "Spring offer, version 2" in theirs
    assert "waits for the approval of a second person" in blocked
    assert Campaign.objects.get(pk=draft).state == "running"
    assert AuditEvent.objects.get(verb="campaigns.campaign.approved").actor == "max"


def test_warnings_are_read_on_the_review_page(manager: Client, draft: int) -> None:
    change(draft, goal=100)

    page = page_of(manager, "campaign-review", draft)
    refused = manager.post(reverse("campaign-launch", args=[draft]), {"how": "now"}, follow=True)
    manager.post(
        reverse("campaign-launch", args=[draft]), {"how": "now", "read": ["GOAL_TOO_HIGH", "\x00", "x" * 999]}
    )

    assert "only 4 people are on its lists" in page
    assert "I have read this" in page
    assert "have read it" in refused.content.decode()
    assert Campaign.objects.get(pk=draft).state == "running"


def test_a_start_is_planned_shown_and_taken_back(manager: Client, draft: int) -> None:
    where, at = reverse("campaign-launch", args=[draft]), clock.now() + timedelta(days=2)

    empty = manager.post(where, {"how": "later", "starts_at": ""}, follow=True).content.decode()
    past = manager.post(
        where, {"how": "later", "starts_at": "2020-01-01T09:00"}, follow=True
    ).content.decode()
    manager.post(where, {"how": "later", "starts_at": f"{at:%Y-%m-%dT%H:%M}"})
    shown = page_of(manager, "campaigns")
    page = page_of(manager, "campaign", draft)
    manager.post(reverse("campaign-move", args=[draft, "unschedule"]))

    assert "Give the day and time" in empty
    assert "This time is over" in past
    assert "Scheduled" in shown
    assert "It starts by itself" in page
    assert Campaign.objects.get(pk=draft).state == "draft"


def test_a_campaign_goes_into_the_archive_and_comes_back(manager: Client, draft: int) -> None:
    manager.post(reverse("campaign-move", args=[draft, "archive"]))
    hidden, shown = (
        page_of(manager, "campaigns"),
        manager.get(reverse("campaigns"), {"archive": "1"}).content.decode(),
    )
    page = page_of(manager, "campaign", draft)
    manager.post(reverse("campaign-move", args=[draft, "restore"]))

    assert "Spring offer" not in hidden
    assert "1 in the archive" in hidden
    assert "Spring offer" in shown
    assert "It was draft when it was archived" in page
    assert "Spring offer" in page_of(manager, "campaigns")


def test_a_copy_is_a_draft_with_the_same_settings_and_agents(manager: Client, draft: int) -> None:
    change(draft, max_attempts=2)
    manager.post(reverse("campaign-move", args=[draft, "start"]))

    answer = manager.post(reverse("campaign-copy", args=[draft]), {"name": "Summer"})
    taken = manager.post(
        reverse("campaign-copy", args=[draft]), {"name": "Summer"}, follow=True
    ).content.decode()

    made = Campaign.objects.get(name="Summer")
    assert answer.headers["Location"] == reverse("campaign", args=[made.pk])
    assert (made.state, made.max_attempts, made.assignments.count(), made.campaign_leads.count()) == (
        "draft",
        2,
        1,
        0,
    )
    assert made.versions.get().note == "A copy of “Spring offer”, version 2."
    assert "already" in taken


def test_a_template_is_saved_begun_from_and_removed(manager: Client, draft: int) -> None:
    change(draft, max_attempts=2, caller_id="+14075550100")
    manager.post(reverse("campaign-template", args=[draft]), {"name": "Surveys"})
    twice = manager.post(reverse("campaign-template", args=[draft]), {"name": "Surveys"}, follow=True)
    template = CampaignTemplate.objects.get()

    begun_id = begun(manager, template=template.pk)
    held = CampaignDraft.objects.get(pk=begun_id)
    offered = page_of(manager, "build")
    manager.post(reverse("template-remove", args=[template.pk]))

    assert "There is a template “Surveys” already" in twice.content.decode()
    assert (held.values["max_attempts"], held.values["lists"], held.values["name"]) == (["2"], [], [])
    assert "Surveys" in offered
    assert not CampaignTemplate.objects.exists()
    assert manager.post(reverse("build-begin"), {"template": "77"}).status_code == 404
    assert manager.post(reverse("template-remove", args=[77])).status_code == 404


def test_pages_cost_the_same_however_many_versions(
    manager: Client, draft: int, django_assert_max_num_queries: Any
) -> None:
    for tries in range(1, 5):
        change(draft, max_attempts=tries)
        changes.mark_read(campaign_id=draft, number=tries + 1, codes=["X"], by_name="mia", now=NOW)
    begun_id = begun(manager, campaign=draft)

    pages: list[tuple[str, list[Any]]] = [
        ("campaign-versions", [draft]), ("campaign-review", [draft]), ("campaigns", []), ("build", []),
        ("build-step", [begun_id, "review"]), ("build-step", [begun_id, "basics"]),
    ]  # fmt: skip
    for name, args in pages:
        with django_assert_max_num_queries(69):
            assert manager.get(reverse(name, args=args)).status_code == 200


def _dialing(**changes: str) -> dict[str, Any]:
    return {
        "mode": "preview", "power_ratio": "2", "abandon_percent": "", "preview_seconds": "", "preview_then": "not_ready",
        "ring_seconds": "25", "machine_detection": "off", "machine_sample_percent": "5", "greeting_seconds": "30",
        "abandoned_message": "", "voicemail_message": "", **changes,
    }  # fmt: skip
