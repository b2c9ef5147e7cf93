"""The tables that come with the product hold what the checks ask for, and nothing else."""

import re
from pathlib import Path

from compliance.rules.content import packaged
from compliance.rules.content.rows import CarrierCode, Duty, Number, Words

CONTENT = Path(__file__).parents[2] / "compliance/rules/content"


def test_every_row_a_check_asks_for_is_there_and_every_row_is_asked_for() -> None:
    files = [*CONTENT.glob("*.py"), CONTENT.parent / "revocation/reply.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    asked = set(re.findall(r'\.(?:amount|whole|words|binds)\(\s*"([a-z0-9_]+)"', source))
    asked |= {
        f"{field}_{end}" for field in ("description", "message_flow") for end in ("shortest", "longest")
    }
    asked |= set(re.findall(r'by_state\(\w+, "([a-z_]+)"', source))
    asked |= set(re.findall(r'"((?:abandoned|prerecorded|gb_abandoned)_\w+_within_seconds)"', source))
    rows = packaged.tables().rows
    there = {row.name.partition(".")[0] for row in rows if isinstance(row, Number | Words | Duty)}

    assert asked == there


def test_the_vendors_answers_are_the_books() -> None:
    twilio = {
        row.code
        for row in packaged.tables().rows
        if isinstance(row, CarrierCode) and row.provider == "twilio"
    }

    assert twilio == {
        "21211", "21614", "21610", "30001", "30003", "30005", "30006", "30007", "30008", "30022", "30023", "30032", "30034",
    }  # fmt: skip
