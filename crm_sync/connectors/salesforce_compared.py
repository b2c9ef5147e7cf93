"""What we wrote into a Salesforce org, of every kind: all of them are Tasks. `query` yields a query's pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from crm_sync import mapping
from crm_sync.capabilities import MemberStatus, Record, Standing
from crm_sync.connectors.salesforce_reading import AT_ONCE, Query, Rows

_COLUMNS: Final = (
    f"Id, {mapping.CALL_ID_FIELD}, ActivityDate, CallDisposition, Description, LastModifiedDate, IsDeleted"
)


def ours_between(query: Query, prefix: str, begin: date, end: date) -> Iterator[Sequence[Standing]]:
    """Yield the Tasks of those days whose id of ours begins so. `prefix` is of letters, digits and dashes."""
    dated = f"ActivityDate >= {begin.isoformat()} AND ActivityDate < {end.isoformat()}"
    where = f"{dated} AND {mapping.CALL_ID_FIELD} LIKE '{prefix}%'"
    columns = f"Id, {mapping.CALL_ID_FIELD}, ActivityDate"
    for page in query(f"SELECT {columns} FROM Task WHERE {where} ORDER BY Id"):  # noqa: S608 - dates and names of ours
        yield [_standing(row) for row in page]


def standing(query_all: Callable[[str], Rows], task_ids: Sequence[str]) -> dict[str, Standing]:
    """Read Tasks by id, those in the recycle bin too."""
    found: dict[str, Standing] = {}
    wanted = list(dict.fromkeys(task_ids))
    for start in range(0, len(wanted), AT_ONCE):
        some = ", ".join(f"'{each}'" for each in wanted[start : start + AT_ONCE])
        for row in query_all(f"SELECT {_COLUMNS} FROM Task WHERE Id IN ({some})"):  # noqa: S608 - ids are [A-Za-z0-9]
            found[str(row["Id"])] = _standing(row)
    return found


def members(
    pages: Iterator[Sequence[Mapping[str, Any]]], wanted: Sequence[MemberStatus]
) -> dict[tuple[str, str], Record]:
    """Return what campaigns say of their members, of those that were asked for."""
    asked = {(each.campaign_id, each.person_id) for each in wanted}
    found = {}
    for page in pages:
        for row in page:
            key = str(row["CampaignId"]), str(row.get("ContactId") or row["LeadId"])
            if key in asked:
                found[key] = Record(
                    {"Status": row.get("Status")}, changed_at=str(row.get("LastModifiedDate") or "")
                )
    return found


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(
        crm_id=str(row["Id"]),
        ref=str(row[mapping.CALL_ID_FIELD] or "").lower(),
        day=str(row["ActivityDate"] or ""),
        result=str(row.get("CallDisposition") or ""),
        words=str(row.get("Description") or ""),
        changed_at=str(row.get("LastModifiedDate") or ""),
        is_deleted=bool(row.get("IsDeleted")),
    )
