"""A script as the rules about content see it: what is said where, and what must have been said by then. Pure."""

from collections.abc import Collection

from campaigns.scripting.flow import Flow, Kind
from compliance.rules.content import outlines, scripts
from compliance.rules.content.numbers import InForce
from compliance.rules.content.outlines import Outline, Tag
from compliance.rules.content.problems import Problem
from compliance.rules.facts import Purpose

# What a manager may say of a step, in the order of a call; those that a text shows by itself need not be said.
TAG_NAMES: dict[Tag, str] = {
    Tag.AGENT_NAME: "The agent gives their name",
    Tag.SELLER_ID: "Says who the seller is",
    Tag.SALES_PURPOSE: "Says that the call is to sell",
    Tag.GOODS: "Says what kind of goods or services it is about",
    Tag.CONTACT: "Gives a number or address where we are reached",
    Tag.CHARITY_PURPOSE: "Names the charity and that the call asks for a donation",
    Tag.PITCH: "Makes the offer",
    Tag.PRIZE: "Names a prize",
    Tag.NO_PURCHASE: "Says that no purchase is necessary",
    Tag.COST_TERMS: "Gives total cost, quantity, restrictions and refunds",
    Tag.FREE_TRIAL: "Offers something free now and paid later",
    Tag.UPSELL: "Offers something more",
    Tag.ORDER: "The person agrees to buy",
    Tag.PAYMENT: "Takes a payment",
    Tag.EXPRESS_CONSENT: "The person agrees to this charge on this account",
    Tag.LAST_FOUR: "The person gives the last four digits of the account",
    Tag.RECORDING_PAUSED: "The recording is paused",
    Tag.NOT_INTERESTED: "The person declines",
    Tag.REBUTTAL: "Answers an objection",
    Tag.DNC_REQUEST: "The person asks not to be called",
    Tag.DNC_RECORDED: "The request is recorded",
    Tag.TRANSFER: "Hands the call on",
}


def outline_of(
    flow: Flow, *, purpose: Purpose, seller: str, states: Collection[str], numbers: InForce
) -> Outline:
    """Return the script's outline; what a text says by its merge fields and phrases counts beside what was declared."""
    phrases, speed = numbers.words("sales_purpose_phrases"), numbers.amount("spoken_words_per_second")
    nodes = []
    for node in flow.nodes:
        said = outlines.of_text(
            node.text, purpose=purpose, seller=seller, sales_phrases=phrases, words_per_second=speed
        )
        nodes.append(
            outlines.Node(
                id=node.title,
                text=node.text,
                tags=frozenset(node.tags).union(*(each.tags for each in said.nodes)),
                next=tuple(target.title for _, code in node.ways if (target := flow.node(code)) is not None),
                seconds=0.0 if node.kind is Kind.CONDITION else sum(each.seconds for each in said.nodes),
            )
        )
    return Outline(nodes=tuple(nodes), purpose=purpose, seller=seller, states=frozenset(states))


def problems(
    flow: Flow, *, purpose: Purpose, seller: str, states: Collection[str], numbers: InForce
) -> tuple[Problem, ...]:
    """Return what the script lacks or may not say for calls of this purpose to these states (none: anywhere)."""
    return scripts.problems(
        outline_of(flow, purpose=purpose, seller=seller, states=states, numbers=numbers), numbers
    )
