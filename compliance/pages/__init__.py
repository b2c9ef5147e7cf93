"""What the compliance templates show, prepared: words, tables, charts. No queries."""

from compliance.pages.tables import Cell, ConfirmPage, FormPage, Link, ListPage, Stat, Tab, Table
from compliance.pages.verdicts import (
    CHANNEL_WORDS,
    CONFIDENCE_WORDS,
    PURPOSE_WORDS,
    DecisionLine,
    Pager,
    RowLine,
    decision_line,
    fact_lines,
    number_line,
    number_lines,
    row_line,
    rule_lines,
    state_lines,
    zone_lines,
)

__all__ = [
    "CHANNEL_WORDS",
    "CONFIDENCE_WORDS",
    "PURPOSE_WORDS",
    "Cell",
    "ConfirmPage",
    "DecisionLine",
    "FormPage",
    "Link",
    "ListPage",
    "Pager",
    "RowLine",
    "Stat",
    "Tab",
    "Table",
    "decision_line",
    "fact_lines",
    "number_line",
    "number_lines",
    "row_line",
    "rule_lines",
    "state_lines",
    "zone_lines",
]
