"""The appendices: rules, registry copies, what stood for the number, imports, CRM, audit trail, hashes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.evidence import Row
from evidence import story
from evidence.pdf import words
from evidence.pdf.sheet import Column, Say, Sheet
from evidence.spool import Spool

PATTERNS_SHOWN = 30
ANSWERS = {"passed": "Passed", "refused": "Refused"}


def write(sheet: Sheet, about: Mapping[str, Any], content_sha256: str, spool: Spool) -> None:
    """Write all appendices."""
    _rules(sheet, spool)
    _copies(sheet, spool)
    _standing(sheet, spool)
    _house(sheet, spool)
    _imports(sheet, spool)
    _crm(sheet, spool)
    _audit(sheet, spool)
    _checking(sheet, about, content_sha256, spool)


@dataclass(slots=True)
class _Pattern:
    """Attempts that every rule answered alike."""

    rules: list[Row]
    places: list[int] = field(default_factory=list)


def _rules(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Appendix A: How the rules answered", new_page=True)
    sheet.text(
        "Attempts which all rules answered alike are told together; the reasons are those of the first of them. “Not bound” "
        "means that the rule was asked and does not concern such a contact."
    )
    patterns: dict[tuple[tuple[str, str, str], ...], _Pattern] = {}
    for place, row in enumerate(spool.rows("verdicts"), start=1):
        key = tuple((each["rule"], each["answer"], each.get("code", "")) for each in row["rules"])
        patterns.setdefault(key, _Pattern(row["rules"])).places.append(place)
    for pattern in list(patterns.values())[:PATTERNS_SHOWN]:
        which = "Attempt" if len(pattern.places) == 1 else "Attempts"
        sheet.heading(f"{which} {words.spans(pattern.places)}", level=2)
        bound = [each for each in pattern.rules if each["answer"] != "not bound"]
        sheet.table(
            (Column("Rule", 14), Column("Answer", 20), Column("Reason", 66)),
            ([each["rule"], _answer(each), each["reason"]] for each in bound),
            empty="No rule was bound.",
        )
        idle = [each["rule"] for each in pattern.rules if each["answer"] == "not bound"]
        if idle:
            sheet.text(f"Not bound: {', '.join(idle)}.", size=7.5, muted=True)
    left = len(patterns) - PATTERNS_SHOWN
    if left > 0:
        sheet.text(f"{left:,} more patterns of answers are in evidence.json, section verdicts.")
    if not patterns:
        sheet.text("No rule was asked.", muted=True)


def _answer(each: Row) -> list[Say]:
    if each["answer"] != "refused":
        return [Say("Passed")]
    return [Say("Refused", bold=True), Say(each["meaning"] or each["code"], muted=True)]


def _copies(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Appendix B: Do-not-call registries")
    sheet.text(
        "Copies obtained by the sellers who asked to contact the number, as far as they cover its area code. Which of them an "
        "attempt was checked against stands with the attempt."
    )
    sheet.table(
        (
            Column("Copy", 6),
            Column("List", 11),
            Column("As of", 11),
            Column("Seller and SAN", 22),
            Column("Numbers", 12),
            Column("In force since (UTC)", 18),
            Column("SHA-256 of the file", 30),
        ),
        (
            [
                str(row["id"]),
                row["name"],
                row["as_of"],
                [Say(row["seller"]), Say(row["san"], muted=True)],
                f"{row['numbers']:,}",
                story.bare(row["activated_at"]) + ("" if row["active"] else ", since replaced"),
                row["file_sha256"],
            ]
            for row in spool.rows("registry_copies")
        ),
        empty="No registry copy was in force.",
    )


def _standing(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Appendix C: The line, reassignment, relationships, suppressions")
    if not spool.sections["line"].rows:
        sheet.text("No look-up of the line is on record.", muted=True)
    for row in spool.rows("line"):
        sheet.pairs(
            [
                ("Line type", row["type"].replace("_", " ")),
                ("Looked up", f"{words.day(row['checked_at'])} {row['source']}".strip()),
                ("Ported", words.day(row["ported_at"])),
                ("Never dialed by machine", row["protected"]),
                ("Account", row["account"]),
            ]
        )
    sheet.table(
        (
            Column("Checked (UTC)", 22),
            Column("Since", 14),
            Column("Reassigned?", 14),
            Column("Database", 24),
            Column("By", 20),
        ),
        (
            [
                words.bare(row["checked_at"]),
                row["since"],
                row["answer"],
                row["database_version"],
                row["recorded_by"],
            ]
            for row in spool.rows("reassigned_checks")
        ),
        empty="The Reassigned Numbers Database was not asked about this number.",
    )
    sheet.table(
        (Column("Person", 18), Column("Seller", 24), Column("Last purchase", 14), Column("Last inquiry", 14), Column("Source, when", 30)),
        (
            [row["person_ref"], row["seller"], row["last_purchase_on"] or "–", row["last_inquiry_on"] or "–",
             f"{row['source']}, {story.utc(row['at'])}"]
            for row in spool.rows("relationships")
        ),
        empty="No business relationship is on record.",
    )  # fmt: skip
    _suppressions(sheet, spool)


def _suppressions(sheet: Sheet, spool: Spool) -> None:
    sheet.table(
        (
            Column("Since (UTC)", 20),
            Column("Kind", 16),
            Column("For", 20),
            Column("Heard on", 12),
            Column("Words", 36),
        ),
        (
            [
                story.bare(row["at"]),
                row["kind"].replace("_", " "),
                row["seller"] or "everyone",
                row["heard_on"] or "–",
                row["raw_words"] or row["reason"],
            ]
            for row in spool.rows("suppressions")
        ),
        empty="The number was never suppressed.",
    )


def _house(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Appendix D: Overrides and house limits")
    sheet.table(
        (
            Column("Given (UTC)", 20),
            Column("Denial", 18),
            Column("For", 18),
            Column("Until (UTC)", 20),
            Column("By, why", 30),
        ),
        (
            [
                story.bare(row["at"]),
                row["code"],
                "this number" if row["number"] else row["person_ref"] or row["campaign_ref"],
                story.bare(row["until"]),
                f"{row['by']}: {row['reason']}",
            ]
            for row in spool.rows("overrides")
        ),
        empty="No denial was ever lifted for this number.",
    )
    sheet.table(
        (
            Column("Limit", 28),
            Column("Value", 12),
            Column("In force", 22),
            Column("Set by", 18),
            Column("Why", 30),
        ),
        (
            [
                row["name"],
                json.dumps(row["value"]),
                f"{row['since']} to {row['until'] or 'today'}",
                row["set_by"],
                row["reason"],
            ]
            for row in spool.rows("house_limits")
        ),
        empty="The house set no limits of its own in this period: those of the law applied.",
    )


def _debt(member: Mapping[str, Any]) -> str:
    return f"Debt {member['debt_ref']}. " if member["debt_ref"] else ""


def _imports(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Appendix E: Who has the number, and where it came from")
    sheet.table(
        (
            Column("Person", 26),
            Column("Place", 18),
            Column("Written as", 16),
            Column("Lists", 18),
            Column("Campaigns", 22),
        ),
        (
            [
                [Say(words.contact_name(row)), Say(f"contact {row['id']}", muted=True), Say(row["external_ref"] or "", muted=True)],
                ", ".join(part for part in (row["city"], row["state"], row["postal_code"]) if part),
                ", ".join(phone["raw"] for phone in row["phones"]),
                ", ".join(each["list"] for each in row["lists"]),
                [Say(f"{each['campaign']}: {each['state']}. {_debt(each)}{each['reason']}") for each in row["campaigns"]],
            ]
            for row in spool.rows("people")
        ),
        empty="Nobody on a list has this number.",
    )  # fmt: skip
    sheet.table(
        (
            Column("Imported (UTC)", 18),
            Column("Source", 28),
            Column("Row", 7),
            Column("Outcome", 11),
            Column("What was written", 42),
        ),
        (
            [
                story.bare(row["import"]["started_at"]),
                [Say(row["import"]["source_label"]), Say(f"list “{row['import']['list']}”", muted=True)],
                str(row["row_number"]),
                row["outcome"] or "waiting",
                _written(row["written"]),
            ]
            for row in spool.rows("imports")
        ),
        empty="No import brought this number: it was added by hand, or its list was removed.",
    )


def _written(told: Row) -> str:
    cells = [cell for cell in told["cells"] if cell]
    if cells:
        return " | ".join(cells)
    phones = [f"{kind}: {text}" for kind, text in told["phones"]]
    return " | ".join([*phones, *(f"{name}: {value}" for name, value in told["person"].items() if value)])


def _crm(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Appendix F: What the CRMs were told")
    sheet.table(
        (
            Column("CRM", 14),
            Column("What", 30),
            Column("Queued (UTC)", 20),
            Column("Acknowledged (UTC)", 20),
            Column("State", 16),
        ),
        (
            [
                row["connection"]["name"],
                [Say(str(row["payload"].get("subject", ""))), Say(row["external_call_id"], muted=True)],
                story.bare(row["changed_at"]),
                words.bare(row["acknowledged_at"]) or "not yet",
                [
                    Say(row["state"].replace("_", " ")),
                    Say(row["crm_id"], muted=True),
                    Say(row["reason"], muted=True),
                ],
            ]
            for row in spool.rows("crm")
        ),
        empty="No CRM was told of a call to this number or a request: the person came from none, or there was neither.",
    )


def _audit(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Appendix G: Audit trail")
    sheet.table(
        (Column("When (UTC)", 20), Column("Who", 14), Column("Act", 30), Column("What changed", 44)),
        (
            [
                story.bare(row["at"]),
                row["actor"],
                [Say(row["verb"]), Say(row["target"], muted=True)],
                _changed(row["after"]),
            ]
            for row in spool.rows("audit")
        ),
        empty="No act about this number is on record.",
    )


def _changed(after: Any) -> str:
    if not isinstance(after, dict):
        return ""
    return "; ".join(f"{name}: {value}" for name, value in after.items() if value not in ("", None, [], {}))


def _checking(sheet: Sheet, about: Mapping[str, Any], content_sha256: str, spool: Spool) -> None:
    sheet.heading("Appendix H: How to check this pack")
    sheet.text(
        "The content hash in the footer of each page covers what the pack says about itself, the hash of every section among it; each "
        "section's hash covers its rows. The manifest in the archive holds this document's hash, that of evidence.json, and the hash of "
        "the pack made before it, so that no pack can be changed, removed or slipped in unseen."
    )
    sheet.text(
        "On a machine with Parley: manage.py verify_evidence FILE. Without it: docs/how-to/evidence.md has a program of thirty lines."
    )
    sheet.pairs(
        [
            ("Schema", about["schema"]),
            ("Content SHA-256", content_sha256),
            ("Made", story.utc(about["made_at"])),
        ]
    )
    sheet.table(
        (Column("Section", 18), Column("Rows", 7), Column("SHA-256 of its rows", 58), Column("Note", 24)),
        (
            [each.name.replace("_", " "), f"{each.rows:,}", each.sha256, each.note]
            for each in spool.sections.values()
        ),
    )
    sheet.text(
        "Seals of the days the gate was asked on: each closes its day's chains and hashes the seal before it."
    )
    sheet.table(
        (Column("Day (UTC)", 14), Column("Sealed (UTC)", 20), Column("Verdicts", 10), Column("Problems", 12), Column("Its hash", 54)),
        (
            [row["day"], story.bare(row["sealed_at"]), f"{row['allowed'] + row['denied']:,}", str(row["problems"]), row["seal_hash"]]
            for row in spool.rows("seals")
        ),
        empty="No seal yet: a day is sealed soon after its end.",
    )  # fmt: skip
    if sheet.hidden:
        sheet.text(
            "Some text here has letters this document's typeface cannot show; they are named by code point in brackets. evidence.json has "
            "them as they were written."
        )
