"""Content that has nothing wrong with it, to be spoilt by the tests."""

from datetime import date
from typing import Any

from compliance.rules.content import packaged
from compliance.rules.content.numbers import InForce
from compliance.rules.content.outlines import Node, Outline, Tag
from compliance.rules.content.problems import Problem
from compliance.rules.content.registration import CampaignForm, OptInBox, PublicPage
from compliance.rules.content.sounds import CallbackLine, MessageKind, OptOutStep, Recording
from compliance.rules.content.texts import Template, TemplateKind
from compliance.rules.facts import Purpose

TODAY = date(2026, 11, 21)
SELLER = "Northwind Home Energy"
GOOD_LINE = CallbackLine(
    number="+14075550123",
    takes_requests_in_business_hours=True,
    kept_for_campaign=True,
    automatic_opt_out=True,
)
TOLLFREE = CallbackLine(
    number="+18005550199",
    takes_requests_in_business_hours=True,
    kept_for_campaign=True,
    automatic_opt_out=True,
)
ABANDONED_SENTENCES = (
    f"This is {SELLER}.",
    "We called for telemarketing purposes.",
    "Our number is 407-555-0123.",
    "To be placed on our do not call list, press 9.",
)
SALES_SENTENCES = (
    f"Hello, this is {SELLER}.",
    "To be placed on our do not call list, press 9.",
    "This is a sales call about heat pumps.",
    "Our number is (407) 555-0123.",
    "You can opt out at 800 555 0199.",
)


def numbers(on: date = TODAY) -> InForce:
    """Return the product's own tables on a day."""
    return packaged.in_force(on)


def codes(problems: tuple[Problem, ...]) -> list[str]:
    """Return the codes in order."""
    return [problem.code for problem in problems]


def abandoned(**changes: Any) -> Recording:
    """Return a message for abandoned calls that may be published."""
    values: dict[str, Any] = {
        "kind": MessageKind.ABANDONED,
        "purpose": Purpose.TELEMARKETING,
        "transcript": " ".join(ABANDONED_SENTENCES),
        "business_name": SELLER,
        "callback": GOOD_LINE,
        "opt_out_key": "9",
        "opt_out_throughout": True,
        "opt_out_steps": (OptOutStep.SUPPRESS, OptOutStep.HANG_UP),
        "first_word_at_seconds": 0.3,
    }
    return Recording(**{**values, **changes})


def sales_voicemail(**changes: Any) -> Recording:
    """Return a recorded sales message for voicemail that may be published."""
    values: dict[str, Any] = {
        "kind": MessageKind.VOICEMAIL,
        "purpose": Purpose.TELEMARKETING,
        "transcript": " ".join(SALES_SENTENCES),
        "business_name": SELLER,
        "goods": "heat pumps",
        "callback": GOOD_LINE,
        "tollfree_opt_out": TOLLFREE,
        "opt_out_key": "9",
        "opt_out_throughout": True,
        "opt_out_steps": (OptOutStep.SUPPRESS, OptOutStep.HANG_UP),
        "first_word_at_seconds": 0.3,
        "identity_ends_at_seconds": 2.4,
        "opt_out_at_seconds": 2.8,
    }
    return Recording(**{**values, **changes})


def limited(**changes: Any) -> Recording:
    """Return a debt collector's limited-content message that may be left."""
    values: dict[str, Any] = {
        "kind": MessageKind.LIMITED_CONTENT,
        "purpose": Purpose.DEBT,
        "transcript": "Hi Jane, this is Sam from ABC Services, please call 800-555-0199.",
        "business_name": "ABC Services",
        "contact_names": ("Sam",),
        "callback": CallbackLine(number="+18005550199"),
    }
    return Recording(**{**values, **changes})


def template(body: str, **changes: Any) -> Template:
    """Return a text of the brand Acme."""
    values: dict[str, Any] = {
        "kind": TemplateKind.MESSAGE,
        "purpose": Purpose.INFORMATIONAL,
        "body": body,
        "brand": "Acme",
    }
    return Template(**{**values, **changes})


def campaign_form(**changes: Any) -> CampaignForm:
    """Return a registration that would be accepted."""
    page = PublicPage(
        url="https://acme.example/privacy",
        status=200,
        text="We do not share mobile numbers or opt-in data with third parties.",
    )
    values: dict[str, Any] = {
        "brand": "Acme",
        "description": "Acme tells customers when their technician arrives and when a visit moves.",
        "message_flow": "Customers tick a box for texts at https://acme.example/book when they book a visit.",
        "samples": (
            "Acme: your visit is tomorrow at 9. Details: https://acme.example/v/1 Reply STOP to opt out.",
            "Acme: your technician is on the way. Questions? 407-555-0123. Reply STOP to opt out.",
        ),
        "has_links": True,
        "has_phone_numbers": True,
        "opt_in_reply": "Acme: you're signed up.",
        "opt_out_reply": "Acme: you are unsubscribed.",
        "help_reply": "Acme: help at 407-555-0123.",
        "privacy": page,
        "terms": page,
        "box": OptInBox(
            unticked=True,
            optional=True,
            separate=True,
            texts_only=True,
            words="Text me about visits from Acme, 4 messages per month. Msg & data rates may apply. Reply STOP to opt out, HELP for help.",
        ),
    }
    return CampaignForm(**{**values, **changes})


def sales_nodes() -> tuple[Node, ...]:
    """Return the steps of a sales script that may be published in every state."""
    return (
        Node(
            id="opening",
            text=f"Hello, my name is {{agent_name}}, on behalf of {SELLER}. This is a sales call about heat pumps. You can reach us at "
            "{caller_id}.",
            tags=frozenset({Tag.AGENT_NAME, Tag.SELLER_ID, Tag.SALES_PURPOSE, Tag.GOODS, Tag.CONTACT}),
            next=("pitch", "asked", "goodbye"),
            seconds=12,
        ),
        Node(
            id="pitch", text="They halve your bill.", tags=frozenset({Tag.PITCH}), next=("cost",), seconds=20
        ),
        Node(
            id="cost",
            text="It costs 90 dollars a month.",
            tags=frozenset({Tag.COST_TERMS}),
            next=("agree", "asked"),
            seconds=20,
        ),
        Node(
            id="agree",
            text="Do you agree that we charge your card ending in …?",
            tags=frozenset({Tag.EXPRESS_CONSENT, Tag.LAST_FOUR}),
            next=("pay",),
            seconds=8,
        ),
        Node(
            id="pay",
            text="Please key in your card number.",
            tags=frozenset({Tag.ORDER, Tag.PAYMENT, "pay:credit_card", Tag.DIGITS_MASKED}),
            next=("goodbye",),
            seconds=30,
        ),
        Node(
            id="asked",
            text="I have put you on our list.",
            tags=frozenset({Tag.DNC_REQUEST, Tag.DNC_RECORDED}),
            next=("goodbye",),
            seconds=3,
        ),
        Node(id="goodbye", text="Goodbye.", seconds=1),
    )


def sales_script(*nodes: Node, **changes: Any) -> Outline:
    """Return a sales script; nodes given replace those with the same id."""
    given = {node.id: node for node in nodes}
    kept = tuple(given.pop(node.id, node) for node in sales_nodes())
    values: dict[str, Any] = {
        "purpose": Purpose.TELEMARKETING,
        "seller": SELLER,
        "agent_aliases": {"Sam": True},
    }
    return Outline(nodes=(*kept, *given.values()), **{**values, **changes})
