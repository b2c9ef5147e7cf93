"""What a pack says and withholds: sentences, spans, numbers of others, letters that cannot be printed."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from core.evidence import as_json
from evidence import spread, story
from evidence.pdf import fonts, words
from evidence.pdf.sheet import Column, Say, Sheet
from evidence.pdf.wrapping import wrap
from evidence.withholding import only_about
from tests.examples import examples

NUMBER = "+14075550123"


def revocation(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": 1,
        "suppression_id": 1,
        "heard_on": "text message",
        "raw_words": "STOP",
        "scope": "seller",
        "seller": "Northwind",
        "received_at": "2026-11-12T19:02:00.000Z",
        "honoured_at": "2026-11-12T19:02:00.400Z",
        "clearances_voided": [],
    }
    return {**values, **changes}


def attempt(**call: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": 5,
        "created_at": "2026-11-12T19:01:50.000Z",
        "answered_at": None,
        "ended_at": "2026-11-12T19:02:02.000Z",
        "messages": [],
    }
    return {"placed_at": told["created_at"], "call": {**told, **call}}


def verdict(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "outcome": "allow",
        "decided_at": "2026-11-12T19:01:49.000Z",
        "local_times": [{"zone": "America/New_York"}],
        "clearance": None,
        "channel": "live_preview",
        "attempt_ref": "",
    }
    return {**values, **changes}


def test_the_sentence_is_the_one_counsel_wants() -> None:
    found = spread.opt_outs([revocation()], [], [])

    told = story.told([verdict()] * 409 + [verdict(outcome="deny")] * 3, [attempt()], found)

    assert told["sentence"] == (
        "412 attempts, 3 refused, 1 call placed, opted out 12 Nov 2026 14:02 EST, honoured in 0.4 s, no contact after."
    )


def test_a_person_in_several_zones_has_their_times_in_utc() -> None:
    zones = [{"zone": "America/Chicago"}, {"zone": "America/New_York"}]

    told = story.told([verdict(local_times=zones)], [], spread.opt_outs([revocation()], [], []))

    assert "opted out 12 Nov 2026 19:02 UTC" in told["sentence"]


def test_a_call_that_rang_when_the_opt_out_was_honoured_is_followed_to_its_end() -> None:
    found = spread.opt_outs(
        [revocation(clearances_voided=[{"decision_id": 3, "voided_at": "2026-11-12T19:02:00.400Z"}])], [], []
    )

    spread.follow_calls(found, [attempt(), attempt(id=6, answered_at="2026-11-12T19:01:55.000Z")])

    [row] = spread.rows(found)
    assert [(step["channel"], step["after_ms"]) for step in row["steps"]] == [
        ("gate", 400),
        ("clearance voided", 400),
        ("ringing call", 2000),
    ]
    assert row["slowest"] == "ringing call"


def test_a_crm_that_has_not_acknowledged_is_the_slowest() -> None:
    found = spread.opt_outs([revocation()], [], [])
    item = {
        "id": 1,
        "connection": {"name": "HubSpot"},
        "payload": {"disposition_category": "do_not_call"},
        "changed_at": "2026-11-12T19:02:05.000Z",
        "acknowledged_at": None,
    }

    spread.follow_crm(found, [item])

    [row] = spread.rows(found)
    assert (row["slowest"], row["steps"][-1]["after_ms"]) == ("CRM acknowledged", None)


def test_a_contact_after_an_opt_out_that_was_lifted_is_none_after_it() -> None:
    lifts = [{"suppression_id": 1, "at": "2026-11-20T00:00:00.000Z"}]
    later = attempt() | {"placed_at": "2026-11-21T00:00:00.000Z"}

    stood = story.told([], [later], spread.opt_outs([revocation()], [], []))
    lifted = story.told([], [later], spread.opt_outs([revocation()], [], lifts))

    assert (stood["contacts_after_opt_out"], lifted["contacts_after_opt_out"]) == (1, 0)


def test_a_suppression_without_words_of_its_own_is_an_opt_out_and_a_wrong_number_is_none() -> None:
    rows = [
        {"id": 2, "kind": "do_not_call", "at": "2026-11-12T19:02:00.000Z", "heard_on": "", "raw_words": "", "scope": "seller",
         "seller": "Northwind"},
        {"id": 3, "kind": "wrong_number", "at": "2026-11-12T19:02:00.000Z"},
    ]  # fmt: skip

    found = spread.opt_outs([], rows, [])

    assert [each.source for each in found] == ["suppression:2"]


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0.0 s"),
        (400, "0.4 s"),
        (9_900, "9.9 s"),
        (12_300, "12 s"),
        (185_000, "3 min 5 s"),
        (7_800_000, "2 h 10 min"),
        (273_600_000, "3 days 4 h"),
    ],
)
def test_spans_read_as_people_say_them(milliseconds: int, said: str) -> None:
    assert story.lasted(milliseconds) == said


def test_runs_of_attempts_are_drawn_together() -> None:
    assert words.spans([1, 2, 3, 7, 9, 10]) == "1 to 3, 7, 9 to 10"


def test_numbers_of_others_give_way_to_their_last_digits_wherever_they_stand() -> None:
    row = {
        "number": NUMBER,
        "caller_id": "+14075550100",
        "facts": {"attempts": [{"number": "+14075550188"}], "consents": [{"number": NUMBER}]},
        "note": "call +14075550188 instead",
    }

    assert only_about(row, NUMBER) == {
        "number": NUMBER,
        "caller_id": "+14075550100",
        "facts": {
            "attempts": [{"number": "another number, withheld …0188"}],
            "consents": [{"number": NUMBER}],
        },
        "note": "call +14075550188 instead",
    }


def test_what_has_no_place_in_a_pack_is_refused() -> None:
    with pytest.raises(TypeError, match="no place"):
        as_json(object())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Žižková", "Žižková"),
        ("Ελένη Иванова Nguyễn", "Ελένη Иванова Nguyễn"),
        ("王", "[not printable: U+738B]"),
        ("דוד Levi", "[not printable: U+05D3 U+05D5 U+05D3] Levi"),
        ("a\u202eb", "a[not printable: U+202E]b"),
        ("a\x07b", "a[not printable: U+0007]b"),
        ("a\nb\tc", "a b c"),
        ("🦊" * 9, "[not printable: U+1F98A U+1F98A U+1F98A U+1F98A U+1F98A U+1F98A and 3 more]"),
    ],
)
def test_letters_the_typeface_lacks_are_named(text: str, shown: str) -> None:
    assert fonts.printable(text) == shown


@given(st.text(max_size=200), st.floats(min_value=20, max_value=400))
def test_wrapping_loses_no_letter_and_keeps_to_the_width(text: str, wide: float) -> None:
    fonts.register()
    shown = fonts.printable(text)

    lines = wrap(shown, fonts.PLAIN, 8, wide)

    assert "".join("".join(lines).split()) == "".join(shown.split())
    assert all(fonts.width(line, fonts.PLAIN, 8) <= wide or len(line) == 1 for line in lines)


@settings(max_examples=examples(20), deadline=None)
@given(st.lists(st.text(max_size=900), min_size=1, max_size=6))
def test_a_row_longer_than_a_page_is_split_and_complete(cells: list[str]) -> None:
    stream = io.BytesIO()
    sheet = Sheet(stream, title="t", subject="s", author="a", footer="f")
    long = " ".join(f"word{index}" for index in range(1_500))

    sheet.table((Column("One", 1), Column("Two", 2)), [[text, (Say(long),)] for text in cells])
    pages = sheet.finish()

    reader = PdfReader(io.BytesIO(stream.getvalue()))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) == pages > 1
    assert text.count("word1499") == len(cells)
    assert f"of {pages}" in " ".join(text.split()) or str(pages) in text
