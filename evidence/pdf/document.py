"""The document, part by part, in the order counsel reads it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.types import format_phone
from evidence import story
from evidence.pdf import appendices, timeline, words
from evidence.pdf.sheet import Cell, Column, Say, Sheet
from evidence.spool import Spool

ATTEMPTS = (
    Column("No.", 6),
    Column("When: the person's clock, then UTC", 18),
    Column("How", 16),
    Column("Verdict", 40),
    Column("What became of it", 26),
)
FIGURES = (
    ("Attempts", "attempts"),
    ("Refused", "refused"),
    ("Cleared", "cleared"),
    ("Calls placed", "calls_placed"),
    ("Messages left on machines", "messages_left"),
    ("Calls answered", "calls_answered"),
    ("Opt-outs", "opt_outs"),
    ("Contacts after an opt-out", "contacts_after_opt_out"),
)


def write_pdf(path: Path, about: Mapping[str, Any], content_sha256: str, spool: Spool) -> int:
    """Write the document and return how many pages it has."""
    number = format_phone(about["number"])
    complaint = f", complaint {about['complaint']}" if about["complaint"] else ""
    with path.open("wb") as stream:
        sheet = Sheet(
            stream,
            title=f"Evidence pack {number}{complaint}",
            subject=f"Consent, do-not-call requests and every attempt to contact {number}",
            author=about["made_by"],
            footer=f"Content SHA-256 {content_sha256}",
        )
        _cover(sheet, about, content_sha256, spool)
        timeline.write(sheet, spool, about["summary"]["zones"])
        _consents(sheet, spool)
        _opt_outs(sheet, spool, about["summary"]["zones"])
        _attempts(sheet, spool)
        _texts_and_recordings(sheet, spool)
        appendices.write(sheet, about, content_sha256, spool)
        return sheet.finish()


def _cover(sheet: Sheet, about: Mapping[str, Any], content_sha256: str, spool: Spool) -> None:
    sheet.text("Evidence pack", size=11, muted=True)
    sheet.heading(f"{format_phone(about['number'])}")
    sheet.text(about["summary"]["sentence"], size=12.5, bold=True)
    sheet.gap(6)
    period = about["period"]
    sheet.pairs(
        [
            ("Number", about["number"]),
            ("People who have it", "; ".join(words.contact_name(row) for row in spool.rows("people"))),
            ("Seller", about["seller"]),
            ("Complaint", about["complaint"]),
            ("Why it was made", about["reason"]),
            ("Contacts of", _period(period)),
            ("Made by", about["made_by"]),
            ("Made", story.utc(about["made_at"])),
            ("Content SHA-256", content_sha256),
        ]
    )
    if about["summary"]["zones"]:
        zones = ", ".join(zone.replace("_", " ") for zone in about["summary"]["zones"])
        sheet.text(f"Local times are those of {zones}, where the person may be by what was known at each attempt.", muted=True)  # fmt: skip
    figures = about["summary"]
    sheet.heading("In figures", level=2)
    sheet.table(
        tuple(Column(title, 1) for title, _ in FIGURES), [[f"{figures[name]:,}" for _, name in FIGURES]]
    )
    sheet.heading("What this pack holds", level=2)
    sheet.text(
        "Every row on record about this number. This document tells them in words; evidence.json has all of them in full, with "
        "all facts each rule saw. Numbers of other people are withheld, except the numbers the calls were made from. "
        "Appendix H has the hash of each section."
    )
    kinds = [f"{each.name.replace('_', ' ')} {each.rows:,}" for each in spool.sections.values() if each.rows]
    sheet.text("Rows: " + (", ".join(kinds) or "none") + ".")


def _period(period: Mapping[str, Any]) -> str:
    if not period["from"] and not period["to"]:
        return "all time"
    return f"{period['from'] or 'the first'} to {period['to'] or 'now'}, days in UTC; consents and refusals of all time"


def _consents(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Consents")
    written = 0
    for row in spool.rows("consents"):
        written += 1
        sheet.heading(f"Consent {row['position']}: {words.day(row['given_at'])}", level=2)
        sheet.pairs(
            [
                ("Kind", words.consent(row["kind"])),
                ("Given by", " ".join(part for part in (row["name_given"], row["person_ref"]) if part)),
                ("Obtained by", row["obtained_by"]),
                ("Source", row["source"].replace("_", " ")),
                ("Sellers named", words.listed(row["sellers"]) if row["sellers"] else "nobody"),
                ("Purposes", words.listed(row["purposes"])),
                ("Channels", words.listed(row["channels"])),
                ("Valid until", words.day(row["valid_until"])),
                ("Affirmative act", row["signature"] or "none kept"),
                ("Automation disclosed", words.yes(row["authorises_automation"])),
                ("Not a condition", words.yes(row["not_a_condition"])),
                ("Box ticked beforehand", words.yes(row["box_preticked"])),
                ("Agrees to be called", words.yes(row["agrees_to_be_called"])),
                ("Asked to be contacted", _asked_again(row)),
                ("Page", row["page_url"]),
                ("Language", row["language"]),
                ("IP address", row["ip"]),
                ("Browser", row["user_agent"]),
                ("Certificate", row["certificate"]),
                ("Lead", row["lead_ref"]),
                ("File kept", row["evidence_file"]),
                ("Recorded", f"{words.day(row['recorded_at'])} by {row['recorded_by']}"),
                ("Row hash", row["row_hash"]),
            ]
        )
        sheet.text("The text shown, word by word:" if row["text_shown"] else "No text was kept.", muted=True)
        if row["text_shown"]:
            sheet.text(f"“{row['text_shown']}”")
    if not written:
        sheet.text("No consent is on record for this number.")


def _asked_again(row: Mapping[str, Any]) -> str:
    if not row["asked_how"]:
        return ""
    how = row["asked_how"].replace("_", " ")
    return f"by {how}, {words.day(row['asked_at'])}: “{row['asked_words']}”"


def _opt_outs(sheet: Sheet, spool: Spool, zones: list[str]) -> None:
    sheet.heading("Requests not to be contacted, and how they spread")
    written = 0
    for row in spool.rows("opt_outs"):
        written += 1
        sheet.heading(f"{story.moment(row['received_at'], zones, seconds=True)}, by {row['heard_on'] or 'import'}", level=2)  # fmt: skip
        sheet.text(f"“{row['words']}”" if row["words"] else "No words were recorded.")
        whom = "everybody who calls from here" if row["scope"] == "everyone" else row["seller"]
        lifted = f" Lifted {story.utc(row['lifted_at'])}." if row["lifted_at"] else ""
        took = story.after(row["honoured_after_ms"])
        sheet.text(f"Holds for {whom}. Received {story.utc(row['received_at'])}, honoured {took}.{lifted}")
        sheet.table(
            (Column("Channel", 20), Column("What", 40), Column("Heard it (UTC)", 25), Column("After", 15)),
            (
                [
                    step["channel"],
                    step["what"],
                    story.bare(step["at"]) if step["at"] else "not yet",
                    story.lasted(step["after_ms"]) if step["after_ms"] is not None else "–",
                ]
                for step in row["steps"]
            ),
        )
        channels = {step["channel"] for step in row["steps"]}
        sheet.text(f"Slowest channel: {row['slowest']}." + _not_told(channels), muted=True)
    if not written:
        sheet.text("No request not to be contacted is on record for this number.")


def _not_told(channels: set[str]) -> str:
    missing = [
        text
        for name, text in (
            ("clearance voided", "No clearance was open."),
            ("ringing call", "No call was ringing."),
            (
                "CRM queued",
                "No CRM was told by a call's result: the person came from none, or it was not heard on a call.",
            ),
        )
        if name not in channels
    ]
    return " " + " ".join(missing) if missing else ""


def _attempts(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Every attempt and its verdict", new_page=True)
    sheet.text(
        "An attempt is every time contact was about to be made: the gate was asked first, and nothing is dialed without its leave. "
        "Oldest first. All rules and facts of each are in evidence.json, the rules also in appendix A."
    )
    calls = {row["decision_id"]: words.call(row) for row in spool.rows("attempts")}
    left = (each for row in spool.rows("attempts") for each in row["call"]["messages"])
    calls |= {each["decision_id"]: [Say(f"{words.message(each)}.")] for each in left}
    shown: set[int] = set()

    def lines() -> Any:
        for place, row in enumerate(spool.rows("verdicts"), start=1):
            shown.add(row["id"])
            yield _attempt(place, row, calls)

    sheet.table(ATTEMPTS, lines(), empty="Nobody tried to contact this number.")
    orphans = sorted(set(calls) - shown)
    if orphans:
        sheet.text(
            f"{story.counted(len(orphans), 'call')} of the period whose verdict is not in it or is no longer kept: verdicts "
            f"{words.spans(orphans)}. The calls are in evidence.json, section attempts."
        )


def _attempt(place: int, row: Any, calls: Mapping[int, list[Say]]) -> list[Cell]:
    return [str(place), words.when(row), words.how(row), words.verdict(row), words.became(row, calls)]


def _texts_and_recordings(sheet: Sheet, spool: Spool) -> None:
    sheet.heading("Texts and recordings")
    sheet.text(f"Texts: {spool.sections['texts'].note}")
    for row in spool.rows("texts"):
        answer = f" Answered: “{row['answer']}”" if row["answer"] else " Not answered by us."
        sheet.text(f"{story.utc(row['received_at'])}: “{row['raw_words']}” Read as {row['meaning']}.{answer}")
    for row in spool.rows("debt_wishes"):
        ended = (
            f" Taken back {story.utc(row['end']['at'])}: “{row['end']['raw_words']}”" if row["end"] else ""
        )
        sheet.text(
            f"About times and places for calls on a debt, {story.utc(row['at'])}: “{row['raw_words']}”{ended}"
        )
    kept = sum(row["sound"] == "here" for row in spool.rows("recordings"))
    calls = story.counted(spool.sections["recordings"].rows, "call")
    sheet.text(
        f"Recordings: the sound of {kept} of {calls} is stored; notice, hash, holds and deletions of each are in evidence.json."
    )
