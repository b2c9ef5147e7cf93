"""What is wrong with a form of consent, as its page shows it."""

from collections.abc import Sequence

from compliance.pages.house import rule_cell
from compliance.pages.tables import SHORT, WIDE, Cell, Table, table, text
from compliance.rules.content.problems import Problem

NOTHING_MISSING = (
    "Nothing is missing",
    "These words and this box make a written consent. Keep a picture of the form as people see it; counsel may still want more.",
)


def problems_table(found: Sequence[Problem]) -> Table:
    """Return what to change, each with its rule and whether a person may accept it."""
    columns = [("What to change", WIDE), ("Where", SHORT), ("Rule", SHORT), ("May it be accepted?", SHORT)]
    return table(
        "What to change in the form",
        columns,
        (
            [
                text(problem.message),
                text(problem.where),
                rule_cell(problem.rule_id),
                Cell(text="by the officer", tone="is-warn")
                if problem.needs_review
                else Cell(text="no", tone="is-bad"),
            ]
            for problem in found
        ),
        heading="What to change" if found else "",
        empty=NOTHING_MISSING,
    )
