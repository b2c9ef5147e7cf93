"""Fields of the house's own that lists are filtered and sorted by: the same answers with an index and without."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Contact, CustomField
from campaigns.paging import Cursor
from campaigns.segments.fields import OWN_KINDS
from campaigns.selectors import browsing, customfields
from campaigns.selectors.browsing import Wanted
from campaigns.selectors.own_sql import value_sql
from campaigns.services import quickfields
from campaigns.services.quickfields import TooManyQuick
from core.errors import NotFound
from core.models import AuditEvent
from tests.conftest import NOW

VALUES: dict[str, list[Any]] = {
    "text": ["Gold", "älter", "amber", "Zinc", "gold_plus", None],
    "number": [7, -3, 1200.5, 0, None, "not a number"],
    "date": ["2026-12-01", "2027-01-15", "2025-06-30", None, 20261201, ""],
}


def make(kind: str, is_quick: bool = True) -> CustomField:
    """Add a field and six people with its values; some have none, some one of another kind."""
    Contact.objects.bulk_create(
        Contact(first_name=f"P{index}", custom={} if value is None else {kind: value}, created_at=NOW, changed_at=NOW)
        for index, value in enumerate(VALUES[kind])
    )  # fmt: skip
    return CustomField.objects.create(
        key=kind, label=f"Their {kind}", kind=kind, is_quick=is_quick, created_at=NOW
    )


def walk(wanted: Wanted) -> list[str]:
    """Read everybody, forwards, as pages of the list come."""
    rows = list(browsing.every_row(wanted, ("company",), now=NOW))
    return [row[0] for row in rows[1:]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("text", ["P5", "P2", "P0", "P4", "P3", "P1"]),  # by the codes of the letters, in capitals
        ("number", ["P4", "P5", "P1", "P3", "P0", "P2"]),
        ("date", ["P3", "P4", "P5", "P2", "P0", "P1"]),
    ],
)
def test_people_stand_in_the_order_of_a_quick_field(
    kind: str, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make(kind)

    assert walk(Wanted(order=f"own.{kind}")) == order
    monkeypatch.setattr(browsing, "CHUNK", 2)  # every border between two pages
    assert walk(Wanted(order=f"own.{kind}")) == order
    assert walk(Wanted(order=f"own.{kind}", descending=True)) == order[::-1]
    page = browsing.browse(Wanted(order=f"own.{kind}"), Cursor(), (), now=NOW)
    back = browsing.browse(Wanted(order=f"own.{kind}"), Cursor(before=page.rows[-1].contact_id), (), now=NOW)
    assert [row.name for row in back.rows] == order[:-1]


@pytest.mark.django_db
def test_an_order_nobody_made_quick_is_the_usual_one() -> None:
    make("number", is_quick=False)

    assert walk(Wanted(order="own.number")) == [f"P{index}" for index in range(6)]
    assert walk(Wanted(order="own.gone")) == walk(Wanted())
    assert browsing.all_columns()["own.number"] == ("Their number", "")


@pytest.mark.slow_lane
@pytest.mark.django_db(transaction=True)
def test_a_worker_makes_indexes_that_are_used_and_drops_them() -> None:
    fields = {kind: make(kind) for kind in VALUES}

    assert quickfields.keep_indexes() == 3
    assert quickfields.keep_indexes() == 0
    assert [field.is_ready for field in customfields.list_fields()] == [True, True, True]
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        try:
            for kind, field in fields.items():
                value = value_sql(OWN_KINDS[kind], kind)
                wanted = "42" if kind == "number" else "'x'"
                cursor.execute(f"EXPLAIN SELECT id FROM campaigns_contact WHERE {value} = {wanted}")
                assert customfields.index_of(field.pk) in str(cursor.fetchall())
        finally:
            cursor.execute("RESET enable_seqscan")
    CustomField.objects.exclude(kind="text").update(is_quick=False)
    assert quickfields.keep_indexes() == 2
    assert list(customfields.indexes()) == [customfields.index_of(fields["text"].pk)]
    CustomField.objects.update(is_quick=False)
    assert quickfields.keep_indexes() == 1


@pytest.mark.django_db
def test_a_manager_makes_a_field_quick_and_slow_again(mia: User) -> None:
    make("text", is_quick=False)
    client = Client()
    client.force_login(mia)
    address = reverse("quick-field", args=["text"])

    told = client.post(address, {"quick": "yes"}, follow=True).content.decode()

    assert "A worker prepares it" in told
    assert "Being prepared" in told
    shown = client.get(reverse("all-people"), {"cols": "own.text", "sort": "own.text"}).content.decode()
    assert "6 people, by Their text." in shown
    assert "sort=-own.text" in shown
    client.post(address, {"quick": "no"})
    assert not CustomField.objects.get().is_quick
    assert [event.verb for event in AuditEvent.objects.order_by("id")] == [
        "campaigns.field.made_quick", "campaigns.field.made_slow",
    ]  # fmt: skip
    assert client.post(reverse("quick-field", args=["gone"]), {"quick": "yes"}).status_code == 404


@pytest.mark.django_db
def test_agents_do_not_make_fields_quick(ana: User) -> None:
    make("text", is_quick=False)
    client = Client()
    client.force_login(ana)

    assert client.post(reverse("quick-field", args=["text"]), {"quick": "yes"}).status_code == 403
    assert not CustomField.objects.get().is_quick


@pytest.mark.django_db
def test_only_so_many_are_quick() -> None:
    CustomField.objects.bulk_create(
        CustomField(key=f"f{index}", label=f"F {index}", kind="text", is_quick=index > 0, created_at=NOW)
        for index in range(quickfields.MOST_QUICK + 1)
    )

    with pytest.raises(TooManyQuick, match="the most there can be"):
        quickfields.set_quick(key="f0", is_quick=True, by_name="mia", now=NOW)
    with pytest.raises(NotFound):
        quickfields.set_quick(key="none", is_quick=True, by_name="mia", now=NOW)
    with pytest.raises(ValueError, match="not the key of a field"):
        value_sql(OWN_KINDS["text"], "x' OR true --")
