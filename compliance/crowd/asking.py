"""Asks a question about every kind, as seldom as possible: kinds that are alike in all the question looked at have one answer."""

from collections.abc import Callable, Container, Hashable
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from compliance.crowd.kinds import WATCHED_PARTS, Kinds
from compliance.crowd.people import Ints
from compliance.rules.facts import ContactFacts

Answer = TypeVar("Answer", bound=Hashable)
Question = Callable[[ContactFacts], Answer]


class _Watched:
    """A kind's facts, put together as they are looked at, that note which of them are, in order."""

    def __init__(self, kinds: Kinds, kind: int, seen: dict[str, None]) -> None:
        self.__dict__.update(kinds.same)
        self._kinds, self._kind, self._seen = kinds, kind, seen

    def __getattr__(self, name: str) -> Any:
        value = self._kinds.fact(name, self._kind)
        if name in WATCHED_PARTS:
            value = _WatchedPart(name, value, self._kinds.codes, self._seen)
        elif name in self._kinds.codes:
            self._seen[name] = None
        self.__dict__[name] = value  # the next look needs no note
        return value


class _WatchedPart:
    """A fact of many parts, noted part by part: what rules ask of it is often less than all."""

    def __init__(self, name: str, facts: Any, differing: Container[str], seen: dict[str, None]) -> None:
        self._name, self._facts, self._differing, self._seen = name, facts, differing, seen

    def __getattr__(self, name: str) -> Any:
        path = f"{self._name}.{name}"
        if path in self._differing:
            self._seen[path] = None
        return getattr(self._facts, name)


class Asker:
    """Asks questions about the kinds of one crowd."""

    def __init__(self, kinds: Kinds) -> None:
        """Prepare to ask."""
        self._kinds = kinds

    def ask(self, question: Question[Answer], kinds: Ints) -> tuple[Ints, list[Answer]]:
        """Return for each of `kinds` an index into the answers, and the answers.

        The question must be a function of what it reads of the facts. Then kinds with equal codes for the first fact it reads
        read the same second one, and so on: a tree of codes, whose leaves are asked about once.
        """
        found, answers = np.zeros(len(self._kinds), np.int64), dict[Answer, int]()
        waiting = [(kinds, 0)] if len(kinds) else []
        while waiting:
            group, agreed = waiting.pop()
            answer, seen = self._watch(question, int(group[0]))
            for depth, name in enumerate(seen[agreed:], start=agreed + 1):
                if len(group) == 1:
                    break
                codes = self._kinds.codes[name][group]
                is_alike = codes == codes[0]
                if not is_alike.all():
                    waiting += [(other, depth) for other in _by_code(group[~is_alike], codes[~is_alike])]
                    group = group[is_alike]
            found[group] = answers.setdefault(answer, len(answers))
        return found[kinds], list(answers)

    def _watch(self, question: Question[Answer], kind: int) -> tuple[Answer, list[str]]:
        seen: dict[str, None] = {}
        try:
            return question(_Watched(self._kinds, kind, seen)), list(seen)  # type: ignore[arg-type]  # reads like facts
        except Exception:  # noqa: BLE001 - it does more with facts than read them: then it is taken to look at all of them
            rest = sorted(self._kinds.codes.keys() - seen.keys())
            return question(self._kinds.facts(kind)), [*seen, *rest]


def _by_code(group: Ints, codes: Ints) -> list[Ints]:
    order = codes.argsort(kind="stable")
    ascending = codes[order]
    borders = [0, *(np.flatnonzero(ascending[1:] != ascending[:-1]) + 1).tolist(), len(group)]
    return [group[order[start:end]] for start, end in pairwise(borders)]
