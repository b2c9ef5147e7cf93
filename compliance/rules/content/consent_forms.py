"""A form people sign to be called or texted, judged before it is published (FED-008, FED-009; for texts A2P-005)."""

from dataclasses import dataclass

from compliance.rules.content import registration, wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem
from compliance.rules.content.registration import OptInBox


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentForm:
    """What people see and do. Boxes are what they tick to agree."""

    words: str  # shown beside the signature, word by word
    seller: str
    unticked: bool  # the person ticks the box, or signs in another way
    optional: bool  # the form can be sent without it
    separate: bool  # from terms, privacy and other consents
    for_texts: bool = False  # texts are asked for as well
    texts_have_own_box: bool = False


def problems(form: ConsentForm, numbers: InForce) -> tuple[Problem, ...]:
    """Return why what is signed on the form would not be a written consent for this seller, and how to mend it.

    English is read; words of another language lack everything, so that a person must judge them.
    """
    found = [*_disclosures(form, numbers), *_box(form)]
    if wording.has(form.words, numbers.words("unnamed_sellers")):
        named = wording.quoted(wording.find(form.words, numbers.words("unnamed_sellers")))
        found.append(
            Problem(
                rule_id="FED-009",
                code="SELLERS_UNNAMED",
                where="words",
                message=f"They let in others without naming them ({named}). Name each seller, or leave them out.",
                needs_review=True,
            )
        )
    if form.for_texts:
        box = OptInBox(
            unticked=form.unticked,
            optional=form.optional,
            separate=form.separate,
            texts_only=form.texts_have_own_box,
            words=form.words,
        )
        found += registration.box_problems(box, form.seller, numbers)
    return tuple(found)


def _disclosures(form: ConsentForm, numbers: InForce) -> list[Problem]:
    """What the words of a written consent must hold. 47 CFR 64.1200(f)(9)."""
    asked = (
        (
            wording.find_name(form.words, form.seller) is not None,
            "SELLER_MISSING",
            f"They do not name {form.seller}. Say who may call.",
        ),
        (
            wording.has(form.words, numbers.words("automation_phrases")),
            "AUTOMATION_MISSING",
            "They do not allow an autodialer or a recorded voice. Add “with an autodialer, or an artificial or prerecorded voice”.",
        ),
        (
            wording.has(form.words, numbers.words("not_a_condition_phrases")),
            "CONDITION_MISSING",
            "They do not say that nobody must agree in order to buy. Add “Consent is not a condition of purchase.”",
        ),
        (
            wording.has(form.words, numbers.words("number_phrases"))
            or bool(wording.phone_numbers(form.words)),
            "NUMBER_MISSING",
            "They do not say which number may be called. Add “at the number I gave above”.",
        ),
    )
    return [
        Problem(rule_id="FED-008", code=code, where="words", message=message)
        for is_there, code, message in asked
        if not is_there
    ]


def _box(form: ConsentForm) -> list[Problem]:
    asked = (
        (form.unticked, "PRETICKED", "It is ticked beforehand. Leave it for the person to tick."),
        (
            form.optional,
            "REQUIRED",
            "The form cannot be sent without it, which makes it a condition. Let people send the form without it.",
        ),
        (
            form.separate,
            "NOT_SEPARATE",
            "It stands among terms or other consents, so it is not clear and conspicuous. Give it a place of its own.",
        ),
    )
    return [
        Problem(rule_id="FED-008", code=code, where="box", message=message)
        for holds, code, message in asked
        if not holds
    ]
