"""Notices of imports that ended: on the pages of who started them, and by e-mail if they wish."""

import json
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from campaigns.models import Notice, NoticeWish
from campaigns.selectors import notices as read
from campaigns.services import imports, notices
from core import db
from core.models import AuditEvent
from tests.integration.campaigns.conftest import NOW, person, us_phone

pytestmark = pytest.mark.django_db


def begun(by: User | None, *, phones: tuple[str, ...] = (us_phone(0),)) -> int:
    """Return an import of these people whose rows wait."""
    import_id = imports.start_import(
        list_name="Spring",
        source="csv",
        source_label="people.csv",
        source_ref="",
        by_id=by.pk if by else None,
        by_name="mia",
        now=NOW,
    )
    rows = [person(number, phone) for number, phone in enumerate(phones, start=2)]
    imports.stage_rows(import_id=import_id, rows=rows, now=NOW)
    return import_id


def ended(by: User | None, **given: tuple[str, ...]) -> int:
    """Return an import that is done."""
    import_id = begun(by, **given)
    imports.begin_apply(import_id=import_id, now=NOW, hints=False)
    assert imports.apply_import(import_id=import_id, now=NOW)
    return import_id


@pytest.fixture
def mail_server(settings: LazySettings) -> None:
    """A house with a mail server."""
    settings.EMAIL_HOST = "mail.example.com"


@pytest.fixture
def wishing(mia: User, mail_server: None) -> User:
    """Mia, who wants notices by e-mail."""
    User.objects.filter(pk=mia.pk).update(email="mia@example.com")
    notices.wish_mail(user_id=mia.pk, wanted=True, by_name="mia", now=NOW)
    return mia


def test_who_started_an_import_is_told_how_it_ended_once(mia: User) -> None:
    import_id = ended(mia, phones=(us_phone(0), "12"))
    imports.apply_import(import_id=import_id, now=NOW)

    notice = Notice.objects.get()

    assert (notice.user_id, notice.tone, notice.mail) == (mia.pk, "warn", "")
    assert notice.text == (
        "The import of “people.csv” into “Spring” is done: 1 created, 0 updated, 0 duplicate, 1 refused."
    )
    assert notice.path == reverse("import", args=[import_id])


def test_a_failed_and_a_stopped_import_say_so(mia: User) -> None:
    imports.fail_import(import_id=begun(mia), failure="Line 3 is broken. Mend it.", now=NOW)
    stopped = begun(mia)
    imports.begin_apply(import_id=stopped, now=NOW, hints=False)
    imports.stop_import(import_id=stopped, by_name="sol", now=NOW)
    imports.apply_import(import_id=stopped, now=NOW)

    told = list(Notice.objects.order_by("id").values_list("tone", "text"))

    assert told[0] == (
        "bad",
        "The import of “people.csv” into “Spring” failed; nothing was imported. Line 3 is broken. Mend it.",
    )
    assert told[1][0] == "warn"
    assert "was stopped: 0 created" in told[1][1]


def test_an_import_nobody_of_us_started_tells_nobody() -> None:
    ended(None)

    assert not Notice.objects.exists()


def test_the_bell_says_what_is_new_once_and_holds_it_until_it_is_read(client: Client, mia: User) -> None:
    ended(mia)
    client.force_login(mia)

    first, second = client.get(reverse("notices")), client.get(reverse("notices"))

    said = json.loads(first["HX-Trigger"])["parley:say"]
    assert said["tone"] == "good"
    assert "is done: 1 created" in said["text"]
    assert "HX-Trigger" not in second
    assert "is done" in second.content.decode()
    up_to = str(Notice.objects.get().pk)
    ended(mia, phones=(us_phone(1),))
    after = client.post(reverse("notices-read"), {"up_to": up_to}).content.decode()
    assert after.count("<li") == 1


@pytest.mark.parametrize("up_to", ["", "x", "²", "-1", "9" * 40, "\x00"])
def test_reading_up_to_nonsense_reads_nothing(client: Client, mia: User, up_to: str) -> None:
    ended(mia)
    client.force_login(mia)

    assert client.post(reverse("notices-read"), {"up_to": up_to}).status_code == 200

    assert Notice.objects.get().read_at is None


def test_nobody_reads_or_silences_the_notices_of_another(client: Client, mia: User, ana: User) -> None:
    ended(mia)
    other = User.objects.create_user("max", password="correct horse", role="manager")
    client.force_login(other)

    assert "<li" not in client.get(reverse("notices")).content.decode()
    client.post(reverse("notices-read"), {"up_to": Notice.objects.get().pk})
    client.force_login(ana)
    refused = [
        client.get(reverse("notices")),
        client.post(reverse("notices-read")),
        client.post(reverse("notices-by-mail")),
    ]

    assert Notice.objects.get().read_at is None
    assert [answer.status_code for answer in refused] == [403, 403, 403]


def test_the_bell_costs_three_queries_however_many_wait(mia: User, django_assert_num_queries) -> None:
    for number in range(10):
        Notice.objects.create(
            user=mia, key=str(number), tone="good", text=f"N{number}", path="/", created_at=NOW
        )

    with django_assert_num_queries(3):
        found = read.unread(mia.pk)

    assert (found.count, [each.text for each in found.newest][:2]) == (10, ["N9", "N8"])


def test_without_a_mail_server_nobody_can_ask_for_e_mails(client: Client, mia: User) -> None:
    client.force_login(mia)

    answer = client.post(reverse("notices-by-mail"), {"by_mail": "on"})

    assert answer.status_code == 422
    assert "PARLEY_EMAIL_HOST" in answer.content.decode()
    assert not NoticeWish.objects.exists()


def test_an_account_without_an_address_is_told_so(client: Client, mia: User, mail_server: None) -> None:
    client.force_login(mia)

    answer = client.post(reverse("notices-by-mail"), {"by_mail": "on"})

    assert answer.status_code == 422
    assert "no e-mail address" in answer.content.decode()


def test_an_e_mail_goes_once_to_who_wishes_and_the_wish_is_on_record(wishing: User) -> None:
    import_id = ended(wishing)

    assert notices.send_due(clock=lambda: NOW) == 1
    assert notices.send_due(clock=lambda: NOW + timedelta(days=1)) == 0

    (letter,) = mail.outbox
    assert letter.to == ["mia@example.com"]
    assert letter.subject.startswith("Parley: The import of “people.csv” into “Spring” is done")
    assert reverse("import", args=[import_id]) in letter.body
    assert Notice.objects.get().mail == "sent"
    assert AuditEvent.objects.filter(verb="campaigns.notices.by_email").count() == 1


def test_a_name_with_line_breaks_stays_out_of_the_headers(wishing: User) -> None:
    with db.use_case():
        notices.tell(
            user_id=wishing.pk, key="x", tone="bad", text="One\r\nBcc: all@example.com", path="/", now=NOW
        )

    notices.send_due(clock=lambda: NOW)

    assert mail.outbox[0].subject == "Parley: One Bcc: all@example.com"
    assert mail.outbox[0].bcc == []


def test_a_mail_server_that_is_down_is_tried_again_then_said(
    wishing: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(wishing)

    def down(*_: object, **__: object) -> int:
        raise SMTPServerDisconnected("gone")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", down)
    for hour in range(7):
        assert notices.send_due(clock=lambda hour=hour: NOW + timedelta(hours=hour)) == 0  # type: ignore[misc]  # bound here

    notice = Notice.objects.get()
    assert (notice.mail, notice.mail_tries) == ("failed", 5)
    assert read.unread(wishing.pk).newest[0].mail_said == (
        "The mail server did not take the e-mail (SMTPServerDisconnected)."
    )


def test_a_wish_taken_back_sends_nothing_more(wishing: User) -> None:
    notices.wish_mail(user_id=wishing.pk, wanted=False, by_name="mia", now=NOW)
    ended(wishing)

    assert notices.send_due(clock=lambda: NOW) == 0
    assert Notice.objects.get().mail == ""
