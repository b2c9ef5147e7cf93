"""Values found in a CRM's answers, and {names} filled in."""

import dataclasses
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.importing import RawPerson
from crm_sync import links, refs
from crm_sync.byfile import reading, records, values
from crm_sync.byfile.model import Field, Flag, OwnField
from crm_sync.selectors import examples

PLAIN_FILE = reading.read(examples.get_example("plain-crm") or "")
RECORD = {
    "name": {"first": "Ann"},
    "phones": [{"n": "1"}, {"n": 2.0}],
    "flag": "Yes",
    "a.b": "dotted",
    "none": None,
    "kinds": [{"kind": "work", "n": 7, "more": {"a": "b"}}, {"of": {"type": "phone"}, "n": 8}, 3],
}
POINTERS = [
    ("name.first", "Ann"),
    ("/name/first", "Ann"),
    ("phones.0.n", "1"),
    ("phones.1.n", "2"),
    ("phones.7.n", ""),
    ("phones.x", ""),
    ("/a.b", "dotted"),
    ("none", ""),
    ("name", ""),
    ("none.more", ""),
    ("kinds[kind=work].n", "7"),
    ("kinds[kind=work].more.a", "b"),
    ("kinds[of.type=phone].n", "8"),
    ("kinds[kind=home].n", ""),
    ("name[kind=work]", ""),
]


@pytest.mark.parametrize(("where", "text"), POINTERS)
def test_a_pointer_finds_a_value_or_nothing(where: str, text: str) -> None:
    assert values.as_text(values.at(RECORD, values.pointer(where))) == text


def test_a_field_speaks_our_words() -> None:
    rule = Field(("flag",), {"Yes": "agreed"}, "unknown")

    assert values.read_field(RECORD, rule) == "agreed"
    assert values.read_field({}, rule) == "unknown"
    assert values.read_flag(RECORD, Flag(("flag",), frozenset({"yes"})))
    assert not values.read_flag({}, Flag(("flag",), frozenset({"yes"})))
    assert not values.read_flag(RECORD, None)


def test_what_is_filled_into_an_address_stays_one_part_of_it() -> None:
    filled = values.fill_path(
        "/c/{person_id}/x?q={marker}", {"person_id": "../a?b#c", "marker": "p&q"}, times="iso8601", tables={}
    )

    assert filled == "/c/..%2Fa%3Fb%23c/x?q=p%26q"


def test_a_name_that_stands_alone_keeps_its_kind() -> None:
    given = {"do_not_call": True, "duration_seconds": 65, "note": "a {b} c"}
    body = {
        "a": "{do_not_call}",
        "b": ["{duration_seconds}", "x {duration_seconds}"],
        "c": "{note}",
        "d": 1,
        "e": "{do_not_call:words}",
    }

    filled = values.fill_body(body, given, times="iso8601", tables={"words": {"true": "J", "*": "N"}})

    assert filled == {"a": True, "b": [65, "x 65"], "c": "a {b} c", "d": 1, "e": "J"}


INSTANT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
FORMS = [
    ("iso8601", "2026-11-20T15:00:00Z"),
    ("unix_seconds", 1795186800),
    ("unix_milliseconds", 1795186800000),
    ("%Y-%m-%d %H:%M:%S", "2026-11-20 15:00:00"),
]


@pytest.mark.parametrize(("form", "written"), FORMS)
def test_times_are_written_and_read_in_the_files_form(form: str, written: object) -> None:
    assert values.write_time(INSTANT, form) == written
    assert values.read_time(written, form) == INSTANT
    wrongs: list[object] = ["yesterday", None, [], "1e400", -(10**30)]
    for wrong in wrongs:
        assert values.read_time(wrong, form) is None


@given(st.text(max_size=40_000))
def test_the_marker_is_found_again_whatever_stands_before_it(note: str) -> None:
    text = values.marked(note, "parley-k1-42")

    assert values.MARKER.findall(text)[-1] == "parley-k1-42"
    assert len(text) <= values.TEXT_LENGTH + 20


def test_a_day_is_one_of_utc() -> None:
    assert values.day_bounds(date(2026, 3, 8)) == {
        "date": "2026-03-08",
        "day_start": "2026-03-08T00:00:00+00:00",
        "day_end": "2026-03-09T00:00:00+00:00",
    }


PERSON = RawPerson(
    row_number=3, phones=[("main", "407 555 0100")], external_ref="rest:7:c-1", first_name="Ann"
)


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": "Anne"},
        {"do_not_call": True},
        {"phones": [("mobile", "407 555 0100")]},
        {"state": "FL"},
    ],
)
def test_a_fingerprint_differs_with_what_is_read(change: dict[str, object]) -> None:
    changed = dataclasses.replace(PERSON, **change)  # type: ignore[arg-type]  # fields by name

    assert records.fingerprint(changed) != records.fingerprint(PERSON)
    assert len(records.fingerprint(PERSON)) <= 40  # LiveMember.stamp


def test_a_place_on_the_list_is_no_change() -> None:
    moved = dataclasses.replace(PERSON, row_number=99, crm_url="https://elsewhere.example.com")

    assert records.fingerprint(moved) == records.fingerprint(PERSON)


def test_dashes_stand_in_the_ids_of_crms_by_file_alone() -> None:
    assert refs.parse("rest:7:4f1c-22_b") == refs.PersonRef("rest", 7, "4f1c-22_b")
    assert refs.parse("salesforce:7:00Q-1") is None
    assert refs.parse("rest:7:a b") is None
    assert refs.parse("rest:7:") is None


def test_pages_of_records_are_where_the_file_says() -> None:
    facts = {"record_url": "https://crm.example.com/#c/{person_id}", "activity_url": ""}

    assert links.person_url("rest", facts, "", "a-1") == "https://crm.example.com/#c/a-1"
    assert links.activity_url("rest", facts, "", "x", "a-1") == ""
    assert links.person_url("rest", {}, "", "a-1") == ""


@pytest.mark.parametrize(
    ("value", "made"),
    [("12", 12), ("-3", -3), (True, 1), (False, 0), ("c-1", "c-1"), ("", ""), ("9" * 30, "9" * 30), (4, 4)],
)
def test_a_name_may_be_sent_as_a_number(value: object, made: object) -> None:
    sent = values.fill_body({"ids": ["{a:number}"]}, {"a": value}, times="iso8601", tables={})

    assert sent == {"ids": [made]}


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("Note\n[parley-k1-42]", "parley-k1-42"),
        ("<p>Note<br>[parleytext-k1-42a-c_00-1]</p>", "parleytext-k1-42a-c_00-1"),
        ("quotes [parley-k1-7]\n[parleytask-k1-9]", "parleytask-k1-9"),
        ("nothing of ours: parley", ""),
        ("", ""),
    ],
)
def test_the_last_name_of_ours_is_the_activitys(text: str, marker: str) -> None:
    assert values.marker_in(text) == marker


def test_dotted_fields_are_sent_as_groups() -> None:
    own = [OwnField("name.first", ("x",), "F", "text"), OwnField("tags", ("t",), "T", "choices")]
    people = dataclasses.replace(PLAIN_FILE.people, own=own)
    file = dataclasses.replace(PLAIN_FILE, people=people)

    sent = records.to_write(file, {"name.first": "Ida", "name.last": "Frost", "tags": "a;b", "age": None})

    assert sent == {"name": {"first": "Ida", "last": "Frost"}, "tags": ["a", "b"], "age": None}
    read = records.own_values(file, {"x": {"part": 1}, "t": ["a", 2]}, ["name.first", "tags"])
    assert read == {"name.first": "", "tags": "a;2"}
