"""The verdict table by month: where rows go, what history refuses, how queries find their way, what leaves after years."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from compliance import selectors, services
from compliance.models import ComplianceDecision, DroppedMonth
from compliance.services import ContactRequest
from compliance.store import partitions, retention, sealing
from compliance.store.explorer import DecisionFilters, list_decisions
from compliance.store.verifying import verify_day
from core import checks
from core.models import AuditEvent

Ask = Callable[..., ContactRequest]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registry")]
LONG_AGO = datetime(2020, 3, 10, 16, 0, tzinfo=UTC)


def decide(*requests: ContactRequest, now: datetime) -> list[int]:
    """Ask the gate; return the ids of the verdicts."""
    with transaction.atomic():
        return [answer.decision_id for answer in services.clear_to_contact(requests, now=now)]


def table_of(row_id: int) -> str:
    """Return the partition the verdict stands in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM compliance_compliancedecision WHERE id = %s", [row_id]
        )
        return str(cursor.fetchone()[0])


def test_the_present_and_the_next_two_months_are_made(now: datetime) -> None:
    later = now.replace(year=2031)

    made = partitions.manage_partitions(now=later)
    again = partitions.manage_partitions(now=later)

    assert made == (
        "compliance_decision_2031_11",
        "compliance_decision_2031_12",
        "compliance_decision_2032_01",
    )
    assert again == ()
    assert partitions.list_partitions()[-1].month is None


def test_a_verdict_of_a_month_nobody_made_is_stored_and_brought_home_later(ask: Ask, now: datetime) -> None:
    far = now.replace(year=2033)
    ids = decide(ask(), ask("+14075550199"), now=far)
    before = [table_of(row_id) for row_id in ids]

    made = partitions.manage_partitions(now=now)

    assert before == ["compliance_decision_default"] * 2
    assert "compliance_decision_2033_11" in made
    assert [table_of(row_id) for row_id in ids] == ["compliance_decision_2033_11"] * 2
    assert verify_day(far.date()).findings == ()
    assert table_of(*decide(ask(), now=far.replace(year=2035))) == "compliance_decision_default"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET sentence = ''",
        "DELETE FROM {}",
        "TRUNCATE {}",
    ],
)
@pytest.mark.parametrize("which", ["parent", "month", "default"])
def test_history_cannot_be_changed_in_any_partition(
    ask: Ask, now: datetime, statement: str, which: str
) -> None:
    partitions.manage_partitions(now=now)
    row_id = decide(ask(), now=now)[0]
    in_default = decide(ask(), now=now.replace(year=2033))[0]
    table = {"parent": partitions.PARENT, "month": table_of(row_id), "default": table_of(in_default)}[which]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER no_truncate")  # off in tests' own clean-up

    with pytest.raises(IntegrityError, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_every_partition_refuses_to_be_emptied(now: datetime) -> None:
    partitions.manage_partitions(now=now.replace(year=2031))
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'no_truncate'")
        guarded = {row[0] for row in cursor.fetchall()}

    assert guarded == {partitions.PARENT, *(each.name for each in partitions.list_partitions())}


def plan(filters: DecisionFilters, **paging: Any) -> list[dict[str, Any]]:
    """Return the scans of the plan of an explorer's page; a plan that must sort has none that will do.

    The tables of a test are nearly empty, where reading all of them is cheapest, so that way is made dear.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    with CaptureQueriesContext(connection) as captured:
        list_decisions(filters, **paging)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {captured.captured_queries[-1]['sql']}")
        (root,) = _json(cursor.fetchone()[0])
    assert "Sort" not in set(_kinds(root["Plan"]))
    return list(_scans(root["Plan"]))


def _kinds(node: dict[str, Any]) -> Any:
    yield node["Node Type"]
    for child in node.get("Plans", []):
        yield from _kinds(child)


def _json(found: Any) -> Any:
    return json.loads(found) if isinstance(found, str) else found


def _scans(node: dict[str, Any]) -> Any:
    if "Relation Name" in node:
        yield node
    for child in node.get("Plans", []):
        yield from _scans(child)


@pytest.mark.parametrize(
    "filters",
    [
        DecisionFilters(),
        DecisionFilters(number="+14075550123"),
        DecisionFilters(codes=("DNC_NATIONAL",)),
        DecisionFilters(campaign_ref="campaign:1"),
        DecisionFilters(outcome="deny"),
    ],
    ids=["all", "number", "code", "campaign", "outcome"],
)
def test_the_explorers_page_uses_an_index_of_every_partition_and_sorts_nothing(
    now: datetime, filters: DecisionFilters
) -> None:
    partitions.manage_partitions(now=now)

    scans = plan(filters, before=1000)

    assert {scan["Relation Name"] for scan in scans} == {each.name for each in partitions.list_partitions()}
    assert {scan["Node Type"] for scan in scans} <= {"Index Scan", "Index Only Scan"}


def test_the_explorers_page_of_a_day_reads_its_month_alone_by_the_days_index(now: datetime) -> None:
    partitions.manage_partitions(now=now)

    scans = plan(DecisionFilters(since=now.date(), until=now.date()))

    assert {scan["Relation Name"] for scan in scans} <= {
        "compliance_decision_2026_11",
        "compliance_decision_default",
    }
    assert {scan["Node Type"] for scan in scans} == {"Index Scan"}


def test_a_day_is_paged_by_instant_without_gaps(ask: Ask, now: datetime) -> None:
    later = decide(ask(), now=now + timedelta(seconds=1))
    earlier = decide(*(ask(f"+1407555{n:04d}", person_ref=f"lead:{n}") for n in range(200, 204)), now=now)
    found: list[int] = []
    before = None
    while True:
        page = selectors.list_decisions(
            DecisionFilters(since=now.date(), until=now.date()), before=before, limit=2
        )
        found += [row.id for row in page.rows]
        before = page.next_before
        if before is None:
            break

    assert found == [*later, *reversed(earlier)]


def _old_month(ask: Ask) -> list[int]:
    partitions.manage_partitions(now=LONG_AGO)
    ids = decide(ask(), ask("+14075550199"), now=LONG_AGO)
    sealing.close_days(now=LONG_AGO + timedelta(days=40))
    return ids


def test_a_month_past_its_retention_is_dropped_with_a_record_of_what_it_held(ask: Ask, now: datetime) -> None:
    _old_month(ask)
    kept = decide(ask(), now=now)
    out = StringIO()

    call_command("drop_old_verdicts", stdout=out)
    assert "2020-03: 0 allowed, 2 denied; would be dropped" in out.getvalue()
    assert ComplianceDecision.objects.count() == 3
    call_command("drop_old_verdicts", apply=True, by="nil", stdout=out)

    record = DroppedMonth.objects.get(month=date(2020, 3, 1))
    assert (record.allowed, record.denied, record.dropped_by, record.retention_years) == (0, 2, "nil", 6)
    assert record.last_seal is not None
    assert record.last_seal.day == LONG_AGO.date()
    assert list(ComplianceDecision.objects.values_list("id", flat=True)) == kept
    assert AuditEvent.objects.filter(verb="compliance.verdicts.dropped", target="month:2020-03").count() == 1
    assert verify_day(LONG_AGO.date()).findings == ()
    assert retention.find_old_months(now=now) == ()


def test_a_month_that_does_not_verify_is_kept(ask: Ask) -> None:
    ids = _old_month(ask)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM compliance_compliancedecision WHERE id = %s", [ids[0]])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")

    with pytest.raises(CommandError, match="kept because they do not verify"):
        call_command("drop_old_verdicts", apply=True, by="nil", stdout=StringIO())

    assert ComplianceDecision.objects.count() == 1


def test_a_month_that_is_not_sealed_is_kept(ask: Ask, now: datetime) -> None:
    partitions.manage_partitions(now=LONG_AGO)
    decide(ask(), now=LONG_AGO)

    old = next(each for each in retention.find_old_months(now=now) if each.month == date(2020, 3, 1))

    assert old.problems == ("2020-03-10 is not sealed",)
    with pytest.raises(ValueError, match="is kept"):
        retention.drop_month(old, actor="nil", now=now)


def test_dropping_needs_a_name(db: None) -> None:
    with pytest.raises(CommandError, match="--by NAME"):
        call_command("drop_old_verdicts", apply=True)


@pytest.mark.parametrize(("years", "problems"), [(4, 1), (5, 0), (6, 0)])
def test_fewer_than_five_years_of_retention_do_not_start(settings: Any, years: int, problems: int) -> None:
    settings.VERDICT_RETENTION_YEARS = years

    assert len(checks.verdicts_are_kept_long_enough(None)) == problems
