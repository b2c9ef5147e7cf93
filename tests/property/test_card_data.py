"""What must hold for any text: redaction is total, final, and leaves no card number; phone numbers survive."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance.rules.card_data import contains_card_data, redact
from tests.examples import examples

SEPARATORS = (" ", "-", "\n", ". ", " and ", ", um, ", "\u200b", "")
ENGLISH = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
SPANISH = "cero uno dos tres cuatro cinco seis siete ocho nueve".split()  # noqa: SIM905

pieces = st.sampled_from(
    [
        "4111",
        "1111 ",
        "one ",
        "double ",
        "forty ",
        "y ",
        "+1",
        "cvv ",
        "123",
        " ",
        "-",
        "=",
        "^",
        "B4",
        "*" * 12,
        "[removed]",
        "\n",
    ]
)
hostile = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.one_of(pieces, st.text(max_size=3), st.from_regex(r"\d{1,19}", fullmatch=True)), max_size=40
    ).map("".join),
)


def with_check_digit(digits: str) -> str:
    """Return the digits with the one that makes them a card number."""
    total = sum(sum(divmod(int(digit) * (2 - index % 2), 10)) for index, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


card_numbers = st.one_of(
    st.from_regex(r"4[0-9]{14}", fullmatch=True),
    st.from_regex(r"5[1-5][0-9]{13}", fullmatch=True),
    st.from_regex(r"3[47][0-9]{12}", fullmatch=True),
    st.from_regex(r"6011[0-9]{11}", fullmatch=True),
).map(with_check_digit)


@settings(max_examples=examples(300), deadline=None)
@given(hostile)
@example("4111 1111 1111 1111 1111 1111 1111")
@example("+4111111111111111")
@example("cvv 407 555 0123 12/27")
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact(text)

    assert redact(once.text).text == once.text
    assert not contains_card_data(once.text)
    assert once.alert or once.text == text


@settings(max_examples=examples(300), deadline=None)
@given(
    card_numbers,
    st.lists(st.sampled_from(SEPARATORS), min_size=16, max_size=16),
    st.sampled_from(["", "card: ", "é ", "12 "]),
)
def test_a_card_number_does_not_survive_however_it_is_written(
    number: str, between: list[str], before: str
) -> None:
    text = (
        before
        + "".join(digit + separator for digit, separator in zip(number, between, strict=False)).rstrip()
    )

    redaction = redact(f"{text} thanks")

    assert redaction.alert
    left = "".join(letter for letter in redaction.text.removeprefix(before) if letter.isdigit())
    assert len(left) <= 4 + 6
    assert number not in left


@settings(max_examples=examples(200), deadline=None)
@given(card_numbers, st.sampled_from([ENGLISH, SPANISH]))
def test_a_spoken_card_number_does_not_survive(number: str, words: list[str]) -> None:
    redaction = redact("the number is " + " ".join(words[int(digit)] for digit in number) + " thank you")

    assert (redaction.text, redaction.cards) == (f"the number is ************{number[-4:]} thank you", 1)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    st.sampled_from(["", "call ", "cvv "]),
)
def test_a_phone_number_in_e164_survives(number: str, before: str) -> None:
    assert redact(f"{before}{number} please").text == f"{before}{number} please"
