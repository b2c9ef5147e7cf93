"""What a result asks of the agent."""

import pytest

from campaigns import results
from campaigns.results import Kind, Question, Unanswered

ASKED = (
    Question(code="roof", label="Which roof?", kind=Kind.CHOICE, options=("Tile", "Slate"), required=True),
    Question(code="size", label="How many rooms?", kind=Kind.NUMBER),
    Question(code="own", label="Do they own it?", kind=Kind.YES_NO),
    Question(code="day", label="Which day?", kind=Kind.DATE),
    Question(code="who", label="Who decides?"),
)


def test_answers_are_kept_with_the_question_as_it_was_asked() -> None:
    given = {
        "roof": "Tile",
        "size": "1,200",
        "own": "yes",
        "day": "2026-12-01",
        "who": " Maria\x00 ",
        "other": "x",
    }

    kept = results.answers_to(ASKED, given)

    assert [(one["code"], one["value"]) for one in kept] == [
        ("roof", "Tile"),
        ("size", "1200"),
        ("own", "yes"),
        ("day", "2026-12-01"),
        ("who", "Maria"),
    ]
    assert kept[0]["label"] == "Which roof?"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "needs an answer: “Which roof?”"),
        ({"roof": "Straw"}, "choose one of Tile, Slate"),
        ({"roof": "Tile", "size": "many"}, "a number such as 120"),
        ({"roof": "Tile", "size": "NaN"}, "a number such as 120"),
        ({"roof": "Tile", "size": "1e999999999"}, "a number such as 120"),
        ({"roof": "Tile", "own": "perhaps"}, "answer yes or no"),
        ({"roof": "Tile", "day": "31.12."}, "a date such as"),
        ({"roof": "Tile", "who": "x" * 501}, "shorten the answer"),
    ],
)
def test_what_is_missing_or_cannot_be_read_is_said(given: dict[str, str], words: str) -> None:
    with pytest.raises(Unanswered, match=words.replace("?", r"\?")):
        results.answers_to(ASKED, given)


def test_questions_come_back_as_they_were_stored() -> None:
    assert results.questions_of(results.as_stored(ASKED)) == ASKED


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ([Question(code="", label="")], "a text of at most 80"),
        ([Question(code="", label="Roof?", kind=Kind.CHOICE, options=("Tile",))], "at least two options"),
        ([Question(code="", label="Roof?", kind=Kind.CHOICE, options=("Tile", "TILE"))], "same option twice"),
        ([Question(code="", label="Roof?"), Question(code="", label="roof?")], "have the same text"),
        ([Question(code="", label=f"{number}?") for number in range(7)], "at most 6 questions"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(questions: list[Question], words: str) -> None:
    assert any(words in problem for problem in results.problems(questions))


def test_a_code_is_plain_and_nobody_elses() -> None:
    assert results.code_of("Not now – call later!") == "not_now_call_later"
    assert results.code_of("Busy", ["busy", "busy_2"]) == "busy_3"
    assert results.code_of("日本語") == "other"
