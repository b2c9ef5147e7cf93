"""The pages of an import, as a manager goes through them."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Contact, CustomField, ImportFile, ListImport
from campaigns.services import import_drafts, imports, trials
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone
from tests.unit.campaigns.test_sheets import workbook

pytestmark = pytest.mark.django_db

FILE = b"First name,Phone,Plan\nIda,(201) 555-0100,Gold\nBo,12,=1+1\n"


@pytest.fixture
def manager(client: Client, mia: User) -> Client:
    """A browser with Mia signed in."""
    client.force_login(mia)
    return client


def upload(manager: Client, data: bytes = FILE, name: str = "people.csv", **values: object) -> object:
    fields = {"list_name": "Spring", "file": SimpleUploadedFile(name, data), "look": "1"} | values
    return manager.post(
        reverse("list-import"), {key: value for key, value in fields.items() if value is not None}
    )


def columns(*targets: str) -> dict[str, str]:
    return {"region": "US", "date_order": "mdy"} | {
        f"column_{index}": target for index, target in enumerate(targets)
    }


RULES = {
    "match_by": ["phone"],
    "rule_file": "skip",
    "rule_list": "fill",
    "rule_campaign": "fill",
    "rule_system": "fill",
}


def test_a_manager_goes_from_file_to_columns_to_rules_to_dry_run_to_import_and_back(manager: Client) -> None:
    response = upload(manager)
    file = ImportFile.objects.get()
    page = manager.get(reverse("import-file", args=[file.pk])).content.decode()
    to_rules = manager.post(
        reverse("import-file", args=[file.pk]), columns("first_name", "phone:main", "new:text")
    )
    rules_page = manager.get(reverse("import-rules", args=[file.pk])).content.decode()
    to_trial = manager.post(reverse("import-rules", args=[file.pk]), RULES | {"try": "1"})
    running = manager.get(reverse("import-trial", args=[file.pk])).content.decode()
    trials.run_trial(file_id=file.pk, now=NOW)
    done = manager.get(reverse("import-trial", args=[file.pk])).content.decode()
    ended = manager.get(reverse("import-trial-progress", args=[file.pk]))
    report = b"".join(manager.get(reverse("import-trial-report", args=[file.pk]))).decode("utf-8-sig")
    to_import = manager.post(reverse("import-trial", args=[file.pk]), {"run": "1"})
    found = ListImport.objects.get()
    imports.apply_import(import_id=found.id, now=NOW)
    result = manager.get(reverse("import", args=[found.id])).content.decode()
    contact = manager.get(reverse("contact", args=[Contact.objects.get().pk])).content.decode()
    created = b"".join(manager.get(reverse("import-rows", args=[found.id, "created"]))).decode("utf-8-sig")
    undone = manager.post(reverse("import-undo", args=[found.id]), follow=True).content.decode()

    assert response.headers["Location"] == reverse("import-file", args=[file.pk])  # type: ignore[attr-defined]
    assert "(201) 555-0100" in page
    assert to_rules.headers["Location"] == reverse("import-rules", args=[file.pk])
    assert "Known from elsewhere" in rules_page
    assert to_trial.headers["Location"] == reverse("import-trial", args=[file.pk])
    assert "0 of 2 rows tried" in running
    assert "too few or too many digits" in done
    assert ended.headers["HX-Refresh"] == "true"
    assert "'=1+1" in report
    assert to_import.headers["Location"] == reverse("import", args=[found.id])
    assert "2 = 1 created + 0 updated + 0 duplicate + 1 refused" in result
    assert created.splitlines()[1] == "2,,Ida,(201) 555-0100,Gold"
    assert "<dt>Plan</dt><dd>Gold</dd>" in contact
    assert "1 people removed" in undone
    assert CustomField.objects.get().label == "Plan"
    assert not Contact.objects.exists()


def test_pasted_rows_and_workbooks_are_taken_too(manager: Client) -> None:
    upload(manager, file=None, pasted="Name\tPhone\nIda Wells\t2015550100\n")
    upload(manager, workbook([["Name", "Phone"], ["Bo", 2015550101]]), "people.xlsx")

    pasted, sheet = ImportFile.objects.order_by("id")
    assert (pasted.kind, pasted.plan["separator"], pasted.header) == ("pasted", "\t", ["Name", "Phone"])
    assert (sheet.kind, sheet.samples) == ("sheet", [["Bo", "2015550101"]])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"file": None}, "one of the two"),
        ({"pasted": "Phone\n1\n"}, "one of the two"),
        ({"list_name": ""}, "required"),
        ({"file": SimpleUploadedFile("x.csv", b"\x00\x01")}, "NUL"),
        ({"file": SimpleUploadedFile("x.zip", b"PK\x03\x04 not a zip")}, "damaged"),
        ({"file": None, "pasted": "Phone"}, "no rows"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_to_do(
    manager: Client, values: dict[str, object], words: str
) -> None:
    response = upload(manager, **values)  # type: ignore[arg-type]  # any of the fields

    assert response.status_code == 422  # type: ignore[attr-defined]
    assert words in response.content.decode()  # type: ignore[attr-defined]
    assert not ImportFile.objects.exists()


def test_choices_that_do_not_go_together_are_said_on_the_page(manager: Client) -> None:
    upload(manager)
    file = ImportFile.objects.get()

    none = manager.post(reverse("import-file", args=[file.pk]), columns("first_name", "", ""))
    forged = manager.post(reverse("import-file", args=[file.pk]), columns("first_name", "phone:fax", ""))
    nobody = manager.post(
        reverse("import-rules", args=[file.pk]), RULES | {"match_by": ["email"], "run": "1"}
    )
    again = manager.post(
        reverse("import-file", args=[file.pk]),
        {"again": "1", "encoding": "utf-16", "separator": ",", "has_header": "on"},
    )

    assert "No column is a phone number" in none.content.decode()
    assert {none.status_code, forged.status_code, nobody.status_code, again.status_code} == {422}
    assert "no column is the e-mail" in nobody.content.decode()
    assert "Choose another encoding" in again.content.decode()
    assert not ListImport.objects.exists()


def test_a_file_can_be_thrown_away_and_is_gone_then(manager: Client) -> None:
    upload(manager)
    file = ImportFile.objects.get()

    manager.post(reverse("import-trial", args=[file.pk]), {"discard": "1"})

    assert manager.get(reverse("import-file", args=[file.pk])).status_code == 404
    assert manager.get(reverse("import-trial-report", args=[file.pk])).status_code == 404


def test_a_running_import_is_stopped_on_its_page_and_a_second_undo_is_refused_in_words(
    manager: Client,
) -> None:
    file_id = import_drafts.keep_upload(
        stream=io.BytesIO(FILE), file_name="x", list_name="Spring", by_id=None, now=NOW
    )
    import_id = import_drafts.begin(file_id=file_id, by_id=None, by_name="mia", now=NOW)

    manager.post(reverse("import-stop", args=[import_id]))
    stopping = manager.get(reverse("import", args=[import_id])).content.decode()
    imports.apply_import(import_id=import_id, now=NOW)
    stopped = manager.get(reverse("import", args=[import_id])).content.decode()
    manager.post(reverse("import-undo", args=[import_id]))
    second = manager.post(reverse("import-undo", args=[import_id]), follow=True).content.decode()

    assert "Stopping after the rows under way" in stopping
    assert "2 rows were not reached" in stopped
    assert "Only an import that is done or stopped can be taken back" in second


def test_own_fields_are_listed_and_added(manager: Client) -> None:
    added = manager.post(reverse("custom-fields"), {"label": "Tariff", "kind": "choice", "choices": "A\nB\n"})
    refused = manager.post(reverse("custom-fields"), {"label": "tariff", "kind": "text", "choices": ""})
    one_value = manager.post(reverse("custom-fields"), {"label": "Other", "kind": "choice", "choices": "A"})

    assert added.status_code == 302
    assert "There is a field" in refused.content.decode()
    assert "2 to 200 values" in one_value.content.decode()
    assert "A, B" in manager.get(reverse("custom-fields")).content.decode()


def test_refusals_mended_are_imported_as_they_were_downloaded(manager: Client) -> None:
    file_id = import_drafts.keep_upload(
        stream=io.BytesIO(b"Name,Phone\nIda,12\nBo,+12015550101\n"),
        file_name="x",
        list_name="Spring",
        by_id=None,
        now=NOW,
    )
    import_id = import_drafts.begin(file_id=file_id, by_id=None, by_name="mia", now=NOW)
    imports.apply_import(import_id=import_id, now=NOW)
    text = b"".join(manager.get(reverse("import-refusals", args=[import_id]))).decode("utf-8-sig")

    upload(manager, text.replace(",12\r\n", ",'+12015550100\r\n").encode(), look=None)
    second = ListImport.objects.order_by("-id")[0]
    imports.apply_import(import_id=second.id, now=NOW)

    assert ListImport.objects.get(id=second.id).created == 1
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("name", ["import-file", "import-rules", "import-trial"])
def test_agents_see_no_files(client: Client, ana: User, name: str) -> None:
    client.force_login(ana)

    assert client.get(reverse(name, args=[1])).status_code == 403


def test_the_pages_of_a_file_take_the_same_few_queries_however_many_columns(
    manager: Client, django_assert_max_num_queries: object
) -> None:
    names = ",".join(f"Column{number}" for number in range(60))
    upload(manager, f"Phone,{names}\n2015550100{',x' * 60}\n".encode())
    file = ImportFile.objects.get()
    imported([person(2, us_phone(0))], list_name="Autumn")

    with django_assert_max_num_queries(12):  # type: ignore[operator]  # pytest-django's fixture has no public type
        assert manager.get(reverse("import-file", args=[file.pk])).status_code == 200
