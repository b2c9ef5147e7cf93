"""What a mapping file may say: examples that are read, and what each mistake is told."""

import contextlib
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crm_sync.byfile import reading
from crm_sync.byfile.nodes import MOST_CHARACTERS, BadMapping

EXAMPLES = sorted((Path(__file__).parents[3] / "crm_sync" / "byfile" / "examples").glob("*.yaml"))
PLAIN = (Path(__file__).parents[3] / "crm_sync" / "byfile" / "examples" / "plain-crm.yaml").read_text(
    encoding="utf-8"
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_read(path: Path) -> None:
    file = reading.read(path.read_text(encoding="utf-8"))

    assert file.name
    assert file.people.phones


def test_json_says_the_same_as_yaml() -> None:
    assert reading.read(json.dumps(yaml.safe_load(PLAIN))) == reading.read(PLAIN)


MISTAKES = [
    ("", "The file is empty"),
    ("\n  \n# nothing\n", "The file is empty"),
    ("a: [", "neither YAML nor JSON"),
    ("{", "neither YAML nor JSON"),
    ("- a\n- b", "Write members below this"),
    ("just words", "Write members below this"),
    ("[" * 3000, "deeper than 20"),
    ("x: \x00", "save it as UTF-8"),
    ("a: 1\na: 2", "line 2, a: This stands here twice"),
    ("a: &x 1\nb: *x", "anchors"),
    ("a: !!python/object:os.system ls", "Write text, a number"),
    ("? [a]\n: 1", "needs a name"),
    ("x" * (MOST_CHARACTERS + 1), "longer than"),
]


@pytest.mark.parametrize(("text", "words"), MISTAKES, ids=[words[:20] for _, words in MISTAKES])
def test_what_is_no_mapping_file_is_told_why(text: str, words: str) -> None:
    with pytest.raises(BadMapping) as caught:
        reading.read(text)

    assert words in str(caught.value)
    assert caught.value.problems[0].line >= 1


CHANGES = [
    ("parley: 1", "parley: 2", "parley: Write a whole number from 1 to 1"),
    ("base_url: http://127.0.0.1:8104/api", "base_url: ftp://example.com", "base_url: Write the address"),
    ("base_url: http://127.0.0.1:8104/api", "base_url: https://me:pw@example.com", "without a password"),
    ("base_url: http://127.0.0.1:8104/api", "base_url: 'http://[::1'", "base_url: Write the address"),
    ("type: bearer", "type: magic", "auth.type: “magic” is not known. Write one of: bearer, basic"),
    ("type: bearer", "type: header", "“header” is missing"),
    ("type: bearer", "type: client_credentials", "“token_path” is missing"),
    ("type: bearer", "type: bearer\n  secret: abc", "auth.secret: There is no “secret” here"),
    ("type: page\n  param: page", "type: page", "“param” is missing"),
    ("type: page\n  param: page", "type: cursor\n  param: after", "“next_at” is missing"),
    ("size: 100", "size: 0", "paging.size: Write a whole number from 1 to 5,000"),
    ("times: iso8601", "times: yesterday", "times: Write iso8601"),
    ("/segments/{list_id}/contacts", "/segments/1/contacts", "Say with {list_id}"),
    ("/segments/{list_id}/contacts", "/segments/{list}/contacts", "“{list}” is not known here"),
    ("path: /segments\n", "path: segments\n", "lists.path: “segments” cannot be used. A path begins with /"),
    ("path: /segments\n", "path: //evil.example/x\n", "does not climb out"),
    ("path: /segments\n", "path: /../admin\n", "does not climb out"),
    ("path: /segments\n", "path: 7\n", "Write text here, not “7”; put it in quotes"),
    ("first_name: given_name", "frist_name: given_name", "There is no “frist_name” here. Known are: first_name"),
    ("- kind: main", "- kind: fax", "“fax” is not known. Write one of: main, mobile"),
    ('text: "{text}"\n    id: id', "id: id", "must carry our marker"),
    ("{outcome:status}", "{outcome:missing}", "There is no table “missing”"),
    ("{duration_seconds}", "{duration_seconds:time}", "is no time"),
    ("{started_at}", "{when}", "“{when}” is not known here"),
    ("/contacts/{person_id}/activities", "/activities", "Search by {marker}"),
    ("?on={date}\n    items_at: items\n    text: text\n    time: at", "\n    text: text", "Ask for one day"),
    ("  do_not_call: do_not_call\n  merged", "  merged", "“do_not_call” is missing beside this"),
    ('do_not_call: "{do_not_call}"', "do_not_call: true", "must say {do_not_call}"),
    ("kind: config\n", "kind: fatal\n", "“fatal” is not known"),
    ("- status: 422\n    contains: field\n    kind", "- kind", "Say which answers are meant"),
    ("record_url: http://127", "record_url: javascript://127", "Write the page's whole address"),
    ("contacts/{person_id}\nactivity_url", "contacts/{number}\nactivity_url", "Between braces may stand: person_id"),
    # What a file may say beyond calls.
    ('at: "{started_at}"\n      text: "{text}"\n    id: id\n  find', 'at: "{started_at}"\n    id: id\n  find', "must carry our marker"),
    ('done: "{done}"\n    id: id', 'done: "{finished}"\n    id: id', "“{finished}” is not known here"),
    ('body: "{fields}"', "body:\n      x: 1", "The body must say where the fields go"),
    ("type: number", "type: money", "“money” is not known. Write one of: text, long_text"),
    ("- name: score", "- name: job", "“job” stands here twice"),
    ("- name: score", "- name: 'a b'", "A field's name has letters"),
    ("      options: [fair, web, phone]", "      type: choice", "“options” is missing: the words"),
    ("/contacts?phone={national}", "/contacts?phone=1", "Say with {number}"),
    ('phone: "{number}"', "phone: x", "The body must say the {number}"),
    ('status: "{status}"', "status: won", "Say with {status}"),
    ("values:\n  status:", "values:\n  number: {a: b}\n  status:", "No table may be named “number”"),
    ("type: bearer", "type: password", "“token_path” is missing"),
    ("- kind: main\n      at: phone", "- kind: main\n      at: phones[work].number", "phones[kind=work].number"),
    ("name: title\n  size: members", "fixed:\n    - {id: all, name: All}", "Keep either “path” or “fixed”"),
    ("path: /segments\n  items_at: items\n  id: id\n  name: title", "fixed:\n    - {id: a b, name: All}", "An id has letters"),
    ("path: /segments\n  items_at: items\n  id: id\n  name", "name", "name the lists yourself below “fixed”"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), CHANGES, ids=[new[:30] for _, new, _ in CHANGES])
def test_a_mistake_is_told_with_its_line_and_what_to_do(old: str, new: str, words: str) -> None:
    assert old in PLAIN
    changed = PLAIN.replace(old, new, 1)

    with pytest.raises(BadMapping) as caught:
        reading.read(changed)

    assert words in str(caught.value)
    first = caught.value.problems[0]
    assert 1 <= first.line <= changed.count("\n") + 1
    assert str(first).startswith(f"line {first.line}")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    changed = PLAIN.replace("type: bearer", "type: magic").replace("kind: main", "kind: fax")

    with pytest.raises(BadMapping) as caught:
        reading.read(changed)

    lines = [problem.line for problem in caught.value.problems]
    assert len(lines) == 2
    assert lines == sorted(lines)


WORDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.just("{person_id}"),
)
NAMES = st.sampled_from(
    [*reading.TOP, "path", "type", "at", "body", "id", "create", "find", "read", "fields", "phones"]
)
TREES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


@given(TREES)
def test_whatever_a_file_holds_it_is_read_or_told_why(tree: object) -> None:
    with contextlib.suppress(BadMapping):  # anything else fails
        reading.read(json.dumps(tree))


@given(st.text(max_size=200))
def test_any_text_is_read_or_told_why(text: str) -> None:
    with pytest.raises(BadMapping):
        reading.read(text)


@given(st.integers(min_value=0, max_value=150), st.dictionaries(st.just("x"), WORDS, min_size=1))
def test_any_line_of_a_file_may_be_spoiled(number: int, spoiled: dict[str, object]) -> None:
    lines = PLAIN.splitlines()
    at = number % len(lines)
    indent = len(lines[at]) - len(lines[at].lstrip())
    lines[at] = " " * indent + f"spoiled: {spoiled['x']!r}"

    with contextlib.suppress(BadMapping):  # anything else fails
        reading.read("\n".join(lines))


def test_one_list_that_the_file_names_may_be_everybody() -> None:
    begin, end = PLAIN.index("lists:\n"), PLAIN.index("members:\n")
    fixed = PLAIN[:begin] + "lists:\n  fixed:\n    - {id: all, name: All contacts}\n" + PLAIN[end:]
    file = reading.read(fixed.replace("/segments/{list_id}/contacts", "/contacts", 1))

    assert file.lists.listing is None
    assert file.lists.fixed == [("all", "All contacts")]
    two = fixed.replace("name: All contacts}", "name: All contacts}\n    - {id: b, name: B}")
    with pytest.raises(BadMapping, match=r"Say with \{list_id\}"):
        reading.read(two.replace("/segments/{list_id}/contacts", "/contacts", 1))


def test_search_and_create_need_each_other() -> None:
    begin, end = PLAIN.index("  search:\n"), PLAIN.index("  create:\n    path: /contacts")
    with pytest.raises(BadMapping, match="“search” is missing beside this"):
        reading.read(PLAIN[:begin] + PLAIN[end:])
