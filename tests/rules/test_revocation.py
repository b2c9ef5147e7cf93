"""Free text read for revocation: FED-012, FED-013, FED-014, A2P-006, FED-030 T4, and the floors on the labelled set."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from compliance.rules.revocation import (
    Meaning,
    confirmation_problems,
    english,
    read_message,
    spanish,
    stranger,
)
from compliance.rules.revocation.wording import own_words, wording_of
from tests.load import revocation_set

REVOKED_AT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
CONFIRMATION = "You're unsubscribed from Acme. No more messages."
QUOTE = "On Tue, Nov 3, 2026 at 9:14 AM Acme <hello@acme.example>"


@pytest.mark.parametrize(
    ("text", "meaning", "tier"),
    [
        pytest.param("please stop all messages", Meaning.REVOKED, 2, id="FED-012 T1"),
        pytest.param("no more calls", Meaning.REVOKED, 2, id="FED-012 T2 e-mail to billing"),
        pytest.param("take me off your list", Meaning.REVOKED, 2, id="FED-012 T4 said to an interviewer"),
        pytest.param("Stop.", Meaning.REVOKED, 1, id="FED-013 T1"),
        pytest.param("STOP IT", Meaning.REVOKED, 2, id="FED-013 T2"),
        pytest.param("what time do you stop serving?", Meaning.NONE, 0, id="FED-013 T3"),
        pytest.param("END", Meaning.REVOKED, 1, id="FED-013 T4"),
        pytest.param("CANCEL", Meaning.REVOKED, 1, id="FED-013 a bare CANCEL"),
        pytest.param("Opt out", Meaning.REVOKED, 1, id="A2P-006 T1"),
        pytest.param("START", Meaning.RESUBSCRIBE, 1, id="ST-009 T3 is read, and lifts nothing"),
        pytest.param("wrong number", Meaning.WRONG_NUMBER, 2, id="FED-030 T4"),
        pytest.param("wrong number, stop texting me", Meaning.REVOKED, 2, id="revocation beats the rest"),
        pytest.param("", Meaning.NONE, 0, id="nothing said"),
    ],
)
def test_the_rule_books_messages_are_read_as_it_says(text: str, meaning: Meaning, tier: int) -> None:
    reading = read_message(text)

    assert (reading.meaning, reading.tier) == (meaning, tier)
    assert reading.needs_review is (tier == 2)


@pytest.mark.parametrize("word", ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"])
@pytest.mark.parametrize(
    "written",
    [
        "{}",
        " {} ",
        "{}.",
        "{}!!!",
        "“{}”",
        "{} 🙏",
        "\u200b{}\ufeff",
        "{}\n\nSent from my iPhone",
        "({})",
        "{}\n--\nLee",
    ],
)
def test_the_seven_words_are_conclusive_however_they_are_written(word: str, written: str) -> None:
    for text in (
        word,
        word.upper(),
        word.title(),
        "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in word),
    ):
        reading = read_message(written.format(text))

        assert (reading.meaning, reading.tier, reading.matched_by) == (Meaning.REVOKED, 1, word)


@pytest.mark.parametrize(
    ("text", "language"), [("BAJA", "es"), ("Parar", "es"), ("ARRÊT", "fr"), ("ARRET", "fr"), ("STOP", "en")]
)
def test_the_language_of_a_keyword_is_known(text: str, language: str) -> None:
    assert read_message(text).language == language


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (f"Yes.\n\n{QUOTE} wrote:\n> Reply STOP to end", "Yes.\n\n"),
        (f"Yes.\n{QUOTE}\nwrote:\nunsubscribe", "Yes."),
        (f"{QUOTE} wrote:\n> Hi Pat\nNo. Remove me.", "No. Remove me."),
        ("> one\nstop\n> two", "stop"),
        ("Ok\nFrom: Acme\nSent: Monday\nUnsubscribe", "Ok"),
        ("Ok\n-----Original Message-----\nstop", "Ok"),
        ("Liked “Reply STOP to opt out”", ""),
        ("Ok\nUnsubscribe | Privacy | Acme", "Ok"),
        ("From what I hear: stop", "From what I hear: stop"),
    ],
)
def test_only_the_writers_own_words_count(text: str, own: str) -> None:
    assert own_words(text).strip() == own.strip()


@pytest.mark.parametrize(
    ("part", "precision", "recall"), [("development", 0.98, 0.99), ("held-out", 0.96, 0.95)]
)
def test_the_reading_holds_its_floors_on_the_labelled_set(part: str, precision: float, recall: float) -> None:
    scored = revocation_set.score(part)

    assert scored.precision >= precision, scored.misses
    assert scored.recall >= recall, scored.misses


def test_the_set_is_large_and_half_of_it_is_innocent() -> None:
    parts = {part: list(revocation_set.labelled(part)) for part in revocation_set.PARTS}
    everything = [message for messages in parts.values() for message in messages]

    assert len(everything) >= 400
    assert len(parts["held-out"]) >= 150
    assert len({message.text for message in everything}) == len(everything)
    innocent = sum(message.meaning is Meaning.NONE for message in everything)
    assert 0.4 < innocent / len(everything) < 0.6


def test_a_phrase_is_tried_wherever_its_pattern_could_find_something() -> None:
    tables = (
        *english.COMPLAINTS,
        *english.REVOKING,
        *spanish.REVOKING,
        *stranger.WRONG,
        *spanish.WRONG,
        *english.RESUBSCRIBING,
    )

    for part in revocation_set.PARTS:
        for message in revocation_set.labelled(part):
            wording = wording_of(message.text)
            for phrase in tables:
                if phrase.pattern.search(f" {wording.line}"):
                    assert phrase.words & wording.words, (phrase.name, message.text)


HOSTILE = [
    "stop ",
    "a",
    "please to ",
    "no me ",
    "> x\n",
    "On 1 ",
    "i dont want ",
    "\u0301\u0316",
    "É",
    "From: x\n",
    "|",
    "'",
]


@pytest.mark.slow_test
@pytest.mark.parametrize(
    "piece", [*HOSTILE, "to unsubscribe ", "quit ing ", "leave me ", "told you guys ", "dont you "]
)
def test_hostile_texts_take_time_in_proportion_to_their_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        began = time.process_time()
        read_message(text)
        return time.process_time() - began

    short, long = seconds(10_000), seconds(100_000)

    assert long < 40 * max(short, 0.05)


@pytest.mark.parametrize(
    ("name", "text", "after", "confirmed_before", "carrier_wants_reply", "problems"),
    [
        ("FED-014 T1", CONFIRMATION, 40, False, False, 0),
        ("FED-014 T2", CONFIRMATION, 7 * 60, False, False, 1),
        ("FED-014 T3", f"{CONFIRMATION[:-1]} and 10 % off if you stay.", 40, False, False, 1),
        ("FED-014 T4 silent", CONFIRMATION, 40, True, False, 1),
        ("FED-014 T4 short code", CONFIRMATION, 40, True, True, 0),
        ("at five minutes it is in time", CONFIRMATION, 300, False, False, 0),
        ("before it was asked for", CONFIRMATION, -1, False, False, 1),
        (
            "which kind of message",
            "You are unsubscribed from Acme. Reply 1 to keep visit reminders only.",
            9,
            False,
            False,
            0,
        ),
        ("says nothing", "Thank you for your message.", 9, False, False, 1),
        ("Spanish", "Acme: ha sido dado de baja. No recibirá más mensajes.", 9, False, False, 0),
    ],
)
def test_a_confirmation_is_one_in_time_and_sells_nothing(
    name: str, text: str, after: int, confirmed_before: bool, carrier_wants_reply: bool, problems: int
) -> None:
    found = confirmation_problems(
        text,
        revoked_at=REVOKED_AT,
        sending_at=REVOKED_AT + timedelta(seconds=after),
        within=timedelta(minutes=5),
        already_confirmed_at=REVOKED_AT - timedelta(days=1) if confirmed_before else None,
        carrier_wants_reply=carrier_wants_reply,
    )

    assert len(found) == problems, (name, found)
