"""Which rules a change of the rule book can touch, read off the rules' own code. Pure.

A rule takes what it knows of the law from the policy's fields and from the book's look-ups, by name. So a rule whose code, and
all the code it can reach inside compliance.rules, never utters a changed name gives the verdict it gave. The search errs on the
side of reaching too much: names are followed wherever anything of that name exists, and code that could look a name up at run
time (getattr and the like) counts as uttering all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from sys import modules
from types import CodeType, FunctionType, ModuleType
from typing import Any

from compliance.rules.engine import Rule
from compliance.rules.pack import RuleBook
from compliance.rules.policy import HouseLimit, Policy

PACKAGE = "compliance.rules"
DYNAMIC = frozenset(
    {
        "getattr",
        "vars",
        "fields",
        "asdict",
        "astuple",
        "attrgetter",
        "methodcaller",
        "eval",
        "exec",
        "globals",
        "locals",
    }
    | {"__dict__", "__getattribute__", "__slots__", "shipped", "in_force"}
)
"""Whoever utters one of these may read any row, by a name we cannot see, or from another book."""
LOOKS_UP = {
    # Which days are closed where the state is unknown follows from the states that close on their own.
    "states": frozenset(
        {"state_rows", "hours_rows", "_hours_rows", "strictest", "_strictest", "closed_days", "_closed_days"}
    ),
    "laws": frozenset({"laws", "_laws"}),
    "closed_days": frozenset({"closed_days", "_closed_days"}),
}
"""Part of a pack -> the names it is read by, by code that utters “book” somewhere."""
NUMBERS = frozenset(each.name for each in fields(Policy)) - {"book"}
WHOLE_BOOK = frozenset(
    name for kind in (Policy, RuleBook) for name in dir(kind) if not name.startswith("__")
) - NUMBERS.union({"book", "version"}, *LOOKS_UP.values())
"""What else policy and book offer, now or some day: it may read any row."""
THE_BOOK_ITSELF = frozenset(
    f"{PACKAGE}.{name}" for name in ("pack", "packfile", "policy", "engine", "memory")
)
"""Where names lead to the look-ups and no further; a function of these called by its own name may read any row."""
NOT_ASKED_BY_THE_GATE = tuple(f"{PACKAGE}.{name}" for name in ("content", "revocation", "card_data"))
"""Judge texts and assets, not contacts; a contract keeps the gate's rules from importing them."""
ANY_ROW = "any row"


def affected(
    rules: Sequence[Rule], before: RuleBook, after: RuleBook, house: Sequence[HouseLimit] = ()
) -> tuple[int, ...]:
    """Return the places, in order, of the rules that may answer otherwise under the other book."""
    numbers = _changed_numbers(before, after) | {limit.name for limit in house}
    if house:
        numbers |= {"house", "overridden"}
    look_ups = _changed_look_ups(before, after)
    if not numbers and not look_ups:
        return ()
    return tuple(place for place, rule in enumerate(rules) if _may_read(names_of(rule), numbers, look_ups))


def _may_read(uttered: frozenset[str], numbers: frozenset[str], look_ups: frozenset[str]) -> bool:
    if ANY_ROW in uttered or uttered & DYNAMIC or uttered & numbers:
        return True
    return "book" in uttered and bool(uttered & (look_ups | WHOLE_BOOK))


def _changed_numbers(before: RuleBook, after: RuleBook) -> frozenset[str]:
    names = {row.name for row in (*before.numbers, *after.numbers)}
    return frozenset(name for name in names if _named(before, name) != _named(after, name))


def _changed_look_ups(before: RuleBook, after: RuleBook) -> frozenset[str]:
    changed = [names for part, names in LOOKS_UP.items() if _rows(before, part) != _rows(after, part)]
    return frozenset().union(*changed)


@cache
def names_of(rule: Rule) -> frozenset[str]:
    """Return every name the rule, and whatever it can reach in compliance.rules, utters."""
    uttered: set[str] = set()
    seen: set[int] = set()
    waiting: list[Any] = [rule]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        waiting += _inside(thing)
        for code in _codes(thing):
            names = {*code.co_names, *code.co_freevars}
            uttered |= names | _words(code)
            used = [each for name in names for each in _globals(thing).get(name, ())]
            if any(_reads_the_book(each) for each in used):
                uttered.add(ANY_ROW)
            waiting += [*used, *(each for name in names for each in _members().get(name, ()))]
    return frozenset(uttered) or frozenset({ANY_ROW})  # of a rule that is no function nothing is known


def _inside(thing: Any) -> list[Any]:
    """What a thing holds that may run: wrapped functions, closures, defaults, members of containers."""
    held = [getattr(thing, "__wrapped__", None), getattr(thing, "func", None)]
    if isinstance(thing, FunctionType):
        held += [cell.cell_contents for cell in thing.__closure__ or ()]
        held += [*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()]
    elif isinstance(thing, property):
        held.append(thing.fget)
    elif isinstance(thing, tuple | list | set | frozenset):
        held += thing
    elif isinstance(thing, Mapping):
        held += thing.values()
    elif isinstance(thing, type) and _is_followed(thing.__module__):
        # Made, compared, shown: what runs without being named. The other methods are followed by their names.
        held += [value for name, value in vars(thing).items() if name.startswith("__") and callable(value)]
    return [each for each in held if each is not None]


def _codes(thing: Any) -> Iterator[CodeType]:
    code = getattr(thing, "__code__", None)
    waiting = [code] if isinstance(code, CodeType) and _is_ours(thing) else []
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [const for const in one.co_consts if isinstance(const, CodeType)]


def _words(code: CodeType) -> set[str]:
    """String constants: a class pattern of a match statement names its fields in them."""
    found = {const for const in code.co_consts if isinstance(const, str)}
    return found.union(
        *(
            {each for each in const if isinstance(each, str)}
            for const in code.co_consts
            if isinstance(const, tuple)
        )
    )


def _reads_the_book(thing: Any) -> bool:
    return (
        callable(thing)
        and not isinstance(thing, type)
        and getattr(thing, "__module__", "") in THE_BOOK_ITSELF
        and getattr(thing, "__name__", "") not in frozenset().union(*LOOKS_UP.values())
    )


def _is_ours(thing: Any) -> bool:
    return _is_followed(getattr(thing, "__module__", "") or "")


def _is_followed(module: str) -> bool:
    """Rules and what they are made of (a test's own rules too), but neither libraries nor the book itself."""
    return (
        module.startswith((f"{PACKAGE}.", "tests."))
        and not module.startswith(NOT_ASKED_BY_THE_GATE)
        and module not in THE_BOOK_ITSELF
    )


def _globals(thing: Any) -> dict[str, list[Any]]:
    space = getattr(thing, "__globals__", {})
    return {name: [value] for name, value in space.items() if not isinstance(value, ModuleType)}


@cache
def _members() -> dict[str, list[Any]]:
    """Everything of compliance.rules by name: a module's functions, a class's methods and properties."""
    found: dict[str, list[Any]] = {}
    for name, module in sorted(modules.items()):
        if not name.startswith(PACKAGE) or not _is_followed(name):
            continue
        for key, value in vars(module).items():
            if isinstance(value, ModuleType):
                continue
            found.setdefault(key, []).append(value)
            if isinstance(value, type) and _is_followed(value.__module__):
                for member, inner in vars(value).items():
                    found.setdefault(member, []).append(inner)
    return found


def _named(book: RuleBook, name: str) -> list[Any]:
    return [row for row in book.numbers if row.name == name]


def _rows(book: RuleBook, part: str) -> list[Any]:
    return [row for pack in book.packs for row in getattr(pack, part)]
