"""The made-up people: they cover the country, and their numbers, ZIP codes and states agree."""

import collections

import phonenumbers
import pytest
import zipcodes

from sandbox import people, places

CRMS: tuple[people.Crm, ...] = ("salesforce", "hubspot")


@pytest.fixture(scope="module", params=CRMS)
def crowd(request):
    return people.make_people(request.param, seed=1)


def test_same_seed_gives_same_people():
    assert people.make_people("hubspot", seed=7) == people.make_people("hubspot", seed=7)
    assert people.make_people("hubspot", seed=7) != people.make_people("hubspot", seed=8)


def test_every_state_zone_and_split_area_code_has_somebody(crowd):
    assert len(crowd) == 600
    assert {p.state for p in crowd} == set(places.AREA_CODES_BY_STATE)
    assert {p.timezone for p in crowd} == {place.timezone for place in places.list_places()}
    zones = collections.defaultdict(set)
    for person in crowd:
        zones[person.area_code].add(person.timezone)
    assert {"America/New_York", "America/Chicago"} <= zones["850"]
    assert {"America/Phoenix", "America/Denver"} <= zones["928"]
    for code in ("208", "541", "605", "701", "812", "270", "423", "931"):
        assert len(zones[code]) > 1, code


def test_zip_city_and_state_match_the_area_code(crowd):
    for person in crowd:
        if person.zip_code is None:
            continue
        (row,) = zipcodes.matching(person.zip_code)
        assert (row["state"], row["city"], row["timezone"]) == (person.state, person.city, person.timezone)
        assert person.area_code in row["area_codes"]
        assert person.area_code in places.AREA_CODES_BY_STATE[person.state].split()


def test_numbers_are_fictitious_valid_and_what_is_written(crowd):
    for person in crowd:
        written = [text for text in (person.phone, person.mobile) if text]
        if not person.e164:
            assert not written or written[0] in people.BAD_PHONES
            continue
        parsed = [phonenumbers.parse(text, "US") for text in written]
        assert all(phonenumbers.is_valid_number(number) for number in parsed)
        e164 = [phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) for number in parsed]
        assert tuple(e164) == person.e164
        assert all(number[2:5] == person.area_code and number[5:10] == "55501" for number in e164)


def test_numbers_are_unique_across_both_crms_but_for_the_deliberate_duplicates():
    everybody = [p for crm in CRMS for p in people.make_people(crm, seed=1)]

    numbers = collections.Counter(n for p in everybody if p.duplicate_of is None for n in p.e164)

    assert max(numbers.values()) == 1


def test_flaws_of_real_lists_are_there_in_the_right_measure(crowd):
    assert 0.02 <= sum(p.do_not_call for p in crowd) / 600 <= 0.04
    assert 4 <= sum(p.phone is None and p.mobile is None for p in crowd) <= 12
    assert 4 <= sum(bool(p.phone) and not p.e164 for p in crowd) <= 12
    assert 5 <= sum(p.zip_code is None for p in crowd) <= 15
    assert sum(bool(p.mobile) and p.phone is None for p in crowd) > 40
    duplicates = [p for p in crowd if p.duplicate_of is not None]
    assert 4 <= len(duplicates) <= 10
    for person in duplicates:
        original = crowd[person.duplicate_of]
        assert person.e164[0] in original.e164
        assert person.phone not in (original.phone, original.mobile)
        assert max(person.index, original.index) < 160
    assert len({p.email for p in crowd}) == 600
    assert {p.owner for p in crowd} == set(range(8))


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="cannot cover"):
        people.make_people("hubspot", seed=1, count=20)
