"""Codes for what differs between the lines of a campaign about debts: workplaces, calls asked for, cities with laws of their own."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from compliance.crowd.matching import IS_CONTACT, heirs
from compliance.crowd.people import Crowd, Ints, area_codes, coded, joined, own_code
from compliance.models import DebtWish
from compliance.rules import cities
from compliance.rules.debt import NAMED, subject_of
from compliance.rules.facts import AttemptFact, CampaignFacts, DebtFacts, Purpose
from compliance.rules.policy import Policy

OF_ANOTHER = NAMED  # with no reference behind it, it is the debt of nobody whose lines are counted


def debts(crowd: Crowd, policy: Policy, purpose: Purpose) -> Ints:
    """Return the codes; campaigns about anything else tell the gate nothing here."""
    if purpose is not Purpose.DEBT:
        return np.zeros(len(crowd), np.int64)
    names_debt = np.isin(crowd.persons, list(crowd.debt_refs))
    codes = joined(crowd.at_work.astype(np.int64), _cities(crowd, policy), names_debt.astype(np.int64))
    return own_code(codes, np.isin(crowd.persons, list(crowd.asked_at)) | _with_wishes(crowd))


def _with_wishes(crowd: Crowd) -> NDArray[np.bool_]:
    """Whom somebody's wishes about hours, days or places may concern: like nobody else."""
    rows = list(DebtWish.objects.filter(end__isnull=True).order_by("id").values_list("number", "person_ref"))
    numbers = [int(number) for number, _ in rows]
    persons = [int(ref.removeprefix("contact:")) for _, ref in rows if re.fullmatch(IS_CONTACT, ref)]
    return np.isin(crowd.numbers, numbers) | np.isin(crowd.persons, heirs().of(np.array(persons, np.int64)))


def whose_debt(crowd: Crowd, subjects: Sequence[str], rows: Ints, lines: Ints) -> Ints:
    """Return of each pair of an attempt and a line whether it was about the line's own debt: 0 no debt is named, 1 own, 2 another.

    Which debt it is matters to no rule: a million debts of a million people are not a million kinds.
    """
    own = {person: _subject(ref) for person, ref in crowd.debt_refs.items()}
    known: dict[str, int] = {"": 0}
    of_row = np.fromiter((known.setdefault(each, len(known)) for each in subjects), np.int64, len(subjects))
    of_line = np.fromiter(
        (known.get(own.get(person, ""), -1) for person in crowd.persons.tolist()), np.int64, len(crowd)
    )
    is_own = of_row[rows] == of_line[lines]
    return np.where(of_row[rows] == 0, 0, np.where(is_own, 1, 2))


def about(attempt: AttemptFact, *, told_of: DebtFacts, kind: DebtFacts) -> str:
    """Return what an attempt of one line is about for a kind the line stands for: its own debt stays its own."""
    if not attempt.subject.startswith(NAMED):
        return attempt.subject
    is_own = bool(told_of.ref) and attempt.subject == _subject(told_of.ref)
    return _subject(kind.ref) if is_own else OF_ANOTHER


def _subject(ref: str) -> str:
    return subject_of(DebtFacts(ref=ref), CampaignFacts())


def _cities(crowd: Crowd, policy: Policy) -> Ints:
    """A code of the city where a law names it, one for all others; each address is looked up once with each area code."""
    named = {law.city.casefold() for pack in policy.book.packs for law in pack.laws if law.city}
    alike = joined(crowd.places, area_codes(crowd.numbers))
    _, first, of_line = np.unique(alike, return_index=True, return_inverse=True)
    found = []
    for line in first.tolist():
        address = crowd.addresses[crowd.places[line]]
        city = cities.city_of(
            number=f"+{crowd.numbers[line]}", postal_code=address.postal_code, city=address.city
        ).casefold()
        found.append(city if city in named else bool(city))
    return coded(found)[of_line]
