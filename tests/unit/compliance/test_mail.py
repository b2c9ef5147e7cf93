"""E-mails as people and their programs write them: who wrote, what they want, and whose words are not theirs."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.mail import READ_AT_MOST, WORDS_KEPT, address_in, read_mail
from compliance.mail.markup import text_of_html
from compliance.rules.revocation import Meaning

OURS = "Save on energy! Reply STOP to opt out, or unsubscribe here. Please remove me is what you would write."


def mail(body: bytes | str, *headers: str, sender: str = "Lee <lee@example.com>") -> bytes:
    """Return an e-mail as it comes over the wire."""
    head = [f"From: {sender}", "To: no@seller.example", *headers]
    data = body if isinstance(body, bytes) else body.encode()
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def html(body: str, *headers: str) -> bytes:
    return mail(body, "Content-Type: text/html; charset=utf-8", *headers)


def parts(*bodies: tuple[str, str], kind: str = "alternative") -> bytes:
    """Return an e-mail of several parts, each (headers, text)."""
    inner = "".join(f"--XX\r\n{head}\r\n\r\n{text}\r\n" for head, text in bodies)
    return mail(f"{inner}--XX--\r\n", f'Content-Type: multipart/{kind}; boundary="XX"')


PLAIN, RICH = "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"

REVOKING = {
    "the plainest": mail("Please stop e-mailing and calling me."),
    "the subject alone": mail("", "Subject: unsubscribe"),
    "the subject alone, with a signature below": mail("-- \nLee", "Subject: Remove me from your list"),
    "HTML only": html("<html><body><p>Please <b>stop</b> calling me</p></body></html>"),
    "HTML with our words quoted below": html(
        f'<div>Stop calling me.</div><div class="gmail_quote"><div class="gmail_attr">On Mon, 2 Nov 2026 Acme wrote:</div>'
        f"<blockquote>{OURS}</blockquote></div>"
    ),
    "HTML with an answer between quotes": html(
        f"<blockquote>{OURS}</blockquote><p>Take me off your list</p><blockquote>{OURS}</blockquote>"
    ),
    "HTML with a style before the words": html("<style>p>b {color: red}</style>Stop calling me"),
    "HTML that closes nothing": html("<table><tr><td><p>stop calling me<p>Lee"),
    "plain text says nothing, HTML does": parts((PLAIN, "See the HTML version."), (RICH, "<p>Do not call me again</p>")),
    "an attachment beside": parts(
        (PLAIN, "unsubscribe me"), ("Content-Type: application/pdf\r\nContent-Disposition: attachment", "%PDF"), kind="mixed"
    ),
    "base64": mail(
        base64.b64encode(b"Por favor, dejen de llamarme"), "Content-Transfer-Encoding: base64",
        "Content-Type: text/plain; charset=utf-8",
    ),
    "quoted-printable in Latin-1": mail(
        b"Ne m'appelez plus. D=E9sabonner", "Content-Transfer-Encoding: quoted-printable",
        "Content-Type: text/plain; charset=iso-8859-1", "Subject: STOP",
    ),
    "an encoding that does not exist": mail("stop calling me", 'Content-Type: text/plain; charset="klingon-8"'),
    "an encoding that is another": mail("stop calling me …".encode("cp1252"), "Content-Type: text/plain; charset=utf-8"),
    "broken base64": mail(b"c3Rv\xffcCBjYWxsaW5nIG1l!", "Content-Transfer-Encoding: base64"),
    "a boundary that never comes": mail("stop calling me", 'Content-Type: multipart/mixed; boundary="gone"', "Subject: STOP"),
    "wrong person": mail("You have the wrong person, I am not Robert."),
}  # fmt: skip

NOT_THEIRS = {
    "our words quoted with marks": mail(f"Sounds good, thanks!\n\nOn Mon, 2 Nov 2026 at 10:00, Acme wrote:\n> {OURS}"),
    "our words quoted without marks": mail(f"Sounds good, thanks!\n\nOn Mon, 2 Nov 2026 at 10:00, Acme wrote:\n{OURS}"),
    "our words below Outlook's line": html(
        f"<p>Sounds good, thanks!</p><hr><p><b>From:</b> Acme<br><b>Sent:</b> Monday<br><b>To:</b> Lee</p><p>{OURS}</p>"
    ),
    "our words in a blockquote": html(f"<p>Sounds good, thanks!</p><blockquote type=cite>{OURS}</blockquote>"),
    "our words in Yahoo's quote": html(f'<p>Sounds good, thanks!</p><div class="yahoo_quoted">{OURS}</div>'),
    "our words in a script and a style": html(f"<p>Sounds good!</p><script>{OURS}</script><style>{OURS}</style><!-- {OURS} -->"),
    "our subject answered": mail("Sounds good, thanks!", "Subject: RE: Stop paying too much: unsubscribe from high bills"),
    "our message forwarded as an attachment": parts(
        (PLAIN, "What is this?"), ("Content-Type: message/rfc822", f"From: a@acme.example\r\nSubject: x\r\n\r\n{OURS}"), kind="mixed"
    ),
    "a text file attached": parts(
        (PLAIN, "Here it is."), ("Content-Type: text/plain\r\nContent-Disposition: attachment", "stop calling me"), kind="mixed"
    ),
    "a bounce": mail(
        f"--B\r\n{PLAIN}\r\n\r\nYour message could not be delivered: {OURS}\r\nstop\r\n--B--",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B",
    ),
    "an answer from a holiday": mail("I am away. Please stop by my colleague's desk. Unsubscribe.", "Auto-Submitted: auto-replied"),
    "a quote that is never closed": html(f"<p>Sounds good</p><blockquote>{OURS}"),
}  # fmt: skip


@pytest.mark.parametrize("name", REVOKING)
def test_who_refuses_is_understood(name: str) -> None:
    read = read_mail(REVOKING[name])

    assert read.reading.meaning in (Meaning.REVOKED, Meaning.WRONG_NUMBER)
    assert read.address == "lee@example.com"
    assert read.words


@pytest.mark.parametrize("name", NOT_THEIRS)
def test_words_that_are_not_the_writers_are_never_theirs(name: str) -> None:
    read = read_mail(NOT_THEIRS[name])

    assert read.reading.meaning is Meaning.NONE
    assert read.words


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("From: lee@example.com", "lee@example.com"),
        ("From: LEE@Example.COM", "lee@example.com"),
        ('From: "Lee, A." <lee@example.com>', "lee@example.com"),
        ('From: "ceo@acme.example" <lee@example.com>', "lee@example.com"),
        ("From: =?utf-8?q?L=C3=A9?= <lee@example.com>", "lee@example.com"),
        ("From: =?klingon?q?L?= <lee@example.com>", "lee@example.com"),
        ("From: mailto:lee@example.com", "lee@example.com"),
        ("From: Lee\r\nReply-To: lee@example.com", "lee@example.com"),
        ("From: \r\nReturn-Path: <lee@example.com>", "lee@example.com"),
        ("From: Lee", ""),
        ("From: lee@localhost", ""),
        ("From: \xff\xfe <>", ""),
    ],
)
def test_the_writers_address_is_found_wherever_it_stands(header: str, address: str) -> None:
    data = f"{header}\r\nSubject: x\r\n\r\nstop".encode("latin-1")

    assert read_mail(data).address == address


def test_what_the_headers_say_is_kept() -> None:
    read = read_mail(
        mail("stop", "Subject: =?utf-8?q?No_m=C3=A1s?=", "Message-ID: <abc@x>", "Date: Mon, 23 Nov 2026 10:00:00 -0500")
    )  # fmt: skip

    assert (read.subject, read.message_ref) == ("No más", "abc@x")
    assert read.sent_at == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    assert read.words == "No más\n\nstop"


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 99 Nov 2026 10:00:00", "Mon, 23 Nov 999999 10:00:00 +0000"]
)
def test_a_date_that_is_none_is_left_out(date: str) -> None:
    assert read_mail(mail("stop", f"Date: {date}")).sent_at is None


def test_a_text_without_headers_is_read_as_the_text() -> None:
    read = read_mail(b"Please take me off your list.\nLee")

    assert (read.address, read.reading.meaning) == ("", Meaning.REVOKED)


def test_ten_megabytes_are_read_and_only_the_beginning_kept() -> None:
    attached = base64.encodebytes(bytes(10 * 1024 * 1024)).decode()
    read = read_mail(
        parts(
            (PLAIN, "stop calling me " + "x" * 300_000),
            ("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment", attached),
            kind="mixed",
        )
    )  # fmt: skip

    assert read.reading.meaning is Meaning.REVOKED
    assert len(read.words) == WORDS_KEPT


def test_what_is_larger_than_any_mail_is_read_as_far_as_the_limit() -> None:
    read = read_mail(mail(b"stop calling me\n" + b"x" * READ_AT_MOST))

    assert read.reading.meaning is Meaning.REVOKED


def test_parts_in_parts_beyond_measure_lose_neither_writer_nor_words() -> None:
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=B{depth}\r\n\r\n--B{depth}\r\n" for depth in range(3000)
    )

    read = read_mail(f"From: lee@example.com\r\n{nested}\r\nstop calling me".encode())

    assert read.address == "lee@example.com"
    assert read.texts[0].endswith("stop calling me")


@given(st.binary(max_size=2000))
@settings(max_examples=200)
def test_nothing_makes_it_fail(data: bytes) -> None:
    for wrapped in (data, mail(data), html(data.decode("latin-1")), b"From: " + data):
        read = read_mail(wrapped)

        assert "\x00" not in read.words
        assert len(read.address) <= 254
        assert read.reading.meaning in Meaning


@given(st.text(alphabet="<>/!-=\"' abp&#;[]", max_size=400))
def test_no_markup_makes_it_fail(text: str) -> None:
    assert isinstance(text_of_html(text), str)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("lee@example.com", "lee@example.com"),
        ("  <Lee@Example.com>, thanks", "lee@example.com"),
        ("mailto:lee@example.com?subject=x", "lee@example.com"),
        ("write to lee@example.com.", "lee@example.com"),
        ("lee at example.com", ""),
        ("@example.com", ""),
        ("", ""),
    ],
)
def test_an_address_is_found_in_what_people_paste(text: str, address: str) -> None:
    assert address_in(text) == address
