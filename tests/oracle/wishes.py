"""Consents, requests not to be called, and answers about the number's holder, in order and not."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from compliance.rules.facts import Channel, ConsentFact, ConsentKind, Purpose
from compliance.rules.records import (
    ReassignedAnswer,
    ReassignedFact,
    SuppressionFact,
    SuppressionKind,
    SuppressionScope,
)
from tests.oracle.draft import DAY, SECOND, SELLER, SISTER, VENDOR, VOICE, Draft


def give_good_consent(rng: Random, draft: Draft) -> None:
    """Record a written consent without a fault, and the query of the number that an older one needs."""
    age = timedelta(days=rng.choice((0, 1, 10, 29, 60, 300, 700)), seconds=rng.randrange(86_400))
    given = good_consent(draft, age)
    draft.add("consents", given)
    if rng.random() < 0.95:
        checked = draft.at - min(age, timedelta(days=rng.choice((0, 1, 10, 25)), seconds=5))
        draft.values["reassigned"] = ReassignedFact(
            answer=ReassignedAnswer.NO, checked_at=checked, since=given.given_at.date()
        )


def good_consent(draft: Draft, age: timedelta) -> ConsentFact:
    """Return a written consent without a fault."""
    return ConsentFact(
        ref="consent:1",
        kind=ConsentKind.PEWC,
        number=draft.values["number"],
        sellers=frozenset({SELLER}),
        obtained_by=SELLER,
        given_at=draft.at - age,
        has_text=True,
        signature="typed name",
        authorises_automation=True,
        not_a_condition=True,
        agrees_to_be_called=True,
    )


def spoil_consent(rng: Random, draft: Draft) -> None:
    """Give the consents one fault, or a quality that is none."""
    if not draft.values.get("consents"):
        give_good_consent(rng, draft)
    consents = list(draft.values["consents"])
    which = rng.randrange(len(consents))
    at, other = draft.at, frozenset({SISTER})
    changes: dict[str, Any] = rng.choice(
        (
            {"kind": ConsentKind.PEC},
            {"kind": ConsentKind.PEC},
            {"kind": ConsentKind.PEC, "sellers": frozenset(), "signature": "", "has_text": False},
            {"kind": ConsentKind.PEC, "sellers": frozenset(), "obtained_by": VENDOR},
            {"kind": ConsentKind.CONVERSATION},
            {"number": "+14075559999"},
            {"sellers": other},
            {"sellers": frozenset()},
            {"sellers": frozenset({SELLER, SISTER, "Third"})},
            {"obtained_by": VENDOR},
            {"given_at": at + SECOND},
            {"valid_until": at},
            {"valid_until": at + SECOND},
            {"revoked_at": at - DAY},
            {"purposes": frozenset({Purpose.INFORMATIONAL})},
            {"purposes": frozenset({Purpose.TELEMARKETING, draft.purpose})},
            {"channels": frozenset({Channel.SMS})},
            {"channels": frozenset({draft.channel})},
            {"has_text": False},
            {"signature": ""},
            {"signature": "voice"},
            {"authorises_automation": False},
            {"not_a_condition": False},
            {"box_preticked": True},
            {"agrees_to_be_called": False},
        )
    )
    consents[which] = replace(consents[which], **changes)
    if rng.random() < 0.2:
        consents.append(replace(consents[which], ref="consent:2", sellers=other, obtained_by=VENDOR))
    draft.values["consents"] = tuple(consents)


def lose_consent(rng: Random, draft: Draft) -> None:
    """Have no consent at all."""
    draft.values["consents"] = ()


def ask_database(rng: Random, draft: Draft) -> None:
    """Have an answer about the holder of the number, of any kind and age."""
    consents = draft.values.get("consents") or ()
    given = consents[0].given_at if consents else draft.at - 90 * DAY
    checked = draft.at - rng.choice((DAY, 30 * DAY, 30 * DAY + SECOND, 45 * DAY))
    draft.values["reassigned"] = rng.choice(
        (
            None,
            ReassignedFact(
                answer=rng.choice((*ReassignedAnswer, ReassignedAnswer.NO, ReassignedAnswer.NO)),
                checked_at=checked,
                since=min(given.date() + rng.choice((0, 0, -1, 1)) * DAY, checked.date()),
            ),
        )
    )


def suppress(rng: Random, draft: Draft) -> None:
    """Stand on the seller's own list, of this or another scope."""
    channels = rng.choice(((), (), (), (draft.channel,), (Channel.SMS, Channel.MMS), VOICE))
    kind = rng.choice(list(SuppressionKind))
    draft.add(
        "suppressions",
        SuppressionFact(
            seller=rng.choice((SELLER, SELLER, SISTER)),
            scope=rng.choice(list(SuppressionScope)),
            reason="said so",
            heard_on="call",
            at=draft.at - rng.choice((SECOND, DAY, 400 * DAY)),
            kind=kind,
            channels=frozenset(channels),
            campaign_ref=rng.choice(("campaign:1", "campaign:2")),
            person_ref=rng.choice(("lead:1", "lead:2")) if kind is SuppressionKind.WRONG_NUMBER else "",
        ),
    )


def come_back(rng: Random, draft: Draft) -> None:
    """Stand on the list, and have asked to hear from the seller again, before or after."""
    suppress(rng, draft)
    entry = draft.values["suppressions"][-1]
    given = good_consent(draft, timedelta(0))
    lifted_on = rng.choice(("", "consent:3", "consent:3", "consent:3", "consent:9"))
    draft.values["suppressions"] = (*draft.values["suppressions"][:-1], replace(entry, lifted_on=lifted_on))
    again = replace(
        given,
        ref="consent:3",
        given_at=min(draft.at, entry.at + rng.choice((-SECOND, timedelta(0), SECOND, DAY))),
        asked_by_person=rng.random() < 0.8,
        has_text=rng.random() < 0.9,
        kind=rng.choice((ConsentKind.PEC, ConsentKind.PEWC)),
    )
    draft.add("consents", again)
