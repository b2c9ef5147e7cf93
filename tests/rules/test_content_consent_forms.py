"""A form of consent before it is published: what FED-008 and FED-009 ask of its words and its box."""

from dataclasses import replace
from typing import Any

import pytest

from compliance.rules.content.consent_forms import ConsentForm, problems
from compliance.rules.content.problems import blocking
from config.demo_gate import CONSENT_TEXT
from tests.rules.content_making import SELLER, codes, numbers

WORDS = (
    f"I agree that {SELLER} may call me at the number above with an autodialer or a prerecorded voice. "
    "Consent is not a condition of purchase."
)
RIGHT = ConsentForm(words=WORDS, seller=SELLER, unticked=True, optional=True, separate=True)
TEXTING = " 4 texts per month. Msg & data rates may apply. Reply STOP to opt out, HELP for help."


def test_a_form_that_is_right_has_no_problems() -> None:
    assert problems(RIGHT, numbers()) == ()


def test_the_demos_own_words_are_right() -> None:
    given = replace(RIGHT, words=CONSENT_TEXT.format(seller=SELLER))

    assert problems(given, numbers()) == ()


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("a box ticked beforehand", {"unticked": False}, ["PRETICKED"]),
        (
            "silent on the purchase",
            {"words": WORDS.replace("Consent is not a condition of purchase.", "")},
            ["CONDITION_MISSING"],
        ),
        ("no seller", {"words": WORDS.replace(SELLER, "we")}, ["SELLER_MISSING"]),
        ("another seller", {"seller": "Bolt Energy"}, ["SELLER_MISSING"]),
        (
            "no autodialer, no recording",
            {"words": WORDS.replace(" with an autodialer or a prerecorded voice", "")},
            ["AUTOMATION_MISSING"],
        ),
        ("no number", {"words": WORDS.replace(" at the number above", "")}, ["NUMBER_MISSING"]),
        ("the number itself", {"words": WORDS.replace("the number above", "407-555-0123")}, []),
        ("needed to send the form", {"optional": False}, ["REQUIRED"]),
        ("among the terms", {"separate": False}, ["NOT_SEPARATE"]),
        ("partners nobody names", {"words": WORDS + " So may our partners."}, ["SELLERS_UNNAMED"]),
        (
            "Spanish is not read",
            {"words": f"Acepto que {SELLER} me llame."},
            ["AUTOMATION_MISSING", "CONDITION_MISSING", "NUMBER_MISSING"],
        ),
        ("nothing at all", {"words": ""}, [
            "SELLER_MISSING", "AUTOMATION_MISSING", "CONDITION_MISSING", "NUMBER_MISSING",
        ]),
        ("texts as well", {"for_texts": True}, ["OPT_IN_BOX"]),
        (
            "texts with all they need",
            {"for_texts": True, "texts_have_own_box": True, "words": WORDS + TEXTING},
            [],
        ),
    ],
)  # fmt: skip
def test_fed_008_what_a_form_lacks(name: str, changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(problems(replace(RIGHT, **changes), numbers())) == expected, name


def test_fed_009_unnamed_partners_are_for_a_person_to_accept() -> None:
    found = problems(replace(RIGHT, words=WORDS + " So may our partners and affiliates."), numbers())

    assert [(each.rule_id, each.needs_review) for each in found] == [("FED-009", True)]
    assert "“partners”" in found[0].message
    assert blocking(found) == ()
