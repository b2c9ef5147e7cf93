"""Card data out of every text: PCI-001 to PCI-005, PCI-014, and the rule book's vectors."""

import time

import pytest

from compliance.rules.card_data import begin_capture, contains_card_data, redact

MASKED = "************1111"


@pytest.mark.parametrize(
    ("text", "clean", "cards", "codes"),
    [
        pytest.param("4111 1111 1111 1111 cvv 123", f"{MASKED} cvv [removed]", 1, 1, id="PCI-001 T1"),
        pytest.param(
            "it is four one one one, one one one one, one one one one, one one one one thanks",
            f"it is {MASKED} thanks",
            1,
            0,
            id="PCI-003 T2",
        ),
        pytest.param(
            "order 6011 0009 9013 9424",
            "order ************9424",
            1,
            0,
            id="PCI-003 T3 an order number that fits",
        ),
        pytest.param("order 1234 5678 9012 3456", "order 1234 5678 9012 3456", 0, 0, id="does not fit"),
        pytest.param("4111-1111-1111-1111", MASKED, 1, 0, id="dashes"),
        pytest.param("4111\n1111\n1111\n1111", MASKED, 1, 0, id="over lines"),
        pytest.param("4111 then 1111 and um 1111 1111", MASKED, 1, 0, id="words between"),
        pytest.param(
            "Customer: 4111 1111\nAgent: uh-huh\nCustomer: 1111 1111",
            f"Customer: {MASKED}",
            1,
            0,
            id="dialogue",
        ),
        pytest.param("４１１１１１１１１１１１１１１１", MASKED, 1, 0, id="full width"),
        pytest.param("٤١١١١١١١١١١١١١١١", MASKED, 1, 0, id="Arabic digits"),
        pytest.param("4\u200b111\u00a01111 1111 1111", MASKED, 1, 0, id="unseen characters"),
        pytest.param("999941111111111111119999", "9999************1111 9999", 1, 0, id="inside a longer run"),
        pytest.param("3782 822463 10005", "************0005", 1, 0, id="American Express"),
        pytest.param(
            "double five five five, five five double five, five five five five, double four double four",
            "************4444",
            1,
            0,
            id="doubles",
        ),
        pytest.param("four triple one " + "one " * 11 + "one", MASKED, 1, 0, id="triples"),
        pytest.param("forty-one eleven " * 1 + "eleven " * 6, f"{MASKED} ", 1, 0, id="in pairs"),
        pytest.param(
            "cuatro " + "uno " * 15 + "código de seguridad uno dos tres",
            f"{MASKED} código de seguridad [removed]",
            1,
            1,
            id="Spanish",
        ),
        pytest.param(
            "%B4111111111111111^DOE/JOHN^27121010000000000?", f" {MASKED} [removed] ", 1, 1, id="track 1"
        ),
        pytest.param(";4111111111111111=27121010000000000?", f" {MASKED} [removed] ", 1, 1, id="track 2"),
        pytest.param(
            "the three digits on the back are nine eight seven",
            "the three digits on the back are [removed]",
            0,
            1,
            id="spoken code",
        ),
        pytest.param(
            "987, that's the CVV2", "[removed], that's the CVV2", 0, 1, id="a code said before its name"
        ),
        pytest.param(
            "cvc " + "word " * 40 + "123", "cvc " + "word " * 40 + "123", 0, 0, id="a code too far away"
        ),
        pytest.param(
            "cvv? call 407-555-0123", "cvv? call 407-555-0123", 0, 0, id="a phone number near the word"
        ),
        pytest.param("call at 1030, apt 204", "call at 1030, apt 204", 0, 0, id="no word for a code"),
    ],
)
def test_card_data_goes_and_the_rest_stays(text: str, clean: str, cards: int, codes: int) -> None:
    redaction = redact(text)

    assert (redaction.text, redaction.cards, redaction.codes) == (clean, cards, codes)
    assert redaction.alert is contains_card_data(text) is (cards + codes > 0)
    assert redact(clean).text == clean


@pytest.mark.parametrize(
    "text",
    [
        "+14155550123",
        "+1 (415) 555-0123",
        "+8613812345678",
        "+62 812 3456 78901",
        "415-555-0123, 415-555-0199 or 4155550123",
        "2026-11-23 10:30:00",
        "1700000000000",
        "",
        "one of the two, or three at most",
    ],
)
def test_phone_numbers_and_dates_survive(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    ("pause_confirmed", "code"), [(True, ""), (False, "PCI_BLOCK")], ids=["paused", "PCI-004 T4"]
)
def test_card_digits_are_taken_only_while_the_recorder_is_paused(pause_confirmed: bool, code: str) -> None:
    start = begin_capture(pause_confirmed=pause_confirmed)

    assert (start.allowed, start.code) == (pause_confirmed, code)
    assert bool(start.sentence) is not pause_confirmed


@pytest.mark.slow_lane
@pytest.mark.parametrize(
    "piece",
    ["4", "4111 ", "one ", "+1 ", "cvv 123 ", "B4111111111111111^", "forty y ", "a", "D1", "(415) 555-0123 "],
)
def test_hostile_texts_take_time_in_proportion_to_their_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        began = time.process_time()
        redact(text)
        return time.process_time() - began

    short, long = seconds(10_000), seconds(100_000)

    assert long < 40 * max(short, 0.05)
