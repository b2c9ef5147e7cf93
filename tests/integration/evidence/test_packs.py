"""A pack about one number: what is in it, what is not, and that it can be trusted."""

import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from campaigns.models import Contact, ContactPhone
from compliance import services as gate
from compliance.models import ComplianceDecision
from compliance.rules.facts import SuppressionScope
from compliance.store import sealing
from core import db
from core.models import AppendOnlyError, AuditEvent
from core.types import PhoneNumber
from dialer.models import Call, ScriptRun, ScriptStep
from evidence import checking, selectors, services
from evidence.models import EvidencePack
from tests.factories.world import SELLER, bound_of
from tests.integration.evidence.conftest import NUMBER, OTHER, STOP, TEXT, Story, data_of, make

pytestmark = pytest.mark.django_db
HOW_TO = Path(__file__).resolve().parents[3] / "docs/how-to/evidence.md"


def text_of(path: Path) -> str:
    """Return the words of a pack's document, white space made single."""
    with zipfile.ZipFile(path) as packed, packed.open("evidence.pdf") as part:
        return " ".join(" ".join(page.extract_text() for page in PdfReader(part).pages).split())


def test_a_pack_tells_the_whole_story_of_a_number(story: Story, ask_again: int, now: datetime) -> None:
    made = make(story.honoured_at + timedelta(days=1))

    sections = data_of(made.path)["sections"]
    rows = {name: len(found) for name, found in sections.items() if found}
    [person], [brought], [consent] = sections["people"], sections["imports"], sections["consents"]
    first, second = sections["verdicts"]
    [attempt] = sections["attempts"]
    assert rows == {
        "people": 1, "imports": 1, "consents": 1, "registry_copies": 2, "suppressions": 1, "revocations": 1, "verdicts": 2,
        "attempts": 1, "recordings": 1, "crm": 2, "opt_outs": 1, "audit": 2,
    }  # fmt: skip
    assert (person["first_name"], person["lists"][0]["list"]) == ("Maria", "Spring")
    assert (brought["import"]["source_label"], brought["row_number"]) == ("fair.csv", 7)
    assert brought["written"]["cells"] == ["Maria", "407.555.0123", "another number, withheld …0188"]
    assert (consent["text_shown"], consent["ip"]) == (TEXT, "203.0.113.9")
    assert (first["outcome"], second["outcome"], second["id"]) == ("allow", "deny", ask_again)
    assert len(first["rules"]) == len(second["rules"]) > 40
    assert [each["rule"] for each in second["rules"] if each["answer"] == "refused"] == ["FED-006"]
    assert second["facts"]["number"] == NUMBER
    assert attempt["decision_id"] == first["id"]
    assert attempt["call"]["disposition"]["label"] == "Do not call"
    assert [each["event"] for each in attempt["call"]["events"]][-1] == "completed"
    assert attempt["call"]["agent"]["username"] == "ana"
    assert [each["kind"] for each in sections["crm"]] == ["call", "do_not_call"]


def test_each_attempt_names_the_registry_copies_it_was_checked_against(story: Story, now: datetime) -> None:
    made = make(now + timedelta(days=1))

    [verdict] = data_of(made.path)["sections"]["verdicts"]
    copies = {each["id"]: each for each in data_of(made.path)["sections"]["registry_copies"]}
    assert [(each["name"], each["san"], each["listed"]) for each in verdict["scrubs"]] == [
        ("FL", "12345", False),
        ("national", "12345", False),
    ]
    assert [copies[each["copy"]]["as_of"] for each in verdict["scrubs"]] == ["2026-11-20", "2026-11-20"]


def test_an_attempt_says_why_its_number_was_shown_and_which_steps_the_script_took(
    story: Story, now: datetime
) -> None:
    call = Call.objects.select_related("campaign").get()
    assert call.campaign.script_version is not None
    run = ScriptRun.objects.create(call=call, version=call.campaign.script_version, started_at=now)
    for number, answer in ((1, "Yes"), (2, "")):
        ScriptStep.objects.create(
            run=run, number=number, node=f"n{number}", entered_at=now, left_at=now, answer=answer
        )

    made = make(story.honoured_at + timedelta(days=1))

    [attempt] = data_of(made.path)["sections"]["attempts"]
    assert attempt["caller_why"] == "the campaign’s own number"
    script = attempt["call"]["script"]
    assert (script["name"], script["version"], script["reached_end"]) == ("Solar", 1, False)
    assert [(step["node"], step["answer"]) for step in script["steps"]] == [("n1", "Yes"), ("n2", "")]
    assert "Script “Solar”, version 1: n1 (Yes) → n2." in text_of(made.path)


def test_an_opt_outs_way_is_told_in_seconds_and_its_slowest_channel_named(story: Story) -> None:
    made = make(story.honoured_at + timedelta(days=1))

    [told] = data_of(made.path)["sections"]["opt_outs"]
    assert told["words"] == STOP
    assert [(step["channel"], step["after_ms"]) for step in told["steps"]] == [
        ("gate", 0),
        ("CRM queued", 1000),
        ("CRM acknowledged", 9000),
    ]
    assert told["slowest"] == "CRM acknowledged"


def test_a_verdict_has_its_place_in_the_chain_and_its_days_seal(story: Story) -> None:
    later = story.honoured_at + timedelta(days=1)
    sealing.close_days(now=later)

    sections = data_of(make(later).path)["sections"]

    [seal], [verdict] = sections["seals"], sections["verdicts"]
    stored = ComplianceDecision.objects.get(pk=verdict["id"])
    assert verdict["chain"] == {
        "lane": stored.lane,
        "position": 1,
        "prev_hash": bytes(stored.prev_hash).hex(),
        "row_hash": bytes(stored.row_hash).hex(),
        "is_genuine": True,
        "seal": seal["id"],
    }
    assert seal["lanes"] == [[stored.lane, 1, bytes(stored.row_hash).hex()]]


def test_the_document_says_it_in_words(story: Story, ask_again: int) -> None:
    made = make(story.honoured_at + timedelta(days=1))

    text = text_of(made.path)
    content = EvidencePack.objects.get(pk=made.id).content_sha256
    assert (
        "2 attempts, 1 refused, 1 call placed, opted out 23 Nov 2026 11:03 EST, honoured at once, no contact after." in text
    )  # fmt: skip
    assert "María Álvarez" in text
    assert f"“{TEXT}”" in text
    assert "Mon 23 Nov 2026 11:00:00 EST" in text
    assert "Not called: asked not to be called (call, 23 Nov 2026)" in text
    assert "Texts: This installation sends no texts but answers" in text
    assert "Recordings: the sound of 0 of 1 call is stored" in text
    assert text.count(f"Content SHA-256 {content}") >= 6


def test_the_document_has_an_outline_metadata_and_embedded_fonts_alone(story: Story) -> None:
    made = make(story.honoured_at + timedelta(days=1))

    with zipfile.ZipFile(made.path) as packed, packed.open("evidence.pdf") as part:
        reader = PdfReader(part)
        fonts = [
            font.get_object()
            for page in reader.pages
            for font in page["/Resources"]["/Font"].values()  # type: ignore[index]  # a page has them
        ]
        assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in fonts)
        titles = [each["/Title"] for each in reader.outline if isinstance(each, dict)]
        about = reader.metadata
    assert about is not None
    assert (about.title, about.author) == ("Evidence pack (407) 555-0123, complaint FTC 77", "nil")
    assert {"Timeline", "Consents", "Every attempt and its verdict"} <= set(titles)


def test_what_cannot_be_printed_is_named_and_never_an_empty_box(story: Story) -> None:
    Contact.objects.update(first_name="小明", last_name="Žižková Иванова")

    made = make(story.honoured_at + timedelta(days=1))

    text = text_of(made.path)
    assert "Žižková Иванова" in text
    assert "[not printable: U+5C0F U+660E]" in text
    assert "letters this document's typeface cannot show" in text
    assert data_of(made.path)["sections"]["people"][0]["first_name"] == "小明"


def test_other_peoples_rows_and_numbers_are_not_in_a_pack(
    story: Story, ask_for: Callable[..., Any], now: datetime
) -> None:
    """Juan shares the number; Maria's second number, and its attempts, are no business of this pack."""
    later = story.honoured_at + timedelta(hours=1)
    juan = Contact.objects.create(first_name="Juan", last_name="Alvarez", created_at=now, changed_at=now)
    ContactPhone.objects.create(contact=juan, number=NUMBER, raw="4075550123", kind="home")
    ContactPhone.objects.create(contact=juan, number="+14075550177", raw="407-555-0177", kind="mobile")
    maria = f"contact:{story.call.contact_id}"
    with db.use_case():
        [mobile] = gate.clear_to_contact([ask_for(OTHER, person_ref=maria)], now=later)
        gate.consume_clearance(decision_id=mobile.decision_id, bound=bound_of(mobile.decision_id), now=later)
        gate.suppress(
            number=PhoneNumber(OTHER),
            seller=SELLER,
            reason="stop",
            raw_words="not on my mobile",
            heard_on="sms",
            actor="x",
            now=later,
        )
    with db.use_case():
        gate.clear_to_contact([ask_for(person_ref=maria)], now=later + timedelta(seconds=30))

    made = make(story.honoured_at + timedelta(days=1))

    with zipfile.ZipFile(made.path) as packed:
        bytes_of_it = packed.read("evidence.json")
    sections = data_of(made.path)["sections"]
    assert {row["first_name"] for row in sections["people"]} == {"Maria", "Juan"}
    assert all(row["number"] == NUMBER for row in sections["verdicts"])
    assert any(each["number"].endswith("…0188") for each in sections["verdicts"][-1]["facts"]["attempts"])
    for hidden in (b"5550188", b"555-0188", b"5550177", b"555-0177", b"not on my mobile"):
        assert hidden not in bytes_of_it
    assert "0188" in text_of(made.path)  # its last digits only
    assert "5550188" not in text_of(made.path)


def test_contact_after_an_opt_out_is_said_plainly(story: Story, ask_for: Callable[..., Any]) -> None:
    """An opt-out from another seller's list binds no call of ours: the sentence counts the call all the same."""
    with db.use_case():
        gate.revoke(
            number=NUMBER,
            seller="",
            scope=SuppressionScope.EVERYONE,
            raw_words="never again",
            heard_on="letter",
            actor="nil",
            now=story.call.created_at - timedelta(days=2),
        )

    made = make(story.honoured_at + timedelta(days=1))

    about = data_of(made.path)["about"]["summary"]
    assert about["contacts_after_opt_out"] == 1
    assert "2 opt-outs in all, 1 contact after, the first 23 Nov 2026 11:00 EST." in about["sentence"]


def test_a_period_limits_contacts_and_never_consents_or_refusals(story: Story, ask_again: int) -> None:
    made = make(story.honoured_at + timedelta(days=3), since=date(2026, 11, 24), until=date(2026, 11, 25))

    found = data_of(made.path)
    assert found["about"]["period"] == {"from": "2026-11-24", "to": "2026-11-25"}
    assert (len(found["sections"]["verdicts"]), len(found["sections"]["attempts"])) == (0, 0)
    assert (len(found["sections"]["consents"]), len(found["sections"]["revocations"])) == (1, 1)
    assert "Nobody tried to contact this number." in text_of(made.path)


def test_a_number_nobody_knows_has_a_pack_that_says_so(story: Story, now: datetime) -> None:
    made = make(now, number=PhoneNumber("+12125550147"))

    text = text_of(made.path)
    assert "0 attempts, 0 refused, 0 calls placed, no opt-out on record." in text
    assert "No consent is on record for this number." in text


def test_packs_are_linked_by_hash_and_cannot_be_changed(story: Story, now: datetime) -> None:
    first, second = make(now), make(now + timedelta(hours=1), reason="Again")

    rows = list(EvidencePack.objects.order_by("id"))
    assert [row.sha256 for row in rows] == [first.sha256, second.sha256]
    assert [row.prev_sha256 for row in rows] == ["", first.sha256]
    with pytest.raises(AppendOnlyError):
        rows[0].delete()
    with pytest.raises(DatabaseError, match="append"), transaction.atomic():
        EvidencePack.objects.update(reason="other")


def test_making_and_taking_a_pack_is_in_the_audit_trail_and_in_the_next_pack(
    story: Story, now: datetime
) -> None:
    made = make(now)
    with db.use_case():
        services.record_download(made.id, part="pdf", actor="nil", now=now)

    told = data_of(make(now + timedelta(hours=1)).path)["sections"]["audit"]

    assert [(row["verb"], row["actor"]) for row in told[-2:]] == [
        ("evidence.pack.made", "nil"),
        ("evidence.pack.downloaded", "nil"),
    ]
    assert AuditEvent.objects.filter(verb="evidence.pack.made").count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": " "}, "Say why"),
        ({"since": date(2026, 2, 1), "until": date(2026, 1, 1)}, "ends before"),
        ({"reason": "x" * 401}, "400 letters"),
        ({"reason": "a\x00b"}, "control characters"),
    ],
)
def test_an_order_that_cannot_be_kept_is_refused(
    story: Story, now: datetime, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(services.PackRefused, match=said):
        make(now, **changes)

    assert not EvidencePack.objects.exists()


def test_files_are_for_their_owner_and_named_without_the_number(
    story: Story, now: datetime, evidence_folder: Path
) -> None:
    made = make(now)

    assert [path.name for path in evidence_folder.iterdir()] == [made.path.name]
    assert "5550123" not in made.path.name
    assert made.path.stat().st_mode & 0o077 == 0
    assert evidence_folder.stat().st_mode & 0o077 == 0


def test_a_pack_as_it_was_made_fits_every_hash_and_its_record(story: Story, now: datetime) -> None:
    made = make(now)

    found = checking.check(made.path)

    assert found.problems == []
    assert selectors.recorded_problems(found) == (made.id, [])


def test_the_program_of_the_how_to_checks_a_pack_without_parley(
    story: Story, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(now)
    shutil.copy(made.path, tmp_path / "evidence.zip")
    monkeypatch.chdir(tmp_path)
    [program] = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)

    exec(program, {})

    with zipfile.ZipFile(made.path) as old, zipfile.ZipFile(tmp_path / "evidence.zip", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"list", b"lost"))
    with pytest.raises(AssertionError):
        exec(program, {})


def test_every_section_is_described_in_the_how_to(story: Story, now: datetime) -> None:
    described = set(re.findall(r"`(\w+)`", HOW_TO.read_text(encoding="utf-8")))

    assert set(data_of(make(now).path)["sections"]) <= described
