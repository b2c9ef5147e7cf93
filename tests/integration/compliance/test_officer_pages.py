"""The officer's further pages: who may open them, what they show, how many queries, what they do with bad input."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from compliance import services
from compliance.models import (
    CallerAuthority,
    ConsentRecord,
    EmergencyArea,
    HouseLimitRequest,
    HouseLimitRow,
    LineRecord,
    Override,
    ReassignedCheck,
    RevocationReview,
    RuleFailure,
    SellerRegistration,
    SenderRegistration,
    Suppression,
    SuppressionLift,
)
from compliance.reads.denials import denials_by_day
from compliance.rules.facts import ConsentKind, SuppressionKind
from compliance.views import verdicts as verdict_views
from core.models import AuditEvent
from core.types import PhoneNumber
from tests.integration.compliance.conftest import NOW, SELLER, load_registry, ready_to_call

pytestmark = pytest.mark.django_db
Ask = Callable[..., services.ContactRequest]
NUMBER = PhoneNumber("+14075550123")
READ = [
    "", "denials/", "denials/?as=table", "numbers/", "numbers/+14075550123/", "do-not-call/", "consents/", "reviews/", "lifts/", "mail/",
    "texts/",
    "replays/", "chain/", "consents/check/",
    "registry/", "registry/history/", "registry/reassigned/", "rules/", "rules/FED-001/", "rules/states/", "rules/laws/",
    "rules/limits/", "papers/", "papers/callers/", "papers/senders/", "emergencies/", "overrides/",
]  # fmt: skip
WRITE = [
    "do-not-call/add/", "do-not-call/upload/", "consents/add/", "consents/upload/", "registry/upload/", "numbers/+14075550123/line/",
    "numbers/+14075550123/reassigned/", "papers/add/", "papers/callers/add/", "papers/senders/add/", "emergencies/add/",
    "rules/limits/registry_max_age_days/", "do-not-call/1/lift/", "reviews/1/", "papers/callers/1/", "papers/senders/1/",
    "emergencies/1/end/", "replays/add/",
]  # fmt: skip
SECOND = ["lifts/1/", "rules/limits/requests/1/"]


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(name: str, role: Role) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name, role=role.value))
    return client


@pytest.fixture
def cleo() -> Client:
    """Return the compliance officer's browser."""
    return signed_in("cleo", Role.COMPLIANCE)


@pytest.fixture
def ada() -> Client:
    """Return the administrator's browser: the second person."""
    return signed_in("ada", Role.ADMIN)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def deny(ask: Ask, count: int = 1, *, now: datetime = NOW) -> None:
    with transaction.atomic():
        services.clear_to_contact(
            [ask(f"+1407555{101 + index:04d}", person_ref=f"lead:{index}") for index in range(count)], now=now
        )


def refuse(words: str = "never again", *, at: datetime = NOW - timedelta(days=9)) -> Suppression:
    with transaction.atomic():
        services.revoke(
            number=NUMBER, seller=SELLER, raw_words=words, heard_on="phone", actor="nil", now=at,
            kind=SuppressionKind.DO_NOT_CALL,
        )  # fmt: skip
    return Suppression.objects.get()


def agree(*, at: datetime = NOW - timedelta(days=1)) -> ConsentRecord:
    consent = services.NewConsent(
        number=NUMBER, kind=ConsentKind.PEWC, obtained_by=SELLER, given_at=at, source=services.Source.FORM,
        sellers=frozenset({SELLER}), text_shown="Yes, <b>call me</b>", signature="typed name",
        asked_how=services.Asked.CALL, asked_words="Is the rebate <b>still</b> on?", asked_at=at,
    )  # fmt: skip
    with transaction.atomic():
        return services.grant_consent(consent, recorded_by="nil", now=NOW)


@pytest.mark.parametrize("path", READ)
def test_each_page_opens_empty_for_who_may_read_and_for_nobody_else(path: str) -> None:
    supervisor = signed_in("sol", Role.SUPERVISOR).get(f"/compliance/{path}")
    rep = signed_in("ana", Role.AGENT).get(f"/compliance/{path}")

    assert (supervisor.status_code, rep.status_code) == (200, 403)


@pytest.mark.parametrize("path", ["", "denials/", "denials/?as=table", "rules/"])
def test_eng_001_t1_a_rule_that_failed_is_an_alarm_on_the_pages_for_seven_days(
    cleo: Client, path: str
) -> None:
    words = "in the last 7 days a contact was refused because a rule failed. Last: the rule “x” could not"
    quiet = text_of(cleo.get(f"/compliance/{path}"))

    for ago, contacts in ((timedelta(days=8), 500), (timedelta(days=6), 3), (timedelta(hours=1), 9)):
        RuleFailure.objects.create(
            at=NOW - ago, what="the rule “x” could not be evaluated (KeyError)", contacts=contacts
        )
    loud = text_of(cleo.get(f"/compliance/{path}"))

    assert words not in quiet
    assert f"12 times {words}" in loud
    assert ("The rule “x” could not be evaluated (KeyError)" in loud) == (path == "rules/")


def test_fed_008_a_forms_words_are_checked_and_nothing_is_kept(cleo: Client) -> None:
    box = {"unticked": "on", "optional": "on", "separate": "on", "seller": SELLER}
    right = f"{SELLER} may call this number with recorded messages. I need not agree in order to buy."

    missing = cleo.post("/compliance/consents/check/", box)
    poor = cleo.post("/compliance/consents/check/", {**box, "words": "<b>Call</b> me, partners"})
    good = cleo.post("/compliance/consents/check/", {**box, "words": right})

    assert (missing.status_code, poor.status_code, good.status_code) == (422, 200, 200)
    assert "Consent is not a condition of purchase." in text_of(poor)
    assert "by the officer" in text_of(poor)
    assert "&lt;b&gt;Call&lt;/b&gt;" in text_of(poor)
    assert "Nothing is missing" in text_of(good)
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize("path", WRITE + SECOND)
def test_who_may_only_read_changes_nothing(path: str) -> None:
    supervisor = signed_in("sol", Role.SUPERVISOR)

    assert supervisor.get(f"/compliance/{path}").status_code == 403
    assert supervisor.post(f"/compliance/{path}", {}).status_code == 403


@pytest.mark.parametrize("path", [path for path in WRITE if "/1/" not in path])
def test_an_empty_form_comes_back_with_what_is_missing(cleo: Client, path: str) -> None:
    shown = cleo.get(f"/compliance/{path}")
    answer = cleo.post(f"/compliance/{path}", {})

    assert shown.status_code == 200
    assert answer.status_code == 422
    assert "Nothing was saved yet" in text_of(answer)


@pytest.mark.parametrize("path", [*(path for path in WRITE if "/1/" in path), *SECOND])
@pytest.mark.parametrize("number", ["1", "99999999999999999999"])
def test_what_is_not_there_is_not_found(cleo: Client, path: str, number: str) -> None:
    path = path.replace("/1/", f"/{number}/")

    assert cleo.get(f"/compliance/{path}").status_code == 404
    assert cleo.post(f"/compliance/{path}", {"decision": "approve"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["numbers/hello/", "numbers/+1/", "numbers/%00/", "rules/NO-000/", "rules/limits/no_such/", "verdicts/99999999999999999999/"],
)  # fmt: skip
def test_an_address_that_means_nothing_is_not_found(cleo: Client, path: str) -> None:
    assert cleo.get(f"/compliance/{path}").status_code == 404


def test_every_form_needs_its_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_user("cleo", role=Role.COMPLIANCE.value))

    assert {strict.post(f"/compliance/{path}", {}).status_code for path in WRITE + SECOND} == {403}


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("", 4), ("denials/", 4), ("numbers/+14075550100/", 15), ("do-not-call/", 3), ("consents/", 3), ("reviews/", 5), ("lifts/", 3),
        ("registry/history/", 4), ("registry/reassigned/", 3), ("rules/", 3), ("rules/limits/", 4), ("papers/", 3),
        ("papers/callers/", 3), ("papers/senders/", 3), ("emergencies/", 3), ("overrides/", 3),
    ],
)  # fmt: skip
def test_a_list_asks_the_database_as_often_however_long_it_is(
    cleo: Client, ask: Ask, path: str, most: int, django_assert_max_num_queries: Any
) -> None:
    ready_to_call()
    deny(ask, 12)
    refuse()
    agree()

    with django_assert_max_num_queries(most):  # session and user among them
        cleo.get(f"/compliance/{path}")


def test_a_number_in_any_spelling_leads_to_its_page(cleo: Client) -> None:
    asked = cleo.get("/compliance/numbers/?q=(407) 555-0123")
    spelled = cleo.get("/compliance/numbers/407-555-0123/")
    wrong = cleo.get("/compliance/numbers/?q=12")

    assert asked["Location"] == spelled["Location"] == "/compliance/numbers/+14075550123/"
    assert wrong.status_code == 422
    assert "too few" in text_of(wrong)


def test_the_page_of_a_number_shows_all_that_is_known(cleo: Client, ask: Ask) -> None:
    ready_to_call()
    load_registry(["4075550123"], file_sha256="b" * 64)
    refuse("<script>alert(1)</script>")
    agree()
    with transaction.atomic():
        services.clear_to_contact([ask()], now=NOW)

    page = text_of(cleo.get(f"/compliance/numbers/{NUMBER}/"))

    assert "1 request stands" in page
    assert "two people, on a new consent" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "Yes, &lt;b&gt;call me" in page
    assert "Listed" in page
    assert "asked not to be called" in page
    assert f"/compliance/consents/add/?number={NUMBER.replace('+', '%2B')}" in page


def test_denials_are_counted_by_day_in_one_query(
    cleo: Client, ask: Ask, django_assert_num_queries: Any
) -> None:
    deny(ask, 3, now=NOW - timedelta(days=2))
    deny(ask, 1, now=NOW)
    deny(ask, 5, now=NOW - timedelta(days=40))

    with django_assert_num_queries(1):
        (series,) = denials_by_day(today=NOW.date())

    assert (series.total, series.counts[-1], series.counts[-3]) == (4, 1, 3)
    page = text_of(cleo.get("/compliance/denials/"))
    assert f"outcome=deny&amp;code={series.code}&amp;since=2026-11-21&amp;until=2026-11-21" in page


def test_a_bar_leads_to_exactly_its_verdicts(cleo: Client, ask: Ask) -> None:
    deny(ask, 3, now=NOW - timedelta(days=2))
    deny(ask, 1, now=NOW)
    (series,) = denials_by_day(today=NOW.date())

    answer = cleo.get(f"/compliance/?outcome=deny&code={series.code}&since=2026-11-21&until=2026-11-21")

    assert len(answer.context["rows"]) == 3


def test_verdicts_within_days_go_on_where_the_page_ended(cleo: Client, ask: Ask) -> None:
    deny(ask, 60, now=NOW - timedelta(days=2))

    first = cleo.get("/compliance/?since=2026-11-20&until=2026-11-22")
    second = cleo.get(first.context["page"].next_url)

    ids = [row.id for row in (*first.context["rows"], *second.context["rows"])]
    assert (len(ids), len(set(ids))) == (60, 60)


def test_a_filter_no_index_knows_looks_back_for_a_while_and_says_so(cleo: Client, ask: Ask) -> None:
    deny(ask, 1, now=NOW - timedelta(days=100))
    deny(ask, 2)

    bound = cleo.get("/compliance/?channel=live_preview")
    asked = cleo.get("/compliance/?channel=live_preview&since=2026-01-01")

    assert (len(bound.context["rows"]), len(asked.context["rows"])) == (2, 3)
    assert "Since 25 Aug 2026 only" in text_of(bound)
    assert "only. Give days" not in text_of(asked)


def test_the_csv_is_what_is_shown_and_no_cell_is_a_formula(
    cleo: Client, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_views, "EXPORTED_AT_ONCE", 2)
    with transaction.atomic():
        services.clear_to_contact(
            [ask(f"+14075550{index}", campaign_ref="=cmd()|x") for index in range(120, 125)], now=NOW
        )

    answer = cleo.get("/compliance/verdicts.csv?outcome=deny")
    rows = list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))  # type: ignore[attr-defined]

    assert len(rows) == 6
    assert rows[0][0] == "id"
    assert {row[-1] for row in rows[1:]} == {"'=cmd()|x"}
    assert rows[1][2].startswith("(407)")


def test_the_csv_stops_at_its_bound_and_says_so(
    cleo: Client, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_views, "EXPORTED_AT_ONCE", 2)
    monkeypatch.setattr(verdict_views, "EXPORTED_AT_MOST", 2)
    deny(ask, 5)

    lines = b"".join(cleo.get("/compliance/verdicts.csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert len(lines) == 4
    assert "Only the newest 2 verdicts" in lines[-1]


def test_lists_leave_the_house_with_leave_alone() -> None:
    assert signed_in("sol", Role.SUPERVISOR).get("/compliance/verdicts.csv").status_code == 403


def test_a_lift_takes_two_people(cleo: Client, ada: Client) -> None:
    row = refuse()
    consent = agree()
    cleo.post(
        f"/compliance/do-not-call/{row.id}/lift/", {"consent": consent.id, "reason": "asks for a quote"}
    )
    request_id = row.lift_requests.get().id

    own = cleo.post(f"/compliance/lifts/{request_id}/", {"decision": "approve"}, follow=True)
    assert "Another person must approve it" in text_of(own)
    assert not SuppressionLift.objects.exists()
    shown = text_of(ada.get(f"/compliance/lifts/{request_id}/"))
    ada.post(f"/compliance/lifts/{request_id}/", {"decision": "approve"})

    assert "asks for a quote" in shown
    assert "called on 2026-11-22 16:00 UTC: “Is the rebate &lt;b&gt;still" in shown
    assert SuppressionLift.objects.get().approved_by == "ada"
    assert "Lifted" in text_of(cleo.get("/compliance/lifts/"))


def test_a_lift_without_a_newer_consent_says_what_to_do_first(cleo: Client) -> None:
    row = refuse()
    old = agree(at=NOW - timedelta(days=30))

    page = text_of(cleo.get(f"/compliance/do-not-call/{row.id}/lift/"))
    answer = cleo.post(f"/compliance/do-not-call/{row.id}/lift/", {"consent": old.id, "reason": "x"})

    assert "Record the person’s new consent first" in page
    assert answer.status_code == 422
    assert not row.lift_requests.exists()


def test_a_message_is_read_once(cleo: Client) -> None:
    with transaction.atomic():
        heard = services.revoke_in_words(
            "please stop texting me about solar", number=NUMBER, seller=SELLER, heard_on="text message", actor="nil", now=NOW
        )  # fmt: skip
    assert heard.revocation is not None
    path = f"/compliance/reviews/{heard.revocation.id}/"

    assert "stop texting" in text_of(cleo.get("/compliance/reviews/"))
    cleo.post(path, {"finding": "mistaken", "note": "speaks of a neighbour"})
    again = cleo.post(path, {"finding": "confirmed"}, follow=True)

    assert RevocationReview.objects.get().finding == "mistaken"
    assert "has read this message already" in text_of(again)
    assert "Misread" in text_of(again)


CONSENT = {
    "number": "(407) 555-0123", "kind": "pewc", "given_at": "2026-11-20T12:00", "source": "form", "obtained_by": SELLER,
    "sellers": f"{SELLER}; Other", "text_shown": "=HYPERLINK(1) <i>yes</i>", "channels": ["sms"],
}  # fmt: skip


def test_a_consent_is_kept_once_with_its_words(cleo: Client) -> None:
    first = cleo.post("/compliance/consents/add/", CONSENT, follow=True)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        second = cleo.post("/compliance/consents/add/", CONSENT, follow=True)

    row = ConsentRecord.objects.get()
    assert (row.sellers, row.channels, row.recorded_by) == (sorted([SELLER, "Other"]), ["sms"], "cleo")
    assert "The consent is kept" in text_of(first)
    assert "kept already" in text_of(second)
    assert "&lt;i&gt;yes" in text_of(second)
    assert (
        len(cleo.get("/compliance/consents/?seller=Other&kind=pewc&q=5550123").context["view"].tables[0].rows)
        == 1
    )
    assert "No consent fits" in text_of(cleo.get("/compliance/consents/?source=agent"))


def test_issue_3_8_the_way_back_from_a_request_to_a_call_that_is_allowed(
    cleo: Client, ada: Client, ask: Ask
) -> None:
    ready_to_call()
    row = refuse()
    came_back = {
        **CONSENT, "given_at": "2026-11-23T15:00", "signature": "typed name", "channels": [], "asked_how": "text",
        "asked_words": "Hi, please call me after all", "asked_at": "2026-11-23T14:59",
    }  # fmt: skip

    def verdict() -> str:
        [found] = services.explain([ask()], now=NOW)
        return "" if found.allowed else found.code

    assert verdict() == "DNC_INTERNAL"
    cleo.post("/compliance/consents/add/", came_back)
    consent = ConsentRecord.objects.get()
    assert verdict() == "DNC_INTERNAL"
    way = f"/compliance/do-not-call/{row.id}/lift/"
    assert "sent a text on 2026-11-23 14:59 UTC" in text_of(cleo.get(way))
    cleo.post(way, {"consent": consent.id, "reason": "wants a quote"})
    assert verdict() == "DNC_INTERNAL"
    decide = f"/compliance/lifts/{row.lift_requests.get().id}/"
    cleo.post(decide, {"decision": "approve"})
    assert verdict() == "DNC_INTERNAL"
    ada.post(decide, {"decision": "approve"})

    assert verdict() == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"number": "12"}, "too few"),
        ({"given_at": "2027-01-01T00:00"}, "future"),
        ({"given_at": "0001-01-01T00:00"}, "between 2000 and 2100"),
        ({"valid_until": "2026-11-19T00:00"}, "ends before it begins"),
        ({"kind": "friendly"}, "valid choice"),
        ({"channels": ["pigeon"]}, "valid choice"),
        ({"text_shown": "x" * 20_001}, "at most 20000"),
        ({"ip": "1.2.3"}, "valid IPv4"),
        ({"source": "import"}, "valid choice"),
        ({"person_ref": "a\x00b"}, "Null characters"),
        ({"asked_how": "form"}, "needs all three"),
        ({"asked_how": "dream", "asked_words": "x", "asked_at": "2026-11-20T12:00"}, "valid choice"),
        (
            {"asked_how": "call", "asked_words": "x" * 4001, "asked_at": "2026-11-20T12:00"},
            "asked_words is too long",
        ),
        (
            {"asked_how": "call", "asked_words": "hi", "asked_at": "2026-11-21T12:00"},
            "asked after they agreed",
        ),
    ],
)
def test_a_consent_that_cannot_be_is_explained_and_nothing_lost(
    cleo: Client, change: dict[str, Any], message: str
) -> None:
    answer = cleo.post("/compliance/consents/add/", {**CONSENT, "name_given": "Rosa Marin", **change})

    assert answer.status_code == 422
    assert message in text_of(answer)
    assert "Rosa Marin" in text_of(answer)
    assert not ConsentRecord.objects.exists()


def _file(content: bytes) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("list.csv", content)}


def test_every_row_of_an_uploaded_list_is_counted(cleo: Client) -> None:
    rows = b"number,raw_words\n407-555-0123,stop\n(407) 555-0123,stop\n12,<script>\n"

    first = cleo.post("/compliance/do-not-call/upload/", _file(rows))
    second = cleo.post("/compliance/do-not-call/upload/", _file(rows))

    assert [stat.value for stat in first.context["view"].stats] == ["3", "1", "1", "1"]
    assert [stat.value for stat in second.context["view"].stats] == ["3", "0", "2", "1"]
    (refused,) = first.context["view"].tables[0].rows
    assert next(cell.text for _, cell in refused.cells) == "4"  # the line
    assert "&lt;script&gt;" in text_of(first)
    assert Suppression.objects.count() == 1


def test_uploaded_consents_are_counted(cleo: Client) -> None:
    rows = (
        f"number,kind,obtained_by,given_at\n4075550123,pec,{SELLER},2026-11-01T10:00:00+00:00\n1,pec,x,soon\n"
    )

    answer = cleo.post("/compliance/consents/upload/", _file(rows.encode()))

    assert [stat.value for stat in answer.context["view"].stats] == ["2", "1", "0", "1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"phone\n1\n", "There is no column"),
        (b"reason\nx\n", "is missing"),
        (b"PK\x03\x04\x00", "not a text file"),
        (b"number,number\n1,2\n", "twice"),
    ],
)
def test_a_file_that_is_no_table_is_explained(cleo: Client, content: bytes, message: str) -> None:
    answer = cleo.post("/compliance/do-not-call/upload/", _file(content))

    assert answer.status_code == 422
    assert message in text_of(answer)


LIMIT = {"since": "2026-11-24", "until": "", "reason": "room for a failed download"}


def test_a_stricter_limit_holds_at_once(cleo: Client) -> None:
    cleo.post("/compliance/rules/limits/registry_max_age_days/", {**LIMIT, "value": "28"})

    row = HouseLimitRow.objects.get()
    assert (row.value, row.set_by, row.is_override) == (28, "cleo", False)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("registry_max_age_days", "32", "47 CFR 64.1200(c)(2)(i)(D)"),
        ("federal_closes", "21:30", "The house may only be stricter"),
        ("registry_max_age_days", "-1", "whole number"),
        ("registry_max_age_days", "٣", "whole number"),
        ("federal_closes", "late", "time of day"),
        ("state_lists_required", "perhaps", "yes or no"),
    ],
)
def test_a_limit_looser_than_law_is_refused_in_the_laws_words(
    cleo: Client, name: str, value: str, message: str
) -> None:
    answer = cleo.post(f"/compliance/rules/limits/{name}/", {**LIMIT, "value": value})

    assert answer.status_code == 422
    assert message in text_of(answer)
    assert "room for a failed download" in text_of(answer)
    assert not HouseLimitRow.objects.exists()


def test_a_looser_policy_takes_two_people(cleo: Client, ada: Client) -> None:
    asked = cleo.post(
        "/compliance/rules/limits/caller_dials_per_day/", {**LIMIT, "value": "200"}, follow=True
    )
    row = HouseLimitRequest.objects.get()
    path = f"/compliance/rules/limits/requests/{row.id}/"

    assert "waits for another person" in text_of(asked)
    assert "You asked for it yourself" in text_of(cleo.get(path))
    own = cleo.post(path, {"decision": "approve"}, follow=True)
    assert "who asked for it cannot" in text_of(own)
    assert not HouseLimitRow.objects.exists()
    ada.post(path, {"decision": "approve"})
    again = ada.post(path, {"decision": "refuse"}, follow=True)

    limit = HouseLimitRow.objects.get()
    assert (limit.value, limit.set_by, limit.approved_by, limit.is_override) == (200, "cleo", "ada", True)
    assert "has decided this already" in text_of(again)
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {
        "compliance.house_limit.requested",
        "compliance.house_limit.approved",
        "compliance.house_limit.set",
    } <= verbs


def test_a_refused_limit_changes_nothing_and_may_be_asked_again(cleo: Client, ada: Client) -> None:
    form = {**LIMIT, "value": "200"}
    cleo.post("/compliance/rules/limits/caller_dials_per_day/", form)
    second = cleo.post("/compliance/rules/limits/caller_dials_per_day/", form)
    ada.post(
        f"/compliance/rules/limits/requests/{HouseLimitRequest.objects.get().id}/", {"decision": "refuse"}
    )
    third = cleo.post("/compliance/rules/limits/caller_dials_per_day/", form)

    assert "has asked for this limit already" in text_of(second)
    assert third.status_code == 302
    assert not HouseLimitRow.objects.exists()


def test_a_denial_is_lifted_for_a_while_and_never_what_nobody_may_lift(cleo: Client) -> None:
    form = {
        "code": "CONSENT_SELLER",
        "until": "2026-11-30T12:00",
        "number": "407-555-0123",
        "reason": "former name",
    }
    cleo.post("/compliance/overrides/add/", form)
    nobody = cleo.post("/compliance/overrides/add/", {**form, "number": ""})
    never = cleo.post("/compliance/overrides/add/", {**form, "code": "DNC_INTERNAL"})
    long = cleo.post("/compliance/overrides/add/", {**form, "until": "2027-02-01T00:00"})

    assert Override.objects.get().by == "cleo"
    assert (nobody.status_code, never.status_code, long.status_code) == (422, 422, 422)
    assert "Name the number" in text_of(nobody)
    assert "within 30 days" in text_of(long)
    assert "former name" in text_of(cleo.get("/compliance/overrides/"))
    assert signed_in("mia", Role.MANAGER).get("/compliance/overrides/add/").status_code == 403


def test_a_verdict_leads_to_its_lift_where_somebody_may_lift_it(cleo: Client, ask: Ask) -> None:
    deny(ask)  # no caller ID is proven, no state registered
    refuse()
    with transaction.atomic():
        services.clear_to_contact([ask()], now=NOW)

    liftable, never = (
        text_of(cleo.get(f"/compliance/verdicts/{row.id}/"))
        for row in reversed(cleo.get("/compliance/").context["rows"])
    )

    assert "Lift this denial" in liftable
    assert "Lift this denial" not in never


def test_an_emergency_is_declared_and_ended(cleo: Client) -> None:
    form = {
        "state": "LA",
        "area": "Orleans Parish",
        "zips": "701, 70112",
        "since": "2026-11-22T00:00",
        "declared_by": "Proclamation 9",
    }
    cleo.post("/compliance/emergencies/add/", form)
    wrong = cleo.post("/compliance/emergencies/add/", {**form, "zips": "7o1"})
    row = EmergencyArea.objects.get()
    early = cleo.post(f"/compliance/emergencies/{row.id}/end/", {"until": "2026-11-21T00:00"})
    cleo.post(f"/compliance/emergencies/{row.id}/end/", {"until": "2026-11-23T00:00"})

    row.refresh_from_db()
    assert row.zips == ["701", "70112"]
    assert "is no ZIP code" in text_of(wrong)
    assert "ends before it begins" in text_of(early)
    assert row.until is not None
    assert "Over" in text_of(cleo.get("/compliance/emergencies/"))


def test_the_papers_say_what_is_missing_and_what_ends_soon(cleo: Client) -> None:
    paper = {"state": "FL", "certificate": "FL-7", "valid_from": "2026-01-01", "valid_to": "2026-12-13"}
    cleo.post("/compliance/papers/add/", paper)
    cleo.post("/compliance/papers/add/", {**paper, "state": "TX", "valid_to": "2026-11-22"})
    none = cleo.post("/compliance/papers/add/", {**paper, "certificate": ""})
    page = cleo.get("/compliance/papers/")

    assert SellerRegistration.objects.count() == 2
    assert "Give the certificate" in text_of(none)
    warning = page.context["view"].warning
    assert "Ends within 30 days: Florida." in warning
    assert "Texas" in warning
    assert "Florida" not in warning.split("Ends within")[0]


def test_a_caller_id_says_why_it_is_refused(cleo: Client) -> None:
    form = {"number": "407-555-0100", "authority": "contract 7", "active": "on"}
    cleo.post("/compliance/papers/callers/add/", form)
    row = CallerAuthority.objects.get()
    before = text_of(cleo.get("/compliance/papers/callers/"))
    shown = cleo.get(f"/compliance/papers/callers/{row.id}/")
    cleo.post(
        f"/compliance/papers/callers/{row.id}/", {**form, "takes_requests": "on", "tested_on": "2026-11-20"}
    )

    assert "nobody takes requests on it; never called back" in before
    assert "contract 7" in text_of(shown)
    assert "May be shown" in text_of(cleo.get("/compliance/papers/callers/"))
    assert CallerAuthority.objects.count() == 1


@pytest.mark.parametrize(
    ("number", "kind", "stored"),
    [
        ("407-555-0100", "long_code", "+14075550100"),
        ("24273", "short_code", "24273"),
        ("2427", "short_code", ""),
    ],
)
def test_a_sender_is_a_number_or_a_short_code(cleo: Client, number: str, kind: str, stored: str) -> None:
    answer = cleo.post(
        "/compliance/papers/senders/add/", {"number": number, "kind": kind, "brand_approved": "on"}
    )

    assert (answer.status_code == 302) == bool(stored)
    assert list(SenderRegistration.objects.values_list("number", flat=True)) == ([stored] if stored else [])


def test_look_ups_are_recorded_on_the_page_of_a_number(cleo: Client) -> None:
    line = {"type": "landline_res", "source": "look-up", "checked_at": "2026-11-20T10:00"}
    answer = {
        "answer": "no",
        "since": "2026-10-01",
        "checked_at": "2026-11-20T10:00",
        "database_version": "2026-11",
    }
    cleo.post(f"/compliance/numbers/{NUMBER}/line/", line)
    cleo.post(f"/compliance/numbers/{NUMBER}/reassigned/", answer)
    late = cleo.post(f"/compliance/numbers/{NUMBER}/line/", {**line, "checked_at": "2026-12-01T10:00"})
    never = cleo.post(
        f"/compliance/numbers/{NUMBER}/reassigned/", {**answer, "checked_at": "2026-12-01T10:00"}
    )
    page = text_of(cleo.get(f"/compliance/numbers/{NUMBER}/"))

    assert LineRecord.objects.get().type == "landline_res"
    assert ReassignedCheck.objects.get().recorded_by == "cleo"
    assert (late.status_code, never.status_code) == (422, 422)
    assert "Landline, home" in page
    assert "2026-11" in page
    assert len(cleo.get("/compliance/registry/reassigned/?answer=no").context["view"].tables[0].rows) == 1


def test_the_history_shows_loads_and_scrubs_with_their_sums(cleo: Client) -> None:

    load_registry(["4075550199"])
    outputs = services.Outputs(listed=io.BytesIO(), clean=io.BytesIO(), refused=io.BytesIO())
    services.scrub_list(
        io.BytesIO(b"4075550199\n4075550111\nx\n"),
        outputs,
        seller=SELLER,
        now=NOW,
        label="fair.txt",
        actor="nil",
    )

    page = text_of(cleo.get("/compliance/registry/history/"))

    assert "fair.txt" in page
    assert "10000001-1" in page
    assert "a" * 64 in page


def test_a_rule_has_a_page_with_its_numbers_and_cases(cleo: Client) -> None:
    page = text_of(cleo.get("/compliance/rules/FED-002/"))

    assert "47 CFR 64.1200(c)(2)(i)(D)" in page
    assert "tests/rules/test_registry_rules.py" in page
    assert "DNC_NATIONAL" in page
