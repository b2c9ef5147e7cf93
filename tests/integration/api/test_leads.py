"""The API for leads: keys, rows, repeats, refusals; and the page of the keys."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from api.models import ApiKey, KeptAnswer
from api.services import keys
from campaigns.models import Contact, CustomField, Lead, LeadList, ListImport
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW, imported, person, us_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def spring() -> int:
    """A list with one person on it."""
    return imported([person(2, us_phone(0), first_name="Ida")]).lead_list_id


@pytest.fixture
def key() -> str:
    """A key with a manager's rights."""
    return keys.make_key(name="Website", role="manager", by_name="root", now=NOW)


def post(key: str, list_id: int, body: Any, *, idempotency_key: str = "one", **headers: str) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency_key} | headers
    data = body if isinstance(body, str) else json.dumps(body)
    return Client().post(
        reverse("api-leads", args=[list_id]), data, content_type="application/json",
        headers={name: value for name, value in headers.items() if value},
    )  # fmt: skip


def test_rows_go_onto_the_list_and_each_has_its_result(key: str, spring: int) -> None:
    CustomField.objects.create(
        key="plan", label="Plan", kind="choice", choices=["Gold", "Tin"], created_at=NOW
    )
    rows = [
        {
            "first_name": "Bo",
            "phones": [{"kind": "mobile", "number": us_phone(1)}],
            "custom": {"plan": "gold"},
        },
        {"phone": us_phone(0), "company": "Acme"},
        {"phone": "12"},
        {"phone": us_phone(2), "shoe_size": 9},
        {"phone": us_phone(3), "custom": {"plan": "Lead"}},
    ]

    response = post(key, spring, {"rows": rows})

    body = response.json()
    assert response.status_code == 200
    assert [(row["row"], row["outcome"], row["code"]) for row in body["results"]] == [
        (1, "created", "created"),
        (2, "updated", "updated"),
        (3, "refused", "wrong_length"),
        (4, "refused", "invalid"),
        (5, "refused", "unknown_choice"),
    ]
    assert (body["rows_in"], body["created"], body["updated"], body["duplicate"], body["refused"]) == (
        5,
        1,
        1,
        0,
        3,
    )
    assert Contact.objects.get(first_name="Bo").custom == {"plan": "Gold"}
    assert Lead.objects.filter(lead_list_id=spring).count() == 2
    assert AuditEvent.objects.filter(verb="campaigns.import.started", actor="api:Website").exists()


def test_the_same_request_again_is_answered_and_not_done_again(key: str, spring: int) -> None:
    first = post(key, spring, {"rows": [{"phone": us_phone(1)}]})
    again = post(key, spring, {"rows": [{"phone": us_phone(1)}]})
    other = post(key, spring, {"rows": [{"phone": us_phone(2)}]})

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert ListImport.objects.filter(source="api").count() == 1


def test_a_request_that_died_is_finished_by_its_repeat(key: str, spring: int) -> None:
    post(key, spring, {"rows": [{"phone": us_phone(1)}]})
    KeptAnswer.objects.update(body=None)

    again = post(key, spring, {"rows": [{"phone": us_phone(1)}]})
    KeptAnswer.objects.update(body=None, import_id=None)
    under_way = post(key, spring, {"rows": [{"phone": us_phone(1)}]})

    assert again.json()["created"] == 1
    assert ListImport.objects.filter(source="api").count() == 1
    assert under_way.status_code == 409


def test_rules_and_keys_to_match_by_are_the_importers(key: str, spring: int) -> None:
    body = {
        "rows": [{"phone": us_phone(0), "first_name": "Eda"}],
        "rules": {"list": "overwrite"},
        "match_by": ["phone"],
    }

    assert post(key, spring, body).json()["updated"] == 1
    assert Contact.objects.get().first_name == "Eda"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ({"rows": []}, {}, 400, "rows"),
        ({"rows": [{}] * 1001}, {}, 400, "rows"),
        ({"rows": "x"}, {}, 400, "rows"),
        ([], {}, 400, "body"),
        ({"rows": [{}], "list": 3}, {}, 400, "body"),
        ({"rows": [{}], "rules": {"moon": "skip"}}, {}, 400, "body"),
        ({"rows": [{}], "rules": {"list": ["skip"]}}, {}, 400, "body"),
        ({"rows": [{}], "match_by": [{}]}, {}, 400, "body"),
        ({"rows": [{}], "region": "us"}, {}, 400, "body"),
        ("{", {}, 400, "parse_error"),
        ({"rows": [{}]}, {"Idempotency-Key": ""}, 400, "idempotency_key"),
        ({"rows": [{}]}, {"Idempotency-Key": "x" * 101}, 400, "idempotency_key"),
        ({"rows": [{}]}, {"Authorization": ""}, 401, "not_authenticated"),
        ({"rows": [{}]}, {"Authorization": "Bearer plk_a_b"}, 401, "authentication_failed"),
        ({"rows": [{}]}, {"Authorization": "Basic eDp5"}, 401, "authentication_failed"),
        ({"rows": [{}]}, {"Content-Length": str(6 << 20)}, 413, "length"),
    ],
)
def test_a_request_that_cannot_be_understood_says_what_to_do(
    key: str, spring: int, body: Any, headers: dict[str, str], status: int, code: str
) -> None:
    response = post(key, spring, body, **headers)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["message"]
    assert not ListImport.objects.filter(source="api").exists()


@pytest.mark.parametrize(
    "row",
    [
        None, 7, "x", [], {"phone": 7}, {"phones": [7]}, {"phones": [{"kind": "fax", "number": "1"}]}, {"custom": {"a": []}},
        {"do_not_call": "yes"}, {"consent": "yes"}, {"consent": {"by": 1}}, {"first_name": "x" * 2001}, {"phones": [{}] * 11},
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_and_the_others_go_in(key: str, spring: int, row: Any) -> None:
    body = post(key, spring, {"rows": [row, {"phone": us_phone(5)}]}).json()

    assert [result["outcome"] for result in body["results"]] == ["refused", "created"]
    assert body["results"][0]["reason"]


def test_an_unknown_list_is_not_found(key: str) -> None:
    response = post(key, 999, {"rows": [{"phone": us_phone(0)}]})

    assert (response.status_code, response.json()["error"]["code"]) == (404, "list")
    assert not LeadList.objects.exists()


def test_a_key_does_what_its_role_may_until_it_is_taken_away(key: str, spring: int) -> None:
    officer = keys.make_key(name="Officer", role="compliance", by_name="root", now=NOW)
    row = ApiKey.objects.get(name="Website")

    refused = post(officer, spring, {"rows": [{"phone": us_phone(1)}]})
    keys.revoke_key(key_id=row.pk, by_name="root", now=NOW)
    gone = post(key, spring, {"rows": [{"phone": us_phone(1)}]})

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "permission_denied")
    assert gone.status_code == 401
    assert key not in (row.digest, row.prefix)
    verbs = (
        AuditEvent.objects.filter(target=f"api-key:{row.pk}").order_by("id").values_list("verb", flat=True)
    )
    assert list(verbs) == ["api.key.made", "api.key.revoked"]


def test_an_administrator_makes_a_key_sees_it_once_and_takes_it_away(client: Client) -> None:
    client.force_login(User.objects.create_user("root", password="correct horse", role="admin"))

    made = client.post(reverse("api-keys"), {"name": "Website", "role": "manager"})
    row = ApiKey.objects.get()
    again = client.get(reverse("api-keys")).content.decode()
    client.post(reverse("api-key-revoke", args=[row.pk]))

    assert f"plk_{row.prefix}_" in made.content.decode()
    assert f"plk_{row.prefix}_" not in again
    assert ApiKey.objects.get().revoked_by == "root"
    assert client.post(reverse("api-keys"), {"name": " ", "role": "manager"}).status_code == 422


def test_managers_make_no_keys(client: Client) -> None:
    client.force_login(User.objects.create_user("mia", password="correct horse", role="manager"))

    assert client.get(reverse("api-keys")).status_code == 403
    assert client.post(reverse("api-keys"), {"name": "Mine", "role": "admin"}).status_code == 403
    assert not ApiKey.objects.exists()
