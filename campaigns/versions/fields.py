"""Every setting of a campaign: its words, its step in the builder, and when a change of it takes effect. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from campaigns.versions import plans
from campaigns.versions.names import Names
from core.types import format_phone

__all__ = [
    "BY_FORM",
    "BY_NAME",
    "FIELDS",
    "LATE",
    "MOMENT_WORDS",
    "STEP_NAMES",
    "Field",
    "Moment",
    "Names",
    "Step",
    "fields_of",
]

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Step(StrEnum):
    """The steps of the builder, in order."""

    BASICS = "basics"
    AUDIENCE = "audience"
    CALLER = "caller"
    SCHEDULE = "schedule"
    DIALING = "dialing"
    ATTEMPTS = "attempts"
    AGENTS = "agents"
    SCRIPT = "script"
    REVIEW = "review"


STEP_NAMES: Final = {
    Step.BASICS: "Basics",
    Step.AUDIENCE: "Audience",
    Step.CALLER: "Caller ID",
    Step.SCHEDULE: "Schedule",
    Step.DIALING: "Dialing",
    Step.ATTEMPTS: "Attempts",
    Step.AGENTS: "Agents",
    Step.SCRIPT: "Script and results",
    Step.REVIEW: "Review",
}


class Moment(StrEnum):
    """When a change of a setting takes effect in a campaign that dials."""

    AT_ONCE = "at_once"
    NEXT_CALL = "next_call"  # calls and cards under way end as they began
    PAUSED = "paused"  # refused while it dials: calls under way were cleared for what stands
    GROWS = "grows"  # more can be added at once, nothing can be taken away after the first start


MOMENT_WORDS: Final = {
    Moment.AT_ONCE: "Changes at once, also while it runs.",
    Moment.NEXT_CALL: "While it runs, a change counts from the next call on.",
    Moment.PAUSED: "Cannot be changed while it runs: pause it first.",
    Moment.GROWS: "Lists and segments can be added while it runs. Once started, none can be taken away.",
}


Say = Callable[[Any, Names], str]
Parts = Callable[[Any, Names], Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting."""

    name: str  # in a setup
    form: str  # in the form
    label: str
    step: Step
    moment: Moment
    say: Say
    parts: Parts | None = None  # of a setting that is many: each in words
    usual: Any = None  # what nobody chose


def _plain(value: Any, _: Names) -> str:
    return str(value)


def _or(nothing: str, unit: str = "") -> Say:
    return lambda value, _: nothing if value in (None, "") else f"{value}{unit}"


def _yes(value: Any, _: Names) -> str:
    return "yes" if value else "no"


def _clock(value: Any, _: Names) -> str:
    return str(value)[:5]


def _days(value: Any, _: Names) -> str:
    return " ".join(DAYS[int(day)] for day in value) or "none"


def _phone(value: Any, _: Names) -> str:
    return format_phone(value) if value else "none"


def _instant(value: Any, names: Names) -> str:
    if not value:
        return "never"
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return f"{at.astimezone(ZoneInfo(names.zone)):%a %-d %b %Y, %H:%M} ({names.zone})"


def _choice(name: str) -> Say:
    return lambda value, names: names.choices.get(name, {}).get(str(value), str(value) or "not chosen")


def _thing(kind: str, nothing: str) -> Say:
    return lambda value, names: nothing if value in (None, "") else names.of(kind, value)


def _things(kind: str) -> Say:
    return lambda value, names: ", ".join(sorted(names.of(kind, one) for one in value)) or "none"


def _row(
    name: str,
    label: str,
    step: Step,
    moment: Moment,
    say: Say,
    form: str = "",
    parts: Parts | None = None,
    usual: Any = None,
) -> Field:
    return Field(
        name=name, form=form or name, label=label, step=step, moment=moment, say=say, parts=parts, usual=usual
    )


FIELDS: Final = (
    _row("name", "Name", Step.BASICS, Moment.AT_ONCE, _plain),
    _row("purpose", "What the calls are for", Step.BASICS, Moment.PAUSED, _choice("purpose")),
    _row("made_by", "Who makes the calls", Step.BASICS, Moment.PAUSED, _choice("made_by")),
    _row("answers_never_sell", "Answers are never used to sell", Step.BASICS, Moment.PAUSED, _yes),
    _row("owner_id", "Owner", Step.BASICS, Moment.AT_ONCE, _thing("person", "nobody"), "owner"),
    _row("goal", "Goal", Step.BASICS, Moment.AT_ONCE, _or("none", " conversions")),
    _row("needs_approval", "Needs a second person’s approval", Step.BASICS, Moment.AT_ONCE, _yes),
    _row("list_ids", "Lists", Step.AUDIENCE, Moment.GROWS, _things("list"), "lists"),
    _row("segment_ids", "Segments", Step.AUDIENCE, Moment.GROWS, _things("segment"), "segments"),
    _row(
        "excluded_list_ids", "Except who is on", Step.AUDIENCE, Moment.AT_ONCE, _things("list"), "excluded_lists", usual=[]
    ),
    _row(
        "excluded_segment_ids", "Except who is in", Step.AUDIENCE, Moment.AT_ONCE, _things("segment"), "excluded_segments",
        usual=[],
    ),
    _row("audience", "Who is called", Step.AUDIENCE, Moment.PAUSED, _choice("audience")),
    _row("caller_id", "Caller ID", Step.CALLER, Moment.PAUSED, _phone),
    _row(
        "caller_pool_id", "Pool of numbers", Step.CALLER, Moment.PAUSED, _thing("pool", "none: the caller ID"), "caller_pool"
    ),
    _row("window_opens", "Call from", Step.SCHEDULE, Moment.NEXT_CALL, _clock),
    _row("window_closes", "Call until", Step.SCHEDULE, Moment.NEXT_CALL, _clock),
    _row("window_days", "Days", Step.SCHEDULE, Moment.NEXT_CALL, _days),
    _row("window_breaks", "Breaks", Step.SCHEDULE, Moment.NEXT_CALL, _or("none"), usual=""),
    _row("days_off", "Days off", Step.SCHEDULE, Moment.NEXT_CALL, _or("none"), usual=""),
    _row("stops_at", "Stops by itself", Step.SCHEDULE, Moment.AT_ONCE, _instant),
    _row("priority", "Who dials first", Step.DIALING, Moment.NEXT_CALL, _choice("priority"), usual=3),
    _row("mode", "Dialing", Step.DIALING, Moment.NEXT_CALL, _choice("mode")),
    _row("power_ratio", "Calls for each free agent", Step.DIALING, Moment.NEXT_CALL, _plain),
    _row("abandon_percent", "At most abandoned", Step.DIALING, Moment.NEXT_CALL, _or("as much as the law allows", " %")),
    _row("preview_seconds", "Time to decide on a card", Step.DIALING, Moment.NEXT_CALL, _or("as long as the agent likes", " s")),
    _row("preview_then", "When that time is over", Step.DIALING, Moment.NEXT_CALL, _choice("preview_then")),
    _row("ring_seconds", "Ring for", Step.DIALING, Moment.NEXT_CALL, _or("", " s")),
    _row("machine_detection", "Answering machines", Step.DIALING, Moment.NEXT_CALL, _choice("machine_detection")),
    _row("machine_sample_percent", "Machines to check", Step.DIALING, Moment.NEXT_CALL, _or("", " %")),
    _row("greeting_seconds", "Wait for the end of a greeting", Step.DIALING, Moment.NEXT_CALL, _or("", " s")),
    _row(
        "abandoned_message_id", "When a person answers and no agent is free", Step.DIALING, Moment.NEXT_CALL,
        _thing("message", "standard text"), "abandoned_message",
    ),
    _row(
        "voicemail_message_id", "Left on voicemail", Step.DIALING, Moment.NEXT_CALL, _thing("message", "nothing"),
        "voicemail_message",
    ),
    _row(
        "voicemail_variant_ids", "Left in turn with it", Step.DIALING, Moment.NEXT_CALL, _things("message"),
        "voicemail_variants",
    ),
    _row("personal_voicemail", "Agents’ own voicemail messages", Step.DIALING, Moment.NEXT_CALL, _yes),
    _row("max_attempts", "Attempts a person", Step.ATTEMPTS, Moment.NEXT_CALL, _plain),
    _row(
        "attempt_plan", "Further tries", Step.ATTEMPTS, Moment.NEXT_CALL, plans.say_plan, "planned", parts=plans.plan_parts
    ),
    _row("order_plan", "Order of calls", Step.ATTEMPTS, Moment.NEXT_CALL, plans.say_order, "kind", parts=plans.order_parts),
    _row("wrap_up_seconds", "Wrap-up", Step.AGENTS, Moment.NEXT_CALL, _or("", " s")),
    _row("script_version_id", "Script", Step.SCRIPT, Moment.AT_ONCE, _thing("script", "none"), "script_version"),
    _row("disposition_set_id", "Results", Step.SCRIPT, Moment.PAUSED, _thing("set", "none"), "disposition_set"),
)  # fmt: skip
BY_NAME: Final = {one.name: one for one in FIELDS}
# Older versions say nothing of them, and going back to one leaves them as they are.
LATE: Final = (
    "caller_pool_id",
    "attempt_plan",
    "order_plan",
    "window_breaks",
    "days_off",
    "priority",
    "excluded_list_ids",
    "excluded_segment_ids",
)
BY_FORM: Final = {one.form: one for one in FIELDS}


def fields_of(step: Step) -> tuple[Field, ...]:
    """Return the settings of one step, in order."""
    return tuple(one for one in FIELDS if one.step is step)
