"""The manager's pages: who may open them, every refusal of every form, and what they show."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Campaign, CampaignLead, Contact, ImportRow, Lead, LeadList, ListImport
from campaigns.services import imports, moves
from tests.factories.scripts import text_version
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(mia: User) -> Client:
    """Mia's browser."""
    client = Client()
    client.force_login(mia)
    return client


def upload(
    client: Client, data: bytes, *, list_name: str = "Spring", file_name: str = "people.csv"
) -> object:
    return client.post(
        reverse("list-import"), {"list_name": list_name, "file": SimpleUploadedFile(file_name, data)}
    )


PAGES = [
    ("lists", {}),
    ("list-import", {}),
    ("import", {"import_id": 1}),
    ("import-progress", {"import_id": 1}),
    ("import-refusals", {"import_id": 1}),
    ("list", {"list_id": 1}),
    ("contact", {"contact_id": 1}),
    ("campaigns", {}),
    ("campaign-new", {}),
    ("campaign", {"campaign_id": 1}),
    ("campaign-edit", {"campaign_id": 1}),
    ("campaign-board", {"campaign_id": 1}),
    ("campaign-versions", {"campaign_id": 1}),
    ("campaign-review", {"campaign_id": 1}),
    ("build", {}),
    ("build-step", {"draft_id": 1, "step": "basics"}),
    ("scripts", {}),
    ("script-new", {}),
    ("script", {"script_id": 1}),
]
ACTS = [
    ("campaign-agents", {"campaign_id": 1}),
    ("campaign-move", {"campaign_id": 1, "verb": "start"}),
    ("campaign-launch", {"campaign_id": 1}),
    ("campaign-roll-back", {"campaign_id": 1, "number": 1}),
    ("campaign-decide", {"campaign_id": 1, "number": 1}),
    ("campaign-copy", {"campaign_id": 1}),
    ("campaign-template", {"campaign_id": 1}),
    ("build-begin", {}),
    ("build-discard", {"draft_id": 1}),
    ("build-autosave", {"draft_id": 1, "step": "basics"}),
    ("template-remove", {"template_id": 1}),
    ("list-import", {}),
    ("campaign-new", {}),
    ("script-new", {}),
]


@pytest.mark.parametrize(("name", "where"), PAGES)
def test_agents_are_refused_every_page(ana: User, client: Client, name: str, where: dict[str, int]) -> None:
    client.force_login(ana)

    assert client.get(reverse(name, kwargs=where)).status_code == 403


@pytest.mark.parametrize(("name", "where"), ACTS)
def test_agents_are_refused_every_act(ana: User, client: Client, name: str, where: dict[str, int]) -> None:
    client.force_login(ana)

    assert client.post(reverse(name, kwargs=where)).status_code == 403


@pytest.mark.parametrize(("name", "where"), PAGES)
def test_strangers_are_asked_to_sign_in(client: Client, name: str, where: dict[str, int]) -> None:
    response = client.get(reverse(name, kwargs=where))

    assert (response.status_code, "next=" in response.headers["Location"]) == (302, True)


@pytest.mark.parametrize(("name", "where"), [page for page in PAGES if page[1]])
def test_what_does_not_exist_is_404(manager: Client, name: str, where: dict[str, int]) -> None:
    nowhere = {key: value if key == "step" else 99_999 for key, value in where.items()}
    assert manager.get(reverse(name, kwargs=nowhere)).status_code == 404


def test_a_file_is_imported_and_the_page_shows_the_exact_sum(manager: Client) -> None:
    data = f"Name,Phone,Note\nIda Wells,{us_phone(0)},=1+1\nBo,12,@x\nIda,{us_phone(0)},\n".encode()

    response = upload(manager, data)
    found = ListImport.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, reverse("import", args=[found.id]))  # type: ignore[attr-defined]
    running = manager.get(reverse("import", args=[found.id])).content.decode()
    assert 'hx-trigger="every 1s"' in running
    imports.apply_import(import_id=found.id, now=NOW)
    page = manager.get(reverse("import", args=[found.id])).content.decode()

    assert "3 = 1 created + 0 updated + 1 duplicate + 1 refused" in page
    assert "too few or too many digits" in page
    assert 'hx-trigger="every 1s"' not in page
    assert manager.get(reverse("import-progress", args=[found.id])).headers["HX-Refresh"] == "true"


def test_the_download_has_the_files_own_columns_and_no_formula(manager: Client) -> None:
    upload(manager, b'Name,Phone,Note\n"=cmd()",12,@x\n-Bo,+13,"a, b"\n')
    found = ListImport.objects.get()
    imports.apply_import(import_id=found.id, now=NOW)

    response = manager.get(reverse("import-refusals", args=[found.id]))

    text = b"".join(response).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["line", "reason", "Name", "Phone", "Note"]
    assert [row[0] for row in rows[1:]] == ["2", "3"]
    assert rows[1][2:] == ["'=cmd()", "12", "'@x"]
    assert rows[2][2:] == ["'-Bo", "'+13", "a, b"]


def test_refusals_of_a_crm_list_can_be_downloaded_too(manager: Client) -> None:
    done = imported([person(1, "", first_name="Ida", external_ref="hubspot:1:5")], source="hubspot")

    text = b"".join(manager.get(reverse("import-refusals", args=[done.id]))).decode("utf-8-sig")

    assert text.splitlines()[0].startswith("line,reason,phone,external_ref,first_name")
    assert "hubspot:1:5,Ida" in text.splitlines()[1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"Name\nIda\n", "No column for phone numbers"),
        (b"PK\x03\x04", "Excel file"),
        (b"Phone,Name\n1\n", "Line 2 has 1 columns"),
        (b"Phone\n" + b"4075550123\n" * 6, "more than 5 rows"),
    ],
)
def test_a_refused_file_stores_nothing(manager: Client, settings: object, data: bytes, words: str) -> None:
    settings.IMPORT_MAX_ROWS = 5  # type: ignore[attr-defined]  # pytest-django's settings take any name

    response = upload(manager, data)

    assert response.status_code == 422  # type: ignore[attr-defined]
    assert words in response.content.decode()  # type: ignore[attr-defined]
    assert not ListImport.objects.exists()
    assert not ImportRow.objects.exists()
    assert not LeadList.objects.exists()


def test_an_upload_without_name_or_file_says_so(manager: Client) -> None:
    response = manager.post(reverse("list-import"), {"list_name": ""})

    assert response.status_code == 422
    assert response.content.decode().count("This field is required.") >= 2


def test_people_are_found_by_name_company_and_number(manager: Client) -> None:
    done = imported(
        [
            person(2, us_phone(0), first_name="Ida", company="Acme"),
            person(3, us_phone(7), first_name="Bo", last_name="Ray"),
        ]
    )
    where = reverse("list", args=[done.lead_list_id])

    def shown(search: str) -> list[str]:
        page = manager.get(where, {"q": search}).content.decode()
        return [name for name in ("Ida", "Bo Ray") if f">{name}</a>" in page]

    assert shown("") == ["Ida", "Bo Ray"]
    assert shown("acme") == ["Ida"]
    assert shown("bo ray") == ["Bo Ray"]
    assert shown("555-0107") == ["Bo Ray"]
    assert shown("nobody") == []
    assert shown("\x00%_") == []


def test_pages_of_people_go_forward_and_back(manager: Client) -> None:
    done = imported(
        [person(number, us_phone(number), first_name=f"P{number:03d}") for number in range(2, 122)]
    )
    where = reverse("list", args=[done.lead_list_id])

    pages = []
    url = where
    for _ in range(3):
        context = manager.get(url).context
        pages.append([row.name for row in context["people"]])
        last, url = context["page"], context["page"].next_url
    back = manager.get(last.previous_url).context["people"]

    assert [len(page) for page in pages] == [50, 50, 20]
    names = [name for page in pages for name in page]
    assert names == sorted(set(names))
    assert [row.name for row in back] == pages[1]
    assert url == ""
    assert manager.get(where, {"after": "x", "before": "-1"}).status_code == 200


def test_list_pages_cost_the_same_however_many_rows(
    manager: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(4):
        imported(
            [person(row, us_phone(row + 60 * number)) for row in range(2, 50)], list_name=f"List {number}"
        )

    with django_assert_max_num_queries(8):  # type: ignore[operator]  # session, person, and four or five reads
        manager.get(reverse("lists"))
    with django_assert_max_num_queries(13):  # type: ignore[operator]
        manager.get(reverse("list", args=[LeadList.objects.first().id]))  # type: ignore[union-attr]


def test_a_persons_page_shows_what_is_known(manager: Client, draft: int) -> None:
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    CampaignLead.objects.update(reason="20:14 in Orlando, Florida allows until 20:00")
    known = Contact.objects.order_by("id")[0]
    Contact.objects.filter(id=known.id).update(
        crm_url="javascript:alert(1)", crm_do_not_call=True, company="<b>Acme</b>"
    )

    page = manager.get(reverse("contact", args=[known.id])).content.decode()

    assert "Florida allows until 20:00" in page
    assert "Do not call" in page
    assert "&lt;b&gt;Acme" in page
    assert "javascript:" not in page


def form_data(draft: int, **changes: object) -> dict[str, object]:
    lists = list(LeadList.objects.order_by("id").values_list("id", flat=True))
    return {
        "name": "Autumn",
        "purpose": "survey",
        "mode": "preview",
        "machine_detection": "off",
        "machine_sample_percent": "5",
        "greeting_seconds": "30",
        "audience": "people",
        "made_by": "company",
        "lists": lists,
        "caller_id": "+14075550100",
        "window_opens": "09:00",
        "window_closes": "20:00",
        "window_days": ["0", "1"],
        "max_attempts": "6",
        "ring_seconds": "25",
        "wrap_up_seconds": "60",
        "script_version": "",
        **changes,
    }


def test_the_time_to_decide_is_kept_shown_and_offered_again(manager: Client, draft: int) -> None:
    where = reverse("campaign-edit", args=[draft])
    manager.post(where, form_data(draft))
    assert "as long as the agent likes" in manager.get(reverse("campaign", args=[draft])).content.decode()

    manager.post(where, form_data(draft, preview_seconds="45", preview_then="dial"))

    assert (
        "45 s; then: it is dialed by itself"
        in manager.get(reverse("campaign", args=[draft])).content.decode()
    )
    assert 'name="preview_seconds" value="45"' in manager.get(where).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"preview_seconds": "4"}, {"preview_seconds": "3601"}, {"preview_then": "x"}]
)
def test_a_time_to_decide_that_cannot_be_is_refused(
    manager: Client, draft: int, wrong: dict[str, str]
) -> None:
    answer = manager.post(reverse("campaign-edit", args=[draft]), form_data(draft, **wrong))

    assert answer.status_code == 422
    assert Campaign.objects.get(id=draft).preview_seconds is None


def test_a_campaign_is_made_assigned_started_and_watched(manager: Client, draft: int, ana: User) -> None:
    version = text_version(NOW)

    response = manager.post(reverse("campaign-new"), form_data(draft, script_version=version))
    made = Campaign.objects.get(name="Autumn")
    assert response.headers["Location"] == reverse("campaign", args=[made.id])
    manager.post(reverse("campaign-agents", args=[made.id]), {"agents": [ana.id]})
    warned = manager.post(reverse("campaign-move", args=[made.id, "start"]), follow=True).content.decode()
    manager.post(reverse("campaign-launch", args=[made.id]), {"how": "now", "read": "SCRIPT_LACKS"})
    page = manager.get(reverse("campaign", args=[made.id])).content.decode()

    assert "I have read this" in warned
    assert "Started with 4 people to call." in page
    assert "Opening, version 1" in page
    assert "4 people still to call are not called any more" in page
    assert (made.window_days, made.purpose) == ("01", "survey")


def test_what_the_law_asks_is_kept_shown_and_offered_again(manager: Client, draft: int) -> None:
    said = {"audience": "supplies", "made_by": "fundraiser", "answers_never_sell": "on"}

    manager.post(reverse("campaign-new"), form_data(draft, **said))
    manager.post(reverse("campaign-new"), form_data(draft, name="Winter"))
    careful, careless = Campaign.objects.get(name="Autumn"), Campaign.objects.get(name="Winter")
    page = manager.get(reverse("campaign", args=[careful.id])).content.decode()
    again = manager.get(reverse("campaign-edit", args=[careful.id])).content.decode()

    assert (careful.audience, careful.made_by, careful.answers_never_sell) == ("supplies", "fundraiser", True)
    assert careless.answers_never_sell is False
    assert "never used to sell" in page
    assert "Businesses only, about office or cleaning supplies" in page
    assert "A paid fundraiser for a charity" in page
    assert '<option value="supplies" selected>' in again
    assert "treated as sales" in manager.get(reverse("campaign", args=[careless.id])).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 121}, "at most 120"),
        ({"name": "Spring offer"}, "already"),
        ({"purpose": ""}, "required"),
        ({"purpose": "unknown"}, "Select a valid choice"),
        ({"audience": ""}, "required"),
        ({"made_by": "robots"}, "Select a valid choice"),
        ({"caller_id": "+12025550199"}, "Select a valid choice"),
        ({"lists": ["99999"]}, "Select a valid choice"),
        ({"lists": ["x"]}, "Select a valid choice"),
        ({"window_opens": "25:00"}, "valid time"),
        ({"window_opens": "21:00"}, "close after it opens"),
        ({"window_days": []}, "required"),
        ({"window_days": ["8"]}, "Select a valid choice"),
        ({"max_attempts": "0"}, "greater than or equal to 1"),
        ({"max_attempts": "many"}, "whole number"),
        ({"ring_seconds": "14"}, "greater than or equal to 15"),
        ({"wrap_up_seconds": "9999"}, "less than or equal to 3600"),
        ({"script_version": "77"}, "Select a valid choice"),
    ],
)
def test_each_wrong_field_is_said_and_nothing_is_stored(
    manager: Client, draft: int, changes: dict[str, object], words: str
) -> None:
    response = manager.post(reverse("campaign-new"), form_data(draft, **changes))

    assert response.status_code == 422
    assert words in response.content.decode()
    assert Campaign.objects.count() == 1


def test_what_calls_under_way_were_cleared_for_cannot_change_while_the_campaign_runs(
    manager: Client, draft: int
) -> None:
    where = reverse("campaign-edit", args=[draft])
    assert "Spring offer" in manager.get(where).content.decode()

    assert manager.post(where, form_data(draft, name="Spring offer", max_attempts="2")).status_code == 302
    moves.start(campaign_id=draft, by_name="mia", now=NOW)
    response = manager.post(where, form_data(draft, name="Spring offer", purpose="political"))
    taken = manager.post(where, form_data(draft, name="Spring offer", max_attempts="3"))

    assert (response.status_code, taken.status_code) == (422, 302)
    assert "“What the calls are for” cannot change meanwhile. Pause it first." in response.content.decode()
    assert Campaign.objects.get(id=draft).max_attempts == 3


def test_a_refused_start_says_what_is_missing(manager: Client, draft: int) -> None:
    Lead.objects.all().delete()

    page = manager.post(reverse("campaign-move", args=[draft, "start"]), follow=True).content.decode()

    assert "lists are empty" in page
    assert Campaign.objects.get(id=draft).state == "draft"


def test_an_unknown_act_is_404_and_a_get_changes_nothing(manager: Client, draft: int) -> None:
    assert manager.post(reverse("campaign-move", args=[draft, "explode"])).status_code == 404
    assert manager.get(reverse("campaign-move", args=[draft, "start"])).status_code == 405


def test_a_person_who_is_no_agent_cannot_be_ticked(manager: Client, draft: int, mia: User) -> None:
    page = manager.post(
        reverse("campaign-agents", args=[draft]), {"agents": [mia.id]}, follow=True
    ).content.decode()

    assert "cannot take calls any more" in page


def test_the_board_tells_the_page_when_the_state_changed_elsewhere(manager: Client, draft: int) -> None:
    where = reverse("campaign-board", args=[draft])

    assert "HX-Refresh" not in manager.get(where, {"state": "draft"}).headers
    moves.start(campaign_id=draft, by_name="sol", now=NOW)

    assert manager.get(where, {"state": "draft"}).headers["HX-Refresh"] == "true"
