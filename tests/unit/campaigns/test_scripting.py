"""Scripts with steps: going through them, and the path test."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.scripting import checking, disclosing, flow, running
from campaigns.scripting.flow import Answer, Flow, Kind, Node, Op, Rule
from campaigns.scripting.render import render
from compliance.rules.content import packaged
from compliance.rules.facts import Purpose
from tests.factories.scripts import SALES

IN_FLORIDA = {"state": "FL"}


def with_node(node: Node) -> Flow:
    return Flow(nodes=tuple(node if one.code == node.code else one for one in SALES.nodes))


def codes(found: Flow) -> list[tuple[str, str]]:
    return [(problem.code, problem.node) for problem in checking.problems(found)]


def test_an_answer_leads_on_and_facts_choose_silently() -> None:
    first = running.begin(SALES, IN_FLORIDA)

    assert first is not None
    assert first.code == "n1"
    assert running.follow(SALES, "n1", 0, IN_FLORIDA).code == "n3"
    assert running.follow(SALES, "n1", 0, {"state": "NY"}).code == "n4"
    assert running.follow(SALES, "n1", 1, {}).code == "n5"


@pytest.mark.parametrize(("code", "choice"), [("n1", 2), ("n1", -1), ("n4", 0), ("n2", 0), ("gone", 0)])
def test_a_way_that_is_not_there_is_refused_in_words(code: str, choice: int) -> None:
    with pytest.raises(running.NoWay):
        running.follow(SALES, code, choice, {})


@pytest.mark.parametrize(
    ("op", "value", "have", "holds"),
    [
        (Op.IS, "fl", "FL ", True),
        (Op.IS, "fl", "", False),
        (Op.IS, "", "", False),
        (Op.IS_NOT, "FL", "", True),
        (Op.IS_NOT, "FL", "fl", False),
        (Op.ONE_OF, "GA, FL", "fl", True),
        (Op.ONE_OF, "GA, FL", "", False),
        (Op.CONTAINS, "roof", "Alvarez Roofing", True),
        (Op.CONTAINS, "", "x", False),
        (Op.KNOWN, "", "x", True),
        (Op.KNOWN, "", " ", False),
        (Op.UNKNOWN, "", "", True),
    ],
)
def test_a_comparison_ignores_case_and_what_is_not_known(op: Op, value: str, have: str, holds: bool) -> None:
    assert running.holds(Rule(fact="state", op=op, value=value), {"state": have}) is holds


def test_an_old_script_is_one_step() -> None:
    old = flow.of_text("Hello {first_name}")

    assert running.begin(old, {}) == old.nodes[0]
    assert checking.problems(old) == ()


def test_a_good_script_has_no_findings_and_all_its_ways_are_listed() -> None:
    ways, is_all = checking.paths(SALES)

    assert checking.problems(SALES) == ()
    assert is_all
    assert [way.words for way in ways] == [
        ("Opening", "Yes", "By state", "State is one of FL, GA", "Sunny offer", "Next", "Close"),
        ("Opening", "Yes", "By state", "otherwise", "Close"),
        ("Opening", "No", "Goodbye"),
    ]
    assert flow.flow_of(flow.as_stored(SALES)) == SALES


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (replace(SALES.nodes[2], next=""), [("DEAD_END", "n3")]),
        (
            replace(SALES.nodes[0], answers=()),
            [("DEAD_END", "n1"), *[("NOT_REACHED", f"n{n}") for n in (2, 3, 4, 5)]],
        ),
        (
            replace(SALES.nodes[0], answers=(Answer(label="Yes", next="n2"), Answer(label="yes", next="n5"))),
            [("SAME_ANSWER", "n1")],
        ),
        (replace(SALES.nodes[3], text="Hi {name}"), [("UNKNOWN_FIELD", "n4")]),
        (replace(SALES.nodes[3], text=" "), [("SAYS_NOTHING", "n4")]),
        (replace(SALES.nodes[3], title="Goodbye"), [("SAME_TITLE", "n4"), ("SAME_TITLE", "n5")]),
        (replace(SALES.nodes[1], rules=(Rule(fact="state", next="n3"),)), [("BAD_RULE", "n2")]),
        (replace(SALES.nodes[1], rules=(Rule(fact="shoe", value="9", next="n3"),)), [("BAD_RULE", "n2")]),
        (replace(SALES.nodes[1], next="n2"), [("ENDLESS", "n2")]),
        (replace(SALES.nodes[2], next="n2"), [("ENDLESS", "n2")]),
    ],
)
def test_what_is_wrong_with_a_step_is_found(node: Node, expected: list[tuple[str, str]]) -> None:
    assert codes(with_node(node)) == expected


def test_a_script_that_never_ends_is_found_with_the_way_there() -> None:
    round_about = Flow(
        nodes=(
            Node(
                code="n1", title="A", kind=Kind.QUESTION, text="a", answers=(Answer(label="go", next="n2"),)
            ),
            Node(
                code="n2", title="B", kind=Kind.QUESTION, text="b", answers=(Answer(label="back", next="n1"),)
            ),
        )
    )

    found = checking.problems(round_about)

    assert [(one.code, one.node, one.path) for one in found] == [
        ("NEVER_ENDS", "n1", ("A",)),
        ("NEVER_ENDS", "n2", ("A", "go", "B")),
    ]
    assert [one.code for one in checking.problems(Flow(nodes=()))] == ["EMPTY"]


def judged(found: Flow, **changes: object) -> set[str]:
    values: dict[str, object] = {
        "purpose": Purpose.TELEMARKETING,
        "seller": "Northwind",
        "states": ["NY"],
        **changes,
    }
    numbers = packaged.in_force(date(2026, 11, 23))
    return {
        problem.code
        for problem in disclosing.problems(found, numbers=numbers, **values)  # type: ignore[arg-type]  # as named
        if not problem.needs_review
    }


def test_a_script_that_discloses_everything_may_be_published_for_sales() -> None:
    assert judged(SALES) == set()
    assert judged(SALES, states=[]) == set()


def test_what_a_sales_call_must_say_first_is_missed_on_every_way() -> None:
    """FED-026 and TSR-001: who calls, on whose behalf, that it sells, where we are reached."""
    quiet = with_node(replace(SALES.nodes[0], text="Hello. May I go on?", tags=()))

    assert judged(quiet) >= {"AGENT_NAME_MISSING", "SELLER_MISSING", "CONTACT_MISSING", "GOODS_UNDISCLOSED"}
    assert judged(quiet, purpose=Purpose.SURVEY) == set()


def test_states_want_it_said_at_once() -> None:
    """ST-007: Texas wants name, business and purpose in the first step."""
    late = Flow(
        nodes=(
            Node(code="n0", title="Small talk", text="Good morning. " + "How nice. " * 60, next="n1"),
            *SALES.nodes,
        )
    )

    assert judged(late, states=["TX"]) >= {"NOT_IDENTIFIED_FIRST"}
    assert judged(late, states=["FL"]) >= {"NAMED_LATE"}


NAMES = [f"n{number}" for number in range(6)]
WAYS = st.sampled_from([*NAMES[:4], "n1", "n2", ""])
NODES = st.builds(
    Node,
    code=st.just(""),
    title=st.sampled_from(["A", "B", "C"]),
    kind=st.sampled_from(list(Kind)),
    text=st.sampled_from(["Hello", "Hello", "Hello {first_name}", ""]),
    answers=st.lists(st.builds(Answer, label=st.sampled_from(["", "yes", "no"]), next=WAYS), max_size=3).map(
        tuple
    ),
    rules=st.lists(
        st.builds(Rule, fact=st.sampled_from(["state", "x"]), op=st.sampled_from(list(Op)), next=WAYS),
        max_size=2,
    ).map(tuple),
    next=WAYS,
)
FLOWS = st.lists(NODES, max_size=6).map(
    lambda nodes: Flow(
        nodes=tuple(replace(node, code=name, title=name) for name, node in zip(NAMES, nodes, strict=False))
    )
)


@given(found=FLOWS, choices=st.lists(st.integers(0, 3), max_size=30), state=st.sampled_from(["", "FL"]))
def test_no_script_hangs_and_one_without_findings_is_never_stuck(
    found: Flow, choices: list[int], state: str
) -> None:
    facts = {"state": state}
    problems = checking.problems(found)
    checking.paths(found)
    node = running.begin(found, facts)
    if problems:
        return
    assert node is not None
    for choice in choices:
        if node.kind is Kind.END:
            return
        node = running.follow(found, node.code, choice % len(node.ways), facts)


@given(found=FLOWS)
def test_a_script_comes_back_as_it_was_stored(found: Flow) -> None:
    assert flow.flow_of(flow.as_stored(found)) == found


def test_fields_of_the_houses_own_are_said_looked_at_and_missed_visibly() -> None:
    nodes = (
        Node(code="n1", title="Hello", kind=Kind.SAY, text="You pay {own.rate_2} of {own.gone}.", next="n2"),
        Node(
            code="n2", title="Which", kind=Kind.CONDITION, next="n3",
            rules=(Rule(fact="own.tariff", op=Op.IS, value="gold", next="n3"), Rule(fact="own.gone", op=Op.KNOWN, next="n3")),
        ),
        Node(code="n3", title="Bye", kind=Kind.END, text="Bye."),
    )  # fmt: skip
    own = {"own.rate_2": "Rate 2", "own.tariff": "Tariff"}
    facts = {"own.rate_2": "3.5", "own.tariff": "Gold"}

    found = checking.problems(Flow(nodes=nodes), own)

    assert [(one.code, one.node) for one in found] == [("UNKNOWN_FIELD", "n1"), ("BAD_RULE", "n2")]
    pieces = [(piece.kind, piece.text) for piece in render(nodes[0].text, facts)[0]]
    assert ("merged", "3.5") in pieces
    assert ("missing", "[gone]") in pieces
    assert running.holds(nodes[1].rules[0], facts)
    assert flow.describe(nodes[1].rules[0]) == "Tariff is gold"
