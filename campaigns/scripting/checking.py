"""The path test of a script: every step reached, no dead end, no endless loop; each finding with the path that shows it. Pure."""

from collections import deque
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from campaigns.scripting.flow import FACTS, TEXT_LIMIT, Flow, Kind, Node, Op
from campaigns.scripting.render import unknown_fields

MANY_PATHS = 200
LONGEST = 2_000  # steps looked at for the list of paths


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowProblem:
    """One thing that keeps a script from being published, and how an agent would get there."""

    code: str
    node: str  # the step's name; empty of the whole script
    message: str
    path: tuple[str, ...] = ()  # titles of the steps and answers on the way


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One way through the script, without going round: titles and answers by turns, and how it ends."""

    words: tuple[str, ...]
    ends_well: bool


def problems(flow: Flow, own: Container[str] = ()) -> tuple[FlowProblem, ...]:
    """Return everything that is wrong with the ways through the script, in the order of its steps.

    `own`: names of fields of the house's own ("own.tariff"), which a script may say and look at too.
    """
    if not flow.nodes:
        return (FlowProblem(code="EMPTY", node="", message="The script is empty. Add a step."),)
    reached = _shortest(flow)
    can_end = _can_end(flow)
    found = []
    if flow.nodes[0].kind is Kind.CONDITION:
        words = "A script begins with something to say. Move a step that speaks to the top."
        found.append(FlowProblem(code="BEGINS_SILENT", node=flow.nodes[0].code, message=words))
    for node in flow.nodes:
        found += [
            FlowProblem(code=code, node=node.code, message=words, path=reached.get(node.code, ()))
            for code, words in _of_node(flow, node, own)
        ]
        if node.code not in reached:
            words = f"No way leads to “{node.title}”. Let an answer lead here, or remove the step."
            found.append(FlowProblem(code="NOT_REACHED", node=node.code, message=words))
        elif node.code not in can_end and _has_ways(flow, node):
            words = f"From “{node.title}” on the script goes round and never ends. Lead one answer to an end."
            found.append(
                FlowProblem(code="NEVER_ENDS", node=node.code, message=words, path=reached[node.code])
            )
        if any(other.title.casefold() == node.title.casefold() and other is not node for other in flow.nodes):
            words = f"Two steps are called “{node.title}”. Give each its own name."
            found.append(FlowProblem(code="SAME_TITLE", node=node.code, message=words))
    found += _loops_without_choice(flow, reached)
    return tuple(found)


def paths(flow: Flow) -> tuple[tuple[Path, ...], bool]:
    """Return the ways through the script, each step at most once, and whether these are all of them."""
    found: list[Path] = []
    if not flow.nodes:
        return (), True
    first = flow.nodes[0]
    waiting: list[tuple[Node, tuple[str, ...], frozenset[str]]] = [
        (first, (first.title,), frozenset({first.code}))
    ]
    steps = 0
    while waiting:
        if len(found) >= MANY_PATHS or steps > LONGEST:
            return tuple(found), False
        steps += 1
        node, words, seen = waiting.pop()
        if node.kind is Kind.END:
            found.append(Path(words=words, ends_well=True))
            continue
        for label, code in reversed(node.ways):
            following = flow.node(code)
            if following is None:
                found.append(Path(words=(*words, label, "(nothing chosen)"), ends_well=False))
            elif following.code in seen:
                found.append(Path(words=(*words, label, f"back to {following.title}"), ends_well=True))
            else:
                waiting.append((following, (*words, label, following.title), seen | {following.code}))
    return tuple(found), True


def _of_node(flow: Flow, node: Node, own: Container[str]) -> Iterable[tuple[str, str]]:
    """Yield what is wrong with one step by itself."""
    name = f"“{node.title}”"
    if not node.title.strip() or len(node.title) > 80:
        yield "UNNAMED", "Give the step a name of at most 80 characters."
    if node.kind is not Kind.CONDITION and not node.text.strip():
        yield "SAYS_NOTHING", f"{name} says nothing. Write what the agent says there."
    if len(node.text) > TEXT_LIMIT:
        yield "TOO_LONG", f"{name} is longer than {TEXT_LIMIT:,} characters. Make two steps of it."
    if unknown := unknown_fields(node.text, own):
        fields = ", ".join(f"{{{field}}}" for field in unknown)
        yield (
            "UNKNOWN_FIELD",
            f"{name} has the merge field {fields}, which does not exist. Those that do are listed below.",
        )
    if node.kind is Kind.QUESTION and not node.answers:
        yield "DEAD_END", f"{name} asks and has no answer. Add the answers."
    if node.kind is Kind.CONDITION and any(
        (rule.fact not in FACTS and rule.fact not in own)
        or (rule.op not in (Op.KNOWN, Op.UNKNOWN) and not rule.value.strip())
        for rule in node.rules
    ):
        yield "BAD_RULE", f"{name} compares with nothing. Say what the fact must be."
    labels = [label.casefold() for label, _ in node.ways]
    if node.kind is Kind.QUESTION and ("" in labels or len(set(labels)) < len(labels)):
        yield "SAME_ANSWER", f"{name} has an answer without words, or the same one twice. Change it."
    for label, code in node.ways:
        if flow.node(code) is None:
            yield "DEAD_END", f"{name}: “{label}” leads nowhere. Choose the step that follows."


def _has_ways(flow: Flow, node: Node) -> bool:
    """Return whether each way on is there: a dead end is told of as one."""
    return bool(node.ways) and all(flow.node(code) is not None for _, code in node.ways)


def _shortest(flow: Flow) -> Mapping[str, tuple[str, ...]]:
    """Return for each step that can be reached the shortest way to it."""
    first = flow.nodes[0]
    found: dict[str, tuple[str, ...]] = {first.code: (first.title,)}
    waiting = deque([first])
    while waiting:
        node = waiting.popleft()
        for label, code in node.ways:
            following = flow.node(code)
            if following is not None and following.code not in found:
                found[following.code] = (*found[node.code], label, following.title)
                waiting.append(following)
    return found


def _can_end(flow: Flow) -> set[str]:
    """Return the steps from which some way comes to an end."""
    ended = {node.code for node in flow.nodes if node.kind is Kind.END}
    while True:
        more = {
            node.code
            for node in flow.nodes
            if node.code not in ended and any(code in ended for _, code in node.ways)
        }
        if not more:
            return ended
        ended |= more


def _loops_without_choice(flow: Flow, reached: Mapping[str, tuple[str, ...]]) -> list[FlowProblem]:
    """Return loops the agent cannot leave by an answer: the lead's facts do not change, so it would go round for ever."""
    silent = {node.code: node for node in flow.nodes if node.kind in (Kind.SAY, Kind.CONDITION)}
    found = []
    told: set[str] = set()
    for start in silent.values():
        if start.code in told or start.code not in reached:
            continue
        back = _way_back(silent, start)
        if back is not None:
            told |= set(back)
            words = f"“{start.title}” leads back to itself without a question between. Put a question on the way, or lead it on."
            titles = tuple(silent[code].title for code in back)
            found.append(
                FlowProblem(
                    code="ENDLESS", node=start.code, message=words, path=(*reached[start.code], *titles[1:])
                )
            )
    return found


def _way_back(silent: Mapping[str, Node], start: Node) -> tuple[str, ...] | None:
    waiting: deque[tuple[str, tuple[str, ...]]] = deque([(start.code, (start.code,))])
    seen: set[str] = set()
    while waiting:
        code, way = waiting.popleft()
        for _, following in silent[code].ways:
            if following == start.code:
                return (*way, following)
            if following in silent and following not in seen:
                seen.add(following)
                waiting.append((following, (*way, following)))
    return None
