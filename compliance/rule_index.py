"""Which rule gives which refusals, what it says of itself, and which named cases of the rule book hold it: read off the sources.

`manage.py write_rule_docs` writes the index into rule_index.json, so that an installation without tests can show it.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

HOME = Path(__file__).parent
FILE = HOME / "rule_index.json"
CASES_IN = ("tests/rules", "tests/integration/compliance", "tests/integration/dialer", "tests/concurrency")
RULE_ID = r"[A-Z][A-Z0-9]{1,4}-[0-9]{3}(?:\.[0-9]+)?|CAMPAIGN"
_CASE = re.compile(
    rf"""(?P<quote>["'])(?P<rule>(?:{RULE_ID})) (?P<vector>T[0-9]+)\b(?P<rest>(?:(?!(?P=quote))[^\n])*)"""
)
_TEST = re.compile(
    r"^(?:async )?def test_(?P<family>[a-z][a-z0-9]{1,4})_(?P<number>[0-9]{3})_(?P<vector>t[0-9]+)_(?P<rest>\w+)",
    re.MULTILINE,
)
_ANSWERS = frozenset({"denied", "denied_for_now", "allowed", "not_bound"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case of the rule book that is a test: its number there, what it shows, and where it stands."""

    vector: str  # "T1"
    name: str  # the test's own words; may be empty
    file: str  # from the repository's root


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedRule:
    """One rule of the book as the software has it."""

    rule_id: str
    says: str  # the first line of the function that holds it
    codes: tuple[str, ...]  # the refusals it can give
    cases: tuple[Case, ...]


@cache
def indexed() -> dict[str, IndexedRule]:
    """Return the shipped index by rule id."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return {row["rule_id"]: _from_json(row) for row in rows}


def codes_of(rule_id: str) -> tuple[str, ...]:
    """Return the refusals a rule can give; none for an id nobody knows."""
    rule = indexed().get(rule_id)
    return rule.codes if rule else ()


def scanned(root: Path) -> tuple[IndexedRule, ...]:
    """Return the index as the sources under the repository's root have it, in order of the ids."""
    codes: dict[str, set[str]] = {}
    says: dict[str, str] = {}
    for path in sorted((HOME / "rules").rglob("*.py")):
        for function, rule_id, code in _answers(path):
            codes.setdefault(rule_id, set()).update({code} - {""})
            words = (ast.get_docstring(function) or "").split("\n", 1)[0]
            if words and not function.name.startswith("_"):
                says.setdefault(rule_id, words)
    cases = _cases(root)
    return tuple(
        IndexedRule(
            rule_id=rule_id,
            says=says.get(rule_id, ""),
            codes=tuple(sorted(codes.get(rule_id, ()))),
            cases=tuple(cases.get(rule_id, ())),
        )
        for rule_id in sorted(set(codes) | set(cases))
    )


def as_json(rules: tuple[IndexedRule, ...]) -> str:
    """Return the index as the file's text."""
    return json.dumps([asdict(rule) for rule in rules], indent=1, ensure_ascii=False) + "\n"


def _from_json(row: dict[str, object]) -> IndexedRule:
    codes, cases = row["codes"], row["cases"]
    assert isinstance(codes, list)
    assert isinstance(cases, list)
    return IndexedRule(
        rule_id=str(row["rule_id"]),
        says=str(row["says"]),
        codes=tuple(codes),
        cases=tuple(Case(**case) for case in cases),
    )


def _answers(path: Path) -> Iterator[tuple[ast.FunctionDef, str, str]]:
    """Each literal answer of the file's functions: the function, the rule's id, and the code of a denial."""
    for function in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") in _ANSWERS):
                continue
            words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            if words and re.fullmatch(RULE_ID, str(words[0])):
                is_denial = getattr(call.func, "id", "").startswith("denied") and len(words) > 1
                yield function, str(words[0]), str(words[1]) if is_denial else ""


def _cases(root: Path) -> dict[str, list[Case]]:
    found: dict[str, dict[Case, None]] = {}
    for folder in CASES_IN:
        for path in sorted((root / folder).rglob("test_*.py")):
            file = path.relative_to(root).as_posix()
            for rule, vector, name in _named(path.read_text(encoding="utf-8")):
                found.setdefault(rule, {})[Case(vector=vector, name=name, file=file)] = None
    return {rule: sorted(cases, key=_in_order) for rule, cases in found.items()}


def _named(source: str) -> Iterator[tuple[str, str, str]]:
    """Each case a source names: "FED-001 T1 and words" as the id of a row or the words of a test, or in a test's own name."""
    for hit in _CASE.finditer(source):
        yield hit["rule"], hit["vector"], hit["rest"].strip(" :,.-")
    for hit in _TEST.finditer(source):
        yield (
            f"{hit['family'].upper()}-{hit['number']}",
            hit["vector"].upper(),
            hit["rest"].replace("_", " "),
        )


def _in_order(case: Case) -> tuple[int, str, str]:
    return int(case.vector[1:]), case.name, case.file
