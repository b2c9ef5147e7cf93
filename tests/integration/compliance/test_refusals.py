"""Consents, revocations on every channel, and the rare way back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from compliance import services
from compliance.gathering import load_facts
from compliance.models import ConsentRecord, OpenClearance, Revocation, Suppression
from compliance.rules.facts import Channel, ConsentKind, SuppressionKind, SuppressionScope
from compliance.rules.revocation import Meaning
from compliance.services import Asked, ConsentRefused, ContactRequest, LiftRefused, NewConsent, Source
from core.errors import NotFound, Stale
from core.models import AuditEvent, OutboxMessage
from core.types import PhoneNumber
from tests.integration.compliance.conftest import NOW, SELLER

Ask = Callable[..., ContactRequest]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]
ANA = PhoneNumber("+14075550123")


def do(service: Callable[..., Any], **values: Any) -> Any:
    """Run a service in a transaction of its own."""
    with transaction.atomic():
        return service(**values)


def consent(**changes: Any) -> NewConsent:
    """Return a complete written consent of Ana's, given a day before now."""
    values: dict[str, Any] = {
        "number": ANA,
        "kind": ConsentKind.PEWC,
        "obtained_by": SELLER,
        "given_at": NOW - timedelta(days=1),
        "source": Source.FORM,
        "sellers": frozenset({SELLER}),
        "text_shown": "I agree that Northwind may call me. I need not agree to buy.",
        "signature": "typed name",
        "asked_how": Asked.FORM,
        "asked_words": "Please call me after all.",
    }
    values["asked_at"] = changes.get("given_at", values["given_at"])
    return NewConsent(**{**values, **changes})


def grant(**changes: Any) -> ConsentRecord:
    """Keep a consent."""
    return do(services.grant_consent, consent=consent(**changes), recorded_by="form", now=NOW)  # type: ignore[no-any-return]


def revoke(**changes: Any) -> Revocation:
    """Take Ana at her word."""
    values: dict[str, Any] = {
        "number": ANA, "seller": SELLER, "raw_words": "Stop.", "heard_on": "text message", "actor": "sms", "now": NOW,
    }  # fmt: skip
    return do(services.revoke, **{**values, **changes})  # type: ignore[no-any-return]


def test_fed_008_a_consent_is_kept_with_its_words_once_and_in_a_chain(ask: Ask) -> None:
    first = grant()
    again = grant()
    second = grant(given_at=NOW - timedelta(hours=1))

    assert again.id == first.id
    assert (first.position, first.prev_hash, second.position, second.prev_hash) == (1, "", 2, first.row_hash)
    assert len(first.text_sha256) == 64
    assert services.broken_link(ANA) is None
    [facts] = load_facts([ask()], NOW)
    assert [(one.ref, one.has_text, one.signature) for one in facts.consents] == [
        (f"consent:{row.id}", True, "typed name") for row in (first, second)
    ]


@pytest.mark.parametrize(
    "change", ["text_shown = 'I agree to everything'", "sellers = '[]'", "prev_hash = repeat('a', 64)"]
)
def test_a_consent_changed_behind_the_gates_back_is_found(change: str) -> None:
    grant()
    second = grant(given_at=NOW - timedelta(hours=1))

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE compliance_consentrecord DISABLE TRIGGER append_only")
        cursor.execute(f"UPDATE compliance_consentrecord SET {change} WHERE id = %s", [second.id])

    assert services.broken_link(ANA) == second


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"given_at": NOW + timedelta(seconds=1)}, "future"),
        ({"obtained_by": " "}, "who obtained it"),
        ({"valid_until": NOW - timedelta(days=2)}, "ends before it begins"),
        ({"text_shown": "a\x00b"}, "cannot be stored"),
        ({"user_agent": "x" * 401}, "user_agent is too long"),
        ({"asked_words": "x" * 4001}, "asked_words is too long"),
        ({"asked_how": "telepathy"}, "asked_how is not one of form, call, text"),
        ({"asked_words": " "}, "needs all three"),
        ({"asked_how": ""}, "needs all three"),
        ({"asked_at": None}, "needs all three"),
        ({"asked_at": NOW - timedelta(hours=23)}, "asked after they agreed"),
    ],
)
def test_a_consent_that_cannot_be_is_refused_in_words(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConsentRefused, match=words):
        grant(**changes)


def test_fed_030_another_persons_consent_on_the_number_is_no_evidence(ask: Ask) -> None:
    grant(person_ref="lead:0123")
    grant(person_ref="lead:other", given_at=NOW - timedelta(days=3))
    grant(given_at=NOW - timedelta(days=5))

    [hers, nobodys] = load_facts([ask(), ask(person_ref="")], NOW)

    assert [one.given_at for one in hers.consents] == [NOW - timedelta(days=1), NOW - timedelta(days=5)]
    assert [one.given_at for one in nobodys.consents] == [NOW - timedelta(days=5)]


def test_a_revocation_stops_every_channel_and_campaign_and_leaves_its_evidence(ask: Ask) -> None:
    with transaction.atomic():
        [answer] = services.clear_to_contact([ask()], now=NOW)

    row = revoke(source_ref="SM1", received_at=NOW - timedelta(seconds=2))

    assert (row.raw_words, row.honoured_at - row.received_at) == ("Stop.", timedelta(seconds=2))
    assert Suppression.objects.get().kind == "revoked"
    assert OpenClearance.objects.get(decision_id=answer.decision_id).voided_by == "sms"
    [event] = OutboxMessage.objects.filter(topic="compliance.number.revoked")
    assert (event.payload["numbers"], event.payload["seller"]) == ([ANA], SELLER)
    [decision] = services.explain([ask(campaign_ref="campaign:2")], now=NOW)
    assert decision.code in ("REVOKED", "DNC_INTERNAL")


def test_the_same_message_twice_is_one_revocation_and_another_is_another() -> None:
    first, again, other = revoke(source_ref="SM1"), revoke(source_ref="SM1"), revoke(source_ref="SM2")

    assert (again.id, other.suppression_id) == (first.id, first.suppression_id)
    assert Revocation.objects.count() == 2
    assert Suppression.objects.count() == 1
    assert OutboxMessage.objects.count() == 2


def test_a_revocation_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="words"):
        revoke(raw_words=" ")


def test_a_provider_that_refuses_our_text_is_believed() -> None:
    row = do(
        services.revoke_from_provider_error,
        number=ANA, seller=SELLER, code="21610", text="unsubscribed recipient", source_ref="SM9", actor="sms", now=NOW,
    )  # fmt: skip

    assert (row.matched_by, row.tier, Suppression.objects.get().kind) == ("provider:21610", 1, "revoked")


@pytest.mark.parametrize(
    ("text", "spoken", "meaning", "kind", "needs_review"),
    [
        pytest.param("please stop all messages", False, Meaning.REVOKED, "revoked", True, id="FED-012 T1"),
        pytest.param("no more calls", False, Meaning.REVOKED, "revoked", True, id="FED-012 T2"),
        pytest.param("take me off your list", True, Meaning.REVOKED, "do_not_call", True, id="FED-012 T4"),
        pytest.param("Stop.", False, Meaning.REVOKED, "revoked", False, id="FED-013 T1"),
        pytest.param("STOP IT", False, Meaning.REVOKED, "revoked", True, id="FED-013 T2"),
        pytest.param("what time do you stop serving?", False, Meaning.NONE, None, None, id="FED-013 T3"),
        pytest.param("wrong number", False, Meaning.WRONG_NUMBER, "wrong_number", True, id="FED-030 T4"),
        pytest.param("START", False, Meaning.RESUBSCRIBE, None, None, id="A2P-006 START lifts nothing"),
    ],
)
def test_words_are_acted_on_at_once(
    text: str, spoken: bool, meaning: Meaning, kind: str | None, needs_review: bool | None
) -> None:
    with transaction.atomic():
        heard = services.revoke_in_words(
            text,
            number=ANA,
            seller=SELLER,
            heard_on="text message",
            actor="sms",
            now=NOW,
            person_ref="lead:0123",
            spoken=spoken,
        )

    assert heard.reading.meaning is meaning
    assert list(Suppression.objects.values_list("kind", flat=True)) == ([kind] if kind else [])
    if heard.revocation is not None:
        assert heard.revocation.needs_review in (needs_review, True)
        assert heard.revocation.matched_by


def test_fed_030_t4_a_wrong_number_binds_the_pair_alone(ask: Ask) -> None:
    revoke(kind=SuppressionKind.WRONG_NUMBER, person_ref="lead:0123", raw_words="not me")

    [pair, other_person, unknown, other_number] = services.explain(
        [ask(), ask(person_ref="lead:9"), ask(person_ref=""), ask("+14075550124", person_ref="lead:0123")],
        now=NOW,
    )

    assert [one.allowed for one in (pair, other_person, unknown, other_number)] == [False, True, False, True]
    assert not OutboxMessage.objects.exists()


def test_fed_006_t3_a_request_made_for_one_seller_does_not_bind_another(ask: Ask) -> None:
    revoke()
    [facts] = load_facts([ask(seller="Other Seller")], NOW)

    assert [(one.seller, one.scope) for one in facts.suppressions] == [(SELLER, SuppressionScope.SELLER)]


def test_a_message_is_read_by_a_person_once() -> None:
    row = revoke()
    told = {
        "revocation_id": row.id,
        "is_revocation": False,
        "note": "asked for the price",
        "reviewed_by": "nil",
    }

    do(services.review_revocation, now=NOW, **told)

    with pytest.raises(Stale):
        do(services.review_revocation, now=NOW, **told)
    with pytest.raises(NotFound):
        do(services.review_revocation, now=NOW, **{**told, "revocation_id": 0})
    [facts] = load_facts([_request()], NOW)
    assert facts.suppressions  # a mistake found is mended by a lift, not by the finding


def _request() -> ContactRequest:
    from compliance.rules.facts import Channel, Purpose

    return ContactRequest(
        number=ANA, channel=Channel.LIVE_PREVIEW, purpose=Purpose.SURVEY, seller=SELLER, campaign_ref="campaign:1",
        person_ref="lead:0123", attempt_ref="", caller_id=PhoneNumber("+14075550100"), ring_seconds=25,
        postal_code="32801",
    )  # fmt: skip


def ask_back(consent_row: ConsentRecord, *, by: str = "nil") -> int:
    """Ask that Ana's suppression be lifted; return the request's id."""
    row = do(
        services.request_lift,
        suppression_id=Suppression.objects.latest("id").id,
        consent_id=consent_row.id,
        reason="signed the new form",
        requested_by=by,
        now=NOW + timedelta(days=2),
    )
    return int(row.id)


def test_fed_006_t4_two_people_lift_a_request_on_a_new_consent_and_old_ones_stay_dead(ask: Ask) -> None:
    old = grant()
    revoke()
    later = NOW + timedelta(days=2)
    new = do(
        services.grant_consent,
        consent=consent(given_at=NOW + timedelta(days=1)),
        recorded_by="form",
        now=later,
    )
    request_id = ask_back(new)

    with pytest.raises(LiftRefused, match="Another person"):
        do(services.approve_lift, request_id=request_id, approved_by="nil", now=later)
    assert services.explain([ask()], now=later)[0].code in ("REVOKED", "DNC_INTERNAL")
    do(services.approve_lift, request_id=request_id, approved_by="sol", now=later)

    [facts] = load_facts([ask()], later)
    assert [fact.lifted_on for fact in facts.suppressions] == [f"consent:{new.id}"]
    assert services.explain([ask()], now=later)[0].allowed
    assert [(one.ref, one.revoked_at) for one in facts.consents] == [
        (f"consent:{old.id}", NOW),
        (f"consent:{new.id}", None),
    ]
    verbs = AuditEvent.objects.filter(verb__startswith="compliance.lift").order_by("id")
    assert [(one.actor, one.verb) for one in verbs] == [
        ("nil", "compliance.lift.requested"),
        ("sol", "compliance.lift.approved"),
    ]


def test_a_lift_reaches_no_further_than_the_consent_it_rests_on(ask: Ask) -> None:
    revoke()
    later = NOW + timedelta(days=2)
    new = do(
        services.grant_consent,
        consent=consent(given_at=NOW + timedelta(days=1), channels=frozenset({Channel.SMS})),
        recorded_by="form",
        now=later,
    )
    do(services.approve_lift, request_id=ask_back(new), approved_by="sol", now=later)

    [call] = services.explain([ask()], now=later)

    assert (call.code, "does not cover this" in call.sentence) == ("REVOKED", True)


def test_what_was_said_to_everybody_is_not_lifted_on_what_one_seller_heard(ask: Ask) -> None:
    revoke(scope=SuppressionScope.EVERYONE)
    new = grant_later()

    with pytest.raises(LiftRefused, match="said to everybody"):
        ask_back(new)


def test_that_the_person_asked_is_part_of_the_chain_and_of_what_makes_it_this_consent(ask: Ask) -> None:
    plain = grant(asked_how="", asked_words="", asked_at=None)
    asked = grant(asked_words="Call me. My card is 4111 1111 1111 1111")
    assert plain.id != asked.id
    assert "4111" not in asked.asked_words
    [facts] = load_facts([ask()], NOW)
    assert [one.asked_by_person for one in facts.consents] == [False, True]

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE compliance_consentrecord DISABLE TRIGGER append_only")
        cursor.execute("UPDATE compliance_consentrecord SET asked_words = 'no' WHERE id = %s", [asked.id])

    assert services.broken_link(ANA) == asked


def grant_later() -> ConsentRecord:
    """Keep a consent the person came for a day after the others."""
    given = consent(given_at=NOW + timedelta(days=1))
    return do(services.grant_consent, consent=given, recorded_by="form", now=NOW + timedelta(days=2))  # type: ignore[no-any-return]


def test_who_refuses_again_after_a_lift_is_suppressed_again(ask: Ask) -> None:
    revoke()
    later = NOW + timedelta(days=2)
    new = do(
        services.grant_consent,
        consent=consent(given_at=NOW + timedelta(days=1)),
        recorded_by="form",
        now=later,
    )
    do(services.approve_lift, request_id=ask_back(new), approved_by="sol", now=later)

    revoke(now=later + timedelta(days=1), raw_words="I said stop")

    assert list(Suppression.objects.order_by("id").values_list("after_lifts", flat=True)) == [0, 1]
    assert services.explain([ask()], now=later + timedelta(days=2))[0].allowed is False


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {"source": Source.IMPORT, "asked_how": "", "asked_words": "", "asked_at": None},
            "by themself",
            id="FED-006 T4 an import that says opted in lifts nothing",
        ),
        pytest.param({"asked_at": NOW - timedelta(hours=1)}, "before the suppression", id="asked too early"),
        pytest.param({"kind": ConsentKind.CONVERSATION}, "none of the person’s own", id="wrote to us"),
        pytest.param({"box_preticked": True}, "none of the person’s own", id="a box ticked beforehand"),
        pytest.param({"obtained_by": "LeadShop"}, "LeadShop obtained", id="by way of a vendor"),
        pytest.param({"given_at": NOW - timedelta(days=1)}, "after the suppression", id="an old consent"),
        pytest.param({"text_shown": ""}, "not documented", id="nothing kept"),
        pytest.param({"sellers": frozenset({"Other"})}, "does not name", id="another seller"),
        pytest.param({"number": PhoneNumber("+14075550124")}, "another number", id="another number"),
    ],
)
def test_a_consent_that_does_not_do_lifts_nothing(changes: dict[str, Any], words: str) -> None:
    revoke()
    row = do(
        services.grant_consent,
        consent=consent(**{"given_at": NOW + timedelta(days=1), **changes}),
        recorded_by="form",
        now=NOW + timedelta(days=2),
    )

    with pytest.raises(LiftRefused, match=words):
        ask_back(row)


def test_a_known_litigator_is_never_lifted() -> None:
    revoke(kind=SuppressionKind.DO_NOT_CALL)
    do(
        services.suppress,
        number=ANA, seller=SELLER, reason="sued", raw_words="", heard_on="court", actor="nil", now=NOW,
        kind=SuppressionKind.LITIGATOR, scope=SuppressionScope.EVERYONE,
    )  # fmt: skip
    row = do(
        services.grant_consent,
        consent=consent(given_at=NOW + timedelta(days=1)),
        recorded_by="form",
        now=NOW + timedelta(days=2),
    )

    with pytest.raises(LiftRefused, match="never lifted"):
        ask_back(row)


def test_one_person_cannot_lift_even_at_the_database() -> None:
    revoke()
    row = grant()
    values = "%s, %s, 'nil', 'nil', 'why', now()"

    with (
        pytest.raises(IntegrityError, match="two_people"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO compliance_suppressionlift (suppression_id, consent_id, requested_by, approved_by, reason, at) "
            f"VALUES ({values})",
            [Suppression.objects.get().id, row.id],
        )


def test_a_request_for_one_campaign_names_it_and_voids_only_there(ask: Ask, now: datetime) -> None:
    with transaction.atomic():
        services.clear_to_contact([ask(), ask(campaign_ref="campaign:2")], now=now)

    revoke(scope=SuppressionScope.CAMPAIGN, campaign_ref="campaign:2", kind=SuppressionKind.DO_NOT_CALL)

    voided = OpenClearance.objects.filter(voided_at__isnull=False).values_list("campaign_ref", flat=True)
    assert list(voided) == ["campaign:2"]
