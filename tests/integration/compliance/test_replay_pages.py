"""Replays from the page, done by a worker; and the page that says whether the verdicts are intact."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from compliance import services
from compliance.models import ComplianceDecision, ReplayRun
from compliance.store import sealing
from core.models import BackgroundJob
from tests.factories.work import do_waiting_work
from tests.integration.compliance.conftest import NOW

pytestmark = pytest.mark.django_db
Ask = Callable[..., services.ContactRequest]
FORM = {
    "since": "2026-11-01",
    "last": "2026-11-23",
    "campaign_ref": "",
    "name": "registry_max_age_days",
    "value": "5",
    "further": "",
}


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cleo() -> Client:
    """Return the compliance officer's browser."""
    client = Client()
    client.force_login(User.objects.create_user("cleo", role=Role.COMPLIANCE.value))
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def decide(ask: Ask, count: int) -> None:
    """Have the gate allow so many contacts; the registry copy is 11 days old."""
    requests = [ask(f"+1407555{101 + index:04d}", person_ref=f"lead:{index}") for index in range(count)]
    with transaction.atomic():
        answers = services.clear_to_contact(requests, now=NOW)
    assert all(isinstance(answer, services.Cleared) for answer in answers)


def test_a_replay_is_started_done_by_a_worker_and_says_what_would_change(
    registry: None, ask: Ask, cleo: Client
) -> None:
    decide(ask, 3)

    started = cleo.post("/compliance/replays/add/", FORM)
    waiting = text_of(cleo.get("/compliance/replays/"))
    [job] = do_waiting_work()
    ended = text_of(cleo.get(started["Location"]))
    run = ReplayRun.objects.get()
    shown = text_of(cleo.get(f"/compliance/replays/{run.pk}/"))
    listed = text_of(cleo.get("/compliance/replays/"))

    assert "Under way" in waiting
    assert (job.state, job.result_ref) == ("done", str(run.pk))
    assert f"/compliance/replays/{run.pk}/" in ended
    assert "With these rules since 1 Nov 2026, 3 contacts that were allowed would have been refused" in shown
    assert "Registry copy missing or too old" in shown
    assert all(f"/compliance/verdicts/{row.pk}/" in shown for row in ComplianceDecision.objects.all())
    assert "numbers.registry_max_age_days=5" in listed
    assert run.started_by == "cleo"


def test_a_replay_leaves_verdicts_and_rules_as_they_are(registry: None, ask: Ask, cleo: Client) -> None:
    decide(ask, 1)

    cleo.post("/compliance/replays/add/", FORM)
    do_waiting_work()

    assert ComplianceDecision.objects.get().outcome == "allow"
    with transaction.atomic():
        [answer] = services.clear_to_contact([ask("+14075550199")], now=NOW)
    assert answer.decision.code == "DNC_NATIONAL"


def test_many_changed_verdicts_are_paged(
    registry: None, ask: Ask, cleo: Client, django_assert_max_num_queries: Any
) -> None:
    decide(ask, 60)
    cleo.post("/compliance/replays/add/", FORM)
    do_waiting_work()
    path = f"/compliance/replays/{ReplayRun.objects.get().pk}/"

    with django_assert_max_num_queries(7):
        first = cleo.get(path)
    second = cleo.get(first.context["page"].next_url)

    assert len(first.context["view"].tables[1].rows) == 50
    assert len(second.context["view"].tables[1].rows) == 10
    assert second.context["page"].next_url == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"since": ""}, "required"),
        ({"last": "2026-10-01"}, "before the first"),
        ({"since": "1926-11-01"}, "between 2000 and 2100"),
        ({"value": ""}, "both"),
        ({"name": ""}, "both"),
        ({"name": "", "value": ""}, "Say what is to be otherwise"),
        ({"name": "no_such_number"}, "valid choice"),
        ({"value": "many"}, "write one of that kind"),
        ({"further": "open the gates"}, "is not a change"),
        ({"further": "states.ZZ.weekday=09:00-10:00"}, "no pack has such a row"),
        ({"further": "house.registry_max_age_days=90"}, "registry_max_age_days"),
        ({"further": "numbers.x=1\n" * 30}, "At most 20"),
        ({"further": "packs = '/etc/passwd'"}, "is not a change"),
        ({"further": "x" * 5000}, "at most 4000"),
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_said_and_nothing_is_started(
    cleo: Client, changes: dict[str, str], words: str
) -> None:
    answer = cleo.post("/compliance/replays/add/", {**FORM, **changes})

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not BackgroundJob.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "edit"),
    [
        ("state_lists_required", "no", "numbers.state_lists_required=false"),
        ("federal_opens", "09:00", "numbers.federal_opens=09:00"),
    ],
)
def test_values_are_written_as_people_write_them(cleo: Client, name: str, value: str, edit: str) -> None:
    answer = cleo.post("/compliance/replays/add/", {**FORM, "name": name, "value": value})

    assert answer.status_code == 302, text_of(answer)
    assert BackgroundJob.objects.get().arguments["edits"] == [edit]


def test_a_replay_without_verdicts_says_so(cleo: Client) -> None:
    started = cleo.post("/compliance/replays/add/", FORM)
    do_waiting_work()

    assert "0 of 0 verdicts" in text_of(cleo.get(started["Location"]))
    assert "Nothing would change" in text_of(cleo.get(f"/compliance/replays/{ReplayRun.objects.get().pk}/"))


def test_the_page_of_work_moves_without_a_reload_and_reloads_at_the_end(cleo: Client) -> None:
    started = cleo.post("/compliance/replays/add/", FORM)["Location"]

    waiting = cleo.get(f"{started}progress/")
    do_waiting_work()
    done = cleo.get(f"{started}progress/")

    assert 'hx-trigger="every 1s"' in text_of(waiting)
    assert "HX-Refresh" not in waiting
    assert done["HX-Refresh"] == "true"


def test_who_may_only_read_sees_work_and_stops_none(cleo: Client) -> None:
    started = cleo.post("/compliance/replays/add/", FORM)["Location"]
    sol = Client()
    sol.force_login(User.objects.create_user("sol", role=Role.SUPERVISOR.value))

    assert sol.get(started).status_code == 200
    assert sol.post(f"{started}stop/").status_code == 403
    assert cleo.post(f"{started}stop/").status_code == 302
    assert BackgroundJob.objects.get().said == "Stopped by cleo. Nothing of it was kept."


@pytest.mark.parametrize("path", ["replays/99/", "jobs/99/", "jobs/99/progress/"])
def test_what_is_not_there_is_not_found(cleo: Client, path: str) -> None:
    assert cleo.get(f"/compliance/{path}").status_code == 404


def test_the_chain_page_says_nothing_was_checked_yet(cleo: Client) -> None:
    page = text_of(cleo.get("/compliance/chain/"))

    assert "Not checked yet" in page
    assert "no day yet" in page


def test_the_chain_page_says_how_far_verdicts_are_verified_and_sealed(
    registry: None, ask: Ask, cleo: Client
) -> None:
    decide(ask, 2)
    [seal] = sealing.close_days(now=NOW + timedelta(days=1))

    page = text_of(cleo.get("/compliance/chain/"))

    assert "Intact" in page
    assert "23 Nov 2026: 2 verdicts" in page
    assert bytes(seal.seal_hash).hex() in page


def test_a_break_is_said_with_what_to_do(registry: None, ask: Ask, cleo: Client) -> None:
    decide(ask, 2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE compliance_compliancedecision DISABLE TRIGGER USER")
        cursor.execute("UPDATE compliance_compliancedecision SET outcome = 'deny', code = 'REVOKED', sentence = 'x' WHERE id = %s",
                       [ComplianceDecision.objects.order_by("id").values_list("id", flat=True)[0]])  # fmt: skip
    sealing.check_day(date(2026, 11, 23), now=NOW)

    page = text_of(cleo.get("/compliance/chain/"))

    assert "Broken" in page
    assert "Change and delete nothing" in page
    assert "2026-11-23: lane" in page
