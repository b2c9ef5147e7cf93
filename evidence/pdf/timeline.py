"""What happened to a number, in order: the page counsel reads first."""

from collections.abc import Iterator

from core.evidence import Row
from evidence import story
from evidence.pdf import words
from evidence.pdf.sheet import Column, Sheet
from evidence.spool import Spool

CALLS_SHOWN = 40  # with more, the first and the last; all of them are among the attempts
Event = tuple[str, str, str]  # instant, what, detail


def write(sheet: Sheet, spool: Spool, zones: list[str]) -> None:
    """Write the timeline."""
    sheet.heading("Timeline", new_page=True)
    events = sorted(_events(spool))
    sheet.table(
        (Column("When", 24), Column("In UTC", 20), Column("What", 20), Column("Detail", 48)),
        (
            [story.moment(at, zones, seconds=True), story.bare(at), what, detail]
            for at, what, detail in events
        ),
        empty="Nothing is on record about this number.",
    )


def _events(spool: Spool) -> Iterator[Event]:
    yield from _origins(spool)
    yield from _calls(spool)
    for row in spool.rows("attempts"):
        for each in row["call"]["messages"]:
            if each["began_at"]:
                yield (
                    each["began_at"],
                    "Message left on a machine",
                    f"{words.message(each)}. Verdict {each['decision_id']}.",
                )
    for row in spool.rows("opt_outs"):
        yield from _opt_out(row)
    for row in spool.rows("lifts"):
        yield (
            row["at"],
            "Request lifted",
            f"by {row['approved_by']}, asked by {row['requested_by']}: {row['reason']}",
        )
    for row in spool.rows("overrides"):
        whom = "this number" if row["number"] else row["person_ref"] or row["campaign_ref"]
        until = story.utc(row["until"])
        yield (
            row["at"],
            "Denial lifted",
            f"{row['code']} for {whom} until {until}, by {row['by']}: {row['reason']}",
        )


def _origins(spool: Spool) -> Iterator[Event]:
    for row in spool.rows("imports"):
        run = row["import"]
        where = f"{run['source_label']}, row {row['row_number']}, list “{run['list']}”"
        yield run["started_at"], "Number imported", where
    for row in spool.rows("consents"):
        named = words.listed(row["sellers"]) if row["sellers"] else "nobody named"
        kind, source = words.consent(row["kind"]), row["source"].replace("_", " ")
        yield row["given_at"], "Consent given", f"{kind}, {source}, sellers: {named}"
    for row in spool.rows("reassigned_checks"):
        yield row["checked_at"], "Reassigned database asked", f"since {row['since']}: {row['answer']}"


def _calls(spool: Spool) -> Iterator[Event]:
    placed = [
        (row["placed_at"], words.call(row)[0].text, _result(row))
        for row in spool.rows("attempts")
        if row["placed_at"]
    ]
    if len(placed) > CALLS_SHOWN:
        between = len(placed) - 2
        (first, course, result), (last, final, end) = placed[0], placed[-1]
        yield first, "First call", f"{course} {result}"
        yield (
            first,
            "Calls",
            f"{story.counted(between, 'call')} between the first and the last, each among the attempts",
        )
        yield last, "Last call", f"{final} {end}"
        return
    for at, course, result in placed:
        yield at, "Call", f"{course} {result}"


def _result(row: Row) -> str:
    disposition = row["call"]["disposition"]
    return f"Result: {disposition['label']}." if disposition else ""


def _opt_out(row: Row) -> Iterator[Event]:
    said = f"“{row['words']}”" if row["words"] else ""
    yield row["received_at"], "Opt-out received", f"by {row['heard_on'] or 'import'} {said}".strip()
    for step in row["steps"]:
        if step["at"]:
            took = story.lasted(step["after_ms"])
            yield step["at"], f"Opt-out: {step['channel']}", f"{step['what']}, {took} after it was received"
