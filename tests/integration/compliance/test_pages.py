"""The compliance pages: who may open them, what they show, what they do with bad input."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from compliance import services
from compliance.forms import registry as registry_forms
from compliance.models import DncListImport, Suppression
from compliance.registry_facts import folder
from compliance.services import ContactRequest
from compliance.views import common
from core.models import BackgroundJob
from tests.factories.work import do_waiting_work
from tests.integration.compliance.conftest import NOW, SELLER, load_registry, ready_to_call

pytestmark = pytest.mark.django_db
Ask = Callable[..., ContactRequest]


@pytest.fixture
def officer(client: Client) -> Client:
    """Return a browser signed in as Cleo, the compliance officer, on the day of the tests."""
    client.force_login(User.objects.create_user("cleo", role=Role.COMPLIANCE.value))
    return client


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def _decide(*requests: ContactRequest, now: datetime = NOW) -> list[services.Cleared | services.Denied]:
    with transaction.atomic():
        return services.clear_to_contact(requests, now=now)


def test_the_permissions_are_those_of_the_roles() -> None:
    assert (common.VIEW, common.MANAGE, common.APPROVE, common.EXPORT, common.LIFT, common.TAKE) == (
        roles.VIEW_COMPLIANCE,
        roles.MANAGE_COMPLIANCE,
        roles.APPROVE_EXCEPTIONS,
        roles.EXPORT_COMPLIANCE,
        roles.LIFT_DENIALS,
        roles.TAKE_REFUSALS,
    )


@pytest.mark.parametrize("path", ["", "do-not-call/", "registry/", "rules/", "verdicts/1/"])
def test_a_rep_and_a_stranger_are_kept_out(client: Client, path: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.LOGIN_URL", "/sign-in/")
        stranger = client.get(f"/compliance/{path}")
    client.force_login(User.objects.create_user("ana", role=Role.AGENT.value))
    rep = client.get(f"/compliance/{path}")

    assert stranger.status_code == 302
    assert rep.status_code == 403


@pytest.mark.parametrize("path", ["do-not-call/add/", "registry/upload/"])
def test_a_supervisor_reads_but_changes_nothing(client: Client, path: str) -> None:
    client.force_login(User.objects.create_user("sol", role=Role.SUPERVISOR.value))

    assert client.post(f"/compliance/{path}", {}).status_code == 403
    page = client.get("/compliance/do-not-call/").content.decode()
    assert "Put on the list" not in page


def test_empty_pages_say_what_would_be_there(officer: Client) -> None:
    assert "No verdicts yet" in officer.get("/compliance/").content.decode()
    assert "Nobody asked not to be called yet" in officer.get("/compliance/do-not-call/").content.decode()
    page = officer.get("/compliance/registry/").content.decode()
    assert "No registry copy yet" in page
    assert "refuses every sales call" in page


def test_the_explorer_filters_by_what_stands_in_the_address(officer: Client, ask: Ask) -> None:
    ready_to_call()
    _decide(ask(), ask("+14075550199"), ask("+14075550111", campaign_ref="campaign:2"))

    def sentences(query: str) -> int:
        return len(officer.get(f"/compliance/?{query}").context["rows"])

    assert sentences("") == 3
    assert sentences("outcome=deny") == 1
    assert sentences("code=DNC_NATIONAL") == 1
    assert sentences("number=(407)+555-0123") == 1
    assert sentences("campaign_ref=campaign:2") == 1
    assert sentences("since=2026-11-23&until=2026-11-23") == 3
    assert sentences("until=2026-11-22") == 0
    assert sentences("rule=FED-002") == 1
    assert sentences("rule=FED-001") == 0
    assert sentences("rule=FED-001&code=DNC_NATIONAL") == 0
    assert sentences("channel=live_preview&purpose=telemarketing") == 3
    assert sentences("channel=sms") == 0
    assert sentences("outcome=nonsense&since=yesterday&until=9999-12-31&before=x") == 3
    page = officer.get("/compliance/?outcome=deny").content.decode()
    assert "on the national do-not-call list (registry of 12 Nov 2026)" in page


def test_the_explorer_pages_by_key_with_one_query_and_the_alarms(
    officer: Client, ask: Ask, django_assert_max_num_queries: Any
) -> None:
    ready_to_call()
    _decide(*(ask(f"+1407555{number:04d}", person_ref=f"lead:{number}") for number in range(101, 161)))

    with django_assert_max_num_queries(4):  # session, user, decisions, failed rules
        first = officer.get("/compliance/?outcome=allow")
    second = officer.get(first.context["page"].next_url)

    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 10)
    assert second.context["page"].next_url == ""
    assert "outcome=allow" in second.context["page"].previous_url


def test_a_verdict_can_be_read_by_people(officer: Client, ask: Ask) -> None:
    ready_to_call()
    evening = datetime.fromisoformat("2026-11-24T01:14:00+00:00")
    _decide(ask(), now=evening)
    (denied,) = _decide(ask("+18505550123", postal_code="32501", city="Pensacola"), now=evening)

    page = officer.get(f"/compliance/verdicts/{denied.decision_id}/")

    text = page.content.decode()
    assert denied.decision.sentence in page.context["found"].row.sentence
    assert "America/Chicago" in text
    assert "ZIP 32501" in text
    assert "area code 850" in text
    assert "20:14" in text
    assert denied.decision.rules_hash in text
    assert sum(rule.decides for rule in page.context["rules"]) == 1


def test_a_verdict_that_does_not_exist(officer: Client) -> None:
    assert officer.get("/compliance/verdicts/999/").status_code == 404


def test_adding_a_number_stores_words_and_actor(officer: Client) -> None:
    form = {
        "number": "(407) 555-0123",
        "heard_on": "voicemail",
        "raw_words": "<b>stop</b>",
        "scope": "seller",
    }

    answer = officer.post("/compliance/do-not-call/add/", form, follow=True)

    row = Suppression.objects.get()
    assert (row.number, row.seller, row.raw_words, row.recorded_by) == (
        "+14075550123",
        SELLER,
        "<b>stop</b>",
        "cleo",
    )
    assert "&lt;b&gt;stop" in answer.content.decode()
    assert len(officer.get("/compliance/do-not-call/?q=555-0123").context["rows"]) == 1
    assert "No such number" in officer.get("/compliance/do-not-call/?q=999999").content.decode()


@pytest.mark.parametrize("number", ["", "hello", "12", "+1 999 999 9999 9999", "٤٠٧٥٥٥٠١٢٣ x"])
def test_a_number_that_is_none_is_explained_and_nothing_lost(officer: Client, number: str) -> None:
    form = {"number": number, "heard_on": "phone", "raw_words": "never again", "scope": "seller"}

    answer = officer.post("/compliance/do-not-call/add/", form)

    assert answer.status_code in {302, 422}
    if answer.status_code == 422:
        assert "never again" in answer.content.decode()
        assert not Suppression.objects.exists()


def _upload(client: Client, content: bytes, **changes: str) -> Any:
    """Upload, have the worker load it, and return the page that says what came of it."""
    described = {"name": "national", "kind": "full", "san": "10000001-1", "as_of": "2026-11-12"}
    form = {**described, "area_codes": "", **changes}
    answer = client.post(
        "/compliance/registry/upload/", {**form, "file": SimpleUploadedFile("dnc.txt", content)}
    )
    if answer.status_code != 302:
        return answer
    do_waiting_work()
    return client.get(answer["Location"])


def test_a_registry_file_is_loaded(officer: Client) -> None:
    page = _upload(officer, b"4075550123\r\n407,5550124\r\n", area_codes="407, 321").content.decode()

    row = DncListImport.objects.get()
    assert (row.accepted, row.seller, row.area_codes, row.imported_by) == (2, SELLER, ["321", "407"], "cleo")
    assert "The copy is in force" in page
    assert "refuses every sales call" not in officer.get("/compliance/registry/").content.decode()
    assert list((folder() / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "changes", "message"),
    [
        (b"PK\x03\x04zip", {}, "archive is damaged"),
        (b"\x1f\x8bgz", {}, "archive is damaged"),
        (b"4075550123", {"kind": "change"}, "Load the full list first"),
        (b"4075550123", {"kind": "other"}, "valid choice"),
        (b"40755\x0050123", {}, "not a plain text file"),
        ("4\ud83d".encode("utf-8", "surrogatepass"), {}, "holds no number"),
        (b"", {}, "empty"),
        (b"heading only", {}, "empty"),
        (b"4075550123", {"as_of": "2027-01-01"}, "in the future"),
        (b"4075550123", {"as_of": "soon"}, "valid date"),
        (b"4075550123", {"area_codes": "12"}, "not an area code"),
        (b"4075550123", {"san": ""}, "required"),
    ],
)
def test_hostile_files_get_a_clear_answer(
    officer: Client, content: bytes, changes: dict[str, str], message: str
) -> None:
    answer = _upload(officer, content, **changes)

    job = BackgroundJob.objects.first()
    assert answer.status_code == 422 if job is None else job.state == "failed"
    assert message in answer.content.decode()
    assert not DncListImport.objects.exists()
    assert job is None or list((folder() / "incoming").iterdir()) == []


def test_a_file_over_the_limit_is_sent_to_the_command(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_forms, "UPLOAD_LIMIT", 1000)

    answer = _upload(officer, b"4" * 1001)

    assert answer.status_code == 422
    assert "import_dnc" in answer.content.decode()


def test_a_file_with_refused_lines_shows_them(officer: Client) -> None:
    said = _upload(officer, b"4075550123\n<script>alert(1)</script>\n").content.decode()
    page = officer.get("/compliance/registry/").content.decode()

    assert "is not in force" in said
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_an_old_copy_is_shown_as_too_old(officer: Client) -> None:
    load_registry(["4075550123"], as_of=date(2026, 10, 1))

    assert "Too old" in officer.get("/compliance/registry/").content.decode()


def test_the_rules_page_shows_todays_rows(officer: Client) -> None:
    page = officer.get("/compliance/rules/states/").content.decode()

    assert "Act 47 of 2026" in page
    assert "73 P.S. 2245(a)(1)" not in page
    assert "Strictest state" in page
