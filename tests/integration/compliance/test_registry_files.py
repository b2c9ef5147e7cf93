"""Registry files behind the gate: what comes into force, what a person decides, and that a broken file denies."""

import gzip
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from compliance import selectors, services
from compliance.models import DncListImport
from compliance.registry.snapshot import HEADER_BYTES
from compliance.registry_facts import folder, registry_facts
from compliance.services import ContactRequest, DncFileRefused, RegistryFile
from core.models import AuditEvent
from tests.factories.work import do_waiting_work
from tests.integration.compliance.conftest import NOW, SELLER, load_registry, papers_without_state_lists

pytestmark = pytest.mark.django_db
Ask = Callable[..., ContactRequest]
DAY = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path, db: None) -> Iterator[None]:
    settings.REGISTRY_DIR = str(tmp_path / "registry")
    papers_without_state_lists()
    with time_machine.travel(NOW, tick=False):
        yield


def load(data: bytes, **changes: Any) -> DncListImport:
    told = {"name": "national", "seller": SELLER, "san": "10000001-1", "as_of": DAY, **changes}
    return services.import_registry_file(BytesIO(data), RegistryFile(**told), actor="nil", now=NOW)


def codes(*requests: ContactRequest) -> list[str]:
    return [decision.code for decision in services.explain(requests, now=NOW)]


def activate(row: DncListImport) -> DncListImport:
    with transaction.atomic():
        return services.activate_registry(row.id, actor="cleo", now=NOW)


WAITING = b"4075550199\nnobody\n"


def test_a_file_is_stored_with_hash_date_and_sums(ask: Ask) -> None:
    row = load(gzip.compress(b"407,5550199\n407,5550199\n", mtime=0))

    assert (row.numbers, row.accepted, row.duplicates, row.refused) == (1, 1, 1, 0)
    assert (row.active, row.needs_person, row.activated_by) == (True, False, "nil")
    assert (folder() / row.file).exists()
    assert codes(ask(), ask("+14075550199")) == ["", "DNC_NATIONAL"]


def test_a_large_file_is_not_read_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.db.in_atomic", lambda: True)

    with pytest.raises(RuntimeError, match="must not run inside a transaction"):
        load(b"4075550199\n")


def test_the_same_file_twice_is_one_copy() -> None:
    assert load(b"4075550199\n").id == load(b"4075550199\n").id
    assert load(WAITING, name="FL").id == load(WAITING, name="FL").id
    assert DncListImport.objects.count() == 2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "was cut short or altered"),
        (lambda path: path.write_bytes(b""), "was cut short"),
        (
            lambda path: path.write_bytes(
                path.read_bytes()[: HEADER_BYTES + 9] + b"\xff" + path.read_bytes()[HEADER_BYTES + 10 :]
            ),
            "was altered",
        ),
    ],
)
def test_a_missing_or_broken_file_denies_until_the_same_file_is_loaded_again(
    ask: Ask, spoil: Callable[[Path], None], words: str
) -> None:
    row = load(b"4075550199\n")
    assert codes(ask()) == [""]
    spoil(folder() / row.file)

    (denied,) = services.explain([ask()], now=NOW)

    assert denied.code == "SCRUB_STALE"
    assert "national do-not-call registry file of 12 Nov 2026" in denied.sentence
    assert words in denied.sentence
    assert "load the same registry file again" in denied.sentence


def test_loading_a_lost_file_again_restores_it(ask: Ask) -> None:
    row = load(b"4075550199\n")
    (folder() / row.file).unlink()

    again = load(b"4075550199\n")

    assert again.id == row.id
    assert codes(ask(), ask("+14075550199")) == ["", "DNC_NATIONAL"]


def test_a_lost_changed_copy_is_made_again_from_the_base_it_had(ask: Ask) -> None:
    load(b"4075550199\n")
    change = {"kind": "change", "as_of": date(2026, 11, 13)}
    row = load(b"407,5550123,2026-11-13,A\n", **change)
    (folder() / row.file).unlink()
    assert codes(ask()) == ["SCRUB_STALE"]

    assert load(b"407,5550123,2026-11-13,A\n", **change).id == row.id

    assert codes(ask(), ask("+14075550199"), ask("+14075550111")) == ["DNC_NATIONAL", "DNC_NATIONAL", ""]


def test_a_broken_state_list_denies_too_but_a_listing_elsewhere_says_more(ask: Ask) -> None:
    load(b"4075550199\n")
    (folder() / load(b"4075550198\n", name="FL").file).unlink()

    assert codes(ask(), ask("+14075550199")) == ["SCRUB_STALE", "DNC_NATIONAL"]


def test_a_broken_copy_of_other_area_codes_denies_nothing_here(ask: Ask) -> None:
    load(b"4075550199\n", area_codes=frozenset({"407"}))
    (folder() / load(b"3055550199\n", area_codes=frozenset({"305"})).file).unlink()

    assert codes(ask()) == [""]


def test_calls_the_registry_does_not_bind_need_no_file(ask: Ask) -> None:
    from compliance.rules.facts import Purpose

    (folder() / load(b"4075550199\n").file).unlink()

    assert codes(ask(purpose=Purpose.SURVEY)) == [""]


def test_a_copy_that_comes_into_force_is_seen_at_the_next_look_up(ask: Ask) -> None:
    load(b"4075550199\n")
    assert codes(ask()) == [""]

    load(b"4075550123\n", as_of=date(2026, 11, 20))

    assert codes(ask()) == ["DNC_NATIONAL"]


@pytest.mark.parametrize(("as_of", "code"), [(date(2026, 10, 23), ""), (date(2026, 10, 22), "SCRUB_STALE")])
def test_a_copy_of_more_than_31_days_denies(ask: Ask, as_of: date, code: str) -> None:
    """FED-002 T2: the 31st day allows, the 32nd denies."""
    load(b"4075550199\n", as_of=as_of)

    assert codes(ask()) == [code]


def test_a_change_file_makes_a_new_copy_and_keeps_the_old_one(ask: Ask) -> None:
    base = load(b"4075550199\n4075550198\n", area_codes=frozenset({"407"}))

    row = load(
        b"407,5550199,2026-11-13,D\n407,5550123,2026-11-13,A\n", kind="change", as_of=date(2026, 11, 13)
    )

    base.refresh_from_db()
    assert (row.base_id, row.area_codes, row.active, base.active) == (base.id, ["407"], True, False)
    assert (row.numbers, row.accepted, row.removed) == (2, 2, 1)
    assert (folder() / base.file).exists()
    assert codes(ask("+14075550199"), ask(), ask("+14075550198")) == ["", "DNC_NATIONAL", "DNC_NATIONAL"]


def test_a_change_file_that_changes_nothing_renews_the_date() -> None:
    load(b"4075550199\n")

    row = load(b"407,5550111,2026-11-13,D\n", kind="change", as_of=date(2026, 11, 13))

    assert (row.active, row.accepted, row.duplicates, row.numbers) == (True, 0, 1, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "FL"}, "Load the full list first"),
        ({"seller": "Another"}, "Load the full list first"),
        ({"base_id": 0}, "Load the full list first"),
        ({"as_of": date(2026, 11, 1)}, "before the copy it changes"),
    ],
)
def test_a_change_file_needs_its_base(changes: dict[str, Any], message: str) -> None:
    load(b"4075550199\n")

    with pytest.raises(DncFileRefused, match=message):
        load(b"407,5550199,D\n", **{"kind": "change", **changes})

    assert DncListImport.objects.count() == 1


def test_a_change_file_whose_base_is_lost_or_not_the_only_one_is_refused() -> None:
    one = load(b"4075550199\n", area_codes=frozenset({"407"}))
    load(b"3055550199\n", area_codes=frozenset({"305"}))
    with pytest.raises(DncFileRefused, match="Say which one"):
        load(b"407,5550199,D\n", kind="change")

    (folder() / one.file).unlink()

    with pytest.raises(DncFileRefused, match=r"cannot be read.*is missing"):
        load(b"407,5550199,D\n", kind="change", base_id=one.id)


def test_too_many_refused_lines_wait_for_a_person(ask: Ask) -> None:
    row = load(WAITING)

    assert (row.active, row.needs_person, row.activated_at) == (False, True, None)
    assert codes(ask("+14075550199")) == ["SCRUB_STALE"]

    activate(row)

    row.refresh_from_db()
    assert (row.active, row.needs_person, row.activated_by, row.activated_at) == (True, False, "cleo", NOW)
    assert codes(ask("+14075550199"), ask()) == ["DNC_NATIONAL", ""]
    trace = AuditEvent.objects.get(verb="compliance.registry.activated")
    assert (trace.actor, trace.after) == ("cleo", {"active": True, "numbers": 1, "refused": 1})


def test_putting_in_force_replaces_what_the_copy_covers() -> None:
    old = load(b"4075550123\n", as_of=date(2026, 11, 1))

    row = activate(load(WAITING))

    assert list(DncListImport.objects.filter(active=True).values_list("id", flat=True)) == [row.id]
    assert DncListImport.objects.get(id=old.id).needs_person is False


def test_only_a_waiting_copy_can_be_put_in_force() -> None:
    row = load(b"4075550199\n")
    waiting = load(WAITING, name="FL")
    (folder() / waiting.file).unlink()

    for which, message in [(row, "not waiting"), (waiting, "is missing"), (DncListImport(id=0), "no such")]:
        with pytest.raises(DncFileRefused, match=message):
            activate(which)


def test_a_good_file_ends_the_wait_of_an_older_one_and_a_newer_copy_is_not_replaced() -> None:
    waiting = load(WAITING)
    load(b"4075550199\n", as_of=date(2026, 11, 13), area_codes=frozenset({"407"}))
    load(b"4075550199\n", as_of=date(2026, 11, 14), name="FL")
    other = load(WAITING, name="FL")
    with pytest.raises(DncFileRefused, match="newer copy is in force"):
        activate(other)

    load(b"4075550199\n", as_of=date(2026, 11, 14))

    waiting.refresh_from_db()
    assert (waiting.active, waiting.needs_person) == (False, False)


def test_facts_take_one_query_however_many_copies(ask: Ask, django_assert_num_queries: Any) -> None:
    from compliance.registry_facts import registry_facts

    for code in ("407", "305", "212"):
        load(f"{code}5550199\n".encode(), area_codes=frozenset({code}))

    with django_assert_num_queries(1):
        registry_facts([ask(f"+1407555{number:04d}") for number in range(100, 140)])


def test_the_list_of_copies_takes_one_query(django_assert_num_queries: Any) -> None:
    load(b"4075550199\n")
    load(WAITING, name="FL")

    with django_assert_num_queries(1):
        rows = selectors.list_registry_imports(now=NOW)

    assert [(row.name, row.refused_percent) for row in rows] == [("national", 0.0), ("FL", 50.0)]


# Scrubbing a whole list


def scrub(tmp_path: Path, data: bytes, *options: str) -> str:
    (tmp_path / "list.csv").write_bytes(data)
    out = StringIO()
    files = [f"--{name}={tmp_path / name}" for name in ("listed", "clean", "refused")]
    call_command("scrub_dnc", str(tmp_path / "list.csv"), *files, *options, stdout=out)
    return out.getvalue()


def test_a_list_is_scrubbed_against_all_copies_of_the_seller(tmp_path: Path) -> None:
    load(b"4075550199\n", area_codes=frozenset({"407"}))
    load(b"4075550198\n", name="FL")
    load(b"4075550123\n", seller="Another")

    said = scrub(tmp_path, b"4075550199\n4075550198\n4075550123\n3055550123\nnobody\n")

    assert said == "5 rows = 2 listed + 1 clean + 2 refused.\n"
    assert (tmp_path / "listed").read_bytes() == b"4075550199\n4075550198\n"
    assert (tmp_path / "clean").read_bytes() == b"4075550123\n"


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda: None, "No national do-not-call registry is loaded"),
        (lambda: load(b"4075550199\n", name="FL"), "No national do-not-call registry is loaded"),
        (lambda: load(b"4075550199\n", as_of=date(2026, 10, 1)), "is 53 days old, the limit is 31"),
        (lambda: (folder() / load(b"4075550199\n").file).unlink(), "file of 12 Nov 2026 is missing"),
    ],
)
def test_nothing_is_called_clean_without_a_copy_to_judge_by(
    tmp_path: Path, prepare: Callable[[], Any], message: str
) -> None:
    prepare()

    with pytest.raises(CommandError, match=message):
        scrub(tmp_path, b"4075550123\n")

    assert not (tmp_path / "clean").exists()


def test_a_scrub_writes_over_nothing(tmp_path: Path) -> None:
    load(b"4075550199\n")
    (tmp_path / "clean").write_text("mine", encoding="ascii")

    with pytest.raises(CommandError, match="is there already"):
        scrub(tmp_path, b"4075550123\n")

    assert (tmp_path / "clean").read_text(encoding="ascii") == "mine"
    assert not (tmp_path / "listed").exists()


# The page


def signed_in(client: Client, role: Role) -> Client:
    client.force_login(User.objects.create_user(f"a-{role.value}", role=role.value))
    return client


@pytest.mark.parametrize(
    ("role", "reads", "decides"),
    [(Role.AGENT, 403, 403), (Role.SUPERVISOR, 200, 403), (Role.COMPLIANCE, 200, 200)],
)
def test_who_may_read_refused_lines_and_who_decides(
    client: Client, role: Role, reads: int, decides: int
) -> None:
    row = load(WAITING)
    signed_in(client, role)

    answer = client.get(f"/compliance/registry/{row.id}/refused/")

    assert answer.status_code == reads
    assert (b"nobody" in answer.getvalue()) == (reads == 200)  # read to its end, the file is closed
    assert client.get(f"/compliance/registry/{row.id}/activate/").status_code == decides
    if decides == 403:
        assert client.post(f"/compliance/registry/{row.id}/activate/").status_code == 403
        row.refresh_from_db()
        assert row.needs_person


def test_putting_in_force_names_the_numbers_and_then_the_person(client: Client) -> None:
    row = load(WAITING)
    signed_in(client, Role.COMPLIANCE)
    page = client.get("/compliance/registry/").content.decode()
    assert "Waits for a decision" in page
    assert f"/compliance/registry/{row.id}/activate/" in page

    asked = client.get(f"/compliance/registry/{row.id}/activate/").content.decode()
    answer = client.post(f"/compliance/registry/{row.id}/activate/", follow=True).content.decode()

    assert "1 (50.00 %) were refused" in asked
    assert "Put 1 numbers in force without the 1 refused lines" in asked
    assert "is in force, by your decision" in answer
    row.refresh_from_db()
    assert (row.active, row.activated_by) == (True, "a-compliance")


def test_a_decision_that_came_too_late_is_explained(client: Client) -> None:
    row = load(b"4075550199\n")
    signed_in(client, Role.COMPLIANCE)

    answer = client.post(f"/compliance/registry/{row.id}/activate/", follow=True).content.decode()

    assert "not waiting for anybody" in answer


def test_refused_lines_are_downloaded_as_text(client: Client) -> None:
    row = load(b"4075550199\n=cmd()\n<script>\n")
    signed_in(client, Role.SUPERVISOR)

    answer = client.get(f"/compliance/registry/{row.id}/refused/")

    body = answer.getvalue().decode()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    assert [line.split("\t")[:2] for line in body.splitlines()[1:]] == [["2", "=cmd()"], ["3", "<script>"]]


@pytest.mark.parametrize("path", ["999/refused/", "999/activate/"])
def test_a_copy_that_is_none_is_not_found(client: Client, path: str) -> None:
    signed_in(client, Role.COMPLIANCE)

    assert client.get(f"/compliance/registry/{path}").status_code == 404


def test_a_list_of_refused_lines_that_is_none_or_gone_is_not_found(client: Client) -> None:
    clean, waiting = load(b"4075550199\n"), load(WAITING, name="FL")
    (folder() / waiting.refused_file).unlink()
    signed_in(client, Role.COMPLIANCE)

    for row in (clean, waiting):
        assert client.get(f"/compliance/registry/{row.id}/refused/").status_code == 404


def test_an_unusable_file_is_shown_where_one_can_mend_it(client: Client) -> None:
    (folder() / load(b"4075550199\n").file).unlink()
    signed_in(client, Role.COMPLIANCE)

    page = client.get("/compliance/registry/").content.decode()

    assert "File unusable" in page
    assert "The gate refuses sales calls" in page


def test_a_packed_change_file_is_uploaded(client: Client) -> None:
    load(b"4075550199\n")
    signed_in(client, Role.COMPLIANCE)
    upload = SimpleUploadedFile("changes.gz", gzip.compress(b"407,5550123,2026-11-13,A\n"))
    form = {"name": "national", "kind": "change", "san": "1", "as_of": "2026-11-13", "file": upload}

    answer = client.post("/compliance/registry/upload/", form)
    do_waiting_work()

    assert "The copy is in force with 2 numbers" in client.get(answer["Location"]).content.decode()
    assert "changed copy" in client.get("/compliance/registry/").content.decode()


def test_a_folder_that_cannot_be_written_is_said(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    settings.REGISTRY_DIR = str(tmp_path / "file" / "below")

    with pytest.raises(DncFileRefused, match="not be written"):
        load(b"4075550199\n")


def test_short_lists_and_files_are_the_same_copy() -> None:
    short = load_registry(["4075550199"], file_sha256="c" * 64)
    long = load(b"4075550199\n")

    assert short.content_sha256 == long.content_sha256


TORONTO, LONDON = "+14165550123", "+442079460018"


def test_the_lists_of_canada_and_the_united_kingdom_are_loaded_and_answer_for_their_numbers(ask: Ask) -> None:
    load(b"407,5550199\n")
    load(b"416,5550123\n", name="DNCL", san="C-1")
    load(b"020 7946 0018\n", name="TPS", san="UK-1")
    load(b"01632 960001\n", name="CTPS", san="UK-1")

    toronto, london, orlando = registry_facts([ask(TORONTO), ask(LONDON), ask()])

    assert [each.name for each in toronto.listings] == ["DNCL"]
    assert [each.name for each in toronto.own_lists] == ["DNCL"]
    assert [each.name for each in london.listings] == ["TPS"]
    assert [each.name for each in london.own_lists] == ["CTPS", "TPS"]
    assert (london.covers_number, orlando.covers_number, orlando.listings) == (False, True, ())


def test_a_broken_uk_file_stops_no_call_in_america(ask: Ask) -> None:
    load(b"4075550199\n")
    row = load(b"02079460018\n", name="TPS", san="UK-1")
    (folder() / row.file).unlink()

    london, orlando = registry_facts([ask(LONDON), ask()])

    assert "TPS" in london.problem
    assert orlando.problem == ""


def test_a_uk_list_has_no_area_codes(ask: Ask) -> None:
    with pytest.raises(DncFileRefused, match="leave the area codes empty"):
        load(b"02079460018\n", name="TPS", area_codes=frozenset({"207"}))


def test_a_list_is_scrubbed_against_american_copies_only(ask: Ask) -> None:
    load(b"4075550199\n")
    broken = load(b"02079460018\n", name="TPS", san="UK-1")
    (folder() / broken.file).unlink()
    outputs = services.Outputs(listed=BytesIO(), clean=BytesIO(), refused=BytesIO())

    found = services.scrub_list(BytesIO(b"4075550123\n4075550199\n"), outputs, seller=SELLER, now=NOW)

    assert (found.listed, found.clean, found.refused) == (1, 1, 0)
