"""A script as steps: what is said, what is asked and where each answer leads. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from campaigns.scripting.render import own_words

MAX_NODES: Final = 200
MAX_ANSWERS: Final = 9  # one digit each
MAX_RULES: Final = 9
TEXT_LIMIT: Final = 4_000


class Kind(StrEnum):
    """What a step is."""

    SAY = "say"  # said, then the next step
    QUESTION = "question"  # said, then the answer's step
    CONDITION = "condition"  # not shown: the lead's own facts choose the next step
    END = "end"  # the last thing said, with the result it speaks for


KIND_NAMES: Final[Mapping[Kind, str]] = {
    Kind.SAY: "Say, then go on",
    Kind.QUESTION: "Ask, and go on by the answer",
    Kind.CONDITION: "Choose by what is known of the lead (not shown)",
    Kind.END: "End of the script",
}


class Op(StrEnum):
    """How a fact of the lead is compared."""

    IS = "is"
    IS_NOT = "is_not"
    ONE_OF = "one_of"
    CONTAINS = "contains"
    KNOWN = "known"
    UNKNOWN = "unknown"


OP_NAMES: Final[Mapping[Op, str]] = {
    Op.IS: "is",
    Op.IS_NOT: "is not",
    Op.ONE_OF: "is one of (with commas)",
    Op.CONTAINS: "contains",
    Op.KNOWN: "is known",
    Op.UNKNOWN: "is not known",
}
# What a condition may look at: name → words.
FACTS: Final[Mapping[str, str]] = {
    "state": "State",
    "city": "City",
    "postal_code": "ZIP",
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "title": "Job title",
    "owner": "Owner in the CRM",
    "lists": "Lists",
    "last_result": "Last result",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer to a question and the step it leads to; an empty step is one that is still to be chosen."""

    label: str
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a condition: the first whose comparison holds decides."""

    fact: str
    op: Op = Op.IS
    value: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step. `code` names it in links and in what calls keep, and never changes."""

    code: str
    title: str
    kind: Kind = Kind.SAY
    text: str = ""
    tags: tuple[str, ...] = ()  # compliance.rules.content.outlines.Tag: what the step does
    answers: tuple[Answer, ...] = ()
    rules: tuple[Rule, ...] = ()
    next: str = ""  # of SAY; of CONDITION, where no rule holds
    disposition: str = ""  # of END: the code of the result it suggests

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """Return every way on as (words, step): in the order of the page."""
        match self.kind:
            case Kind.SAY:
                return (("Next", self.next),)
            case Kind.QUESTION:
                return tuple((answer.label, answer.next) for answer in self.answers)
            case Kind.CONDITION:
                lines = tuple((describe(rule), rule.next) for rule in self.rules)
                return (*lines, ("otherwise", self.next))
            case Kind.END:
                return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A whole script; it begins with the first step."""

    nodes: tuple[Node, ...]

    def node(self, code: str) -> Node | None:
        """Return the step of that name."""
        return next((node for node in self.nodes if node.code == code), None)

    @property
    def body(self) -> str:
        """Return all that is said, as one text."""
        return "\n\n".join(node.text.strip() for node in self.nodes if node.text.strip())


def describe(rule: Rule) -> str:
    """Return a rule in words: "State is FL"."""
    name = FACTS.get(rule.fact) or own_words(rule.fact).capitalize()
    if rule.op in (Op.KNOWN, Op.UNKNOWN):
        return f"{name} {OP_NAMES[rule.op]}"
    return f"{name} {OP_NAMES[rule.op].removesuffix(' (with commas)')} {rule.value}"


def of_text(body: str) -> Flow:
    """Return a script that is one running text: a single step."""
    return Flow(nodes=(Node(code="n1", title="Script", kind=Kind.END, text=body),))


def flow_of(stored: Sequence[Mapping[str, Any]]) -> Flow:
    """Return the script as it was stored by as_stored()."""
    return Flow(
        nodes=tuple(
            Node(
                code=row["code"],
                title=row["title"],
                kind=Kind(row["kind"]),
                text=row["text"],
                tags=tuple(row["tags"]),
                answers=tuple(Answer(label=one["label"], next=one["next"]) for one in row["answers"]),
                rules=tuple(
                    Rule(fact=one["fact"], op=Op(one["op"]), value=one["value"], next=one["next"])
                    for one in row["rules"]
                ),
                next=row["next"],
                disposition=row["disposition"],
            )
            for row in stored
        )
    )


def as_stored(flow: Flow) -> list[dict[str, Any]]:
    """Return the script as JSON can keep it."""
    return [
        {
            "code": node.code,
            "title": node.title,
            "kind": node.kind.value,
            "text": node.text,
            "tags": list(node.tags),
            "answers": [{"label": one.label, "next": one.next} for one in node.answers],
            "rules": [
                {"fact": one.fact, "op": one.op.value, "value": one.value, "next": one.next}
                for one in node.rules
            ],
            "next": node.next,
            "disposition": node.disposition,
        }
        for node in flow.nodes
    ]


def new_code(flow: Flow) -> str:
    """Return a name that no step of the script has had among those that are there."""
    used = [int(node.code[1:]) for node in flow.nodes if node.code[1:].isdigit()]
    return f"n{max(used, default=0) + 1}"
