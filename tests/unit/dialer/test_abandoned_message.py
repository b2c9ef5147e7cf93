"""The words for a person nobody is free for, judged as any recording is (FED-017)."""

from dataclasses import dataclass
from datetime import date

import pytest

from compliance.rules.facts import Purpose
from dialer.abandoned import message, message_facts


@dataclass
class Caller:
    seller: str = "Northwind Home Energy"
    caller_id: str = "+14075550100"
    purpose: str = Purpose.TELEMARKETING
    answers_may_sell: bool = False


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.UNKNOWN])
def test_the_message_says_who_why_and_how_to_refuse(purpose: Purpose) -> None:
    said = message(Caller(purpose=purpose))

    assert said.startswith("This is Northwind Home Energy.")
    assert ("for telemarketing purposes" in said) == (purpose is Purpose.TELEMARKETING)
    assert "press 9, or call 4 0 7 5 5 5 0 1 0 0" in said


def test_the_sales_message_is_fit_to_be_played() -> None:
    facts = message_facts(Caller(), on=date(2026, 11, 23))

    assert (facts.ref, facts.problems) == ("spoken", ())


def test_fed_034_a_survey_whose_answers_may_sell_says_that_it_is_telemarketing() -> None:
    survey = Caller(purpose=Purpose.SURVEY, answers_may_sell=True)

    assert "for telemarketing purposes" in message(survey)
    assert message_facts(survey, on=date(2026, 11, 23)).problems == ()


def test_a_premium_callback_number_is_found() -> None:
    facts = message_facts(Caller(caller_id="+19005550100"), on=date(2026, 11, 23))

    assert "premium" in facts.problems[0]
