"""Imports: exact sums, who is the same person, and what survives a crash."""

from datetime import timedelta

import pytest

from campaigns.importing import RawPerson
from campaigns.models import (
    Campaign,
    CampaignLead,
    Contact,
    ContactPhone,
    ImportRow,
    Lead,
    LeadList,
    ListImport,
)
from campaigns.services import imports
from campaigns.services.filling import fill_campaigns
from compliance.models import Revocation, Suppression
from config.wiring import HANDLERS
from core import outbox
from core.errors import NotFound, Stale
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW, imported, person, staged, us_phone

pytestmark = pytest.mark.django_db


def sums(list_import: ListImport) -> tuple[int, int, int, int, int]:
    return (
        list_import.rows_in,
        list_import.created,
        list_import.updated,
        list_import.duplicate,
        list_import.refused,
    )


def outcomes(list_import: ListImport) -> list[tuple[int, str, str]]:
    rows = ImportRow.objects.filter(list_import=list_import).order_by("number")
    return [(row.number, row.outcome, row.reason_code) for row in rows]


def test_each_row_has_one_outcome_and_the_sums_are_exact() -> None:
    rows = [
        person(2, us_phone(0), first_name="Ida"),
        person(3, "12"),
        person(4, us_phone(0), first_name="Ida again"),
        person(5, ""),
        person(6, us_phone(1)),
    ]

    done = imported(rows)

    assert sums(done) == (5, 2, 0, 1, 2)
    assert outcomes(done) == [
        (2, "created", "created"),
        (3, "refused", "wrong_length"),
        (4, "duplicate", "duplicate_in_file"),
        (5, "refused", "missing_phone"),
        (6, "created", "created"),
    ]
    assert Lead.objects.count() == Contact.objects.count() == 2


def test_a_second_import_of_the_same_rows_finds_only_duplicates() -> None:
    rows = [person(2, us_phone(0), first_name="Ida"), person(3, us_phone(1))]
    imported(rows)

    again = imported(rows)

    assert sums(again) == (2, 0, 0, 2, 0)
    assert {code for _, _, code in outcomes(again)} == {"duplicate_in_list"}


def test_a_known_person_new_to_a_list_is_updated_and_says_so() -> None:
    imported([person(2, us_phone(0))], list_name="Spring")

    other = imported([person(2, us_phone(0))], list_name="Autumn")

    row = ImportRow.objects.get(list_import=other)
    assert (row.outcome, row.reason) == ("updated", "Already known, added to this list.")
    assert Contact.objects.count() == 1
    assert Lead.objects.filter(lead_list__name="Autumn").count() == 1


def test_a_file_fills_only_empty_fields() -> None:
    imported([person(2, us_phone(0), first_name="Ida")])

    again = imported([person(2, us_phone(0), first_name="Eda", company="Acme")])

    known = Contact.objects.get()
    assert (known.first_name, known.company) == ("Ida", "Acme")
    assert ImportRow.objects.get(list_import=again).reason == "Changed: company."


def test_the_crm_overwrites_its_own_persons_but_never_with_nothing() -> None:
    first = person(1, us_phone(0), external_ref="salesforce:1:00Q1", first_name="Ida", city="Ocala")
    imported([first], source="salesforce")

    imported(
        [person(1, us_phone(0), external_ref="salesforce:1:00Q1", first_name="Eda")], source="salesforce"
    )

    known = Contact.objects.get()
    assert (known.first_name, known.city) == ("Eda", "Ocala")


def test_a_debt_comes_with_the_lead_and_a_second_one_is_told_not_lost() -> None:
    rows = [
        person(2, us_phone(0), debt_ref=" A  17 "),
        person(3, us_phone(0), debt_ref="B-4"),
        person(4, us_phone(1)),
    ]

    first = imported(rows)
    again = imported([person(2, us_phone(0), debt_ref="B-4"), person(3, us_phone(1), debt_ref="C-1")])
    other = imported([person(2, us_phone(0), debt_ref="B-4")], list_name="Autumn")

    held = Lead.objects.order_by("lead_list__name", "contact_id").values_list("lead_list__name", "debt_ref")
    assert list(held) == [("Autumn", "B-4"), ("Spring", "A 17"), ("Spring", "C-1")]
    reasons = ImportRow.objects.order_by("list_import_id", "number").values_list("outcome", "reason")
    assert list(reasons) == [
        ("created", ""),
        (
            "duplicate",
            "Same person or number as row 2. It stands here with debt “A 17”; put debt “B-4” on a list of its own.",
        ),
        ("created", ""),
        (
            "duplicate",
            "Already on this list, nothing new. It stands here with debt “A 17”; put debt “B-4” on a list of its own.",
        ),
        ("updated", "Changed: debt reference."),
        ("updated", "Already known, added to this list. Changed: debt reference."),
    ]
    assert [sums(one) for one in (first, again, other)] == [(3, 2, 0, 1, 0), (2, 0, 1, 1, 0), (1, 0, 1, 0, 0)]


@pytest.mark.parametrize(
    ("debt_ref", "outcome", "kept"),
    [
        ("x" * 80, "created", "x" * 80),
        ("x" * 81, "refused", None),
        ("A\x0017\n", "created", "A17"),
        ("4111 1111 1111 1111", "created", ""),
        ("=cmd()|'x'", "created", "=cmd()|'x'"),
        ("   ", "created", ""),
    ],
)
def test_a_debts_reference_is_kept_as_it_is_or_the_row_refused(
    debt_ref: str, outcome: str, kept: str | None
) -> None:
    imported([person(2, us_phone(0), debt_ref=debt_ref)])

    row = ImportRow.objects.get()
    assert row.outcome == outcome
    found = list(Lead.objects.values_list("debt_ref", flat=True))
    assert found == ([] if kept is None else found if "4111" in debt_ref else [kept])
    assert "4111 1111" not in str(found)


def test_a_campaign_takes_the_debt_its_lists_agree_on(draft: int) -> None:
    spring = LeadList.objects.get(name="Spring")
    ids = list(Lead.objects.order_by("id").values_list("contact_id", flat=True))
    other = imported(
        [person(2, us_phone(1), debt_ref="B"), person(3, us_phone(2), debt_ref="C")], list_name="More"
    )
    Lead.objects.filter(lead_list=spring, contact_id__in=ids[:2]).update(debt_ref="A")
    Campaign.objects.get(pk=draft).lists.add(other.lead_list_id)

    fill_campaigns([draft], now=NOW)
    named = dict(CampaignLead.objects.values_list("contact_id", "debt_ref"))
    imported([person(2, us_phone(3), debt_ref="D"), person(3, us_phone(0), debt_ref="Z")])
    fill_campaigns([draft], now=NOW)
    later = dict(CampaignLead.objects.values_list("contact_id", "debt_ref"))

    # The second stands on two lists with two debts, the third on one list without: nobody knows which of theirs it is.
    assert named == {ids[0]: "A", ids[1]: "", ids[2]: "", ids[3]: ""}
    assert later == {ids[0]: "A", ids[1]: "", ids[2]: "", ids[3]: "D"}


def test_do_not_call_of_the_crm_only_gets_stricter() -> None:
    ref = "hubspot:2:51"
    imported([person(1, us_phone(0), external_ref=ref, do_not_call=True)], source="hubspot")

    imported([person(1, us_phone(0), external_ref=ref, do_not_call=False)], source="hubspot")

    assert Contact.objects.get().crm_do_not_call


def test_a_do_not_call_flag_refuses_every_number_of_the_person_once() -> None:
    ref = "hubspot:2:51"
    imported([person(1, us_phone(0), external_ref=ref), person(2, us_phone(3))], source="hubspot")
    imported([person(1, us_phone(7), external_ref=ref, do_not_call=True)], source="hubspot")
    imported([person(1, us_phone(7), external_ref=ref, do_not_call=True)], source="hubspot")

    outbox.relay(HANDLERS, now=NOW)

    rows = Suppression.objects.order_by("number")
    assert [(row.number, row.kind, row.heard_on) for row in rows] == [
        ("+12015550100", "do_not_call", "CRM"),
        ("+12015550107", "do_not_call", "CRM"),
    ]
    assert Revocation.objects.count() == 2


def test_a_number_corrected_in_the_crm_is_tried_first() -> None:
    ref = "hubspot:2:51"
    imported([person(1, us_phone(0), external_ref=ref)], source="hubspot")

    imported([person(1, us_phone(7), external_ref=ref)], source="hubspot")

    numbers = ContactPhone.objects.order_by("position", "id").values_list("number", flat=True)
    assert list(numbers) == ["+12015550107", "+12015550100"]


def test_a_person_from_a_file_becomes_the_crms_when_the_number_is_the_same() -> None:
    imported([person(2, us_phone(0), first_name="I.")])

    imported(
        [person(1, us_phone(0), external_ref="salesforce:1:00Q1", first_name="Ida")], source="salesforce"
    )

    known = Contact.objects.get()
    assert (known.external_ref, known.first_name) == ("salesforce:1:00Q1", "Ida")


def test_records_of_two_crms_stay_two_persons_so_that_calls_are_logged_in_both() -> None:
    imported([person(1, us_phone(0), external_ref="salesforce:1:00Q1")], source="salesforce")

    done = imported([person(1, us_phone(0), external_ref="hubspot:2:51")], source="hubspot")

    assert sums(done) == (1, 1, 0, 0, 0)
    assert Contact.objects.count() == 2


def test_staging_a_page_twice_keeps_each_row_once() -> None:
    import_id = imports.start_import(
        list_name="Spring",
        source="salesforce",
        source_label="x",
        source_ref="1/campaign/7",
        by_id=None,
        by_name="sol",
        now=NOW,
    )
    page = [person(1, us_phone(0)), person(2, us_phone(1))]

    imports.stage_rows(import_id=import_id, rows=page, now=NOW)
    imports.stage_rows(import_id=import_id, rows=page, now=NOW)

    assert ImportRow.objects.count() == 2


def test_pci_001_a_card_number_in_a_file_is_not_kept_and_phone_numbers_and_ids_are() -> None:
    row = person(1, "+4917012345678", title="card 4111 1111 1111 1111", external_ref="hubspot:4:111111111111")
    import_id = imports.start_import(
        list_name="Spring", source="csv", source_label="x", source_ref="", by_id=None, by_name="sol", now=NOW
    )

    imports.stage_rows(
        import_id=import_id, rows=[row], now=NOW, cells=[["+4917012345678", "4111111111111111"]]
    )

    raw = ImportRow.objects.get().raw
    found = AuditEvent.objects.get(verb="card_data.redacted")
    assert raw["person"]["title"] == "card ************1111"
    assert raw["person"]["external_ref"] == "hubspot:4:111111111111"
    assert raw["cells"] == ["+4917012345678", "************1111"]
    assert (found.target, found.after) == (f"import:{import_id}", {"cards": 2, "codes": 0})


def test_text_that_a_database_cannot_keep_is_cleaned_not_fatal() -> None:
    done = imported([person(1, us_phone(0), first_name="I\x00da \udc80")])

    assert sums(done) == (1, 1, 0, 0, 0)
    assert Contact.objects.get().first_name == "Ida ?"


def test_an_import_cut_off_between_batches_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 3)
    import_id = staged([person(number, us_phone(number % 7)) for number in range(10)])

    finished = imports.apply_import(import_id=import_id, now=NOW, batches=2)

    assert not finished
    assert ImportRow.objects.filter(outcome="").count() == 4
    assert imports.apply_import(import_id=import_id, now=NOW)
    assert sums(ListImport.objects.get(id=import_id)) == (10, 7, 0, 3, 0)
    assert Lead.objects.count() == 7


def test_applying_again_after_the_end_changes_nothing() -> None:
    done = imported([person(2, us_phone(0))])

    assert imports.apply_import(import_id=done.id, now=NOW + timedelta(hours=1))

    assert ListImport.objects.get(id=done.id).finished_at == NOW


def test_a_failed_reading_leaves_nothing_behind() -> None:
    import_id = imports.start_import(
        list_name="Spring",
        source="hubspot",
        source_label="x",
        source_ref="",
        by_id=None,
        by_name="sol",
        now=NOW,
    )
    imports.stage_rows(import_id=import_id, rows=[person(1, us_phone(0))], now=NOW)

    imports.fail_import(import_id=import_id, failure="HubSpot did not answer.", now=NOW)

    failed = ListImport.objects.get(id=import_id)
    assert (failed.state, failed.failure) == ("failed", "HubSpot did not answer.")
    assert not ImportRow.objects.exists()
    assert not Contact.objects.exists()
    with pytest.raises(Stale):
        imports.begin_apply(import_id=import_id, now=NOW)


def test_an_import_being_applied_cannot_fail_nor_take_more_rows() -> None:
    import_id = staged([person(2, us_phone(0))])

    with pytest.raises(Stale, match="Importing"):
        imports.fail_import(import_id=import_id, failure="late", now=NOW)
    with pytest.raises(Stale):
        imports.stage_rows(import_id=import_id, rows=[person(3, us_phone(1))], now=NOW)


def test_an_unknown_import_is_not_found() -> None:
    with pytest.raises(NotFound):
        imports.begin_apply(import_id=999, now=NOW)


def test_the_sweeper_resumes_what_stands_still_once_and_leaves_the_rest() -> None:
    staged([person(2, us_phone(0))])
    later = NOW + timedelta(minutes=3)

    assert imports.resume_stuck(NOW + timedelta(minutes=1)) == 0
    assert imports.resume_stuck(later) == 1
    assert imports.resume_stuck(later) == 0


def test_the_sweeper_ends_an_import_whose_reading_was_cut_off() -> None:
    import_id = imports.start_import(
        list_name="Spring", source="csv", source_label="x", source_ref="", by_id=None, by_name="sol", now=NOW
    )
    imports.stage_rows(import_id=import_id, rows=[person(1, us_phone(0))], now=NOW)

    assert imports.resume_stuck(NOW + timedelta(minutes=31)) == 1

    assert ListImport.objects.get(id=import_id).state == "failed"
    assert not ImportRow.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x00b"])
def test_a_list_needs_a_usable_name(name: str) -> None:
    with pytest.raises(imports.ImportRefused, match="name"):
        imports.start_import(
            list_name=name, source="csv", source_label="x", source_ref="", by_id=None, by_name="sol", now=NOW
        )

    assert not LeadList.objects.exists()


def test_start_and_end_stand_in_the_audit_trail() -> None:
    done = imported([person(2, us_phone(0)), person(3, "")])

    events = AuditEvent.objects.filter(target=f"import:{done.id}").order_by("id")
    assert [event.verb for event in events] == ["campaigns.import.started", "campaigns.import.done"]
    assert (events[1].after or {})["refused"] == 1


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(
    django_assert_max_num_queries: object,
) -> None:
    import_id = staged(
        [
            RawPerson(row_number=n, phones=(("main", us_phone(n)), ("mobile", us_phone(n + 500))))
            for n in range(400)
        ]
    )

    with django_assert_max_num_queries(34):  # type: ignore[operator]  # pytest-django's fixture has no public type
        imports.apply_import(import_id=import_id, now=NOW)


def test_a_batch_that_breaks_in_the_middle_leaves_no_trace_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 3)
    import_id = staged([person(number, us_phone(number)) for number in range(1, 7)])
    broken = ImportRow.objects.get(number=5)
    ImportRow.objects.filter(id=broken.id).update(raw={"person": {"no_such_column": "x"}})

    with pytest.raises(TypeError):
        imports.apply_import(import_id=import_id, now=NOW)
    assert sums(ListImport.objects.get(id=import_id)) == (6, 3, 0, 0, 0)
    assert Contact.objects.count() == Lead.objects.count() == 3
    ImportRow.objects.filter(id=broken.id).update(raw=broken.raw)

    assert imports.apply_import(import_id=import_id, now=NOW)
    assert sums(ListImport.objects.get(id=import_id)) == (6, 6, 0, 0, 0)
