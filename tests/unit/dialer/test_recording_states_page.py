"""docs/recording-states.md is the table itself."""

from pathlib import Path

from dialer.recordflow import table

PAGE = Path(__file__).resolve().parents[3] / "docs/recording-states.md"


def test_the_page_shows_the_table_in_force() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), (
        "Put the output of dialer.recordflow.table() into docs/recording-states.md"
    )
