"""When a team can call whom: windows open and close by each zone's own clock, less the campaign's breaks."""

from datetime import date, time, timedelta
from itertools import takewhile

import pytest

from dialer.whatif.hours import Slot, idle_hours, slots
from tests.unit.dialer.whatif.making import MONDAY, plan

TWO = (("America/New_York", 60.0), ("America/Los_Angeles", 40.0))
LONG_DAY = {"works_from": time(9), "works_until": time(20), "zones": TWO}


def first_day(**changes: object) -> list[Slot]:
    asked = plan(**changes)
    return list(takewhile(lambda slot: slot.day == asked.begins, slots(asked)))


def test_the_west_opens_three_hours_later_and_closes_three_hours_later() -> None:
    found = first_day(**LONG_DAY)

    assert [(slot.hour, slot.open) for slot in found] == [
        *((hour, (True, False)) for hour in (9, 10, 11)),
        *((hour, (True, True)) for hour in (12, 13, 14, 15, 16)),
        *((hour, (False, True)) for hour in (17, 18, 19)),
    ]


def test_hours_left_are_those_until_the_zone_closes() -> None:
    [noon] = [slot for slot in first_day(**LONG_DAY) if slot.hour == 12]

    assert noon.left == (5.0, 8.0)


def test_breaks_close_each_zone_by_its_own_clock() -> None:
    found = first_day(**LONG_DAY, breaks=((time(12), time(13)),))

    closed = {zone: [slot.hour for slot in found if not slot.open[zone]] for zone in (0, 1)}
    assert closed == {0: [12, 17, 18, 19], 1: [9, 10, 11, 15]}


def test_a_break_of_one_zone_is_nobodys_hour() -> None:
    found = first_day(breaks=((time(12), time(12, 30)),))

    assert [(slot.at, slot.hours) for slot in found if slot.hour == 12] == [(12.5, 0.5)]
    assert sum(slot.hours for slot in found) == 7.5


def test_a_day_begun_in_the_middle_of_an_hour_keeps_what_is_left() -> None:
    [first, *_] = first_day(opens=time(9), not_before=time(9, 45))

    assert (first.at, first.hours, first.left) == (9.75, 0.25, (7.25,))


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Pacific/Honolulu", "Asia/Kolkata", "America/St_Johns"])
def test_other_clocks_are_open_in_their_own_hours_on_their_own_days(zone: str) -> None:
    asked = plan(
        zones=((zone, 1.0),), works_from=time(0), works_until=time(23, 59), days="0", not_before=time(0)
    )

    some = list(takewhile(lambda slot: slot.day < MONDAY + timedelta(days=7), slots(asked)))

    assert round(sum(slot.hours for slot in some), 1) in (8.0, 7.9, 6.0)  # less what began before the plan


def test_clocks_that_change_on_other_days_are_followed() -> None:
    # Arizona keeps its clock: two hours behind New York in winter, three in summer.
    asked = {"zones": (("America/Phoenix", 1.0),), "works_from": time(9), "works_until": time(21)}

    winter, summer = (
        first_day(**asked, begins=day, not_before=time(0)) for day in (date(2026, 11, 23), date(2027, 6, 7))
    )

    assert (winter[0].hour, summer[0].hour) == (11, 12)


def test_hours_in_which_nobody_may_be_called_are_told() -> None:
    assert idle_hours(plan()) == 0
    assert idle_hours(plan(breaks=((time(12), time(13)),))) == 0
    assert idle_hours(plan(zones=(("America/Los_Angeles", 1.0),))) == 3
