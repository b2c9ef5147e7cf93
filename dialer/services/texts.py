"""Texts that come in, and what the carrier says of ours: a no is honoured on every channel before it is answered (FED-012, A2P-006)."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from carriers import registry
from carriers.models import CarrierInbox
from carriers.twiml import TextBack
from compliance import services as gate
from compliance.rules.content import packaged
from compliance.rules.content.carrier_answers import Action, answer_for
from core import outbox
from dialer import log_reads
from dialer.services.optout import number_in, sellers_of

KIND = CarrierInbox.Kind
KINDS = frozenset({KIND.TEXT, KIND.TEXT_STATUS})


def apply(kind: str, params: Mapping[str, str], *, now: datetime) -> str:
    """Do what a text asks for, or what its status tells, in the open transaction, and return what was done."""
    return _apply_text(params, now) if kind == KIND.TEXT else _apply_status(params, now)


def answer(params: Mapping[str, str], *, now: datetime) -> TextBack:
    """Return what an applied text is answered with: its one lawful answer, or silence."""
    return TextBack(gate.answer_to(registry.webhooks().text(params=params).ref, now=now))


def _apply_text(params: Mapping[str, str], now: datetime) -> str:
    text = registry.webhooks().text(params=params)
    number = number_in(text.sender)
    if number is None or not text.ref:
        return "ignored: the sender has no number that could be called"
    row = gate.take_text(
        gate.NewText(
            message_ref=text.ref[:80],
            number=number,
            our_number=text.to,
            words=text.words,
            received_at=now,
            is_answered=text.is_answered,
        ),
        sellers=sellers_of(text.to),
        now=now,
    )
    outbox.publish(log_reads.text_event(row), key=f"text:{row.pk}", now=now)
    return f"read as {row.meaning}, {'answered' if row.answer else 'not answered'}"


def _apply_status(params: Mapping[str, str], now: datetime) -> str:
    """The carrier refuses what somebody opted out of there (21610): believed, and honoured here too (A2P-008)."""
    told = registry.webhooks().text_status(params=params)
    if not told.error_code:
        return f"ignored: the text is {told.status or 'somewhere'}"
    found = answer_for(settings.CARRIER, told.error_code, packaged.in_force(now.date()))
    if found.action is not Action.SUPPRESS:
        return f"ignored: error {told.error_code}, {found.meaning}"[:200]
    number = number_in(told.to)
    if number is None:
        return "ignored: nobody that could be called"
    for seller in sellers_of(told.sender):
        gate.revoke_from_provider_error(
            number=number,
            seller=seller,
            code=told.error_code,
            text=found.meaning,
            source_ref=told.ref,
            actor="carrier",
            now=now,
        )
    return f"off the list: error {told.error_code}, {found.meaning}"[:200]
