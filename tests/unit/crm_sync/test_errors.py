"""What the CRMs' error words make us do."""

import json
from collections.abc import Mapping

import pytest

from crm_sync.connectors import errors, hubspot_http
from crm_sync.services import pushing


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("INVALID_SESSION_ID", 401, "unauthorized"),
        ("REQUEST_LIMIT_EXCEEDED", 403, "retryable"),
        ("UNABLE_TO_LOCK_ROW", 0, "retryable"),
        ("INVALID_FIELD", 400, "config"),
        ("ENTITY_IS_DELETED", 0, "gone"),
        ("A_CODE_OF_NEXT_YEAR", 0, "permanent"),
        ("A_CODE_OF_NEXT_YEAR", 503, "retryable"),
        ("", 401, "unauthorized"),
        ("", 429, "retryable"),
    ],
)
def test_salesforce_codes(code: str, status: int, kind: str) -> None:
    assert errors.salesforce(code, status)[0] == kind


@pytest.mark.parametrize(
    ("category", "status", "kind"),
    [
        ("RATE_LIMITS", 429, "retryable"),
        ("INVALID_AUTHENTICATION", 401, "unauthorized"),
        ("MISSING_SCOPES", 403, "config"),
        ("VALIDATION_ERROR", 400, "permanent"),
        ("OBJECT_NOT_FOUND", 404, "gone"),
        ("NEW_WORD", 409, "retryable"),
        ("NEW_WORD", 502, "retryable"),
        ("NEW_WORD", 400, "permanent"),
    ],
)
def test_hubspot_categories(category: str, status: int, kind: str) -> None:
    assert errors.hubspot(category, status)[0] == kind


def test_every_advice_is_a_sentence() -> None:
    for table in (errors.SALESFORCE, errors.SALESFORCE_SIGN_IN, errors.HUBSPOT, errors.HUBSPOT_BY_STATUS):
        for _, advice in table.values():
            assert advice[0].isupper()
            assert advice.endswith(".")


@pytest.mark.parametrize(
    ("status", "body", "headers", "retry_after"),
    [
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, {}, 10.0),
        (429, {"policyName": "DAILY"}, {}, 900.0),
        (429, {}, {"Retry-After": "7"}, 7.0),
        (429, {}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 10.0),
        (500, {}, {"Retry-After": "7"}, None),
    ],
)
def test_hubspot_says_how_long_to_wait(
    status: int, body: Mapping[str, str], headers: Mapping[str, str], retry_after: float | None
) -> None:
    error = hubspot_http.refusal("POST /x", status, json.dumps(body).encode(), headers)

    assert (error.kind, error.retry_after) == ("retryable", retry_after)


def test_a_missing_scope_is_named() -> None:
    body = {
        "category": "MISSING_SCOPES",
        "message": "This app hasn't been granted all required scopes.",
        "errors": [{"message": "", "context": {"requiredGranularScopes": ["crm.lists.read"]}}],
    }

    error = hubspot_http.refusal("POST /crm/v3/lists/search", 403, json.dumps(body).encode(), {})

    assert error.kind == "config"
    assert "POST /crm/v3/lists/search" in str(error)
    assert "Missing: crm.lists.read." in str(error)


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[]", b"null", b'"x"', b"\xff\xfe"])
def test_an_answer_that_is_no_error_object_is_judged_by_its_status(body: bytes) -> None:
    error = hubspot_http.refusal("GET /x", 502, body, {})

    assert (error.kind, error.status) == ("retryable", 502)


@pytest.mark.parametrize(
    ("path", "dated"),
    [
        ("/crm/v3/objects/calls/batch/upsert", "/crm/objects/2026-09/calls/batch/upsert"),
        ("/crm/v3/lists/search", "/crm/lists/2026-09/search"),
        ("/crm/v4/associations/calls/contacts/labels", "/crm/associations/2026-09/calls/contacts/labels"),
        ("/calling/v1/dispositions", "/calling/v1/dispositions"),
    ],
)
def test_dated_paths(path: str, dated: str) -> None:
    assert hubspot_http.dated(path, "2026-09") == dated
    assert hubspot_http.dated(path, "v3") == path


def test_backoff_doubles_ends_at_five_minutes_and_heeds_the_crm() -> None:
    waits = [pushing.backoff(attempts, None).total_seconds() for attempts in (1, 2, 3, 8, 9, 50)]

    assert waits == [2, 4, 8, 256, 300, 300]
    assert pushing.backoff(1, 30).total_seconds() == 30
    assert pushing.backoff(50, 900).total_seconds() == 900
