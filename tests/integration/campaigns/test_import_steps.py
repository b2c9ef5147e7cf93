"""A file on its way in: looked at, its columns named, tried out, imported, stopped, taken back."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from campaigns import importplan
from campaigns.importplan import Plan
from campaigns.models import (
    CampaignLead,
    Contact,
    ContactPhone,
    ContactTag,
    CustomField,
    ImportFile,
    ImportFilePart,
    ImportRow,
    Lead,
    LeadList,
    ListImport,
    Tag,
)
from campaigns.selectors import importfiles
from campaigns.services import customfields, filestore, import_drafts, imports, moves, trials, undoing
from compliance.models import ConsentRecord
from config.wiring import HANDLERS
from core import outbox
from core.errors import NotFound, Stale
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone

pytestmark = pytest.mark.django_db

FILE = "First name,Phone,Plan,Since\nIda,(201) 555-0100,Gold,03/14/2026\nBo,12,Silver,03/15/2026\nCy,(201) 555-0102,Gold,02/30/2026\n"


def kept(text: str = FILE, **values: Any) -> int:
    values = {"file_name": "people.csv", "list_name": "Spring", "by_id": None, "now": NOW} | values
    return import_drafts.keep_upload(stream=io.BytesIO(text.encode()), **values)


def choose(file_id: int, **choices: object) -> None:
    import_drafts.choose(file_id=file_id, choices=choices, by_name="mia", now=NOW)


def begun(file_id: int) -> ListImport:
    import_id = import_drafts.begin(file_id=file_id, by_id=None, by_name="mia", now=NOW)
    assert imports.apply_import(import_id=import_id, now=NOW)
    return ListImport.objects.get(id=import_id)


def tried(file_id: int) -> importfiles.FileFacts:
    trials.start_trial(file_id=file_id, by_name="mia", now=NOW)
    assert trials.run_trial(file_id=file_id, now=NOW)
    return importfiles.get_file(file_id)


def rules(**changed: str) -> dict[str, str]:
    return {"file": "skip", "list": "fill", "campaign": "fill", "system": "fill"} | changed


def outcomes(list_import: ListImport) -> list[tuple[str, str]]:
    return list(
        ImportRow.objects.filter(list_import=list_import)
        .order_by("number")
        .values_list("outcome", "reason_code")
    )


def test_columns_are_guessed_changed_and_read_into_fields_of_the_house() -> None:
    file_id = kept()
    guessed = importfiles.get_file(file_id).plan.targets

    choose(file_id, targets=("first_name", "phone:mobile", "new:text", "new:date"))
    done = begun(file_id)

    assert guessed == ("first_name", "phone:main", "", "")
    assert outcomes(done) == [("created", "created"), ("refused", "wrong_length"), ("refused", "bad_date")]
    known = Contact.objects.get()
    assert known.custom == {"plan": "Gold", "since": "2026-03-14"}
    assert ContactPhone.objects.get().kind == "mobile"
    assert set(CustomField.objects.values_list("key", "kind")) == {("plan", "text"), ("since", "date")}
    assert not ImportFile.objects.exists()
    assert not ImportFilePart.objects.exists()


def test_what_was_chosen_is_offered_for_the_next_file_with_these_columns_and_for_the_refusals_of_this_one() -> (
    None
):
    first = kept()
    choose(first, targets=("first_name", "phone:work", "", ""), region="GB")
    begun(first)

    again = importfiles.get_file(kept()).plan
    refusals = importfiles.get_file(
        kept("line,reason," + FILE.replace("\n", "\n2,why,")[: -len("2,why,")])
    ).plan

    assert (again.targets, again.region) == (("first_name", "phone:work", "", ""), "GB")
    assert refusals.targets == ("", "", "first_name", "phone:work", "", "")


def test_a_choice_field_takes_only_its_values() -> None:
    key = customfields.add_field(
        label="Plan", kind="choice", choices=["Gold", "Silver"], by_name="mia", now=NOW
    )
    file_id = kept("Phone,Plan\n2015550100,gold\n2015550101,Bronze\n")

    choose(file_id, targets=("phone:main", f"custom:{key}"))
    done = begun(file_id)

    assert outcomes(done) == [("created", "created"), ("refused", "unknown_choice")]
    assert Contact.objects.get().custom == {"plan": "Gold"}


def test_a_dry_run_finds_what_the_import_finds_and_writes_nothing() -> None:
    imported([person(2, us_phone(5), first_name="Eve")])
    before = (
        Contact.objects.count(),
        Lead.objects.count(),
        ImportRow.objects.count(),
        AuditEvent.objects.count(),
    )
    file_id = kept(FILE + "Eve,(201) 555-0105,,\nIda again,2015550100,,\n")

    facts = tried(file_id)
    after = (
        Contact.objects.count(),
        Lead.objects.count(),
        ImportRow.objects.count(),
        AuditEvent.objects.count(),
    )
    report = list(
        csv.reader(io.StringIO(b"".join(filestore.pieces(file_id, of="report")).decode("utf-8-sig")))
    )
    done = begun(file_id)

    assert before == after
    assert facts.trial == "done"
    assert facts.sums == {"rows_in": 5, "created": 2, "updated": 0, "duplicate": 2, "refused": 1}
    assert [done.rows_in, done.created, done.updated, done.duplicate, done.refused] == list(
        facts.sums.values()
    )
    [refused] = [found for found in facts.found if found.outcome == "refused"]
    assert refused.examples[0][0] == "3"
    assert "too few or too many digits" in refused.examples[0][2]
    assert report[1][2] == "created"
    assert len(report) == 6


def test_a_dry_run_can_be_stopped_and_tried_again() -> None:
    file_id = kept()
    trials.start_trial(file_id=file_id, by_name="mia", now=NOW)

    with pytest.raises(Stale, match="tried out"):
        choose(file_id, region="GB")
    trials.stop_trial(file_id=file_id)

    assert importfiles.get_file(file_id).trial == "failed"
    assert not trials.run_trial(file_id=file_id, now=NOW)
    assert tried(file_id).trial == "done"


def test_a_lost_hint_of_a_dry_run_is_sent_again_and_a_dead_worker_ends_it() -> None:
    file_id = kept()
    trials.start_trial(file_id=file_id, by_name="mia", now=NOW)

    assert trials.resume_lost(NOW) == 0
    assert trials.resume_lost(NOW + timedelta(minutes=2)) == 1
    ImportFile.objects.filter(pk=file_id).update(trial="running")
    assert trials.resume_lost(NOW + timedelta(hours=1)) == 1
    assert importfiles.get_file(file_id).trial_said.startswith("The worker was lost")


@pytest.mark.parametrize(
    ("action", "outcome", "name", "people", "on_list"),
    [
        ("skip", ("duplicate", "skipped_in_system"), "Ida", 1, 0),
        ("fill", ("updated", "added_to_list"), "Ida", 1, 1),
        ("overwrite", ("updated", "added_to_list"), "Eda", 1, 1),
        ("keep_both", ("created", "kept_both"), "Ida", 2, 1),
    ],
)
def test_somebody_known_from_elsewhere_is_treated_as_the_rule_says(
    action: str, outcome: tuple[str, str], name: str, people: int, on_list: int
) -> None:
    imported([person(2, us_phone(0), first_name="Ida")], list_name="Autumn")
    file_id = kept("First name,Phone\nEda,2015550100\n")

    choose(file_id, rules=rules(system=action))
    done = begun(file_id)

    assert outcomes(done) == [outcome]
    assert Contact.objects.order_by("id")[0].first_name == name
    assert Contact.objects.count() == people
    assert Lead.objects.filter(lead_list__name="Spring").count() == on_list


@pytest.mark.parametrize(
    ("scope", "action", "codes"),
    [
        ("file", "fill", ["created", "updated"]),
        ("file", "keep_both", ["created", "kept_both"]),
        ("list", "skip", ["created", "duplicate_in_file"]),
    ],
)
def test_a_person_twice_in_a_file_is_treated_as_the_rule_says(
    scope: str, action: str, codes: list[str]
) -> None:
    file_id = kept("First name,Company,Phone\nIda,,2015550100\nIda,Acme,2015550100\n")

    choose(file_id, rules=rules(**{scope: action}))

    assert [code for _, code in outcomes(begun(file_id))] == codes


def test_people_in_a_running_campaign_can_be_left_out_though_others_are_not(draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    imported([person(2, us_phone(9))], list_name="Elsewhere")
    file_id = kept(f"Phone\n{us_phone(0)}\n{us_phone(9)}\n", list_name="Autumn")

    choose(file_id, rules=rules(campaign="skip"))

    assert [code for _, code in outcomes(begun(file_id))] == ["skipped_in_campaign", "added_to_list"]


def test_people_are_recognised_by_the_files_own_id_and_by_e_mail() -> None:
    first = kept("ID,E-mail,Phone\nA1,ida@example.com,2015550100\nB2,bo@example.com,2015550101\n")
    choose(first, match_by=("external_id", "email"))
    begun(first)
    second = kept(
        "ID,E-mail,Phone\nA1,new@example.com,2015550102\n,BO@example.com,2015550103\nC3,,2015550100\n"
    )
    choose(second, match_by=("external_id", "email"))

    done = begun(second)

    # The third shares a number with the first, but numbers were not to decide.
    assert [outcome for outcome, _ in outcomes(done)] == ["updated", "updated", "created"]
    assert Contact.objects.count() == 3


def test_consents_of_a_file_stand_in_the_ledger_once_with_file_and_row() -> None:
    wording = "I agree that Northwind Home Energy calls me."
    text = f'Phone,Consent date,Consent source,Consent text\n2015550100,03/01/2026,LeadCo,"{wording}"\n2015550101,03/09/2030,LeadCo,x\n'
    file_id = kept(text)
    done = begun(file_id)
    begun(kept(text))

    outbox.relay(HANDLERS, now=NOW)
    outbox.relay(HANDLERS, now=NOW)

    assert outcomes(done) == [("created", "created"), ("refused", "bad_date")]
    rows = list(ConsentRecord.objects.values_list("number", "kind", "obtained_by", "text_shown", "source"))
    assert rows[0] == ("+12015550100", "pec", "LeadCo", wording, "import")
    assert ConsentRecord.objects.filter(sellers=["Northwind Home Energy"]).exists()


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"targets": ("", "", "", "")}, "No column is a phone number"),
        (
            {"targets": ("first_name", "phone:main", "first_name", "")},
            "“First name” and “Plan” are the same field",
        ),
        ({"targets": ("", "phone:main", "custom:gone", "")}, "does not exist any more"),
        ({"targets": ("", "phone:main", "consent_source", "")}, "needs its date"),
        ({"match_by": ()}, "at least one way"),
        ({"match_by": ("email",)}, "no column is the e-mail"),
    ],
)
def test_choices_that_do_not_go_together_are_refused_with_what_to_do(
    choices: dict[str, object], words: str
) -> None:
    file_id = kept()

    with pytest.raises(import_drafts.PlanRefused, match=words):
        choose(file_id, **choices)

    assert importfiles.get_file(file_id).plan.targets == ("first_name", "phone:main", "", "")


def test_a_file_is_read_anew_in_another_encoding_and_without_a_header() -> None:
    file_id = import_drafts.keep_upload(
        stream=io.BytesIO("2015550100;Łukasz\n2015550101;Ana\n".encode("cp1250")),
        file_name="x.csv", list_name="Spring", by_id=None, now=NOW,
    )  # fmt: skip

    import_drafts.read_anew(file_id=file_id, encoding="cp1250", separator=";", has_header=False)

    facts = importfiles.get_file(file_id)
    assert (facts.row_count, facts.header, facts.plan.targets) == (
        2,
        ["Column 1", "Column 2"],
        ("phone:main", ""),
    )
    assert facts.samples[0][1] == "Łukasz"


def test_a_file_is_imported_once_and_thrown_away_only_before() -> None:
    file_id = kept()
    import_drafts.begin(file_id=file_id, by_id=None, by_name="mia", now=NOW)

    with pytest.raises(Stale):
        import_drafts.begin(file_id=file_id, by_id=None, by_name="mia", now=NOW)
    with pytest.raises(Stale):
        import_drafts.discard(file_id=file_id, by_name="mia", now=NOW)
    with pytest.raises(NotFound):
        importfiles.get_file(file_id)
    assert import_drafts.purge_abandoned(NOW + timedelta(days=30)) == 0


def test_files_nobody_imported_go_after_a_week() -> None:
    kept()

    assert import_drafts.purge_abandoned(NOW + timedelta(days=6)) == 0
    assert import_drafts.purge_abandoned(NOW + timedelta(days=8)) == 1


def test_pci_001_a_card_number_in_a_file_is_kept_nowhere_in_the_clear() -> None:
    file_id = kept("Phone,Title\n+4917012345678,card 4111 1111 1111 1111\n")
    part = bytes(ImportFilePart.objects.values_list("data", flat=True).get())
    samples = importfiles.get_file(file_id).samples

    done = begun(file_id)

    assert b"4111" not in part
    assert "4111 1111" not in str(samples)
    assert ImportRow.objects.get().raw["cells"] == ["+4917012345678", "card ************1111"]
    assert Contact.objects.get().title == "card ************1111"
    assert ContactPhone.objects.get().number == "+4917012345678"
    found = AuditEvent.objects.get(verb="card_data.redacted")
    assert (found.target, found.after) == (f"import:{done.id}", {"cards": 1, "codes": 0})


def test_an_import_of_a_file_goes_on_where_it_was_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 3)
    file_id = kept("Phone\n" + "".join(f"{us_phone(number % 7)}\n" for number in range(10)))
    import_id = import_drafts.begin(file_id=file_id, by_id=None, by_name="mia", now=NOW)

    assert not imports.apply_import(import_id=import_id, now=NOW, batches=2)
    assert ImportRow.objects.count() == 6
    assert imports.apply_import(import_id=import_id, now=NOW)

    done = ListImport.objects.get(id=import_id)
    assert (done.rows_in, done.created, done.duplicate) == (10, 7, 3)
    assert list(ImportRow.objects.order_by("number").values_list("number", flat=True)) == list(range(2, 12))


def test_a_running_import_is_stopped_after_its_batch_and_can_be_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 3)
    file_id = kept("Phone\n" + "".join(f"{us_phone(number)}\n" for number in range(10)))
    import_id = import_drafts.begin(file_id=file_id, by_id=None, by_name="mia", now=NOW)
    imports.apply_import(import_id=import_id, now=NOW, batches=1)

    imports.stop_import(import_id=import_id, by_name="mia", now=NOW)
    assert imports.apply_import(import_id=import_id, now=NOW)

    stopped = ListImport.objects.get(id=import_id)
    assert (stopped.state, stopped.created, Contact.objects.count()) == ("stopped", 3, 3)
    undoing.undo_import(import_id=import_id, by_name="mia", now=NOW)
    assert not Contact.objects.exists()
    with pytest.raises(Stale):
        imports.stop_import(import_id=import_id, by_name="mia", now=NOW)


def test_an_import_is_taken_back_as_a_unit() -> None:
    imported([person(2, us_phone(0), first_name="Ida", company="Acme")], list_name="Autumn")
    file_id = kept(
        f"First name,Company,City,Phone,Mobile\nEda,Apex,Ocala,{us_phone(0)},{us_phone(7)}\nBo,,,{us_phone(1)},\n"
    )
    choose(file_id, rules=rules(system="overwrite"))
    done = begun(file_id)

    undone = undoing.undo_import(import_id=done.id, by_name="mia", now=NOW)

    known = Contact.objects.get()
    assert (known.first_name, known.company, known.city) == ("Ida", "Acme", "")
    assert list(known.phones.values_list("number", flat=True)) == ["+12015550100"]
    assert list(Lead.objects.values_list("lead_list__name", flat=True)) == ["Autumn"]
    assert (undone.removed, undone.kept, undone.left, undone.restored) == (1, 0, 1, 1)
    assert ListImport.objects.get(id=done.id).state == "undone"
    assert LeadList.objects.filter(name="Spring").exists()
    with pytest.raises(Stale):
        undoing.undo_import(import_id=done.id, by_name="mia", now=NOW)


def test_the_tags_of_an_import_are_put_on_its_people_and_taken_off_with_it() -> None:
    known = imported([person(2, us_phone(0), first_name="Ida")], list_name="Autumn")
    ida = Contact.objects.get()
    kept_tag = Tag.objects.create(name="VIP", created_at=NOW)
    ContactTag.objects.create(contact=ida, tag=kept_tag, added_at=NOW)
    file_id = kept(f"First name,Company,Phone\nIda,Apex,{us_phone(0)}\nBo,,{us_phone(1)}\nNo,,12\n")
    choose(file_id, rules=rules(system="overwrite"), tags=("VIP", "Fair 2026"))
    done = begun(file_id)

    tagged = sorted(ContactTag.objects.values_list("contact__first_name", "tag__name"))
    undoing.undo_import(import_id=done.id, by_name="mia", now=NOW)

    assert known.state == "done"
    assert tagged == [("Bo", "Fair 2026"), ("Bo", "VIP"), ("Ida", "Fair 2026"), ("Ida", "VIP")]
    assert list(ContactTag.objects.values_list("contact__first_name", "tag__name")) == [("Ida", "VIP")]


def test_people_whom_somebody_tagged_or_a_segment_holds_are_taken_back_as_well() -> None:
    file_id = kept(f"First name,Phone\nBo,{us_phone(1)}\n")
    done = begun(file_id)
    bo = Contact.objects.get()
    ContactTag.objects.create(contact=bo, tag=Tag.objects.create(name="Mine", created_at=NOW), added_at=NOW)

    undoing.undo_import(import_id=done.id, by_name="mia", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what the end of a transaction asks

    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("typed", "tags", "problem"),
    [
        ("", (), ""),
        (" Fair  2026, VIP,,VIP ", ("Fair 2026", "VIP"), ""),
        ("a\x00b", ("ab",), ""),
        ("x" * 61, ("x" * 61,), "at most 60 characters"),
        (",".join("abcdefghijk"), tuple("abcdefghijk"), "at most 10 tags"),
    ],
)
def test_tags_are_read_as_they_are_typed(typed: str, tags: tuple[str, ...], problem: str) -> None:
    assert importplan.read_tags(typed) == tags
    assert problem in " ".join(importplan.tag_problems(tags))
    assert importplan.from_json(importplan.as_json(Plan(tags=tags))).tags == tags


def test_what_somebody_changed_since_and_who_is_used_elsewhere_stays() -> None:
    imported([person(2, us_phone(0), first_name="Ida")], list_name="Autumn")
    file_id = kept(f"First name,Company,Phone\nIda,Apex,{us_phone(0)}\nBo,,{us_phone(1)}\n")
    done = begun(file_id)
    Contact.objects.filter(company="Apex").update(company="Apex Ltd")
    imported([person(2, us_phone(1))], list_name="Winter")

    undone = undoing.undo_import(import_id=done.id, by_name="mia", now=NOW)

    assert set(Contact.objects.values_list("first_name", "company")) == {("Ida", "Apex Ltd"), ("Bo", "")}
    assert (undone.removed, undone.kept) == (0, 1)
    assert not Lead.objects.filter(lead_list__name="Spring").exists()


def test_an_import_is_not_taken_back_once_one_of_its_leads_was_dialed(draft: int, ana: User) -> None:
    first = ListImport.objects.get()
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    later = imported([person(2, us_phone(20)), person(3, us_phone(0))])
    CampaignLead.objects.filter(contact__phones__number="+12015550100").update(attempts=1)

    with pytest.raises(undoing.UndoRefused, match=r"1 person was dialed since.*“Spring offer”"):
        undoing.undo_import(import_id=first.id, by_name="mia", now=NOW)
    undoing.undo_import(import_id=later.id, by_name="mia", now=NOW)

    assert CampaignLead.objects.count() == Contact.objects.count() == 4
