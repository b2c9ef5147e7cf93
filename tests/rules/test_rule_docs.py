"""The rule pages in docs/ are what the tables say, and the vocabulary of refusals is complete."""

import re
from pathlib import Path

import pytest

from compliance import rule_index, rulebook
from compliance.rules.codes import CODES

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", sorted(rulebook.documents()))
def test_docs_are_up_to_date(name: str) -> None:
    stored = (ROOT / "docs" / "compliance" / name).read_text(encoding="utf-8")

    assert stored == rulebook.documents()[name], "Run: python manage.py write_rule_docs"


def test_every_code_a_rule_can_give_has_words_and_no_other() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "compliance" / "rules").glob("*.py")
        if path.name != "codes.py"
    )
    given = set(re.findall(r'denied(?:_for_now)?\(\s*"[A-Z0-9.-]+",\s*"([A-Z0-9_]+)"', source))

    assert given == set(CODES)


def test_the_index_of_rules_and_cases_is_what_the_sources_say() -> None:
    stored = rule_index.FILE.read_text(encoding="utf-8")

    assert stored == rule_index.as_json(rule_index.scanned(ROOT)), "Run: python manage.py write_rule_docs"


def test_a_named_case_of_the_book_is_found_with_its_words() -> None:
    case = next(case for case in rule_index.indexed()["FED-007"].cases if case.vector == "T1")

    assert (case.name, case.file) == ("a voicemail drop that sells", "tests/rules/test_consent.py")


def test_every_refusal_has_a_rule_that_gives_it() -> None:
    given = {code for rule in rule_index.indexed().values() for code in rule.codes}

    assert given == set(CODES)
