"""The evidence page and its buttons: who may, what they get, what is kept of it; the commands."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.http import FileResponse
from django.test import Client

from compliance.models import Suppression
from core import background
from core.models import AuditEvent
from evidence.models import EvidencePack
from tests.factories.work import do_waiting_work
from tests.factories.world import World
from tests.integration.evidence.conftest import Story, make

pytestmark = pytest.mark.django_db
FORM = {"number": "(407) 555-0123", "reason": "A letter of a lawyer", "complaint": "2026-CV-9"}


def bytes_of(response: Any) -> bytes:
    assert isinstance(response, FileResponse)
    return b"".join(response.streaming_content)  # type: ignore[arg-type]  # a synchronous client


@pytest.mark.parametrize("username", ["ana", "sol", "mia"])
def test_only_compliance_officers_make_and_take_packs(
    story: Story, client: Client, now: datetime, username: str
) -> None:
    made = make(now)
    client.force_login(getattr(story.world, username))

    answers = [
        client.get("/compliance/evidence/"),
        client.post("/compliance/evidence/make/", FORM),
        client.post("/compliance/evidence/now/", {"verdict": "1"}),
        client.get(f"/compliance/evidence/{made.id}/zip/"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert EvidencePack.objects.count() == 1


def test_a_stranger_is_sent_to_sign_in(world: World, client: Client) -> None:
    assert client.get("/compliance/evidence/").status_code == 302


def test_an_officer_makes_a_pack_and_takes_its_parts(story: Story, officer: Client) -> None:
    answer = officer.post("/compliance/evidence/make/", FORM)
    before = officer.get(answer["Location"]).content.decode()
    [job] = do_waiting_work()
    after = officer.get(answer["Location"]).content.decode()

    row = EvidencePack.objects.get()
    page = officer.get("/compliance/evidence/").content.decode()
    assert "It waits for a worker" in before
    assert "/compliance/evidence/" + f"{row.pk}/zip/" in after
    assert (job.state, job.result_ref) == ("done", str(row.pk))
    assert (row.number, row.made_by, row.complaint) == ("+14075550123", "nil", "2026-CV-9")
    assert row.summary.removesuffix(".") in page
    for part, begins in (("zip", b"PK"), ("pdf", b"%PDF"), ("json", b'{"about":')):
        taken = officer.get(f"/compliance/evidence/{row.pk}/{part}/")
        assert bytes_of(taken).startswith(begins)
        assert "5550123" not in taken["Content-Disposition"]
        assert taken["Cache-Control"] == "no-store"
    downloads = AuditEvent.objects.filter(verb="evidence.pack.downloaded").order_by("id")
    assert [(event.actor, event.after["part"]) for event in downloads if event.after] == [
        ("nil", "zip"),
        ("nil", "pdf"),
        ("nil", "json"),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": "12"}, "too few"),
        ({"number": ""}, "required"),
        ({"number": "<script>alert(1)</script>"}, "is not a phone number"),
        ({"reason": ""}, "required"),
        ({"reason": "x" * 401}, "at most 400"),
        ({"complaint": "a\x00b"}, "Null characters"),
        ({"since": "2026-12-01", "until": "2026-11-01"}, "ends before it begins"),
        ({"since": "yesterday"}, "valid date"),
    ],
)
def test_a_form_that_cannot_be_used_says_why_and_makes_nothing(
    story: Story, officer: Client, changes: dict[str, str], said: str
) -> None:
    answer = officer.post("/compliance/evidence/make/", {**FORM, **changes})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    assert not EvidencePack.objects.exists()


def test_a_verdict_and_a_request_each_have_a_pack_in_one_click(story: Story, officer: Client) -> None:
    verdict = story.call.attempt.decision_id
    page = officer.get(f"/compliance/verdicts/{verdict}/").content.decode()
    listed = officer.get("/compliance/numbers/+14075550123/").content.decode()

    first = officer.post("/compliance/evidence/now/", {"verdict": str(verdict)})
    request = Suppression.objects.get().pk
    second = officer.post("/compliance/evidence/now/", {"suppression": str(request)})

    assert f'name="verdict" value="{verdict}"' in page
    assert 'name="suppression"' in listed
    assert [job.state for job in do_waiting_work()] == ["done", "done"]
    for answer, pack in zip((first, second), EvidencePack.objects.order_by("id"), strict=True):
        job = officer.get(answer["Location"]).content.decode()
        assert f"/compliance/evidence/{pack.pk}/zip/" in job
        assert "5550123" not in answer["Location"]
    reasons = EvidencePack.objects.order_by("id").values_list("reason", flat=True)
    assert list(reasons) == [f"From verdict {verdict}", f"From do-not-call request {request}"]
    taken = officer.get(f"/compliance/evidence/{EvidencePack.objects.latest('id').pk}/zip/")
    assert bytes_of(taken).startswith(b"PK")
    assert AuditEvent.objects.filter(verb="evidence.pack.downloaded").count() == 1


def test_a_pack_that_cannot_be_written_ends_in_words_and_leaves_nothing(
    story: Story, officer: Client, settings: Any, tmp_path: Path
) -> None:
    answer = officer.post("/compliance/evidence/make/", FORM)
    (tmp_path / "full").write_text("")
    settings.EVIDENCE_DIR = str(tmp_path / "full")

    [job] = do_waiting_work()
    page = officer.get(answer["Location"]).content.decode()

    assert (job.state, job.said) == ("failed", background.OUR_FAULT)
    assert "a fault of its own" in page
    assert not EvidencePack.objects.exists()


def test_work_of_other_pages_is_not_shown_here(
    story: Story, officer: Client, client: Client, now: datetime
) -> None:
    answer = officer.post("/compliance/evidence/make/", FORM)
    number = answer["Location"].rstrip("/").rsplit("/", 1)[1]
    client.force_login(story.world.sol)

    assert officer.get(f"/compliance/jobs/{number}/").status_code == 404
    assert client.get(answer["Location"]).status_code == 403
    assert client.post(f"{answer['Location']}stop/").status_code == 403


def test_an_ordered_pack_is_given_up_when_asked(story: Story, officer: Client) -> None:
    answer = officer.post("/compliance/evidence/make/", FORM)

    page = officer.post(f"{answer['Location']}stop/", follow=True).content.decode()

    assert "Stopped by nil" in page
    assert do_waiting_work() == []
    assert not EvidencePack.objects.exists()


@pytest.mark.parametrize("given", [{}, {"verdict": "0"}, {"verdict": "x"}, {"suppression": "9" * 30}, {"verdict": "-1"}])  # fmt: skip
def test_a_button_that_names_nothing_known_finds_nothing(
    story: Story, officer: Client, given: dict[str, str]
) -> None:
    assert officer.post("/compliance/evidence/now/", given).status_code == 404


def test_a_supervisor_is_not_offered_what_they_may_not_do(story: Story, client: Client) -> None:
    client.force_login(story.world.sol)

    page = client.get(f"/compliance/verdicts/{story.call.attempt.decision_id}/").content.decode()

    assert "Evidence pack" not in page
    assert "/compliance/evidence/" not in page


@pytest.mark.parametrize("path", ["99/zip/", "1/exe/", "1/zip/"])
def test_a_file_that_is_not_there_is_not_found(
    story: Story, officer: Client, now: datetime, path: str
) -> None:
    made = make(now)
    made.path.unlink()

    assert officer.get(f"/compliance/evidence/{path.replace('1/', f'{made.id}/')}").status_code == 404
    assert "file removed" in officer.get("/compliance/evidence/").content.decode()


def test_the_list_pages_with_a_fixed_number_of_queries(
    story: Story, officer: Client, now: datetime, django_assert_max_num_queries: Any
) -> None:
    make(now)

    with django_assert_max_num_queries(4):  # session, user, packs
        officer.get("/compliance/evidence/")


def test_the_command_writes_archive_document_and_data(story: Story, tmp_path: Path) -> None:
    out, told = tmp_path / "out", io.StringIO()
    out.mkdir()

    call_command("export_evidence", "407.555.0123", "--complaint", "AG 5", "--out", str(out), stdout=told)

    names = sorted(path.suffix for path in out.iterdir())
    assert names == [".json", ".pdf", ".zip"]
    assert not any("5550123" in path.name for path in out.iterdir())
    assert EvidencePack.objects.get().sha256 in told.getvalue()
    for path in out.iterdir():
        call_command("verify_evidence", str(path), stdout=told)
    assert told.getvalue().count("This is pack") == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["12"], "too few"),
        (["4075550123", "--from", "soon"], "--from must be a date"),
        (["4075550123", "--from", "2026-02-02", "--to", "2026-01-01"], "ends before"),
    ],
)
def test_the_command_says_what_is_wrong(
    world: World, tmp_path: Path, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("export_evidence", *arguments, "--out", str(tmp_path))


def test_the_command_wants_a_folder_that_is_there(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no folder"):
        call_command("export_evidence", "4075550123", "--out", str(tmp_path / "none"))


def test_a_pack_from_elsewhere_fits_itself_but_no_record(story: Story, now: datetime, tmp_path: Path) -> None:
    made = make(now)
    strange = tmp_path / "strange.pdf"
    strange.write_bytes(b"%PDF-1.4 another")

    with pytest.raises(CommandError, match="No pack on record") as refused:
        call_command("verify_evidence", str(strange))
    call_command("verify_evidence", str(made.path), "--offline", stdout=io.StringIO())

    assert refused.value.returncode == 2
