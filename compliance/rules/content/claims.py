"""Claims that lift duties, checked: "only a survey" (FED-034), "an emergency" (FED-024), "just ported" (FED-031)."""

from dataclasses import dataclass
from datetime import date

from compliance.rules.content import wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem
from compliance.rules.facts import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A questionnaire about to be used."""

    texts: tuple[str, ...]  # all questions and what the interviewer says
    has_lead_field: bool = False  # an answer goes to a salesperson
    exports_to_sales: bool = False  # answers create leads or feed a list used for selling
    signed_off_by: str = ""


def survey_purpose(instrument: Instrument, numbers: InForce) -> Purpose:
    """Return SURVEY, or TELEMARKETING when the questionnaire serves selling."""
    has_reason = any(problem.code != "NOT_SIGNED_OFF" for problem in survey_problems(instrument, numbers))
    return Purpose.TELEMARKETING if has_reason else Purpose.SURVEY


def survey_problems(instrument: Instrument, numbers: InForce) -> tuple[Problem, ...]:
    """Return why the questionnaire cannot be used as a survey (FED-034)."""
    found: list[Problem] = []
    for index, text in enumerate(instrument.texts, start=1):
        if hits := wording.find(text, numbers.words("offer_words")):
            found.append(
                _survey(
                    "OFFER",
                    f"question {index}",
                    f"{wording.quoted(hits)} is an offer, which makes the whole survey telemarketing. Remove it",
                )
            )
    if instrument.has_lead_field:
        found.append(
            _survey("LEAD_FIELD", "lead field", "A field hands the person to sales. Remove the field")
        )
    if instrument.exports_to_sales:
        found.append(
            _survey(
                "SALES_EXPORT",
                "export",
                "The answers create leads or go to a sales list. Switch the export off",
            )
        )
    if not instrument.signed_off_by.strip():
        found.append(
            Problem(
                rule_id="FED-034",
                code="NOT_SIGNED_OFF",
                where="signed_off_by",
                message="Nobody has signed the questionnaire off as free of selling. Have a person who may do so read and sign it.",
            )
        )
    return tuple(found)


def _survey(code: str, where: str, message: str) -> Problem:
    consequence = ", or call it telemarketing: the do-not-call lists and calling hours then apply."
    return Problem(rule_id="FED-034", code=code, where=where, message=message + consequence)


def emergency_problems(text: str, *, repeats_on_schedule: bool, numbers: InForce) -> tuple[Problem, ...]:
    """Return why a message is no emergency (FED-024; 47 CFR 64.1200(f)(4))."""
    found: list[Problem] = []
    commercial = wording.find(text, (*numbers.words("offer_words"), *numbers.words("not_an_emergency_words")))
    if commercial:
        found.append(
            _no_emergency(
                "COMMERCIAL",
                f"text {commercial[0]}",
                f"{wording.quoted(commercial)} is business, not an emergency.",
            )
        )
    if not wording.has(text, numbers.words("health_and_safety_words")):
        found.append(
            _no_emergency(
                "NO_HAZARD",
                "text",
                "The message names no danger to health or safety. Name it, if there is one.",
            )
        )
    if repeats_on_schedule:
        found.append(
            _no_emergency("SCHEDULED", "schedule", "A message sent on a schedule answers no situation.")
        )
    return tuple(found)


def _no_emergency(code: str, where: str, message: str) -> Problem:
    advice = " Give the campaign its real purpose: consent and calling hours then apply."
    return Problem(rule_id="FED-024", code=code, where=where, message=message + advice)


def ported_line_protected(
    *,
    ported_on: date | None,
    called_on: date,
    is_voice: bool,
    known_wireless: bool,
    on_national_list: bool,
    on_internal_list: bool,
    numbers: InForce,
) -> bool:
    """Return whether a call to a number that has just become a mobile is excused (FED-031; 47 CFR 64.1200(a)(1)(iv))."""
    if ported_on is None or not is_voice or known_wireless or on_national_list or on_internal_list:
        return False
    return 0 <= (called_on - ported_on).days <= numbers.whole("ported_line_protected_days")
