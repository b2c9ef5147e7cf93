"""Scripts, judged before they are published: who calls, why, and what it costs (FED-026, TSR-001, TSR-007, ST-007)."""

import math
import re
from dataclasses import replace

from compliance.rules.content import script_conduct, wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.outlines import (
    Node,
    Outline,
    Tag,
    duration,
    longest_seconds_until,
    of_text,
    reached_without,
)
from compliance.rules.content.problems import Problem
from compliance.rules.content.rows import Duty, Number
from compliance.rules.facts import Purpose

_SALES = (Purpose.TELEMARKETING, Purpose.UNKNOWN)  # when nobody said, the stricter
_ADDRESS_REACH = (
    80  # characters before “Street” in which its number is looked for, so that long texts stay quick
)
_DISCLOSURES = {
    Tag.SELLER_ID: "who the seller is",
    Tag.SALES_PURPOSE: "that the call is to sell",
    Tag.GOODS: "what kind of goods or services it is about",
}


def problems(outline: Outline, numbers: InForce) -> tuple[Problem, ...]:
    """Return everything that keeps the script from being published."""
    if not outline.nodes:
        return (
            Problem(
                rule_id="FED-026", code="EMPTY", message="The script is empty. Write what the agent says."
            ),
        )
    found = [*_dead_links(outline), *script_conduct.problems(outline, numbers)]
    sells = outline.purpose in _SALES
    if outline.to_businesses:
        found += _misrepresents(outline, numbers)
    if sells and not outline.inbound:
        found += [*identification_problems(outline, numbers), *_disguised(outline, numbers)]
        found += [
            *_disclosed_before(outline, (Tag.PITCH, Tag.ORDER, Tag.PAYMENT)),
            *state_problems(outline, numbers),
        ]
    if sells or outline.tagged(Tag.ORDER) or outline.tagged(Tag.PAYMENT):
        found += [*_cost_before_order(outline), *_prize(outline)]
    if outline.inbound:
        found += [*_disclosed_before(outline, (Tag.UPSELL,)), *_tech_support(outline, numbers)]
    if outline.purpose is Purpose.CHARITY and not outline.tagged(Tag.CHARITY_PURPOSE):
        found.append(
            Problem(
                rule_id="TSR-001",
                code="CHARITY_PURPOSE",
                message="The script does not name the charity and say that the call asks for a donation. Say both at the beginning and "
                f"mark the node {Tag.CHARITY_PURPOSE}.",
            )
        )
    return tuple(found)


def text_problems(text: str, *, seller: str, numbers: InForce) -> tuple[Problem, ...]:
    """Return what a sales script written as one running text lacks or may not say.

    Who calls (FED-026), disguises (TSR-001) and payments (TSR-004); what needs an outline with tags is not judged.
    """
    outline = of_text(
        text,
        purpose=Purpose.TELEMARKETING,
        seller=seller,
        sales_phrases=numbers.words("sales_purpose_phrases"),
        words_per_second=numbers.amount("spoken_words_per_second"),
    )
    if not outline.nodes:
        return problems(outline, numbers)
    found = (
        *identification_problems(outline, numbers),
        *_disguised(outline, numbers),
        *script_conduct.problems(outline, numbers),
    )
    return tuple(replace(problem, where=problem.where.removeprefix("node ")) for problem in found)


def identification_problems(outline: Outline, numbers: InForce) -> tuple[Problem, ...]:
    """Return what the caller does not say of themselves (FED-026; 47 CFR 64.1200(d)(4))."""
    found: list[Problem] = []
    if not outline.tagged(Tag.AGENT_NAME):
        found.append(
            Problem(
                rule_id="FED-026",
                code="AGENT_NAME_MISSING",
                message="The agent never says their own name. Add “my name is {agent_name}” to the opening.",
            )
        )
    for alias, on_record in outline.agent_aliases.items():
        if not on_record:
            found.append(
                Problem(
                    rule_id="FED-026",
                    code="ALIAS_NOT_ON_RECORD",
                    where=f"agent name “{alias}”",
                    message=f"“{alias}” is not on any employee's record. Enter it as the employee's name on calls, or use the real name: "
                    "fictitious names must be kept (TSR-005).",
                )
            )
    if not (outline.tagged(Tag.SELLER_ID) or wording.find_name(outline.whole_text, outline.seller)):
        found.append(
            Problem(
                rule_id="FED-026",
                code="SELLER_MISSING",
                message="The script does not say on whose behalf the call is. Add “I am calling on behalf of {seller}” to the opening.",
            )
        )
    if not (outline.tagged(Tag.CONTACT) or _says_contact(outline.whole_text, numbers)):
        found.append(
            Problem(
                rule_id="FED-026",
                code="CONTACT_MISSING",
                message="The script gives no telephone number or address where the seller can be reached. Add “you can reach us at "
                "{caller_id}”, or the number or address itself.",
            )
        )
    return tuple(found)


def _says_contact(text: str, numbers: InForce) -> bool:
    if wording.phone_numbers(text):
        return True
    kinds = wording.find(text, numbers.words("postal_address_words"))
    return any(
        re.search(r"(?<!\w)\d+\s+(?:[\w.]+\s+){0,3}$", text[max(0, kind.start - _ADDRESS_REACH) : kind.start])
        for kind in kinds
    )


def _dead_links(outline: Outline) -> list[Problem]:
    known = outline.by_id()
    return [
        Problem(
            rule_id="ENG-001",
            code="DEAD_LINK",
            where=f"node {node.id}",
            message=f"It leads to “{target}”, which does not exist. Choose another next step.",
        )
        for node in outline.nodes
        for target in dict.fromkeys(node.next)
        if target not in known
    ]


def _disguised(outline: Outline, numbers: InForce) -> list[Problem]:
    """A survey, a courtesy call or the like, said before the person hears that the call is to sell."""
    start = outline.nodes[0].id
    before, _ = reached_without(outline, start, lambda node: Tag.SALES_PURPOSE in node.tags)
    opening = {node.id: node for node in (*before, outline.nodes[0])}
    found = []
    for node in opening.values():
        if hits := wording.find(node.text, numbers.words("disguise_phrases")):
            found.append(
                Problem(
                    rule_id="TSR-001",
                    code="PURPOSE_DISGUISED",
                    where=f"node {node.id}",
                    message=f"{wording.quoted(hits)} hides that the call is to sell. Say first that it is a sales call, and remove these "
                    "words.",
                )
            )
    return found


def _disclosed_before(outline: Outline, goals: tuple[Tag, ...]) -> list[Problem]:
    """Each disclosure, and the first node of a goal that some way reaches without it."""
    found = []
    start = outline.nodes[0].id
    for tag, words in _DISCLOSURES.items():

        def disclosed(node: Node, tag: Tag = tag) -> bool:
            return tag in node.tags or (
                tag is Tag.SELLER_ID and wording.find_name(node.text, outline.seller) is not None
            )

        undisclosed, _ = reached_without(outline, start, disclosed)
        early = [node for node in undisclosed if node.tags & set(goals)]
        never = Tag.UPSELL not in goals and not any(map(disclosed, outline.nodes))
        if not early and not never:
            continue
        where = f"node {early[0].id}" if early else "script"
        before = f"before “{early[0].id}”" if early else "at the beginning"
        found.append(
            Problem(
                rule_id="TSR-001",
                code=f"{tag.name}_UNDISCLOSED",
                where=where,
                message=f"The person is not told {words}. Say it {before}, on every way that leads there, and mark that node {tag}.",
            )
        )
    return found


def _cost_before_order(outline: Outline) -> list[Problem]:
    untold, _ = reached_without(outline, outline.nodes[0].id, lambda node: Tag.COST_TERMS in node.tags)
    return [
        Problem(
            rule_id="TSR-001",
            code="COST_UNDISCLOSED",
            where=f"node {node.id}",
            message="The person can order here without having heard the total cost, the quantity, the restrictions, the refund policy and "
            f"any later charge. Put a node marked {Tag.COST_TERMS} on every way to it.",
        )
        for node in untold
        if node.tags & {Tag.ORDER, Tag.PAYMENT}
    ]


def _prize(outline: Outline) -> list[Problem]:
    if not outline.tagged(Tag.PRIZE):
        return []
    untold, _ = reached_without(outline, outline.nodes[0].id, lambda node: Tag.NO_PURCHASE in node.tags)
    return [
        Problem(
            rule_id="TSR-001",
            code="PRIZE_TERMS",
            where=f"node {node.id}",
            message="A prize is named before “no purchase is necessary to win”. Say it first, with the odds and how to take part "
            f"free, and mark that node {Tag.NO_PURCHASE}.",
        )
        for node in untold
        if Tag.PRIZE in node.tags
    ]


def _misrepresents(outline: Outline, numbers: InForce) -> list[Problem]:
    if not numbers.binds("b2b_misrepresentation_banned"):
        return []
    return [
        Problem(
            rule_id="TSR-007",
            code="MISREPRESENTATION",
            where=f"node {node.id}",
            message=f"{wording.quoted(hits)} is what the ban on misrepresentation is about; it binds calls to businesses too. Remove it, "
            "and say truthfully who calls and what is offered.",
        )
        for node in outline.nodes
        if (hits := wording.find(node.text, numbers.words("business_misrepresentations")))
    ]


def sales_rule_binds(*, to_businesses: bool, goods: str, numbers: InForce) -> bool:
    """Return whether the Telemarketing Sales Rule's calling rules bind the call (TSR-007, FED-035): not most calls to businesses."""
    return not to_businesses or wording.has(goods, numbers.words("office_supplies"))


def _tech_support(outline: Outline, numbers: InForce) -> list[Problem]:
    if not (
        outline.tech_support and outline.tagged(Tag.UPSELL) and numbers.binds("inbound_tech_support_bound")
    ):
        return []
    return [
        Problem(
            rule_id="TSR-007",
            code="TECH_SUPPORT_UPSELL",
            where=f"node {node.id}",
            needs_review=True,
            message="Selling in a call for technical support is under the Telemarketing Sales Rule as reported. Let counsel read the "
            "script, or remove the offer.",
        )
        for node in outline.tagged(Tag.UPSELL)
    ]


def state_problems(outline: Outline, numbers: InForce) -> tuple[Problem, ...]:
    """Return where states want the seller named sooner (ST-007)."""
    named_at = _seconds_to_name(outline)
    found = []
    for state, row in sorted(numbers.by_state(Number, "identify_within_seconds").items()):
        if (not outline.states or state in outline.states) and not named_at <= row.value:
            found.append(
                Problem(
                    rule_id="ST-007",
                    code="NAMED_LATE",
                    where=f"state {state}",
                    needs_review=row.confidence == "L",
                    message=f"{_named(named_at)}; {state} wants it within {row.value:g} seconds ({row.citation}). Move "
                    "“on behalf of {seller}” into the first sentence.",
                )
            )
    first = outline.nodes[0].tags
    for state in sorted(numbers.by_state(Duty, "identify_first")):
        missing = {Tag.AGENT_NAME, Tag.SELLER_ID, Tag.SALES_PURPOSE} - first
        if missing and (not outline.states or state in outline.states):
            found.append(
                Problem(
                    rule_id="ST-007",
                    code="NOT_IDENTIFIED_FIRST",
                    where=f"state {state}, node {outline.nodes[0].id}",
                    message=f"{state} wants name, business and purpose said immediately. The first node lacks: "
                    f"{', '.join(sorted(missing))}.",
                )
            )
    return (*found, *_ends_late(outline, numbers))


def _named(seconds: float) -> str:
    if math.isinf(seconds):
        return "Some way through the script goes on and on without naming the seller"
    return f"The seller is named after {seconds:.0f} seconds"


def _seconds_to_name(outline: Outline) -> float:
    """The longest time somebody may listen before the seller has been named; infinite when no node names it."""

    def until_named(node: Node) -> float | None:
        span = wording.find_name(node.text, outline.seller)
        if span or "{seller}" in node.text:
            end = span.end if span else node.text.index("{seller}") + len("{seller}")
            return duration(node) * end / len(node.text)
        return duration(node) if Tag.SELLER_ID in node.tags else None

    named = {node.id: at for node in outline.nodes if (at := until_named(node)) is not None}
    if not named:
        return math.inf
    nodes = outline.by_id()
    began = longest_seconds_until(outline, outline.nodes[0].id, lambda node: node.id in named)
    return max(at + named.get(each, duration(nodes[each])) for each, at in began.items())


def end_call_within(states: frozenset[str], numbers: InForce) -> float | None:
    """Return the seconds in which the call must end once the person declines; None = none of the states says (ST-007).

    No state means the place is not known: the shortest time of all counts.
    """
    rows = numbers.by_state(Number, "end_call_within_seconds")
    return min(
        (float(row.value) for state, row in rows.items() if not states or state in states), default=None
    )


def _ends_late(outline: Outline, numbers: InForce) -> list[Problem]:
    limit = end_call_within(outline.states, numbers)
    if limit is None:
        return []
    found = []
    for node in (*outline.tagged(Tag.NOT_INTERESTED), *outline.tagged(Tag.DNC_REQUEST)):
        began = longest_seconds_until(outline, node.id, lambda each: False)
        nodes = outline.by_id()
        ends = max((at + duration(nodes[each]) for each, at in began.items()), default=0.0)
        if not ends <= limit:
            found.append(
                Problem(
                    rule_id="ST-007",
                    code="ENDS_LATE",
                    where=f"node {node.id}",
                    message=f"Once the person declines, the call must end within {limit:g} seconds; the script goes on. Thank the person "
                    "and end the call here.",
                )
            )
    return found
