"""The weight of a list beside the others of its campaigns, said with an import into it."""

import io

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns import importplan, ordering
from campaigns.models import Campaign, ImportTemplate, LeadList, ListImport
from campaigns.selectors import orders, versions
from campaigns.services import changes, import_drafts, listweights
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone

pytestmark = pytest.mark.django_db
USUAL = {
    "match_by": ["phone"],
    "rule_file": "skip",
    "rule_list": "fill",
    "rule_campaign": "fill",
    "rule_system": "fill",
}


def kept_file(list_name: str = "Spring") -> int:
    """Return a file for the list, to be imported."""
    return import_drafts.keep_upload(
        stream=io.BytesIO(f"Phone\n{us_phone(40)}\n".encode()),
        file_name="x.csv",
        list_name=list_name,
        by_id=None,
        now=NOW,
    )


def with_second_list(draft: int) -> int:
    """Give the campaign another list, and return its id."""
    other = imported([person(2, us_phone(9))], list_name="Autumn").lead_list_id
    own = versions.newest(draft).setup["list_ids"]
    changes.change_some(
        campaign_id=draft, values={"list_ids": (*own, other)}, note="More", by_name="mia", now=NOW
    )
    return other


def weights(campaign_id: int) -> dict[int, int]:
    return {
        each.list_id: each.weight
        for each in ordering.read(versions.newest(campaign_id).setup["order_plan"]).weights
    }


def test_an_import_weighs_its_list_beside_the_campaigns_others(client: Client, mia: User, draft: int) -> None:
    other, spring = with_second_list(draft), LeadList.objects.get(name="Spring").pk
    client.force_login(mia)
    file_id = kept_file()
    page = client.get(reverse("import-rules", args=[file_id])).content.decode()

    answer = client.post(reverse("import-rules", args=[file_id]), {**USUAL, "list_weight": "3", "run": "1"})

    assert "“Spring offer” calls it beside 1 other list with weight 1" in page
    assert answer.status_code == 302
    assert weights(draft) == {spring: 3, other: 1}
    assert ordering.read(Campaign.objects.get(pk=draft).order_plan).is_placed
    assert orders.weights_of("Spring")[0].weight == 3
    assert ImportTemplate.objects.get().plan["list_weight"] is None


def test_nothing_said_changes_nothing(client: Client, mia: User, draft: int) -> None:
    with_second_list(draft)
    number = versions.newest(draft).number
    client.force_login(mia)

    client.post(reverse("import-rules", args=[kept_file()]), {**USUAL, "list_weight": "", "run": "1"})

    assert versions.newest(draft).number == number


@pytest.mark.parametrize("said", ["-1", "101", "many", "1.5", "9" * 50])
def test_a_weight_that_is_none_is_refused_at_its_field(client: Client, mia: User, said: str) -> None:
    client.force_login(mia)
    file_id = kept_file()

    answer = client.post(reverse("import-rules", args=[file_id]), {**USUAL, "list_weight": said, "run": "1"})

    assert answer.status_code == 422
    assert not ListImport.objects.exists()


def test_a_list_in_no_campaign_says_where_its_weight_is_given(client: Client, mia: User) -> None:
    client.force_login(mia)

    page = client.get(reverse("import-rules", args=[kept_file("Alone")])).content.decode()

    assert "is in no campaign yet" in page


def test_a_campaign_that_refuses_keeps_its_order_and_says_why(mia: User, draft: int) -> None:
    file_id = kept_file()
    import_drafts.choose(file_id=file_id, choices={"list_weight": 0}, by_name="mia", now=NOW)
    import_id = import_drafts.begin(file_id=file_id, by_id=None, by_name="mia", now=NOW)

    (told,) = listweights.apply(import_id=import_id, by_name="mia", now=NOW)

    assert told.refused == "Give at least one list a weight above 0."
    assert weights(draft) == {}


def test_plans_from_before_there_were_weights_are_read() -> None:
    stored = importplan.as_json(importplan.USUAL)
    del stored["list_weight"]

    assert importplan.from_json(stored) == importplan.USUAL
