"""Rule packs: a mistake in a file does not load, and says where it is and what to do; the shipped ones are complete."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import get_type_hints

import pytest

from compliance.rules.pack import PackError, RuleBook
from compliance.rules.packfile import SHIPPED, parse_pack, read_pack, shipped
from compliance.rules.policy import HouseLimit, Policy, PolicyTooLoose, in_force

HEAD = 'jurisdiction = "us"\nversion = "2026-11-22"\n'
COMMON = 'rule = "X-001"\ncitation = "1 U.S.C. 1"\nconfidence = "H"\n'
STATE = '[[state]]\nstate = "FL"\nweekday = "08:00-20:00"\n'
NUMBER = '[[number]]\nname = "min_ring_seconds"\nvalue = 15\nunit = "seconds"\nstricter = "higher"\nbasis = "law"\n'
LAW = '[[law]]\nstate = "FL"\nkind = "own_list"\n'
CLOSED = '[[closed]]\nstate = "UT"\nkind = "fixed"\nname = "Leap Day"\nmonth = 2\nday = 29\n'


def load(**files: str) -> None:
    """Read a pack of those files, beside a good pack.toml."""
    texts = {"pack.toml": HEAD, **{f"{name}.toml": text for name, text in files.items()}}
    parse_pack("us", texts)


@pytest.mark.parametrize(
    ("name", "files", "says"),
    [
        (
            "unknown state",
            {"states": STATE.replace('"FL"', '"XX"') + COMMON},
            "us/states.toml, row 1 (XX): “XX” is not a state. Use the USPS code, or ?? for the unknown state.",
        ),
        (
            "overlapping dates",
            {"states": STATE + COMMON + "effective_to = 2026-06-01\n" + STATE + COMMON + "effective_from = 2026-05-31\n"},
            "us/states.toml: two rows for FL live_manual are in force on the same days. End one where the other begins.",
        ),
        (
            "overlapping numbers",
            {"numbers": NUMBER + COMMON + NUMBER + COMMON},
            "us/numbers.toml: two rows for min_ring_seconds are in force on the same days. End one where the other begins.",
        ),
        (
            "overlapping laws",
            {"laws": LAW + COMMON + LAW + COMMON},
            "us/laws.toml: two rows for own_list FL 1 U.S.C. 1 are in force on the same days. End one where the other begins.",
        ),
        (
            "a window that ends before it starts",
            {"states": STATE.replace("08:00-20:00", "20:00-08:00") + COMMON},
            "us/states.toml, row 1 (FL): “weekday” ends at 08:00, before it starts at 20:00. Swap them.",
        ),
        (
            "hours that are none",
            {"states": STATE.replace("08:00-20:00", "8 to 20") + COMMON},
            "us/states.toml, row 1 (FL): “weekday” is “8 to 20”. Write hours as 09:00-20:00, or closed.",
        ),
        (
            "holidays without calls",
            {"states": STATE + COMMON + 'holiday = "closed"\n'},
            "us/states.toml, row 1 (FL): “holiday” is “closed”. Write closed_on_holidays = true instead.",
        ),
        (
            "hours with a zone",
            {"states": STATE.replace("08:00-20:00", "08:00+01:00-20:00") + COMMON},
            "us/states.toml, row 1 (FL): “weekday” is “08:00+01:00-20:00”. Hours are local times, without a zone.",
        ),
        (
            "days that end before they begin",
            {"states": STATE + COMMON + "effective_from = 2026-06-01\neffective_to = 2026-06-01\n"},
            "us/states.toml, row 1 (FL): it ends on 2026-06-01, which is not after its beginning on 2026-06-01.",
        ),
        (
            "a day with a time",
            {"states": STATE + COMMON + "effective_from = 2026-06-01T08:00:00\n"},
            "us/states.toml, row 1 (FL): “effective_from” is datetime.datetime(2026, 6, 1, 8, 0), which is of the wrong kind.",
        ),
        (
            "missing citation",
            {"states": STATE + COMMON.replace('citation = "1 U.S.C. 1"\n', "")},
            "us/states.toml, row 1 (FL): “citation” is missing. Add it.",
        ),
        (
            "empty citation",
            {"states": STATE + COMMON.replace("1 U.S.C. 1", "  ")},
            "us/states.toml, row 1 (FL): the citation is empty. Name the source, or say “our policy” and why.",
        ),
        (
            "unknown key",
            {"states": STATE + COMMON + 'wekday = "closed"\n'},
            "us/states.toml, row 1 (FL): nobody knows the key “wekday”. Correct or remove it.",
        ),
        (
            "unknown confidence",
            {"numbers": NUMBER + COMMON.replace('"H"', '"X"')},
            "us/numbers.toml, row 1 (min_ring_seconds): “confidence” is “X”. Use one of: H, L, M.",
        ),
        (
            "wrong kind of value",
            {"states": STATE + COMMON + "cap = true\n"},
            "us/states.toml, row 1 (FL): “cap” is True, which is of the wrong kind.",
        ),
        (
            "wrong kind of law",
            {"laws": LAW.replace("own_list", "own_lists") + COMMON},
            "us/laws.toml, row 1 (FL): “kind” is “own_lists”. Use one of: debt_cap, emergency_ban,",
        ),
        (
            "unknown lifter",
            {"laws": LAW + COMMON + 'lifted_by = ["a smile"]\n'},
            "us/laws.toml, row 1 (FL): “a smile” lifts nothing. Use: customer, express_consent, inquiry, written_consent.",
        ),
        (
            "unknown channel",
            {"states": STATE + COMMON + 'channels = ["fax"]\n'},
            "us/states.toml, row 1 (FL): 'fax' is not a valid Channel. Channels are: live_manual,",
        ),
        (
            "unknown zone",
            {"states": STATE + COMMON + 'also_in_zone = "Mars/Olympus"\n'},
            "us/states.toml, row 1 (FL): “Mars/Olympus” is not a zone of the IANA database.",
        ),
        ("not TOML", {"states": "state: FL\n"}, "us/states.toml: it is not TOML:"),
        (
            "unknown file",
            {"hours": ""},
            "us/hours.toml: no such file belongs to a pack. Rename or remove it.",
        ),
        (
            "rows of another table",
            {"states": NUMBER + COMMON},
            "us/states.toml: nobody knows “number”. Rows of this file are [[state]].",
        ),
        (
            "no rows",
            {"states": "state = 3\n"},
            "us/states.toml: “state” is not a list of rows. Begin each row with [[state]].",
        ),
        (
            "30 February",
            {"holidays": CLOSED.replace("day = 29", "day = 30") + COMMON},
            "us/holidays.toml, row 1 (Leap Day): 2/30 is not a day (month, day).",
        ),
        (
            "unknown way to be stricter",
            {"numbers": NUMBER.replace('"higher"', '"taller"') + COMMON},
            "us/numbers.toml, row 1 (min_ring_seconds): “stricter” is “taller”. Use one of: fixed, higher, lower.",
        ),
        (
            "the second row is named",
            {"states": STATE + COMMON + STATE.replace("FL", "GA").replace("08:00-20:00", "x") + COMMON},
            "us/states.toml, row 2 (GA): “weekday” is “x”.",
        ),
    ],
)  # fmt: skip
def test_a_pack_with_a_mistake_does_not_load(name: str, files: dict[str, str], says: str) -> None:
    with pytest.raises(PackError) as caught:
        load(**files)

    assert str(caught.value).startswith(says), name


def test_a_pack_without_its_head_does_not_load() -> None:
    with pytest.raises(PackError, match=r"^us: pack.toml is missing\. It names the jurisdiction"):
        parse_pack("us", {})
    with pytest.raises(PackError, match=r"pack.toml: “jurisdiction” is “fr”\. Use one of: ca, uk, us\."):
        parse_pack("us", {"pack.toml": HEAD.replace('"us"', '"fr"')})


def test_a_file_in_another_encoding_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_bytes(b'version = "\xff"\n')

    with pytest.raises(PackError, match="not UTF-8"):
        read_pack(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        {"holidays": CLOSED + COMMON},
        {"states": STATE + COMMON + "effective_to = 2026-06-01\n" + STATE + COMMON + "effective_from = 2026-06-01\n"},
        {"states": STATE + COMMON + 'channels = ["sms"]\n' + STATE + COMMON + 'channels = ["prerec"]\n'},
    ],
    ids=["29 February", "one row ends where the next begins", "rows for other channels"],
)  # fmt: skip
def test_a_pack_without_a_mistake_loads(files: dict[str, str]) -> None:
    load(**files)


@pytest.mark.parametrize("on", [date(2026, 1, 1), date(2026, 11, 22)])
def test_every_number_of_the_policy_has_one_row_of_its_type(on: date) -> None:
    types = get_type_hints(Policy)
    names = [
        each.name for each in fields(Policy) if each.name not in ("book", "house", "lifted", "overridden")
    ]
    rows = [row for row in shipped().numbers if row.is_in_force(on)]

    assert sorted(row.name for row in rows) == sorted(names)
    assert [row.name for row in rows if type(row.value) is not types[row.name]] == []


@pytest.mark.parametrize("name", ["min_ring_seconds", "debt_opens", "ca_weekday_opens"])
def test_packs_without_a_number_fail_and_name_it(name: str) -> None:
    packs = tuple(
        replace(pack, numbers=tuple(row for row in pack.numbers if row.name != name))
        for pack in shipped().packs
    )

    with pytest.raises(LookupError, match=f"No row in force on 2026-11-23 for {name}"):
        in_force(datetime(2026, 11, 23, tzinfo=UTC), book=RuleBook(packs=packs))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("debt_calls", 8, r"debt_calls is law \(12 CFR 1006.14.*\): 7\. The house may only be stricter"),
        ("debt_closes", time(21, 1), "debt_closes is law"),
        ("min_ring_seconds", 14, "min_ring_seconds is law"),
        ("abandon_limit_basis_points", 301, "abandon_limit_basis_points is law"),
        ("connect_seconds", 3, "connect_seconds is law"),
        ("debt_calls", "7", "debt_calls is a int; '7' is not"),
        ("debts", 7, "There is no limit called “debts”"),
    ],
)
def test_house_limits_that_allow_more_do_not_load(name: str, value: int, says: str) -> None:
    limit = HouseLimit(name=name, value=value, since=date(2026, 1, 1))

    with pytest.raises(PolicyTooLoose, match=says):
        in_force(datetime(2026, 11, 23, tzinfo=UTC), house=(limit,))


@pytest.mark.parametrize("name", ["us", "ca", "uk"])
def test_the_shipped_packs_load_one_by_one(name: str) -> None:
    pack = read_pack(SHIPPED / name)

    assert pack.jurisdiction == name
    assert pack.version


def test_the_digest_tells_packs_apart() -> None:
    texts = [STATE + COMMON, STATE + COMMON + "\n"]

    digests = {parse_pack("us", {"pack.toml": HEAD, "states.toml": text}).digest for text in texts}

    assert len(digests) == 2
