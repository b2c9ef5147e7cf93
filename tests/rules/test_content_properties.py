"""What holds for any content: every check answers, and a required element taken away never makes it better."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.content import (
    claims,
    recordings,
    registration,
    retention,
    scripts,
    segments,
    texts,
    throughput,
    wording,
)
from compliance.rules.content.outlines import Node, Outline, Tag
from compliance.rules.content.recording_consent import ConsentClass, consent_class, recording_plan
from compliance.rules.content.registration import BrandForm, CampaignForm, TollFreeForm
from compliance.rules.content.sounds import CallbackLine, Delivery, MessageKind, OptOutStep, Recording
from compliance.rules.content.texts import Template, TemplateKind
from compliance.rules.content.throughput import TrafficKind
from compliance.rules.facts import Purpose
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from tests.rules.content_making import (
    ABANDONED_SENTENCES,
    SALES_SENTENCES,
    abandoned,
    campaign_form,
    limited,
    numbers,
    sales_nodes,
    sales_voicemail,
)

WORDS = st.sampled_from(
    [
        "",
        "Acme",
        "offer",
        "STOP",
        "press 9",
        "{a|b}",
        "{seller}",
        "407-555-0123",
        "bit.ly",
        "…",
        "*",
        "\n\n",
        "🙂",
        "\ud800",
        "9" * 16,
    ]
)
TEXT = st.text(max_size=40) | st.lists(WORDS, max_size=8).map(" ".join)
SECONDS = st.none() | st.floats()
LINES = st.builds(
    CallbackLine, number=st.sampled_from(["", "x", "+19005550123", "+18005550199", "+14075550123"])
)
RECORDINGS = st.builds(
    Recording,
    kind=st.sampled_from(MessageKind),
    purpose=st.sampled_from(Purpose),
    transcript=TEXT,
    business_name=TEXT,
    trade_names=st.tuples(TEXT),
    contact_names=st.tuples(TEXT),
    goods=TEXT,
    callback=LINES,
    tollfree_opt_out=st.none() | LINES,
    opt_out_key=TEXT,
    opt_out_steps=st.lists(st.sampled_from(OptOutStep), max_size=3).map(tuple),
    first_word_at_seconds=SECONDS,
    identity_ends_at_seconds=SECONDS,
    opt_out_at_seconds=SECONDS,
    exempt_residential=st.booleans(),
    artificial_voice=st.booleans(),
    delivery=st.sampled_from(Delivery),
    country=st.sampled_from(["US", "GB", "CA", "", "FR"]),
)
TEMPLATES = st.builds(
    Template,
    kind=st.sampled_from(TemplateKind),
    purpose=st.sampled_from(Purpose),
    body=TEXT,
    brand=TEXT,
    help_contact=TEXT,
    replies_possible=st.booleans(),
    other_opt_out=TEXT,
    debt_collector=st.booleans(),
)
IDS = st.sampled_from(["a", "b", "c", "d"])
NODES = st.builds(
    Node,
    id=IDS,
    text=TEXT,
    tags=st.frozensets(st.sampled_from([*map(str, Tag), "pay:wire", "other"]), max_size=6),
    next=st.lists(IDS, max_size=3).map(tuple),
    seconds=st.floats(),
)
OUTLINES = st.builds(
    Outline,
    nodes=st.lists(NODES, max_size=6).map(tuple),
    purpose=st.sampled_from(Purpose),
    seller=TEXT,
    inbound=st.booleans(),
    tech_support=st.booleans(),
    to_businesses=st.booleans(),
    states=st.frozensets(st.sampled_from(["WA", "TX", "CT", "OR", "??"])),
)


@given(RECORDINGS)
def test_every_recording_is_judged(recording: Recording) -> None:
    found = recordings.problems(recording, numbers())

    assert all(problem.rule_id and problem.code and problem.message for problem in found)


@given(TEMPLATES)
def test_every_template_is_judged(template: Template) -> None:
    found = texts.problems(template, numbers())

    assert all(problem.rule_id and problem.code and problem.message for problem in found)


@given(OUTLINES)
def test_every_script_is_judged(outline: Outline) -> None:
    found = scripts.problems(outline, numbers())

    assert all(problem.rule_id and problem.code and problem.message for problem in found)


@given(TEXT, TEXT)
def test_every_running_text_is_judged(text: str, seller: str) -> None:
    assert scripts.text_problems(text, seller=seller, numbers=numbers()) is not None
    assert claims.emergency_problems(text, repeats_on_schedule=False, numbers=numbers()) is not None


@given(st.text())
def test_parts_grow_with_the_text_and_hold_all_of_it(text: str) -> None:
    found = segments.count(text, numbers())
    longer = segments.count(text + "x", numbers())

    assert found.parts >= 1
    assert found.units >= len(text)
    assert longer.parts >= found.parts


@given(st.text(max_size=60))
def test_sentences_hold_every_word(text: str) -> None:
    spans = wording.sentences(text)

    assert sum(len(wording.digits(span.text)) for span in spans) == len(wording.digits(text))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def without_one(elements: tuple[str, ...], drop: int) -> str:
    return " ".join(element for index, element in enumerate(elements) if index != drop)


@given(
    st.sampled_from([(abandoned, ABANDONED_SENTENCES), (sales_voicemail, SALES_SENTENCES)]),
    st.lists(st.sampled_from(["Great offer!", "The sky is blue.", "Call 212-555-0188."]), max_size=3),
    st.integers(0, 4),
)
def test_a_required_sentence_taken_away_never_makes_a_recording_better(
    made: tuple[Callable[..., Recording], tuple[str, ...]], extras: list[str], drop: int
) -> None:
    make, required = made
    whole = recordings.problems(make(transcript=" ".join([*required, *extras])), numbers())
    less = recordings.problems(
        make(transcript=" ".join([without_one(required, drop % len(required)), *extras])), numbers()
    )

    assert len(less) > len(whole)


REQUIRED_OF_A_RECORDING: dict[str, Any] = {
    "business_name": "",
    "callback": CallbackLine(),
    "tollfree_opt_out": None,
    "opt_out_key": "",
    "opt_out_throughout": False,
    "opt_out_steps": (),
    "first_word_at_seconds": None,
    "identity_ends_at_seconds": None,
    "opt_out_at_seconds": None,
    "contact_names": (),
    "goods": "",
}


@given(
    st.sampled_from([abandoned, sales_voicemail, limited]),
    st.sets(st.sampled_from(sorted(REQUIRED_OF_A_RECORDING))),
    st.sampled_from(sorted(REQUIRED_OF_A_RECORDING)),
)
def test_a_required_field_taken_away_never_makes_a_recording_better(
    make: Callable[..., Recording], missing: set[str], also: str
) -> None:
    before = make(**{name: REQUIRED_OF_A_RECORDING[name] for name in missing})
    after = replace(before, **{also: REQUIRED_OF_A_RECORDING[also]})

    assert len(recordings.problems(after, numbers())) >= len(recordings.problems(before, numbers()))


SPOILT_FORM: dict[str, Any] = {
    "brand": "",
    "description": "",
    "message_flow": "",
    "samples": (),
    "opt_in_reply": "",
    "opt_out_reply": "",
    "help_reply": "",
    "privacy": registration.PublicPage(),
    "terms": registration.PublicPage(),
}


@given(st.sets(st.sampled_from(sorted(SPOILT_FORM))), st.sampled_from(sorted(SPOILT_FORM)))
def test_a_field_taken_away_never_makes_a_registration_better(missing: set[str], also: str) -> None:
    before = campaign_form(**{name: SPOILT_FORM[name] for name in missing})
    after = replace(before, **{also: SPOILT_FORM[also]})

    assert len(registration.campaign_problems(after, numbers())) >= len(
        registration.campaign_problems(before, numbers())
    )


TAGS_THAT_PROTECT = [Tag.AGENT_NAME, Tag.SELLER_ID, Tag.SALES_PURPOSE, Tag.GOODS, Tag.CONTACT, Tag.COST_TERMS]


@given(
    st.sets(st.sampled_from([*TAGS_THAT_PROTECT, Tag.EXPRESS_CONSENT, Tag.DNC_RECORDED])),
    st.sampled_from([*TAGS_THAT_PROTECT, Tag.EXPRESS_CONSENT, Tag.DNC_RECORDED]),
)
def test_a_tag_taken_away_never_makes_a_script_better(missing: set[Tag], also: Tag) -> None:
    def script(lacking: set[Tag]) -> Outline:
        nodes = tuple(replace(node, tags=node.tags - lacking, text="…") for node in sales_nodes())
        return Outline(nodes=nodes, purpose=Purpose.TELEMARKETING, seller="Northwind Home Energy")

    before = scripts.problems(script(missing), numbers())
    after = scripts.problems(script(missing | {also}), numbers())

    assert len(after) >= len(before)


@pytest.mark.parametrize(
    "empty", [BrandForm(legal_name="", irs_name="", ein=""), TollFreeForm(is_political=True)]
)
def test_an_empty_form_is_declined(empty: BrandForm | TollFreeForm) -> None:
    check: Any = (
        registration.brand_problems if isinstance(empty, BrandForm) else registration.tollfree_problems
    )

    assert check(empty, numbers())


@given(
    st.frozensets(st.sampled_from(sorted(STATE_NAMES))), st.sampled_from(sorted(STATE_NAMES)), st.booleans()
)
def test_one_more_state_never_lets_more_be_recorded(states: frozenset[str], more: str, notice: bool) -> None:
    def plan(where: frozenset[str]) -> bool:
        return recording_plan(
            where, notice_played_after_answer=notice, objected=False, card_capture=False, numbers=numbers()
        ).record

    assert plan(states | {more}) <= plan(states)
    assert not (plan(states | {more}) and consent_class(more, numbers()) is ConsentClass.UNKNOWN)


@given(
    st.dates(max_value=date(2026, 11, 21)),
    st.none() | st.dates(),
    st.dates(),
    st.sampled_from(["call_detail", "consent", "do_not_call", "recording", "profile", "nothing"]),
    st.booleans(),
)
def test_a_hold_never_lets_more_be_deleted(
    created: date, last_used: date | None, on: date, kind: str, erase: bool
) -> None:
    def verdict(held: bool) -> bool:
        return retention.may_purge(
            kind, created, last_used, held, on, numbers=numbers(), erasure_requested=erase
        ).allowed

    assert not verdict(True)
    assert not (verdict(False) and kind in {"do_not_call", "nothing"})


@given(st.none() | st.integers(), st.sampled_from(TrafficKind))
def test_a_better_score_is_never_slower(score: int | None, kind: TrafficKind) -> None:
    lowest = throughput.parts_per_minute(None, TrafficKind.SOLE_PROPRIETOR, numbers=numbers())

    assert throughput.parts_per_minute(score, kind, numbers=numbers()) >= lowest
    assert throughput.daily_cap(score, kind, numbers=numbers()) > 0


@given(st.integers(0, 4_000_000_000))
def test_the_reset_is_midnight_and_ahead(second: int) -> None:
    at = datetime.fromtimestamp(second, UTC)

    reset = throughput.next_reset(at, numbers())

    assert reset > at
    assert reset.minute == reset.second == 0


def test_the_spoilt_form_spoils_every_text_of_the_form() -> None:
    optional = {"has_links", "has_phone_numbers", "box"}

    assert set(SPOILT_FORM) | optional == {field.name for field in fields(CampaignForm)}
