"""YAML or JSON text → values that know where they stand, and readers of them that collect every problem. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

MOST_CHARACTERS: Final = 64_000
DEEPEST: Final = 20
SHOWN: Final = 60  # characters of a wrong value that are repeated
_SCALARS: Final[Mapping[str, str]] = {
    "tag:yaml.org,2002:str": "str",
    "tag:yaml.org,2002:timestamp": "str",  # 2026-11-20 is text to us
    "tag:yaml.org,2002:int": "int",
    "tag:yaml.org,2002:float": "float",
    "tag:yaml.org,2002:bool": "bool",
    "tag:yaml.org,2002:null": "null",
}
_NAMES: Final[Mapping[type, str]] = {dict: "a group of members", list: "a list", type(None): "nothing"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, where, and what to write instead."""

    line: int
    path: str
    says: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.path}" if self.path else f"line {self.line}"
        return f"{where}: {self.says}"


class BadMapping(ValueError):
    """The file cannot be used; `problems` says every reason, in the order of the file."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = sorted(problems, key=lambda each: each.line)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file: text, number, truth, nothing, or Nodes by name or in a list."""

    value: Any
    line: int
    path: str


def parse(text: str) -> Node:
    """Return the whole file; raises BadMapping for what is neither YAML nor JSON, too long, or too deep."""
    if len(text) > MOST_CHARACTERS:
        raise BadMapping([Problem(1, "", f"The file is longer than {MOST_CHARACTERS:,} characters.")])
    try:
        _refuse_depth(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            raise BadMapping([Problem(1, "", "The file is empty. Begin with one of the examples.")])
        return _Walk().node(root, "", 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        said = f"This is neither YAML nor JSON: {error.problem or error.context}."
        raise BadMapping([Problem(line, "", said)]) from None
    except yaml.YAMLError:
        raise BadMapping(
            [Problem(1, "", "The file has a character that text does not have; save it as UTF-8.")]
        ) from None


def _refuse_depth(text: str) -> None:
    """Raise BadMapping for values deeper in one another than anybody writes them; the library would take seconds to give up."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise BadMapping([Problem(line, "", _too_deep())])


def _too_deep() -> str:
    return f"Values stand in one another deeper than {DEEPEST} levels."


class _Walk:
    """From the library's nodes to ours. An alias is refused: ten lines of them can stand for a million values."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._construct = yaml.SafeLoader("")

    def node(self, node: Any, path: str, depth: int) -> Node:
        line = node.start_mark.line + 1
        if depth > DEEPEST:
            raise BadMapping([Problem(line, path, _too_deep())])
        if id(node) in self._seen:
            raise BadMapping([Problem(line, path, "Write the value out; & and * (anchors) are not read.")])
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return Node(self._members(node, path, depth), line, path)
        if isinstance(node, yaml.SequenceNode):
            items = [self.node(item, f"{path}[{n}]", depth + 1) for n, item in enumerate(node.value)]
            return Node(items, line, path)
        return Node(self._scalar(node, line, path), line, path)

    def _members(self, node: Any, path: str, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            here = f"{path}.{name}" if path else name
            if not name:
                raise BadMapping([Problem(line, path, "A member needs a name before the colon.")])
            if name in found:
                raise BadMapping([Problem(line, here, "This stands here twice; keep one of them.")])
            found[name] = self.node(value, here, depth + 1)
        return found

    def _scalar(self, node: Any, line: int, path: str) -> Any:
        kind = _SCALARS.get(node.tag)
        try:
            if kind == "int":
                return self._construct.construct_yaml_int(node)
            if kind == "float":
                return self._construct.construct_yaml_float(node)
        except ValueError:
            kind = None
        if kind is None:
            raise BadMapping([Problem(line, path, "Write text, a number, true, false or nothing here.")])
        if kind == "bool":
            return self._construct.construct_yaml_bool(node)
        return None if kind == "null" else str(node.value)


def plain(node: Node) -> Any:
    """Return the value without places."""
    if isinstance(node.value, dict):
        return {name: plain(each) for name, each in node.value.items()}
    return [plain(each) for each in node.value] if isinstance(node.value, list) else node.value


@dataclass(slots=True)
class Reader:
    """Reads nodes and collects what is wrong with them; a wrong value is read as the empty one, so that all are found."""

    problems: list[Problem] = field(default_factory=list)

    def bad(self, node: Node, says: str) -> None:
        """Keep a problem."""
        self.problems.append(Problem(node.line, node.path, says))

    def members(
        self, node: Node, allowed: Collection[str], *, needed: Collection[str] = ()
    ) -> dict[str, Node]:
        """Return the members of a group by name; unknown and missing ones are problems."""
        if not isinstance(node.value, dict):
            self.bad(node, f"Write members below this ({', '.join(allowed)}), not {shown(node.value)}.")
            return {}
        for name, member in node.value.items():
            if name not in allowed:
                self.bad(member, f"There is no “{name[:SHOWN]}” here. Known are: {', '.join(allowed)}.")
        for name in needed:
            if name not in node.value:
                self.bad(node, f"“{name}” is missing.")
        return {name: member for name, member in node.value.items() if name in allowed}

    def text(
        self,
        node: Node | None,
        default: str = "",
        *,
        choices: Collection[str] = (),
        pattern: "re.Pattern[str] | None" = None,
        hint: str = "",
    ) -> str:
        """Return text; numbers and truths are none, as YAML's guesses differ from what was meant."""
        if node is None:
            return default
        if not isinstance(node.value, str):
            self.bad(node, f"Write text here, not {shown(node.value)}; put it in quotes.")
            return default
        value = node.value
        if any(ord(char) < 32 for char in value):
            self.bad(node, "Text on one line, please: this has a line break or a control character.")
            return default
        if choices and value not in choices:
            self.bad(node, f"“{value[:SHOWN]}” is not known. Write one of: {', '.join(choices)}.")
            return default
        if pattern is not None and not pattern.fullmatch(value):
            self.bad(node, f"“{value[:SHOWN]}” cannot be used. {hint}")
            return default
        return value

    def number(self, node: Node | None, default: int, *, low: int, high: int) -> int:
        """Return a whole number between `low` and `high`."""
        if node is None:
            return default
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.bad(node, f"Write a whole number from {low} to {high:,}, not {shown(value)}.")
            return default
        return value

    def truth(self, node: Node | None, default: bool) -> bool:
        """Return true or false."""
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.bad(node, f"Write true or false, not {shown(node.value)}.")
            return default
        return node.value

    def items(self, node: Node | None) -> list[Node]:
        """Return the items of a list."""
        if node is None:
            return []
        if not isinstance(node.value, list):
            self.bad(node, f"Write a list here, one item a line after “- ”, not {shown(node.value)}.")
            return []
        return list(node.value)

    def finish(self) -> None:
        """Raise BadMapping if anything was wrong."""
        if self.problems:
            raise BadMapping(self.problems)


def shown(value: Any) -> str:
    """Return a value as a message repeats it."""
    named = _NAMES.get(type(value))
    return named or f"“{str(value)[:SHOWN]}”"
