"""What a pack says in one sentence: attempts, refusals, opt-outs, contact afterwards. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.evidence import Row
from evidence.spread import OptOut, instant, milliseconds


def told(verdicts: Iterable[Row], attempts: Iterable[Row], found: Sequence[OptOut]) -> Row:
    """Return the figures of a pack, and the sentence they make. Reads the rows once."""
    counted = {"attempts": 0, "refused": 0, "cleared": 0}
    contacts: list[str] = []
    zones: list[str] = []
    first = last = ""
    on_calls: set[str] = set()
    for row in verdicts:
        if row["channel"] == "prerec" and row["attempt_ref"] in on_calls:
            # A message left on a call is that attempt; what it was cleared for is a contact all the same.
            contacts += _consumed(row)
            continue
        if row["attempt_ref"]:
            on_calls.add(row["attempt_ref"])
        counted["attempts"] += 1
        counted["refused" if row["outcome"] == "deny" else "cleared"] += 1
        first, last = first or row["decided_at"], row["decided_at"]
        zones = [each["zone"] for each in row["local_times"]] or zones
        if row["channel"] in ("sms", "mms", "prerec"):
            contacts += _consumed(row)
    calls = answered = left = 0
    for row in attempts:
        if row["placed_at"]:
            calls += 1
            contacts.append(row["placed_at"])
        answered += bool(row["call"]["answered_at"])
        left += sum(each["state"] in ("played", "untold") for each in row["call"]["messages"])
    figures: Row = counted | {"calls_placed": calls, "calls_answered": answered, "messages_left": left}
    figures |= {"opt_outs": len(found)}
    figures |= {"first_attempt_at": first or None, "last_attempt_at": last or None, "zones": zones}
    after = sorted(at for at in contacts if _is_after(at, found))
    figures |= {"contacts_after_opt_out": len(after), "first_contact_after_at": after[0] if after else None}
    return figures | {"sentence": sentence(figures, found)}


def sentence(figures: Row, found: Sequence[OptOut]) -> str:
    """Return the figures in words; times are the person's own where one zone is known, UTC beside it."""
    parts = [
        counted(figures["attempts"], "attempt"),
        f"{figures['refused']:,} refused",
        f"{counted(figures['calls_placed'], 'call')} placed",
    ]
    if figures["messages_left"]:
        parts.append(f"{counted(figures['messages_left'], 'message')} left on machines")
    if not found:
        return ", ".join([*parts, "no opt-out on record"]) + "."
    one = found[0]
    took = after(milliseconds(one.received, one.honoured))
    parts += [f"opted out {moment(one.received, figures['zones'])}", f"honoured {took}"]
    if len(found) > 1:
        parts.append(f"{len(found):,} opt-outs in all")
    if figures["contacts_after_opt_out"]:
        since = moment(figures["first_contact_after_at"], figures["zones"])
        parts.append(f"{counted(figures['contacts_after_opt_out'], 'contact')} after, the first {since}")
    else:
        parts.append("no contact after")
    return ", ".join(parts) + "."


def counted(number: int, word: str) -> str:
    """Return "1 call", "2 calls"."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def lasted(milliseconds_: int) -> str:
    """Return a span in words: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min", "3 days 4 h"."""
    seconds = milliseconds_ / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} days {whole % 86400 // 3600} h"


def after(milliseconds_: int) -> str:
    """Return how soon something followed: "at once", "in 0.4 s"."""
    return "at once" if milliseconds_ < 50 else f"in {lasted(milliseconds_)}"


def moment(at: str, zones: Sequence[str], *, seconds: bool = False) -> str:
    """Return an instant as people write it: on the person's clock where their zone is known to be one, else in UTC."""
    clock = "%H:%M:%S" if seconds else "%H:%M"
    there = instant(at).astimezone(ZoneInfo(zones[0]) if len(zones) == 1 else UTC)
    return f"{there.day} {there.strftime('%b %Y ' + clock)} {there.tzname()}"


def utc(at: str) -> str:
    """Return an instant in UTC to the second."""
    return moment(at, (), seconds=True)


def bare(at: str) -> str:
    """Return an instant in UTC to the second, for a column that says so."""
    return utc(at).removesuffix(" UTC")


def local_times(times: Sequence[Any]) -> str:
    """Return a verdict's clocks in the zones the person may have been in, equal ones once: "Mon 23 Nov 2026 11:00:00 EST"."""
    shown: dict[str, None] = {}
    for each in times:
        at = datetime.fromisoformat(each["local"]).astimezone(ZoneInfo(each["zone"]))
        shown[f"{at:%a} {at.day} {at:%b %Y %H:%M:%S} {at.tzname()}"] = None
    return " or ".join(shown) or "local time not known"


def _consumed(row: Row) -> list[str]:
    at = (row["clearance"] or {}).get("consumed_at")
    return [at] if at else []


def _is_after(at: str, found: Sequence[OptOut]) -> bool:
    """Whether a contact was made while an opt-out stood."""
    return any(one.honoured < at and not (one.lifted and one.lifted <= at) for one in found)
