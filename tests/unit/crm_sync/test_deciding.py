"""One field, two values: who wins, by which rule, and what cannot go."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_sync import deciding
from crm_sync.capabilities import CrmField, FieldType, FieldValue, Record
from crm_sync.fieldmap import Mode, Row, Source, Way

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TEXT = CrmField("Title", "Title", "text", length=20)


def row(mode: Mode = Mode.OVERWRITE, **values: object) -> Row:
    """Return a row that goes out."""
    return Row(**{"ours": "call.note", "theirs": "Title", "way": Way.OUT, "mode": mode, **values})  # type: ignore[arg-type]


def source(kind: FieldType = "text", **values: object) -> Source:
    """Return a fact of ours."""
    return Source("call.note", "Note", kind, **values)  # type: ignore[arg-type]


def there(kind: FieldType = "text", **values: object) -> CrmField:
    """Return a field of the CRM."""
    return CrmField("Title", "Title", kind, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "ours", "theirs", "after", "conflict"),
    [
        (Mode.OVERWRITE, "new", "old", "new", True),
        (Mode.OVERWRITE, "new", None, "new", False),
        (Mode.OVERWRITE, None, "old", "old", False),
        (Mode.IF_EMPTY, "new", "old", "old", True),
        (Mode.IF_EMPTY, "new", " ", "new", False),
        (Mode.APPEND, "new", "old", "old\nnew", True),
        (Mode.APPEND, "new", "old\r\nnew", "old\r\nnew", True),
        (Mode.APPEND, "new", None, "new", False),
        (Mode.OVERWRITE, "same", "same ", "same ", False),
    ],
)
def test_the_mode_decides(mode: Mode, ours: str, theirs: str, after: str, conflict: bool) -> None:
    found = deciding.decide_out(row(mode), there("long_text"), ours, Record({"Title": theirs}), ours_at=NOON)

    assert (found.after, found.is_conflict) == (after, conflict)
    assert found.writes is (not deciding.same(after, theirs))
    assert found.rule


@pytest.mark.parametrize(
    ("stamp", "last_sent", "after"),
    [
        ("2026-03-04T13:00:00.000+0000", None, "old"),
        ("2026-03-04T11:00:00Z", None, "new"),
        ("2026-03-04T13:00:00Z", "old", "new"),
        ("", None, "old"),
        ("nonsense", None, "old"),
    ],
)
def test_the_newest_wins(stamp: str, last_sent: str | None, after: str) -> None:
    record = Record({"Title": "old"}, changed_at=stamp)

    found = deciding.decide_out(row(Mode.NEWEST), TEXT, "new", record, ours_at=NOON, last_sent=last_sent)

    assert found.after == after


FLAGS = st.sampled_from([True, False, None, "true", "false", "", "yes"])


@given(ours=FLAGS, theirs=FLAGS, mode=st.sampled_from(list(Mode)))
@example(ours=False, theirs=True, mode=Mode.STRICTER)
def test_consent_only_ever_gets_stricter(ours: FieldValue, theirs: FieldValue, mode: Mode) -> None:
    flag = source("flag", consent=True)
    out = deciding.decide_out(
        row(Mode.STRICTER), there("flag"), deciding.convert(row(), flag, there("flag"), ours), Record({"Title": theirs}),
        ours_at=NOON,
    )  # fmt: skip
    come = deciding.decide_in(row(mode), flag, there("flag"), theirs, ours, theirs_newer=True)

    assert not (deciding._flag(theirs) and not deciding._flag(out.after))
    assert not (deciding._flag(ours) and not deciding._flag(come.after))


@pytest.mark.parametrize(
    ("field", "value", "after"),
    [
        (there("flag"), "yes", True),
        (there("number"), "1,200", 1200),
        (there("number"), "2.5", 2.5),
        (there("date"), "2026-03-04T23:30:00+00:00", "2026-03-04"),
        (there("instant"), "2026-03-04T10:00:00-05:00", "2026-03-04T15:00:00.000Z"),
        (there("phone"), "(407) 555-0123", "+14075550123"),
        (there("text"), True, "Yes"),
        (there("choice", options=[("a", "A")], only_options=True), "a", "a"),
    ],
)
def test_values_take_the_fields_type(field: CrmField, value: FieldValue, after: FieldValue) -> None:
    assert deciding.convert(row(), source(), field, value) == after


@pytest.mark.parametrize(
    ("field", "value", "words", "setup"),
    [
        (there("date"), "soon", "is not a date", False),
        (there("number"), "many", "is not a number", False),
        (there("number"), "nan", "is not a number", False),
        (there("flag"), "perhaps", "neither yes nor no", False),
        (TEXT, "x" * 21, "21 characters, and Title takes 20", False),
        (there("choice", options=[("a", "A")], only_options=True), "b", "no value “b”", True),
    ],
)
def test_what_cannot_go_says_why(field: CrmField, value: str, words: str, setup: bool) -> None:
    with pytest.raises(deciding.CannotGo, match=words) as refused:
        deciding.convert(row(), source(), field, value)
    assert refused.value.setup is setup


def test_results_go_by_their_values() -> None:
    results = source("choice", choices=[("sale", "Sale"), ("no", "Not interested"), ("new", "New one")])
    field = there("choice", options=[("Won", "Won"), ("Lost", "Lost")], only_options=True)
    mapped = row(values={"sale": "Won", "no": ""})

    assert deciding.convert(mapped, results, field, "sale") == "Won"
    assert deciding.convert(mapped, results, field, "no") is None
    with pytest.raises(deciding.CannotGo, match="“New one” of Note has no value in Title yet"):
        deciding.convert(mapped, results, field, "new")
    assert deciding.convert(row(values={"sale": "Won"}, default="Lost"), results, field, "new") == "Lost"
    assert deciding.convert(row(), results, there(), "no") == "Not interested"
    assert deciding.convert(row(default="Lost"), results, field, "") == "Lost"


def test_a_full_field_takes_no_line() -> None:
    with pytest.raises(deciding.CannotGo, match="is full"):
        deciding.decide_out(row(Mode.APPEND), TEXT, "a line", Record({"Title": "x" * 15}), ours_at=NOON)


def test_what_comes_in_is_read_backwards() -> None:
    mapped = row(values={"gold": "A", "silver": "B"})

    found = deciding.decide_in(mapped, source(), there(), "B", "gold", theirs_newer=True)

    assert (found.after, found.is_conflict) == ("silver", True)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_line_is_added_once(line: str, stands: str) -> None:
    field = there("long_text")
    once = deciding.decide_out(row(Mode.APPEND), field, line, Record({"Title": stands}), ours_at=NOON)
    twice = deciding.decide_out(row(Mode.APPEND), field, line, Record({"Title": once.after}), ours_at=NOON)

    assert not twice.writes or "\n" in line or "\r" in line
