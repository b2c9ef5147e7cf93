"""The facts of ours that mappings may use, with the types they have."""

from collections.abc import Mapping, Sequence
from typing import Final

from campaigns.selectors import crm_facts, customfields
from crm_sync.capabilities import FieldType, Holds
from crm_sync.fieldmap import Source, Way
from crm_sync.mapping import OUTCOME_WORDS

TEXT_OPT_OUT: Final = "flag.text_opt_out"
NO_TEXTS: Final = "Wants no texts"
_CALL: Final[tuple[tuple[str, str, FieldType], ...]] = (
    ("call.at", "Time of the call", "instant"),
    ("call.day", "Day of the call", "date"),
    ("call.seconds", "Length of the call in seconds", "number"),
    ("call.note", "Note", "long_text"),
    ("call.campaign", "Campaign", "text"),
    ("call.agent", "Agent", "text"),
    ("call.agent_email", "Agent's e-mail", "email"),
    ("call.number", "Number called", "phone"),
    ("call.recording", "Page of the recording", "text"),
    ("callback.at", "Callback promised for", "instant"),
    ("callback.day", "Day of the callback", "date"),
)
_ANSWERS: Final[Mapping[str, FieldType]] = {
    "text": "text",
    "number": "number",
    "date": "date",
    "yes_no": "flag",
    "choice": "choice",
}
_BOTH: Final = frozenset({Way.IN, Way.OUT})


def sources(holds: Holds) -> dict[str, Source]:
    """Return the facts for a kind of record by their keys, in the order of the page. Hidden SQL: five queries."""
    found = [_result(), _outcome()]
    if holds == "member":
        return {each.key: each for each in found}
    found += [Source(key, label, kind) for key, label, kind in _CALL]
    found += [
        Source(
            f"answer.{each.key}",
            f"Answer: {each.label}",
            _ANSWERS[each.kind],
            choices=_pairs(each.options),
        )
        for each in crm_facts.questions()
    ]
    found += [
        Source(f"step.{each.key}", f"Script, {each.label}", "choice", choices=_pairs(each.options))
        for each in crm_facts.script_questions()
    ]
    if holds == "person":
        found += _of_people()
    return {each.key: each for each in found}


def _result() -> Source:
    return Source("call.result", "Result", "choice", choices=tuple(crm_facts.results()))


def _outcome() -> Source:
    return Source("call.outcome", "What the network said", "choice", choices=tuple(OUTCOME_WORDS.items()))


def _of_people() -> list[Source]:
    found = [
        Source(f"person.{name}", label, "email" if name == "email" else "text", _BOTH)
        for name, label in crm_facts.COLUMNS.items()
    ]
    kinds: Mapping[str, FieldType] = {"text": "text", "number": "number", "date": "date", "choice": "choice"}
    found += [
        Source(f"custom.{spec.key}", spec.label, kinds[spec.kind], _BOTH, choices=_pairs(spec.choices))
        for spec in customfields.specs().values()
    ]
    found.append(Source(TEXT_OPT_OUT, NO_TEXTS, "flag", _BOTH, consent=True))
    return found


def _pairs(options: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((each, each) for each in options)
