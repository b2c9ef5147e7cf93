"""What is wrong with a mapping's rows, and what one version changed of another."""

import pytest

from crm_sync.capabilities import CrmField, FieldType, Holds
from crm_sync.fieldmap import Mode, Row, Source, Way, as_stored, difference, problems, rows_of

SOURCES = {
    "call.note": Source("call.note", "Note", "long_text"),
    "call.day": Source("call.day", "Day of the call", "date"),
    "call.result": Source("call.result", "Result", "choice", choices=[("sale", "Sale")]),
    "person.title": Source("person.title", "Title", "text", frozenset({Way.IN, Way.OUT})),
    "flag.text_opt_out": Source(
        "flag.text_opt_out", "Wants no texts", "flag", frozenset({Way.IN, Way.OUT}), consent=True
    ),
}


def field(name: str, kind: FieldType, **values: object) -> CrmField:
    """Return a field of the CRM."""
    return CrmField(name, name, kind, **values)  # type: ignore[arg-type]


FIELDS = {
    each.name: each
    for each in (
        field("Description", "long_text"),
        field("Birthdate", "date"),
        field("Status", "choice", options=[("Open", "Open")], only_options=True),
        field("Locked", "text", writable=False),
        field("Opt_Out__c", "flag"),
        field("Id", "reference"),
        field("Title", "text"),
    )
}


def row(ours: str, theirs: str, way: Way = Way.OUT, mode: Mode = Mode.OVERWRITE, **values: object) -> Row:
    """Return a row."""
    return Row(ours, theirs, way, mode, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "holds", "words"),
    [
        (row("call.note", "Birthdate"), "person", "Note is long text, Birthdate is a date"),
        (row("call.note", "Gone__c"), "person", "no field Gone__c any more"),
        (row("answer.x", "Title"), "person", "has no “answer.x” any more"),
        (row("call.day", "Locked"), "person", "cannot be written"),
        (row("call.day", "Id"), "person", "written by Parley itself"),
        (row("call.note", "Description", Way.BOTH), "person", "goes one way only"),
        (row("call.day", "Birthdate", mode=Mode.APPEND), "person", "only be added to a text"),
        (row("person.title", "Title", Way.IN, Mode.APPEND), "person", "choose “To the CRM”"),
        (row("flag.text_opt_out", "Opt_Out__c", Way.BOTH), "person", "only ever gets stricter"),
        (row("call.note", "Description", mode=Mode.STRICTER), "person", "is for a person's no"),
        (row("call.note", "Description", mode=Mode.IF_EMPTY), "call", "choose “Overwrite”"),
        (row("call.result", "Status", values={"sale": "Won"}), "person", "has no value “Won” any more"),
        (row("call.result", "Status", default="Won"), "person", "has no value “Won” any more"),
        (row("", "Title"), "person", "Choose both"),
        (row("person.title", "Birthdate", Way.IN), "person", "and Title of Parley takes text"),
    ],
)
def test_each_mistake_says_what_to_do(given: Row, holds: Holds, words: str) -> None:
    found = problems([given], SOURCES, FIELDS, holds=holds)

    if words.endswith("takes text"):
        assert found == []  # a date can be read as text
        return
    assert any(words in each.text for each in found), found


def test_rows_that_work_have_no_problem() -> None:
    rows = [
        row("call.note", "Description", mode=Mode.APPEND),
        row("call.day", "Birthdate"),
        row("call.result", "Status", values={"sale": "Open", "no": ""}),
        row("person.title", "Title", Way.BOTH, Mode.NEWEST),
        row("flag.text_opt_out", "Opt_Out__c", Way.BOTH, Mode.STRICTER),
    ]

    assert problems(rows, SOURCES, FIELDS, holds="person") == []
    assert rows_of(as_stored(rows)) == tuple(rows)


def test_two_rows_do_not_write_one_field() -> None:
    rows = [row("call.note", "Description"), row("call.day", "Description")]

    assert [each.row for each in problems(rows, SOURCES, FIELDS, holds="person")] == [0, 1]
    lines = [
        row("call.note", "Description", mode=Mode.APPEND),
        row("call.day", "Description", mode=Mode.APPEND),
    ]
    assert problems(lines, SOURCES, FIELDS, holds="person") == []


def test_versions_differ_in_words() -> None:
    before = [row("call.note", "Description"), row("call.day", "Birthdate")]
    after = [
        row("call.note", "Description", mode=Mode.APPEND, default="none"),
        row("call.result", "Status", values={"sale": "Open"}),
    ]

    said = difference(before, after, {key: each.label for key, each in SOURCES.items()})

    assert said == [
        "Added: Result ↔ Status (to the crm, overwrite)",
        "Taken away: Day of the call ↔ Birthdate (to the crm, overwrite)",
        "Changed: Note ↔ Description: to the crm, overwrite → to the crm, add a line; otherwise “” → “none”",
    ]
