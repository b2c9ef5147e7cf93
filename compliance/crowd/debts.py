"""Codes for what differs between the lines of a campaign about debts: workplaces, calls asked for, cities with laws of their own."""

import numpy as np

from compliance.crowd.people import Crowd, Ints, area_codes, coded, joined, own_code
from compliance.rules import cities
from compliance.rules.facts import Purpose
from compliance.rules.policy import Policy


def debts(crowd: Crowd, policy: Policy, purpose: Purpose) -> Ints:
    """Return the codes; campaigns about anything else tell the gate nothing here."""
    if purpose is not Purpose.DEBT:
        return np.zeros(len(crowd), np.int64)
    codes = joined(crowd.at_work.astype(np.int64), _cities(crowd, policy))
    return own_code(codes, np.isin(crowd.persons, list(crowd.asked_at)))


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
