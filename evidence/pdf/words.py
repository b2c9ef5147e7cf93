"""Rows of a pack in words, for the document."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compliance.pages import CHANNEL_WORDS, PURPOSE_WORDS
from core.evidence import Row
from core.types import format_phone
from evidence import story
from evidence.pdf.sheet import Say

CONSENTS = {
    "conversation": "conversation: the person wrote first",
    "pec": "prior express consent",
    "pewc": "prior express written consent",
}
MESSAGE_STATES = {
    "refused": "was refused",
    "asked": "is about to be left",
    "playing": "is being left",
    "played": "was left, heard to its end",
    "untold": "was left, as far as the length of the call tells",
    "cut_off": "was cut off",
    "not_played": "was not played",
}
NO_CONTACT = "No contact was made."


def how(row: Row) -> list[Say]:
    """Return how a contact was to be made: channel, purpose, caller ID, campaign."""
    caller_id = (row["ledger"] or {}).get("caller_id") or row["facts"].get("caller_id", "")
    return [
        Say(CHANNEL_WORDS[row["channel"]]),
        Say(PURPOSE_WORDS[row["purpose"]], muted=True),
        Say(f"from {format_phone(caller_id)}" if caller_id else "no caller ID", muted=True),
        Say(row["campaign_ref"].replace(":", " "), muted=True),
    ]


def verdict(row: Row) -> list[Say]:
    """Return the gate's answer as its sentence, and where it can be read up."""
    word = "Refused" if row["outcome"] == "deny" else "Cleared"
    asked = story.counted(len(row["rules"]), "rule")
    return [
        Say(word, bold=True),
        Say(row["sentence"]),
        Say(
            f"Verdict {row['id']}, {asked} asked, book {row['rules_version']}. {_chained(row['chain'])}",
            muted=True,
        ),
        Say(_scrubbed(row["scrubs"]), muted=True),
    ]


def _chained(told: Row) -> str:
    """Where a verdict stands in its day's chain, and whether its hash fits it."""
    fits = "fits" if told["is_genuine"] else "DOES NOT FIT"
    seal = f"seal {told['seal']}" if told["seal"] else "day not sealed yet"
    return f"Chain {told['lane']}, place {told['position']}, {seal}; hash {told['row_hash'][:8]}… {fits}."


def _scrubbed(scrubs: Sequence[Row]) -> str:
    """Which registry copies were asked, and what they said."""
    if not scrubs:
        return "No registry copy that covers the number was in force."
    names = [
        f"{each['name']} of {each['as_of']} ({'LISTED' if each['listed'] else 'not listed'})"
        for each in scrubs
    ]
    return f"Registries: {', '.join(names)}."


def when(row: Row) -> list[Say]:
    """Return a verdict's instant on the person's clock, and in UTC."""
    return [
        Say(story.local_times(row["local_times"]), bold=True),
        Say(story.bare(row["decided_at"]), muted=True),
    ]


def became(row: Row, calls: Mapping[int, list[Say]]) -> list[Say]:
    """Return what became of a cleared contact."""
    if row["outcome"] == "deny":
        return [Say(NO_CONTACT)]
    if row["id"] in calls:
        return calls[row["id"]]
    clearance = row["clearance"] or {}
    if clearance.get("voided_at"):
        return [
            Say(NO_CONTACT),
            Say(f"The clearance was voided {story.utc(clearance['voided_at'])}.", muted=True),
        ]
    if clearance.get("consumed_at"):
        return [Say(f"The clearance was used {story.utc(clearance['consumed_at'])}.")]
    return [Say(NO_CONTACT), Say("The clearance was not used.", muted=True)]


def call(row: Row) -> list[Say]:
    """Return a call's course: rang, answered, ended, how long, its result, who called."""
    told = row["call"]
    if not row["placed_at"]:
        why = row["reason"] or "it was given back"
        return [Say("No call was placed."), Say(why, muted=True)]
    steps = [
        f"{word} {clock(told[name])}"
        for word, name in (
            ("rang", "ringing_at"),
            ("answered", "answered_at"),
            ("connected to the agent", "bridged_at"),
            ("ended", "ended_at"),
        )
        if told[name]
    ]
    course = ", ".join([f"Placed {clock(row['placed_at'])}", *steps])
    outcome = told["outcome"].replace("_", " ")
    lasted = f", {told['duration_seconds']} s long" if told["duration_seconds"] is not None else ""
    result = told["disposition"]["label"] if told["disposition"] else ""
    agent = told["agent"]["name"] if told["agent"] else ""
    says = [Say(f"{course} (UTC){lasted}.")]
    if outcome:
        says.append(Say(f"Network: {outcome}." + (" Abandoned." if told["abandoned"] else "")))
    if result:
        says.append(Say(f"Result: {result}.", bold=True))
    if agent:
        says.append(Say(f"Agent: {agent}.", muted=True))
    if row.get("caller_why"):
        says.append(Say(f"Caller ID shown because: {row['caller_why']}.", muted=True))
    if script := told.get("script"):
        nodes = " → ".join(
            step["node"] + (f" ({step['answer']})" if step["answer"] else "") for step in script["steps"]
        )
        steps_said = f": {nodes}" if nodes else ", no step shown"
        says.append(Say(f"Script “{script['name']}”, version {script['version']}{steps_said}.", muted=True))
    says += [Say(f"{message(each)}.") for each in told["messages"] if each["state"] != "refused"]
    if told["note"]:
        says.append(Say(f"Note: “{told['note']}”", muted=True))
    return says


def message(row: Row) -> str:
    """Return what became of a message left on a machine: which version, when, how far it was heard."""
    name = row["message"]["name"] if row["message"] else row["version_id"]
    began, ended = row["began_at"], row["ended_at"]
    when = f", played from {clock(began)}" if began else ""
    until = f" to {clock(ended)}" if began and ended else ""
    return f"Message “{name}” {MESSAGE_STATES[row['state']]}{when}{until}{' (UTC)' if began else ''}"


def clock(at: str) -> str:
    """Return the time of day of an instant, UTC."""
    return at[11:19]


def day(at: str | None) -> str:
    """Return a stored date or instant as people write it; empty for none."""
    if not at:
        return ""
    return story.utc(at) if "T" in at else at


def bare(at: str | None) -> str:
    """Return a stored date or instant for a column that says it is in UTC; empty for none."""
    return day(at).removesuffix(" UTC")


def listed(values: Iterable[Any]) -> str:
    """Return the values with commas; "not limited" for none."""
    return ", ".join(str(value).replace("_", " ") for value in values) or "not limited"


def consent(kind: str) -> str:
    """Return what kind of consent it is."""
    return CONSENTS.get(kind, kind)


def yes(value: bool) -> str:
    """Return yes or no."""
    return "yes" if value else "no"


def spans(numbers: Sequence[int]) -> str:
    """Return ascending numbers with runs drawn together: "1 to 3, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in runs)


def contact_name(row: Row) -> str:
    """Return the name of a person of the pack."""
    name = f"{row['first_name']} {row['last_name']}".strip()
    return ", ".join(part for part in (name, row["company"]) if part) or "name not known"
