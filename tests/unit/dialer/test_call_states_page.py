"""docs/call-states.md is the table itself."""

from pathlib import Path

from dialer import transferflow
from dialer.callflow import table

PAGE = Path(__file__).resolve().parents[3] / "docs/call-states.md"


def test_the_page_shows_the_table_in_force() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), (
        "Put the output of dialer.callflow.table() into docs/call-states.md"
    )


def test_the_page_shows_the_table_of_transfers_in_force() -> None:
    assert transferflow.table() in PAGE.read_text(encoding="utf-8"), (
        "Put the output of dialer.transferflow.table() into docs/call-states.md"
    )
