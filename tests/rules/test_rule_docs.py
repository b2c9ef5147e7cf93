"""The rule pages in docs/ are what the tables say, and the vocabulary of refusals is complete."""

import re
from pathlib import Path

import pytest

from compliance import rulebook
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
