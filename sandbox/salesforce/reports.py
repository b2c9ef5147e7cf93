"""Reports through the Analytics API: a list of them, and one run with its details, 2,000 rows at most."""

from typing import Any

from sandbox.crm_store import Row
from sandbox.salesforce import soql, soql_run
from sandbox.salesforce.api import Answer, Api, Request
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.ids import MalformedIdError, parse_id

MOST_ROWS = 2_000


class Reports:
    """The report operations. A report of the stand-in is a query of leads or contacts, shown by name and phone."""

    def __init__(self, api: Api) -> None:
        self._org = api.org
        api.add("GET", "analytics/reports", self._list)
        api.add("GET", r"analytics/reports/(\w+)", self._run)

    def _list(self, request: Request) -> Answer:
        base = f"/services/data/v{request.version}/analytics/reports"
        rows = [
            {"id": row["Id"], "name": row["Name"], "url": f"{base}/{row['Id']}"}
            for row in self._org.rows("Report")
        ]
        return Answer(200, rows)

    def _run(self, request: Request, report_id: str) -> Answer:
        try:
            report = self._org.find("Report", parse_id(report_id))
        except MalformedIdError:
            report = None
        if report is None:
            raise not_found()
        details = request.query.get("includeDetails", "").lower() == "true"
        found = soql_run.run(self._org, soql.parse(report["_query"]))["records"]
        rows = [{"dataCells": _cells(row)} for row in found[:MOST_ROWS]] if details else []
        return Answer(
            200,
            {
                "allData": len(found) <= MOST_ROWS,
                "attributes": {"reportId": report["Id"], "reportName": report["Name"], "type": "Report"},
                "factMap": {
                    "T!T": {"aggregates": [{"label": str(len(found)), "value": len(found)}], "rows": rows}
                },
                "hasDetailRows": details,
                "reportMetadata": {
                    "id": report["Id"],
                    "name": report["Name"],
                    "reportFormat": report["Format"],
                    "detailColumns": ["LAST_NAME", "PHONE1"],
                },
            },
        )


def _cells(row: Row) -> list[dict[str, Any]]:
    return [
        {"label": row["Name"], "value": row["Id"]},
        {"label": row.get("Phone") or "-", "value": row.get("Phone")},
    ]
