"""The list of people: searches, orders, filters, columns, pages, counts, the download."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import CampaignLead, Contact, ContactPhone, ContactTag, CustomField, Tag
from campaigns.paging import SIZE, Cursor
from campaigns.selectors import browsing
from campaigns.selectors.browsing import ORDERS, USUAL_COLUMNS, Wanted
from core.models import AuditEvent
from tests.conftest import NOW
from tests.factories.crowd import make_crowd
from tests.factories.world import World, add_lead, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(NOW)


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.mia)
    return client


def found(search: str) -> list[str]:
    page = browsing.browse(Wanted(search=search, order="name"), Cursor(), USUAL_COLUMNS, now=NOW)
    return [row.name for row in page.rows]


@pytest.mark.parametrize(
    "search",
    [
        "maria", "ALVAREZ maria", "alv", "roofing", "m.alvarez@example.com", "M.Alvarez@", "00Q0123", "(407) 555-0123",
        "+1 407 555 0123", "407.555.0123", "14075550123", "407555", "0123", "555-0123", "  maria  ",
    ],
)  # fmt: skip
def test_a_person_is_found_by_what_one_knows(world: World, search: str) -> None:
    add_lead(world, email="m.alvarez@example.com")
    add_lead(world, "+13125550199", first_name="Bo", last_name="O'Brien", company="Café & Sons", email="")

    assert found(search) == ["Maria Alvarez"]


@pytest.mark.parametrize("search", ["o'brien", "brien", "café", "sons", "bo obr'", "312", "5550199"])
def test_signs_and_accents_do_not_hide_anybody(world: World, search: str) -> None:
    add_lead(world, "+13125550199", first_name="Bo", last_name="O'Brien", company="Café & Sons", email="")

    assert found(search) == (["Bo O'Brien"] if search != "bo obr'" else [])


@pytest.mark.parametrize(
    "search", ["%", "' OR 1=1 --", "zz:*", "& | !", "\x00", "(((", "12", "x" * 5000, "a\\'b", "<->"]
)
def test_strange_searches_find_nobody_and_break_nothing(world: World, manager: Client, search: str) -> None:
    add_lead(world, external_ref=None, email="")

    assert "Maria" not in manager.get(
        reverse("all-people"), {"q": search}
    ).content.decode() or not search.strip("\x00")


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_every_order_shows_everybody_once_forward_and_back(
    world: World, order: str, descending: bool
) -> None:
    make_crowd(world, now=NOW, size=SIZE * 2 + 7)
    wanted = Wanted(order=order, descending=descending)
    signs = "-" if descending else ""
    expected = list(
        Contact.objects.order_by(*(signs + name for name in ORDERS[order].columns)).values_list(
            "pk", flat=True
        )
    )

    pages, cursor = [], Cursor()
    while True:
        page = browsing.browse(wanted, cursor, (), now=NOW)
        pages.append([row.contact_id for row in page.rows])
        if not page.has_next:
            break
        cursor = Cursor(after=page.last)
    back = browsing.browse(wanted, Cursor(before=page.first), (), now=NOW)

    assert [pk for each in pages for pk in each] == expected
    assert [row.contact_id for row in back.rows] == pages[-2]
    assert (back.has_next, back.has_previous) == (True, len(pages) > 2)


def test_a_page_costs_the_same_however_many_rows_and_columns(
    world: World, django_assert_max_num_queries: Any
) -> None:
    make_crowd(world, now=NOW, size=SIZE + 5)

    with django_assert_max_num_queries(5):
        browsing.browse(Wanted(), Cursor(after=3), tuple(browsing.COLUMNS), now=NOW)


def test_counts_are_exact_until_they_are_estimates(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    make_crowd(world, now=NOW, size=30)

    exact = browsing.count(Wanted(), now=NOW)
    monkeypatch.setattr(browsing, "COUNTED_EXACTLY", 10)
    estimate = browsing.count(Wanted(), now=NOW)

    assert (exact.words, exact.is_exact) == ("30", True)
    assert (estimate.is_exact, estimate.words[:6]) == (False, "about ")
    assert browsing.Count(1_234_567, is_exact=False).words == "about 1,200,000"


def test_the_page_shows_the_columns_and_filters_of_its_address(world: World, manager: Client) -> None:
    called = add_lead(world, owner_name="Mia")
    CampaignLead.objects.update(attempts=3, last_result="Busy", last_called_at=NOW - timedelta(days=1))
    ContactTag.objects.create(
        contact=called.contact, tag=Tag.objects.create(name="vip", created_at=NOW), added_at=NOW
    )
    add_lead(world, "+13125550199", first_name="Bo", state="IL", last_name="Ray")
    where = reverse("list", args=[world.lead_list.pk])

    def shown(**query: Any) -> str:
        return manager.get(where, query).content.decode()

    page = shown(cols=["owner", "tags", "attempts", "result"], sort="-name")
    assert 'aria-sort="descending"' in page
    assert all(f">{cell}</td>" in page for cell in ("Mia", "vip", "3", "Busy"))
    assert page.index("Alvarez</a>") > page.index("Bo Ray</a>")
    filters: list[tuple[dict[str, Any], str]] = [
        ({"called": "ever"}, "Alvarez</a>"), ({"state": "il"}, "Bo Ray</a>"), ({"tag": Tag.objects.get().pk}, "Alvarez</a>"),
    ]  # fmt: skip
    for query, name in filters:
        only = shown(**query)
        assert name in only
        assert ">1 person, " in only.replace("\n", "")
    assert "Nobody found" in shown(dnc="yes")


@pytest.mark.parametrize(
    "query",
    [
        "sort=password", "sort=--name", "cols=drop&cols=password", "segment=x", "tag=99999999999999999999", "called=often",
        "after=99999", "before=99999", "state=%00%ff", "q=%ff", "after=-1&before=x", "cols=number&sort=added&after=77",
    ],
)  # fmt: skip
def test_addresses_that_make_no_sense_show_the_list(world: World, manager: Client, query: str) -> None:
    add_lead(world)

    assert manager.get(f"{reverse('all-people')}?{query}").status_code == 200


def test_a_segment_that_is_not_there_is_404(manager: Client) -> None:
    assert manager.get(reverse("all-people"), {"segment": 99}).status_code == 404


def test_typing_redraws_the_part_alone(world: World, manager: Client) -> None:
    add_lead(world)

    part = manager.get(
        reverse("all-people"), {"q": "mar"}, headers={"HX-Request": "true", "HX-Target": "people-part"}
    )

    assert "<html" not in part.content.decode()
    assert "Maria" in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]


def test_the_download_has_everybody_shown_no_formula_and_is_on_record(
    world: World, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "CHUNK", 2)
    for index in range(5):
        add_lead(world, f"+1407555010{index}", first_name=f"={index}", company="@SUM(1)")
    contact = add_lead(world, "+13125550199", state="IL").contact
    ContactPhone.objects.filter(contact=contact).delete()

    response = manager.get(
        reverse("people-csv"), {"state": "FL", "sort": "-name", "cols": ["company", "number"]}
    )

    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    assert rows[0] == ["name", "Company", "Number", "do not call"]
    assert [row[0] for row in rows[1:]] == [f"'={index} Alvarez" for index in (4, 3, 2, 1, 0)]
    assert {row[1] for row in rows[1:]} == {"'@SUM(1)"}
    event = AuditEvent.objects.get(verb="campaigns.people.exported")
    assert (event.actor, event.after) == ("mia", {"filter": "state=FL&sort=-name&cols=company&cols=number"})


def test_fields_of_the_houses_own_are_columns_and_in_the_download(world: World, manager: Client) -> None:
    CustomField.objects.create(key="tariff", label="Tariff", kind="text", created_at=NOW)
    lead = add_lead(world, "+14075550177", first_name="Zoe")
    Contact.objects.filter(pk=lead.contact_id).update(custom={"tariff": "=Gold"})

    told = "cols=own.tariff&cols=own.gone&cols=own.%22&q=zoe"
    shown = manager.get(f"/lists/people/?{told}").content.decode()
    lines = b"".join(manager.get(f"/lists/people.csv?{told}").streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert '<option value="own.tariff"' in shown or 'value="own.tariff"' in shown
    assert "=Gold" in shown
    assert lines[0].endswith("name,Tariff,own.gone,do not call")
    assert lines[1].startswith("Zoe Alvarez,'=Gold,,")
