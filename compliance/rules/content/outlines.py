"""The outline of a script: what is said where, and which ways lead through it."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compliance.rules.content import wording
from compliance.rules.facts import Purpose


class Tag(StrEnum):
    """What a node does. A node may carry several, and words of others' own."""

    AGENT_NAME = "agent_name"
    SELLER_ID = "seller_id"
    CONTACT = "contact"  # callback number or address
    SALES_PURPOSE = "sales_purpose"
    GOODS = "goods"
    CHARITY_PURPOSE = "charity_purpose"  # names the charity and that the call asks for money
    PRIZE = "prize"
    NO_PURCHASE = "no_purchase_necessary"
    COST_TERMS = "cost_terms"  # total cost, quantity, restrictions, refunds, negative option
    PITCH = "pitch"
    UPSELL = "upsell"
    ORDER = "order"  # the person agrees to buy
    PAYMENT = "payment"
    EXPRESS_CONSENT = "express_consent"  # agrees to this charge, on this account
    LAST_FOUR = "last_four"  # gives the last four digits of the account
    FREE_TRIAL = "free_trial"  # free now, paid later
    RECORDING_PAUSED = "recording_paused"
    DIGITS_MASKED = "digits_masked"
    PREFILLED_ACCOUNT = "prefilled_account"  # the full account number is shown to the agent
    DNC_REQUEST = "dnc_request"  # the person asked not to be called
    DNC_RECORDED = "dnc_recorded"
    REBUTTAL = "rebuttal"
    TRANSFER = "transfer"
    NOT_INTERESTED = "not_interested"


PAYMENT_PREFIX = "pay:"  # pay:credit_card


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step of a script."""

    id: str
    text: str
    tags: frozenset[str] = frozenset()
    next: tuple[str, ...] = ()
    seconds: float  # how long it takes to say; what is no duration counts as endless


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A script about to be published. The first node is where it begins."""

    nodes: tuple[Node, ...]
    purpose: Purpose
    seller: str
    inbound: bool = False  # the person called us
    tech_support: bool = False
    to_businesses: bool = False
    states: frozenset[str] = frozenset()  # where it is used, USPS codes; none = anywhere
    agent_aliases: Mapping[str, bool] = field(
        default_factory=dict
    )  # name used on calls: is it on an employee's record?

    def by_id(self) -> dict[str, Node]:
        """Return the nodes by id; of two with the same id the first."""
        return {node.id: node for node in reversed(self.nodes)}

    def tagged(self, tag: str) -> tuple[Node, ...]:
        """Return the nodes with that tag."""
        return tuple(node for node in self.nodes if tag in node.tags)

    @property
    def whole_text(self) -> str:
        """Return all that is said."""
        return "\n".join(node.text for node in self.nodes)


def reached_without(
    outline: Outline, start: str, stops: Callable[[Node], bool]
) -> tuple[tuple[Node, ...], bool]:
    """Return the nodes some way from `start` reaches before a node that stops it, and whether such a way can end.

    The stopping node itself is not among them. A link to a node that does not exist ends the way.
    """
    nodes = outline.by_id()
    reached: dict[str, Node] = {}
    can_end = False
    waiting = [start]
    while waiting:
        node = nodes.get(waiting.pop())
        if node is None:
            can_end = True
        elif node.id not in reached and not stops(node):
            reached[node.id] = node
            waiting.extend(node.next)
            can_end = can_end or not node.next
    return tuple(reached.values()), can_end


def duration(node: Node) -> float:
    """Return the seconds the node takes; infinite for what is not a duration."""
    return node.seconds if node.seconds >= 0 else math.inf


def longest_seconds_until(outline: Outline, start: str, is_goal: Callable[[Node], bool]) -> dict[str, float]:
    """Return for each node reached from `start` the longest time until it begins, by ways that have not met the goal.

    Infinite where a loop can go on before the goal, and where a duration is not a number.
    """
    nodes = outline.by_id()
    latest = {start: 0.0} if start in nodes else {}
    for _ in range(len(nodes) + 1):
        changed = False
        for node_id, began in tuple(latest.items()):
            node = nodes[node_id]
            if is_goal(node):
                continue
            ends = began + duration(node)
            for following in node.next:
                if following in nodes and ends > latest.get(following, -1.0):
                    latest[following] = ends
                    changed = True
        if not changed:
            return latest
    return dict.fromkeys(latest, math.inf)


_FIELD_TAGS: Mapping[str, Tag] = {
    "agent_name": Tag.AGENT_NAME,
    "seller": Tag.SELLER_ID,
    "caller_id": Tag.CONTACT,
}


def of_text(
    text: str, *, purpose: Purpose, seller: str, sales_phrases: tuple[str, ...], words_per_second: float
) -> Outline:
    """Return the outline of a script that is one running text: one node for each paragraph, tagged by its merge fields and phrases."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    nodes = tuple(
        Node(
            id=f"paragraph {number}",
            text=paragraph,
            tags=frozenset(tag for name, tag in _FIELD_TAGS.items() if f"{{{name}}}" in paragraph)
            | ({Tag.SALES_PURPOSE} if wording.has(paragraph, sales_phrases) else set()),
            next=(f"paragraph {number + 1}",) if number < len(paragraphs) else (),
            seconds=len(paragraph.split()) / words_per_second if words_per_second > 0 else math.inf,
        )
        for number, paragraph in enumerate(paragraphs, start=1)
    )
    return Outline(nodes=nodes, purpose=purpose, seller=seller)
