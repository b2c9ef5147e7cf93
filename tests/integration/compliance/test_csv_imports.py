"""Consents and suppressions from files: rows in = accepted + duplicates + refused, always."""

from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from compliance import services
from compliance.models import ConsentRecord, OpenClearance, Suppression
from compliance.store.writing import NewDecision, write_decisions
from core import db
from core.models import AuditEvent, OutboxMessage
from tests.integration.compliance.conftest import NOW, SELLER

pytestmark = pytest.mark.django_db(transaction=True)

CONSENTS = """number,kind,obtained_by,given_at,sellers,text_shown,authorises automation,not_a_condition,signature
(407) 555-0123,PEWC,Leads Ltd,2026-11-01T10:00:00-05:00,Northwind Home Energy; Acme,"I agree, to calls",yes,yes,checkbox
+1 407 555 0123,pewc,Leads Ltd,2026-11-01T15:00:00Z,Acme;Northwind Home Energy,"I agree, to calls",x,1,checkbox

407555,pec,Leads Ltd,2026-11-01T15:00:00Z,,,,,
4075550124,maybe,Leads Ltd,2026-11-01T15:00:00Z,,,,,
4075550124,pec,Leads Ltd,2026-11-01 15:00,,,,,
4075550124,pec,Leads Ltd,2027-11-01T15:00:00Z,,,,,
4075550124,pec,,2026-11-01T15:00:00Z,,,,,
4075550124,pec,Leads Ltd,,,,,,
4075550124,pec,Leads Ltd,2026-11-01T15:00:00Z,,,perhaps,,
4075550124,pec,Leads Ltd,2026-11-01T15:00:00Z,,,,,,one too many
4075550124,pec,Leads Ltd,2026-11-01T15:00:00Z
"""
REASONS = {
    5: "too few",
    6: "not one of conversation, pec, pewc",
    7: "no date with time and zone",
    8: "future",
    9: "who obtained it",
    10: "given_at is empty",
    11: "neither yes nor no",
    12: "more cells than the heading",
}


def test_every_row_of_consents_is_accounted_for() -> None:
    report = services.import_consents(StringIO(CONSENTS), label="leads.csv", actor="nil", now=NOW)
    again = services.import_consents(StringIO(CONSENTS), label="leads.csv", actor="nil", now=NOW)

    assert (report.rows, report.accepted, report.duplicates, len(report.refused)) == (11, 2, 1, 8)
    assert (again.accepted, again.duplicates, len(again.refused)) == (0, 3, 8)
    assert {row.line: row.reason for row in report.refused}.keys() == REASONS.keys()
    for row in report.refused:
        assert REASONS[row.line] in row.reason
    kept = ConsentRecord.objects.get(number="+14075550123")
    assert (kept.sellers, kept.source, kept.authorises_automation, kept.given_at.hour) == (
        ["Acme", SELLER], "import", True, 15,
    )  # fmt: skip
    assert (kept.asked_how, kept.asked_at) == ("", None)
    audit = AuditEvent.objects.filter(verb="compliance.consents.imported").earliest("id")
    assert audit.after == {"rows": 11, "accepted": 2, "duplicates": 1, "refused": 8}


CAME_BACK = """number,kind,obtained_by,given_at,sellers,text_shown,asked_how,asked_words,asked_at
4075550123,pewc,Northwind,2026-11-01T15:00:00Z,Northwind,Call me,Form,call me again,2026-11-01T15:00:00Z
4075550124,pewc,Northwind,2026-11-01T15:00:00Z,Northwind,Call me,smoke,call me again,2026-11-01T15:00:00Z
4075550125,pewc,Northwind,2026-11-01T15:00:00Z,Northwind,Call me,form,,2026-11-01T15:00:00Z
4075550126,pewc,Northwind,2026-11-01T15:00:00Z,Northwind,Call me,form,call me again,
4075550127,pewc,Northwind,2026-11-01T15:00:00Z,Northwind,Call me,form,call me again,yesterday
4075550128,pewc,Northwind,2026-11-01T15:00:00Z,Northwind,Call me,,call me again,
4075550129,pewc,Northwind,2026-11-01T15:00:00Z,Northwind,Call me,form,call me again,2026-11-01T15:00:01Z
"""


def test_a_file_says_that_a_person_came_back_wholly_or_the_row_is_refused() -> None:
    report = services.import_consents(StringIO(CAME_BACK), label="back.csv", actor="nil", now=NOW)

    assert [(row.line, row.reason.split(":")[0]) for row in report.refused] == [
        (3, "asked_how is not one of form, call, text, email, in_person"),
        (4, "that the person asked to be contacted again needs all three"),
        (5, "that the person asked to be contacted again needs all three"),
        (6, "asked_at “yesterday” is no date with time and zone"),
        (7, "that the person asked to be contacted again needs all three"),
        (8, "the person asked after they agreed"),
    ]
    kept = ConsentRecord.objects.get()
    assert (kept.asked_how, kept.asked_words, kept.asked_at) == ("form", "call me again", kept.given_at)


SUPPRESSIONS = """number,kind,scope,raw_words,asked_at,campaign_ref
4075550123,,,stop calling,2026-11-01T10:00:00Z,
(407) 555-0123,do_not_call,,again,,
4075550123,litigator,everyone,,,
4075550124,,campaign,,,campaign:2
4075550124,,campaign,,,
4075550125,,,,,campaign:2
4075550126,never,,,,
nonsense,,,,,
4075550127,,,,2027-01-01T00:00:00Z,
"""


def test_every_row_of_suppressions_is_accounted_for_and_counts_at_once() -> None:
    OpenClearance.objects.create(
        decision_id=_decision(), number="+14075550123", channel="live_preview", purpose="survey", seller=SELLER,
        caller_id="+14075550100", expires_at=NOW,
    )  # fmt: skip

    report = services.import_suppressions(
        StringIO(SUPPRESSIONS), seller=SELLER, label="old.csv", actor="nil", now=NOW
    )

    assert (report.rows, report.accepted, report.duplicates, len(report.refused)) == (9, 3, 1, 5)
    assert [row.line for row in report.refused] == [6, 7, 8, 9, 10]
    first = Suppression.objects.earliest("id")
    assert (first.at.day, first.raw_words, first.heard_on) == (1, "stop calling", "import of old.csv")
    assert OpenClearance.objects.get().voided_by == "nil"
    reached = [
        (one.payload["numbers"], one.payload["seller"]) for one in OutboxMessage.objects.order_by("id")
    ]
    assert reached == [(["+14075550123"], SELLER), (["+14075550123"], ""), (["+14075550124"], SELLER)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "file is empty"),
        ("number,kind\n", "“given_at” is missing"),
        ("number,kind,obtained_by,given_at,colour\n", "no column “colour”"),
        ("number,number,kind,obtained_by,given_at\n", "twice"),
        ('number,kind,obtained_by,given_at\n4075550123,"' + "x" * 200_000, "cannot be read as CSV"),
    ],
)
def test_what_is_no_table_is_refused_whole(text: str, words: str) -> None:
    with pytest.raises(services.FileRefused, match=words):
        services.import_consents(StringIO(text), label="x.csv", actor="nil", now=NOW)

    assert not ConsentRecord.objects.exists()


def test_the_commands_say_what_came_of_a_file(tmp_path: Path) -> None:
    consents, refused = tmp_path / "leads.csv", tmp_path / "refused.csv"
    consents.write_text("\ufeff" + CONSENTS, encoding="utf-8")
    numbers = tmp_path / "old.csv"
    numbers.write_text(SUPPRESSIONS, encoding="utf-8")
    out = StringIO()

    with time_machine.travel(NOW, tick=False):
        call_command("import_consents", str(consents), "--refused", str(refused), stdout=out)
        call_command("import_suppressions", str(numbers), stdout=out)
        with pytest.raises(CommandError, match="No such file"):
            call_command("import_consents", str(tmp_path / "none.csv"))

    said = out.getvalue()
    assert "11 rows: 2 accepted, 1 there already, 8 refused." in said
    assert "9 rows: 3 accepted, 1 there already, 5 refused." in said
    assert len(refused.read_text(encoding="utf-8").splitlines()) == 9


def _decision() -> int:
    """A decision to hang a clearance on."""
    row = NewDecision(
        attempt_ref="a", number="+14075550123", person_ref="", channel="live_preview", purpose="survey", seller=SELLER,
        campaign_ref="", outcome="allow", code="", sentence="", verdicts="[]", facts="{}", rules_version="1", rules_hash="1",
        next_allowed_at=None, decided_at=NOW,
    )  # fmt: skip
    with db.use_case():
        return write_decisions([row])[0]
