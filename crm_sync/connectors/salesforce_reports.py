"""People of a Salesforce report, through the Analytics API. It gives a report's first 2,000 rows and no more."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from crm_sync.connectors.salesforce_bulk import Call
from crm_sync.protocol import CrmList, SyncError

MOST_ROWS: Final = 2_000
_PERSON = re.compile(r"(00Q|003)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")


def lists(query: Any) -> list[CrmList]:
    """Return the reports the user may see; none where it may see no reports at all."""
    try:
        pages = list(query("SELECT Id, Name, FolderName FROM Report ORDER BY Name, Id"))
    except SyncError as error:
        if error.code in ("INVALID_TYPE", "INSUFFICIENT_ACCESS"):
            return []
        raise
    return [
        CrmList(
            kind="report",
            external_id=row["Id"],
            name=row["Name"],
            size=None,
            detail=f"Report, {row.get('FolderName') or 'no folder'}",
        )
        for page in pages
        for row in page
    ]


def person_ids(call: Call, report_id: str) -> Sequence[str]:
    """Return the leads and contacts a report's rows name, each once; raises SyncError for one that cannot be a list."""
    answer = call(
        "running the report",
        lambda sf: sf.restful(f"analytics/reports/{report_id}", params={"includeDetails": "true"}),
    )
    if not answer.get("allData", True):
        raise SyncError(
            f"The report has more than {MOST_ROWS:,} rows, and Salesforce gives no more of them: filter it, or use a list view, "
            "a campaign or a query.",
            kind="config",
        )
    if not answer.get("hasDetailRows", True):
        raise SyncError("The report shows sums only: make it show its detail rows.", kind="config")
    found = dict.fromkeys(person for row in _rows(answer) if (person := _person_of(row)))
    if not found and any(True for _ in _rows(answer)):
        raise SyncError(
            "No row of the report names a lead or a contact: add the column Lead ID or Contact ID, or their name.",
            kind="config",
        )
    return list(found)


def _rows(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for group in answer.get("factMap", {}).values():
        yield from group.get("rows", ())


def _person_of(row: Mapping[str, Any]) -> str:
    """Return the first lead or contact that a cell leads to."""
    for cell in row.get("dataCells", ()):
        value = str(cell.get("value") or "")
        if _PERSON.fullmatch(value):
            return value
    return ""
