"""Rules that failed, as the pages say it."""

from collections.abc import Sequence

from compliance.pages.tables import NUMBER, SHORT, WIDE, Table, count, moment, table, text
from compliance.reads.failures import FailedRule


def alarm(rows: Sequence[FailedRule], days: int) -> str:
    """Return what to know and do while a rule fails, "" when none did."""
    if not rows:
        return ""
    times = sum(row.contacts for row in rows)
    return (
        f"The gate has a fault: {'once' if times == 1 else f'{times:,} times'} in the last {days} days a contact was refused "
        f"because a rule failed. Last: {rows[0].what}. In doubt nobody is called. Tell whoever keeps this installation; the log names "
        "the error."
    )


def failures_table(rows: Sequence[FailedRule]) -> Table:
    """Return the faults with how many contacts each denied."""
    columns = [("What failed", WIDE), ("Refusals", NUMBER), ("First", SHORT), ("Last", SHORT)]
    return table(
        "Rules that failed",
        columns,
        (
            [
                text(row.what[:1].upper() + row.what[1:]),
                count(row.contacts),
                moment(row.first_at),
                moment(row.last_at),
            ]
            for row in rows
        ),
        heading="Rules that failed",
    )
