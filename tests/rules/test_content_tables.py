"""The content tables are read strictly, whole, and used."""

from datetime import date

import pytest

from compliance.rules.content.numbers import NotInForce, TableError, load, load_all

GOOD = """
[[number]]
name = "gap"
rule = "X-1"
value = 2.0
unit = "seconds"
citation = "a law"
confidence = "H"
"""
NO_WORD = """
[[words]]
name = "list"
rule = "X-1"
value = ["*"]
citation = "a law"
confidence = "H"
"""


def test_a_row_is_in_force_between_its_dates() -> None:
    tables = load(GOOD + "effective_from = 2026-01-01\neffective_to = 2026-03-01\n")

    assert tables.on(date(2026, 1, 1)).amount("gap") == 2.0
    for day in (date(2025, 12, 31), date(2026, 3, 1)):
        with pytest.raises(NotInForce, match="“gap” is in force on"):
            tables.on(day).amount("gap")


def test_a_row_may_follow_another_on_the_day_it_ends() -> None:
    later = GOOD.replace("2.0", "3.0") + "effective_from = 2026-03-01\n"

    tables = load(GOOD + "effective_to = 2026-03-01\n" + later)

    assert tables.on(date(2026, 2, 28)).amount("gap") == 2.0
    assert tables.on(date(2026, 3, 1)).amount("gap") == 3.0


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("unknown key", GOOD + "citaton = 'x'\n", r"x\.toml, \[\[number\]\] row 1 “gap”: the key “citaton” is not known"),
        ("no citation", GOOD.replace('citation = "a law"\n', ""), "“citation” is missing. Name the law"),
        ("empty citation", GOOD.replace("a law", ""), "“citation” is missing"),
        ("bad confidence", GOOD.replace('"H"', '"sure"'), "“confidence” is “sure”. Write one of H, M, L"),
        ("overlap", GOOD + "effective_to = 2026-03-01\n" + GOOD, "row 2 “gap”: its dates overlap those of x.toml"),
        ("ends before it begins", GOOD + "effective_from = 2026-03-01\neffective_to = 2026-01-01\n", "before it begins"),
        ("no number", GOOD.replace("2.0", '"two"'), "“value” is 'two'. Write a number"),
        ("true is no number", GOOD.replace("2.0", "true"), "“value” is True. Write a number"),
        ("not a number", GOOD.replace("2.0", "nan"), "Write a number of 0 or more"),
        ("below nothing", GOOD.replace("2.0", "-1"), "Write a number of 0 or more"),
        ("a time of day", GOOD + "effective_from = 2026-03-01T00:00:00\n", "Write a date such as"),
        ("unknown section", "[[numbers]]\nname = 'x'\n", r"no section \[\[numbers\]\]. Use one of"),
        ("single brackets", "[number]\nname = 'x'\n", r"write \[\[number\]\] in double brackets"),
        ("no TOML", "[[number", "x.toml is not valid TOML"),
        ("words that are none", NO_WORD, "something that is not a word"),
    ],
)  # fmt: skip
def test_each_defect_of_a_table_is_named(name: str, text: str, words: str) -> None:
    with pytest.raises(TableError, match=words):
        load(text, file="x.toml")


def test_dates_may_not_overlap_across_files() -> None:
    with pytest.raises(TableError, match=r"b\.toml.*overlap those of a\.toml"):
        load_all({"a.toml": GOOD, "b.toml": GOOD})


def test_no_record_is_kept_for_less_than_the_law_wants() -> None:
    row = """
[[retention]]
name = "call_detail"
rule = "TSR-005"
minimum_months = 60
keep_months = 24
counts_from = "created"
erasable = false
in_access_answer = true
citation = "16 CFR 310.5"
confidence = "H"
"""

    with pytest.raises(TableError, match="“keep_months” is 24, the law wants 60"):
        load(row)
