"""The rule book's test vectors for scripts, surveys and claims, named by rule id and number."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from compliance.rules.content import claims, script_conduct, scripts
from compliance.rules.content.claims import Instrument
from compliance.rules.content.outlines import Node, Outline, Tag
from compliance.rules.content.problems import Problem
from compliance.rules.facts import Purpose
from tests.rules.content_making import SELLER, codes, numbers, sales_nodes, sales_script

BY_ID = {node.id: node for node in sales_nodes()}


def found_in(outline: Outline) -> tuple[Problem, ...]:
    return scripts.problems(outline, numbers())


def spoilt(node_id: str, **changes: Any) -> Node:
    """Return one step of the right script, changed."""
    return replace(BY_ID[node_id], **changes)


def test_a_script_that_is_right_has_no_problems() -> None:
    assert found_in(sales_script()) == ()


@pytest.mark.parametrize(
    ("name", "outline", "code"),
    [
        (
            "FED-026 T1 the seller is not named",
            sales_script(
                spoilt(
                    "opening",
                    text="Hello, my name is {agent_name}. Reach us at {caller_id}.",
                    tags=BY_ID["opening"].tags - {Tag.SELLER_ID},
                )
            ),
            "SELLER_MISSING",
        ),
        ("FED-026 T2 an alias of nobody", sales_script(agent_aliases={"Max": False}), "ALIAS_NOT_ON_RECORD"),
        (
            "FED-026 T3 no number and no address",
            sales_script(spoilt("opening", tags=BY_ID["opening"].tags - {Tag.CONTACT})),
            "CONTACT_MISSING",
        ),
        (
            "the agent has no name",
            sales_script(spoilt("opening", tags=BY_ID["opening"].tags - {Tag.AGENT_NAME})),
            "AGENT_NAME_MISSING",
        ),
    ],
)
def test_fed_026_who_calls(name: str, outline: Outline, code: str) -> None:
    found = [problem for problem in found_in(outline) if problem.rule_id == "FED-026"]

    assert codes(tuple(found)) == [code], name


@pytest.mark.parametrize(
    "contact", ["407-555-0123", "12 Elm Street, Orlando", "1400 N. Main St", "4 rue Blvd"]
)
def test_fed_026_t3_a_number_or_address_in_words_is_enough(contact: str) -> None:
    opening = spoilt(
        "opening",
        text=BY_ID["opening"].text + f" Reach us at {contact}.",
        tags=BY_ID["opening"].tags - {Tag.CONTACT},
    )

    assert found_in(sales_script(opening)) == ()


def test_tsr_001_t1_a_sales_call_that_begins_as_a_survey() -> None:
    opening = spoilt("opening", text="Hello, we're doing a short survey. " + BY_ID["opening"].text)

    assert codes(found_in(sales_script(opening))) == ["PURPOSE_DISGUISED"]


def test_tsr_001_t2_an_order_before_the_cost() -> None:
    found = found_in(sales_script(spoilt("pitch", next=("cost", "agree"))))

    assert [(each.code, each.where) for each in found] == [("COST_UNDISCLOSED", "node pay")]


def test_tsr_001_t3_an_upsell_in_an_inbound_call() -> None:
    nodes = (
        Node(id="start", text="How can I help?", next=("upsell",), seconds=5),
        Node(id="upsell", text="We also have heat pumps.", tags=frozenset({Tag.UPSELL}), seconds=5),
    )
    told = replace(
        nodes[0],
        text=f"Thank you for calling {SELLER}.",
        tags=frozenset({Tag.SELLER_ID, Tag.SALES_PURPOSE, Tag.GOODS}),
    )

    untold = found_in(Outline(nodes=nodes, purpose=Purpose.INFORMATIONAL, seller=SELLER, inbound=True))
    right = found_in(
        Outline(nodes=(told, nodes[1]), purpose=Purpose.INFORMATIONAL, seller=SELLER, inbound=True)
    )

    assert codes(untold) == ["SELLER_ID_UNDISCLOSED", "SALES_PURPOSE_UNDISCLOSED", "GOODS_UNDISCLOSED"]
    assert right == ()


def test_tsr_001_a_pitch_before_the_purpose_is_found_on_the_way_that_has_it() -> None:
    nodes = (
        Node(id="hello", text="Hello.", next=("opening", "pitch"), seconds=1),
        *sales_nodes(),
    )

    found = found_in(Outline(nodes=nodes, purpose=Purpose.TELEMARKETING, seller=SELLER))

    assert {each.where for each in found if each.rule_id == "TSR-001"} == {"node pitch"}


def test_tsr_001_a_prize_before_no_purchase_necessary() -> None:
    prize = spoilt("pitch", tags=frozenset({Tag.PITCH, Tag.PRIZE}))

    assert codes(found_in(sales_script(prize))) == ["PRIZE_TERMS"]


@pytest.mark.parametrize(
    ("clicks", "expected"),
    [
        ({"card": 1, "in call": 1, "wrap-up": 0}, []),
        ({"card": 2}, ["DO_NOT_CALL_HIDDEN"]),
        ({"card": 1, "wrap-up": None}, ["DO_NOT_CALL_HIDDEN"]),
    ],
)
def test_tsr_003_t1_do_not_call_is_one_click_away(
    clicks: Mapping[str, int | None], expected: list[str]
) -> None:
    assert codes(script_conduct.screen_problems(clicks, numbers())) == expected


@pytest.mark.parametrize(
    ("name", "node", "expected"),
    [
        (
            "TSR-003 T2 a rebuttal first",
            Node(
                id="asked",
                text="But why?",
                tags=frozenset({Tag.DNC_REQUEST, Tag.REBUTTAL}),
                next=("done",),
                seconds=3,
            ),
            ["REQUEST_ARGUED"],
        ),
        (
            "TSR-003 T3 another department",
            Node(
                id="asked",
                text="I connect you with the opt-out department.",
                tags=frozenset({Tag.DNC_REQUEST, Tag.TRANSFER}),
                next=("done",),
                seconds=3,
            ),
            ["REQUEST_TRANSFERRED"],
        ),
        (
            "never recorded",
            Node(id="asked", text="Bye.", tags=frozenset({Tag.DNC_REQUEST}), next=("goodbye",), seconds=3),
            ["REQUEST_NOT_RECORDED"],
        ),
    ],
)
def test_tsr_003_a_request_is_recorded_first(name: str, node: Node, expected: list[str]) -> None:
    done = Node(
        id="done",
        text="I put you on the list.",
        tags=frozenset({Tag.DNC_RECORDED}),
        next=("goodbye",),
        seconds=2,
    )

    assert codes(found_in(sales_script(node, done))) == expected, name


@pytest.mark.parametrize(
    ("name", "node", "expected"),
    [
        (
            "TSR-004 T1 a gift card's number",
            spoilt("pay", text="Read me the number on the gift card."),
            ["PAYMENT_REFUSED"],
        ),
        (
            "a way that is not listed",
            spoilt("pay", tags=BY_ID["pay"].tags | {"pay:wire"}),
            ["PAYMENT_REFUSED"],
        ),
        (
            "TSR-004 T3 the whole number is shown",
            spoilt("pay", text="Is it {card_number}?"),
            ["ACCOUNT_SHOWN"],
        ),
        (
            "TSR-004 T3 pre-filled",
            spoilt("pay", tags=BY_ID["pay"].tags | {Tag.PREFILLED_ACCOUNT}),
            ["ACCOUNT_SHOWN"],
        ),
        ("a card number in the text", spoilt("pay", text="Is it 4111 1111 1111 1111?"), ["ACCOUNT_SHOWN"]),
        ("charged without agreement", spoilt("cost", next=("pay", "asked")), ["NO_EXPRESS_CONSENT"]),
        ("a fee in advance", spoilt("pitch", text="Our debt relief works."), ["ADVANCE_FEE"]),
    ],
)
def test_tsr_004_each_payment(name: str, node: Node, expected: list[str]) -> None:
    assert codes(found_in(sales_script(node))) == expected, name


def test_tsr_004_t2_a_free_trial_closes_on_the_recording() -> None:
    trial = spoilt("pitch", tags=frozenset({Tag.PITCH, Tag.FREE_TRIAL}))
    paused = spoilt("pay", tags=BY_ID["pay"].tags | {Tag.RECORDING_PAUSED})

    assert found_in(sales_script(trial)) == ()  # digits masked, recording on
    assert codes(found_in(sales_script(trial, paused))) == ["TRIAL_NOT_RECORDED"]
    assert found_in(sales_script(paused)) == ()  # no free trial, no duty to record


def test_tsr_004_a_free_trial_needs_last_four_and_agreement() -> None:
    trial = spoilt("pitch", tags=frozenset({Tag.PITCH, Tag.FREE_TRIAL}))
    agree = spoilt("agree", tags=frozenset({Tag.EXPRESS_CONSENT}))

    assert codes(found_in(sales_script(trial, agree))) == ["FREE_TRIAL_TERMS"]


def test_tsr_007_t1_the_sales_rule_leaves_calls_to_businesses_alone() -> None:
    assert not scripts.sales_rule_binds(to_businesses=True, goods="accounting software", numbers=numbers())
    assert scripts.sales_rule_binds(to_businesses=True, goods="toner and paper", numbers=numbers())
    assert scripts.sales_rule_binds(to_businesses=False, goods="accounting software", numbers=numbers())


def test_tsr_007_t2_misrepresentation_is_banned_towards_businesses_too() -> None:
    pitch = spoilt("pitch", text="Your Google listing will be deleted.")

    assert codes(found_in(sales_script(pitch, to_businesses=True))) == ["MISREPRESENTATION"]


def test_tsr_007_t3_an_upsell_in_technical_support_is_for_a_person() -> None:
    told = frozenset({Tag.SELLER_ID, Tag.SALES_PURPOSE, Tag.GOODS})
    nodes = (
        Node(id="start", text=SELLER, tags=told, next=("upsell",), seconds=5),
        Node(id="upsell", text="And a plan?", tags=frozenset({Tag.UPSELL}), seconds=5),
    )
    outline = Outline(
        nodes=nodes, purpose=Purpose.INFORMATIONAL, seller=SELLER, inbound=True, tech_support=True
    )

    assert [(each.code, each.needs_review) for each in found_in(outline)] == [("TECH_SUPPORT_UPSELL", True)]


def test_st_007_t1_the_seller_is_named_after_30_seconds() -> None:
    small_talk = Node(id="talk", text="How are you today?", next=("opening",), seconds=31)
    outline = Outline(
        nodes=(small_talk, *sales_nodes()),
        purpose=Purpose.TELEMARKETING,
        seller=SELLER,
        states=frozenset({"WA"}),
    )

    assert [(each.rule_id, each.code, each.where) for each in found_in(outline)] == [
        ("ST-007", "NAMED_LATE", "state WA")
    ]


def test_st_007_t1_the_longest_way_counts_and_a_loop_never_ends() -> None:
    ways = (
        Node(id="hello", text="Hello.", next=("opening", "talk"), seconds=2),
        Node(id="talk", text="How are you?", next=("opening", "talk"), seconds=5),
    )
    outline = Outline(
        nodes=(*ways, *sales_nodes()), purpose=Purpose.TELEMARKETING, seller=SELLER, states=frozenset({"NY"})
    )

    (problem,) = found_in(outline)

    assert problem.code == "NAMED_LATE"
    assert "Some way through" in problem.message


def test_st_007_a_row_of_low_confidence_is_for_a_person() -> None:
    talk = Node(id="talk", text="How are you today?", next=("opening",), seconds=12)
    outline = Outline(
        nodes=(talk, *sales_nodes()), purpose=Purpose.TELEMARKETING, seller=SELLER, states=frozenset({"CT"})
    )

    assert [(each.where, each.needs_review) for each in found_in(outline)] == [("state CT", True)]


def test_st_007_texas_wants_it_said_first() -> None:
    hello = Node(id="hello", text="Hello.", next=("opening",), seconds=1)
    outline = Outline(
        nodes=(hello, *sales_nodes()), purpose=Purpose.TELEMARKETING, seller=SELLER, states=frozenset({"TX"})
    )

    assert codes(found_in(outline)) == ["NOT_IDENTIFIED_FIRST"]


@pytest.mark.parametrize(
    ("states", "seconds"), [({"WA"}, 10.0), ({"OR"}, None), ({"OR", "WA"}, 10.0), (set(), 10.0)]
)
def test_st_007_t2_the_hang_up_timer(states: set[str], seconds: float | None) -> None:
    assert scripts.end_call_within(frozenset(states), numbers()) == seconds


def test_st_007_t2_a_script_that_talks_on_after_a_refusal() -> None:
    refused = Node(
        id="refused", text="I see.", tags=frozenset({Tag.NOT_INTERESTED}), next=("goodbye",), seconds=15
    )

    found = found_in(
        sales_script(refused, spoilt("pitch", next=("cost", "refused")), states=frozenset({"WA"}))
    )

    assert codes(found) == ["ENDS_LATE"]


@pytest.mark.parametrize(
    ("name", "changes", "purpose", "expected"),
    [
        ("a plain survey", {}, Purpose.SURVEY, []),
        (
            "FED-034 T3 answers create leads",
            {"exports_to_sales": True},
            Purpose.TELEMARKETING,
            ["SALES_EXPORT"],
        ),
        ("FED-034 T3 a field for sales", {"has_lead_field": True}, Purpose.TELEMARKETING, ["LEAD_FIELD"]),
        (
            "FED-002 T3 an offer at the end",
            {"texts": ("Happy?", "20% off for you!")},
            Purpose.TELEMARKETING,
            ["OFFER"],
        ),
        ("nobody signed", {"signed_off_by": " "}, Purpose.SURVEY, ["NOT_SIGNED_OFF"]),
    ],
)
def test_fed_034_what_a_survey_really_is(
    name: str, changes: dict[str, Any], purpose: Purpose, expected: list[str]
) -> None:
    instrument = replace(Instrument(texts=("How satisfied are you?",), signed_off_by="Mia"), **changes)

    assert claims.survey_purpose(instrument, numbers()) is purpose, name
    assert codes(claims.survey_problems(instrument, numbers())) == expected


@pytest.mark.parametrize(
    ("name", "text", "repeats", "expected"),
    [
        ("FED-024 T1 boil water", "Boil your water until Friday.", False, []),
        ("FED-024 T2 a warranty", "Urgent: your warranty expires.", False, ["COMMERCIAL", "NO_HAZARD"]),
        ("FED-024 T3 a daily check-in", "How is your health today?", True, ["SCHEDULED"]),
        ("nothing at all", "", False, ["NO_HAZARD"]),
    ],
)
def test_fed_024_claims_of_emergency(name: str, text: str, repeats: bool, expected: list[str]) -> None:
    found = claims.emergency_problems(text, repeats_on_schedule=repeats, numbers=numbers())

    assert codes(found) == expected, name


@pytest.mark.parametrize(
    ("name", "day", "changes", "protected"),
    [
        ("FED-031 T1 day 12", 12, {}, True),
        ("day 15", 15, {}, True),
        ("FED-031 T2 day 16", 16, {}, False),
        ("FED-031 T3 on the internal list", 12, {"on_internal_list": True}, False),
        ("on the national list", 12, {"on_national_list": True}, False),
        ("known to be a mobile", 12, {"known_wireless": True}, False),
        ("a text", 12, {"is_voice": False}, False),
        ("ported tomorrow", -1, {}, False),
        ("no day known", 12, {"ported_on": None}, False),
    ],
)
def test_fed_031_a_number_just_ported(name: str, day: int, changes: dict[str, Any], protected: bool) -> None:
    called_on = date(2026, 11, 1)
    values: dict[str, Any] = {
        "ported_on": date.fromordinal(called_on.toordinal() - day),
        "called_on": called_on,
        "is_voice": True,
        "known_wireless": False,
        "on_national_list": False,
        "on_internal_list": False,
    }

    assert claims.ported_line_protected(**{**values, **changes}, numbers=numbers()) is protected, name


def test_a_link_to_nowhere_is_found() -> None:
    assert codes(found_in(sales_script(spoilt("pitch", next=("cost", "nowhere"))))) == ["DEAD_LINK"]


def test_an_empty_script_is_not_published() -> None:
    assert codes(found_in(Outline(nodes=(), purpose=Purpose.TELEMARKETING, seller=SELLER))) == ["EMPTY"]


def test_a_charity_says_who_asks_for_what() -> None:
    outline = Outline(nodes=(Node(id="a", text="Hi", seconds=1),), purpose=Purpose.CHARITY, seller=SELLER)

    assert codes(found_in(outline)) == ["CHARITY_PURPOSE"]


def test_a_running_text_is_judged_by_its_fields() -> None:
    right = "Hello {first_name}, my name is {agent_name} of {seller}.\n\nThis is a sales call. Reach us at {caller_id}."

    assert scripts.text_problems(right, seller=SELLER, numbers=numbers()) == ()
    assert codes(scripts.text_problems("Hello {first_name}", seller=SELLER, numbers=numbers())) == [
        "AGENT_NAME_MISSING",
        "SELLER_MISSING",
        "CONTACT_MISSING",
    ]
    assert codes(
        scripts.text_problems("Just a short survey. " + right, seller=SELLER, numbers=numbers())
    ) == ["PURPOSE_DISGUISED"]
    assert codes(scripts.text_problems(" ", seller=SELLER, numbers=numbers())) == ["EMPTY"]
