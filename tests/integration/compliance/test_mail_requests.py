"""Requests by e-mail: who is known under the address is revoked with everything they have, all others wait and are never lost."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Contact, ContactPhone
from compliance import services
from compliance.mail import read_mail
from compliance.models import MailRequest, MailSettlement, Revocation, RevocationReview, Suppression
from core.errors import Stale
from core.models import AuditEvent
from core.types import PhoneNumber
from tests.integration.compliance.conftest import NOW, SELLER

pytestmark = pytest.mark.django_db
Ask = Callable[..., services.ContactRequest]
ONE, OTHER, THIRD = "+14075550123", "+14075550124", "+14075550125"
STOP = "Please take me off your list. Lee"


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def add_person(email: str = "Lee@Example.com", *numbers: str) -> Contact:
    contact = Contact.objects.create(
        first_name="Lee", last_name="Lead", email=email, created_at=NOW, changed_at=NOW
    )
    for position, number in enumerate(numbers):
        ContactPhone.objects.create(
            contact=contact, number=number, raw=number, kind="main", position=position
        )
    return contact


def mail(body: str = STOP, *headers: str) -> bytes:
    return "\r\n".join(["From: Lee <lee@example.com>", *headers, "", body]).encode()


def take(data: bytes) -> services.Taken:
    with transaction.atomic():
        return services.take_mail(read_mail(data), seller=SELLER, actor="intake_email", now=NOW)


def client_of(name: str, role: Role) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name, role=role.value))
    return client


@pytest.fixture
def cleo() -> Client:
    """Return the compliance officer's browser."""
    return client_of("cleo", Role.COMPLIANCE)


@pytest.fixture
def ana() -> Client:
    """Return an agent's browser."""
    return client_of("ana", Role.AGENT)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def codes(*requests: services.ContactRequest) -> list[str]:
    return [decision.code for decision in services.explain(requests, now=NOW)]


def test_every_number_of_everybody_with_the_address_is_revoked_at_once(registry: None, ask: Ask) -> None:
    add_person("Lee@Example.com", ONE, OTHER)
    add_person("lee@example.com", THIRD)
    add_person("leela@example.com", "+14075550126")

    taken = take(mail())

    assert taken.settlement is not None
    assert taken.settlement.numbers == [ONE, OTHER, THIRD]
    assert codes(ask(ONE), ask(OTHER), ask(THIRD), ask("+14075550126")) == ["REVOKED"] * 3 + [""]
    assert set(Revocation.objects.values_list("raw_words", "heard_on", "source_ref")) == {
        (STOP, "email", f"mail:{taken.request.pk}")
    }


def test_a_clearance_given_a_second_ago_is_void(registry: None, ask: Ask) -> None:
    add_person("lee@example.com", ONE)
    with transaction.atomic():
        [cleared] = services.clear_to_contact([ask(ONE)], now=NOW)

    take(mail())

    with transaction.atomic(), pytest.raises(services.ClearanceGone):
        services.consume_clearance(
            decision_id=cleared.decision_id,
            bound=services.Bound(
                number=ONE, channel="live_preview", purpose="telemarketing", seller=SELLER, campaign_ref="campaign:1",
                caller_id="+14075550100",
            ),
            now=NOW,
        )  # fmt: skip


def test_what_was_read_as_a_phrase_is_honoured_and_read_by_a_person_later() -> None:
    add_person("lee@example.com", ONE)

    take(mail("I don't want any more of these calls, whoever you are"))

    row = Revocation.objects.get()
    assert row.needs_review
    assert not RevocationReview.objects.exists()


@pytest.mark.parametrize(
    ("data", "people"),
    [
        (mail(), []),
        (mail(), [("lee@example.com",)]),
        (mail("Thank you, see you on Monday"), [("lee@example.com", ONE)]),
        (mail("Who is this?"), [("lee@example.com", ONE)]),
        (b"take me off your list", [("lee@example.com", ONE)]),
        (mail("", "Subject: "), [("lee@example.com", ONE)]),
        (mail(f"ok\n> {STOP}"), [("lee@example.com", ONE)]),
        (mail(STOP, "Auto-Submitted: auto-replied"), [("lee@example.com", ONE)]),
        (b"\xff\xfe\x00\x80", []),
    ],
    ids=["unknown", "no number", "no wish", "a question", "no sender", "no text", "quoted", "a program", "noise"],
)  # fmt: skip
def test_what_cannot_be_honoured_waits_for_a_person(data: bytes, people: list[tuple[str, ...]]) -> None:
    for email, *numbers in people:
        add_person(email, *numbers)

    taken = take(data)

    assert taken.settlement is None
    assert MailRequest.objects.get().raw_words
    assert not Suppression.objects.exists()


def test_the_same_mail_twice_is_one() -> None:
    add_person("lee@example.com", ONE)

    first = take(mail(STOP, "Message-ID: <1@x>"))
    second = take(mail(STOP, "Message-ID: <1@x>"))

    assert first.request == second.request
    assert second.settlement == first.settlement
    assert Revocation.objects.count() == 1


def test_two_mails_without_an_id_are_two() -> None:
    take(mail())
    take(mail())

    assert MailRequest.objects.count() == 2


def test_card_data_in_a_mail_is_not_kept() -> None:
    add_person("lee@example.com", ONE)

    take(mail("Stop calling me. My card 4111 1111 1111 1111 was charged twice."))

    assert "4111" not in MailRequest.objects.get().raw_words
    assert "4111" not in Revocation.objects.get().raw_words
    assert AuditEvent.objects.filter(verb="card_data.redacted").exists()


def test_a_mail_is_settled_once() -> None:
    request = take(mail()).request
    told: dict[str, Any] = {"request_id": request.pk, "settled_by": "cleo", "now": NOW}

    with transaction.atomic():
        services.settle_mail(**told, seller=SELLER, further=[PhoneNumber(ONE)])
    with transaction.atomic(), pytest.raises(Stale, match="cleo has settled"):
        services.close_mail(**told, is_request=True, note="nobody")

    assert MailSettlement.objects.get().outcome == "revoked"


def test_nobody_is_no_answer_while_somebody_is_known() -> None:
    add_person("lee@example.com", ONE)
    request = take(mail("Hello")).request

    with transaction.atomic(), pytest.raises(services.MailRefused, match="is known here"):
        services.close_mail(request_id=request.pk, is_request=True, note="looked", settled_by="cleo", now=NOW)

    assert not MailSettlement.objects.exists()


def test_the_database_keeps_mails_and_settlements_as_they_are() -> None:
    take(mail())

    with pytest.raises(DatabaseError, match="rows are history"), transaction.atomic():
        MailRequest.objects.update(address="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        MailSettlement.objects.create(
            request=MailRequest.objects.get(), outcome="revoked", settled_by="x", at=NOW
        )


def test_an_officer_sees_whose_numbers_and_revokes_them_together(cleo: Client) -> None:
    add_person("lee@example.com", ONE, OTHER)

    asked = cleo.post("/compliance/mail/add/", {"address": "LEE@example.com", "words": STOP})
    shown = text_of(cleo.get(asked["Location"]))
    done = cleo.post(asked["Location"], {"decision": "revoked", "further": "(407) 555-0125\n"})

    assert "Revoke 2 numbers of 1 person" in shown
    assert "(407) 555-0124" in shown
    assert done.status_code == 302
    assert set(Suppression.objects.values_list("number", flat=True)) == {ONE, OTHER, THIRD}
    assert MailSettlement.objects.get().settled_by == "cleo"
    assert "Revoked" in text_of(cleo.get("/compliance/mail/"))


def test_nothing_is_revoked_before_it_was_confirmed_and_the_mail_is_kept(cleo: Client) -> None:
    add_person("lee@example.com", ONE)

    cleo.post("/compliance/mail/add/", {"address": "lee@example.com", "words": STOP})

    assert not Suppression.objects.exists()
    assert len(cleo.get("/compliance/mail/").context["view"].tables[0].rows) == 1


def test_a_pasted_message_and_a_file_say_themselves_who_wrote(cleo: Client) -> None:
    pasted = cleo.post("/compliance/mail/add/", {"words": mail().decode()})
    upload = SimpleUploadedFile("opt-out.eml", mail(STOP, "Message-ID: <7@x>"))
    filed = cleo.post("/compliance/mail/add/", {"file": upload})

    assert (pasted.status_code, filed.status_code) == (302, 302)
    assert set(MailRequest.objects.values_list("address", flat=True)) == {"lee@example.com"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Paste the message"),
        ({"words": "   "}, "Paste the message"),
        ({"words": STOP}, "does not say who wrote it"),
        ({"words": STOP, "address": "lee at example"}, "is no e-mail address"),
        ({"words": STOP, "address": "x" * 400}, "at most 320"),
        ({"words": STOP, "address": "lee@example.com", "received_at": "2150-01-01T00:00"}, "between 2000 and 2100"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_nothing_is_stored(
    cleo: Client, given: dict[str, str], words: str
) -> None:
    answer = cleo.post("/compliance/mail/add/", given)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not MailRequest.objects.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"decision": "revoked"}, "Nobody with a number is known"),
        ({"decision": "revoked", "further": "12"}, "12"),
        ({"decision": "nobody"}, "Say how you know"),
        ({"decision": "no_request", "note": " "}, "Say how you know"),
        ({"decision": "burn"}, "valid choice"),
    ],
)
def test_an_unknown_writer_is_settled_by_what_a_person_found_out(
    cleo: Client, given: dict[str, str], words: str
) -> None:
    request = take(mail()).request

    answer = cleo.post(f"/compliance/mail/{request.pk}/", given)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not MailSettlement.objects.exists()


def test_a_mail_that_asks_for_nothing_is_closed_with_a_note(cleo: Client) -> None:
    request = take(mail("Thank you!")).request

    cleo.post(f"/compliance/mail/{request.pk}/", {"decision": "no_request", "note": "says thank you"})
    again = cleo.get(f"/compliance/mail/{request.pk}/")

    assert MailSettlement.objects.get().note == "says thank you"
    assert again.status_code == 302


def test_an_agent_with_the_mail_in_hand_revokes_who_is_known(ana: Client) -> None:
    add_person("lee@example.com", ONE)

    asked = ana.post("/compliance/mail/add/", {"words": mail().decode()})
    shown = text_of(ana.get(asked["Location"]))
    ana.post(asked["Location"])

    assert "Revoke 1 number of 1 person" in shown
    assert "/compliance/numbers/" not in shown
    assert Suppression.objects.get().recorded_by == "ana"


def test_an_agent_leaves_an_unknown_writer_to_the_officer(ana: Client) -> None:
    asked = ana.post("/compliance/mail/add/", {"words": mail().decode()})

    shown = ana.get(asked["Location"], follow=True)

    assert "a compliance officer finds out" in text_of(shown)
    assert ana.get("/compliance/mail/").status_code == 403
    assert MailRequest.objects.filter(settlement__isnull=True).count() == 1


def test_an_agent_does_not_open_what_others_took_in(ana: Client) -> None:
    add_person("lee@example.com", ONE)
    request = take(mail("Hello")).request

    assert ana.get(f"/compliance/mail/{request.pk}/").status_code == 403
    assert ana.post(f"/compliance/mail/{request.pk}/").status_code == 403
    assert client_of("rex", Role.RESEARCHER).get("/compliance/mail/add/").status_code == 403


def test_the_list_takes_the_same_queries_however_long_it_is(
    cleo: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        take(mail(STOP, f"Message-ID: <{number}@x>"))

    with django_assert_max_num_queries(8):
        page = text_of(cleo.get("/compliance/mail/"))

    assert "60" in page


def test_hostile_words_are_shown_and_not_run(cleo: Client) -> None:
    take(mail("<script>alert(1)</script> take me off your list"))

    page = text_of(cleo.get("/compliance/mail/"))

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


class TestTheCommand:
    """What a mail server's pipe, or a person with files, gets from intake_email."""

    def run(self, *files: Path, stdin: bytes = b"") -> str:
        out = io.StringIO()
        call_command("intake_email", *map(str, files), stdout=out, stdin=io.BytesIO(stdin))
        return out.getvalue()

    def test_a_mail_from_the_pipe_is_settled(self) -> None:
        add_person("lee@example.com", ONE)

        said = self.run(stdin=mail())

        assert "is settled: 1 numbers revoked" in said
        assert Suppression.objects.get().recorded_by == "intake_email"

    def test_files_are_taken_in_one_by_one(self, tmp_path: Path) -> None:
        for name in ("a.eml", "b.eml"):
            (tmp_path / name).write_bytes(mail())

        said = self.run(tmp_path / "a.eml", tmp_path / "b.eml")

        assert said.count("waits for a person") == 2

    def test_no_mail_is_said_as_such(self, tmp_path: Path) -> None:
        for files, stdin in (((), b" \n"), ((tmp_path / "none.eml",), b"")):
            with pytest.raises(CommandError) as caught:
                self.run(*files, stdin=stdin)

            assert caught.value.returncode == 66

    def test_a_database_that_is_away_has_the_mail_server_try_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object, **__: object) -> None:
            raise DatabaseError("gone")

        monkeypatch.setattr(services, "take_mail", away)

        with pytest.raises(CommandError) as caught:
            self.run(stdin=mail())

        assert caught.value.returncode == 75
