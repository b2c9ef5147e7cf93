"""Answers of rules kept for the next contact that is alike in all they looked at.

A rule is a function of what it reads of the facts under one policy: no clock, no chance, no I/O. So contacts that agree in every
fact a rule read of one of them have that one's answer. What was read makes a tree: a node is some facts, its branches their
values, and at the end stand the answers of those rules all of whose facts stand on the way there. The other rules, those that
looked at an instant or at what differs from contact to contact, are asked each time.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from threading import Lock
from typing import Any, Final, cast, get_args, get_type_hints

from compliance.rules.decision import Outcome, Verdict
from compliance.rules.facts import ContactFacts
from compliance.rules.policy import Policy

Rule = Callable[[ContactFacts, Policy], Verdict]
_Branch = tuple[tuple[Hashable, ...], tuple[Hashable, ...]]  # values told apart, and those that are not

FULL = 4096  # ends kept; then the fact with most values is told apart no more, and the tree begun anew
FREE = 256  # so many contacts are learned from as they come,
ONE_IN = 32  # and one in so many later: to learn takes ten times as long as to ask
OTHER: Final = object()  # stands for every value of a fact that is not told apart, but for none
DIFFERS: Final = frozenset(
    {
        "number",
        "person_ref",
        "attempt_ref",
        "caller_id",
        "evidences",
        "registrations",
        "caller.dials_today",
        "sender.parts_today",
    }
)  # from contact to contact


@dataclass(slots=True)
class _End:
    """Answers for contacts that come here, None where the rule must be asked."""

    verdicts: list[Verdict | None]
    asked: tuple[tuple[int, Rule], ...]  # with its place
    denials: tuple[int, ...]  # places of those kept answers that deny


class _Node:
    """Some facts, and where their values lead."""

    __slots__ = ("_fine", "_rough", "branches", "paths")

    def __init__(self, paths: Sequence[str], coarse: set[str]) -> None:
        # Two more names each, so that there is always a tuple to read.
        fine = ["channel", "purpose", *(path for path in paths if path not in coarse)]
        rough = ["attempts", "consents", *(path for path in paths if path in coarse)]
        self.paths = (*fine, *rough)
        self._fine, self._rough = attrgetter(*fine), attrgetter(*rough)
        self.branches: dict[_Branch, _Node | _End] = {}

    def branch(self, facts: ContactFacts) -> _Branch:
        """Which branch the facts take: the values of `paths`."""
        return self._fine(facts), tuple([OTHER if value else value for value in self._rough(facts)])


class _Watched:
    """Facts that note what is read of them: of a fact of many parts, which part."""

    __slots__ = ("_facts", "_path", "_seen")

    def __init__(self, facts: Any, seen: dict[str, Any], path: str = "") -> None:
        self._facts, self._seen, self._path = facts, seen, path

    def __getattr__(self, name: str) -> Any:
        value, path = getattr(self._facts, name), self._path + name
        if path in _parts():
            return _Watched(value, self._seen, path + ".")
        self._seen[path] = value
        return value

    def __eq__(self, other: object) -> bool:
        raise TypeError("Watched facts cannot be compared: nobody would know what was looked at.")

    __hash__ = None  # type: ignore[assignment]  # nor kept as keys


class Memory:
    """Asks rules under one policy, each as seldom as possible."""

    def __init__(self, rules: Sequence[Rule], policy: Policy) -> None:
        """Know nothing yet."""
        self._rules, self._policy = tuple(rules), policy
        self._coarse = {*DIFFERS, *_with_instants()}
        self._nothing = _End([None] * len(self._rules), tuple(enumerate(self._rules)), ())
        self._asked = self._learned = self._ends = 0
        self._root = _Node((), self._coarse)
        self._learning = Lock()  # what is told apart must not change meanwhile; who only asks need not wait

    def ask(self, facts: ContactFacts) -> tuple[tuple[Verdict, ...], list[Verdict]]:
        """Return each rule's verdict in order, and the denials among them; raises what a rule raises."""
        end, policy, allow = self._end(facts), self._policy, Outcome.ALLOW
        found, denied = end.verdicts.copy(), list(end.denials)
        for place, rule in end.asked:
            found[place] = verdict = rule(facts, policy)
            if verdict.outcome is not allow:
                denied.append(place)
        verdicts = cast(tuple[Verdict, ...], tuple(found))
        return verdicts, [verdicts[place] for place in sorted(denied)]

    def first_denial(self, facts: ContactFacts) -> Verdict | None:
        """Return the first denial in order, None when every rule passes; raises what a rule raises."""
        end, policy, allow = self._end(facts), self._policy, Outcome.ALLOW
        first = end.denials[0] if end.denials else len(end.verdicts)
        for place, rule in end.asked:
            if place > first:
                break
            verdict = rule(facts, policy)
            if verdict.outcome is not allow:
                return verdict
        return end.verdicts[first] if end.denials else None

    def _end(self, facts: ContactFacts) -> _End:
        self._asked += 1
        found: _Node | _End | None = self._root
        while found.__class__ is _Node:
            found = found.branches.get(found.branch(facts))
        if found is not None:
            return cast(_End, found)
        if self._learned >= FREE + self._asked // ONE_IN:
            return self._nothing
        with self._learning:
            return self._learn(facts)

    def _learn(self, facts: ContactFacts) -> _End:
        """Ask every rule, note what each looks at, and keep the answers that may be kept."""
        self._learned += 1
        kept: list[Verdict | None] = []
        reads: dict[str, Any] = {}
        for rule in self._rules:
            seen: dict[str, Any] = {}
            try:
                verdict = rule(cast(ContactFacts, _Watched(facts, seen)), self._policy)
            except Exception:  # noqa: BLE001 - it fails, or does more with facts than read them: it is asked each time
                kept.append(None)
                continue
            is_kept = not any(value and path in self._coarse for path, value in seen.items())
            kept.append(verdict if is_kept else None)
            if is_kept:
                reads |= seen
        end = _End(
            kept,
            tuple((place, rule) for place, rule in enumerate(self._rules) if kept[place] is None),
            tuple(place for place, one in enumerate(kept) if one and one.outcome is not Outcome.ALLOW),
        )
        self._keep(facts, reads, end)
        return end

    def _keep(self, facts: ContactFacts, reads: Iterable[str], end: _End) -> None:
        """Put the end where contacts come to that have the same values of what was read."""
        node, passed = self._root, set(self._root.paths)
        while isinstance(follower := node.branches.get(node.branch(facts)), _Node):
            node = follower
            passed.update(node.paths)
        if more := [path for path in reads if path not in passed]:
            finer = _Node(more, self._coarse)
            node.branches[node.branch(facts)] = finer
            node = finer
        node.branches[node.branch(facts)] = end
        self._ends += 1
        if self._ends >= FULL:
            self._coarse.add(_most_varied(self._root))
            self._root, self._ends = _Node((), self._coarse), 0


def _most_varied(root: _Node) -> str:
    """The fact whose values make most branches."""
    values: dict[str, set[Hashable]] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for (fine, _), follower in node.branches.items():
            for path, value in zip(node.paths, fine, strict=False):  # the first of them are told apart
                values.setdefault(path, set()).add(value)
            if isinstance(follower, _Node):
                waiting.append(follower)
    return max(values, key=lambda path: (len(values[path]), path))


@cache
def _parts() -> frozenset[str]:
    """The facts that are records of several."""
    hints = get_type_hints(ContactFacts)
    return frozenset(each.name for each in fields(ContactFacts) if is_dataclass(hints[each.name]))


@cache
def _with_instants() -> frozenset[str]:
    """The facts that hold instants, or numbers that may be written in two ways: equal ones may not be told alike."""
    found = set[str]()
    for name, kind in get_type_hints(ContactFacts).items():
        inside = (
            {f"{name}.{part}": each for part, each in get_type_hints(kind).items()}
            if name in _parts()
            else {name: kind}
        )
        found |= {path for path, each in inside.items() if may_hold(each, (datetime, float))}
    return frozenset(found)


def may_hold(kind: Any, wanted: tuple[type, ...]) -> bool:
    """Return whether a value annotated as `kind` may have one of the wanted types in it."""
    inner = [*get_args(kind), *(get_type_hints(kind).values() if is_dataclass(kind) else ())]
    return kind in wanted or any(may_hold(each, wanted) for each in inner)
