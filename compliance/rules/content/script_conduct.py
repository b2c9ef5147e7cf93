"""What a script may not do to the person: hinder a do-not-call request, ask for refused payments (TSR-003, TSR-004)."""

import re
from collections.abc import Mapping

from compliance.rules.content import wording
from compliance.rules.content.numbers import InForce
from compliance.rules.content.outlines import PAYMENT_PREFIX, Node, Outline, Tag, reached_without
from compliance.rules.content.problems import Problem

_MERGED = re.compile(r"\{([a-z_]+)\}")


def problems(outline: Outline, numbers: InForce) -> tuple[Problem, ...]:
    """Return all of them, for scripts of any purpose."""
    return (
        *_hinders_request(outline),
        *_refused_payments(outline, numbers),
        *_advance_fees(outline, numbers),
        *_free_trial(outline),
        *_shown_accounts(outline, numbers),
    )


def screen_problems(clicks: Mapping[str, int | None], numbers: InForce) -> tuple[Problem, ...]:
    """Return the agent's screens from which "do not call" is not at hand (TSR-003). None = it cannot be reached."""
    most = numbers.whole("do_not_call_clicks")
    return tuple(
        Problem(
            rule_id="TSR-003",
            code="DO_NOT_CALL_HIDDEN",
            where=f"screen {screen}",
            message=f"“Do not call” is {'not on this screen' if count is None else f'{count} clicks away'}; at most {most} is allowed. Put "
            "its button on the screen itself.",
        )
        for screen, count in clicks.items()
        if count is None or count > most
    )


def _hinders_request(outline: Outline) -> list[Problem]:
    """From a request on, it is recorded before anything else, on every way."""
    found = []
    for asked in outline.tagged(Tag.DNC_REQUEST):
        unrecorded, can_end = reached_without(outline, asked.id, lambda node: Tag.DNC_RECORDED in node.tags)
        for node in unrecorded:
            if hinders := node.tags & {Tag.REBUTTAL, Tag.TRANSFER, Tag.PITCH, Tag.UPSELL}:
                found.append(
                    Problem(
                        rule_id="TSR-003",
                        code="REQUEST_TRANSFERRED" if hinders == {Tag.TRANSFER} else "REQUEST_ARGUED",
                        where=f"node {node.id}",
                        message=f"The person asked not to be called, and before that is recorded the script goes on with "
                        f"{', '.join(sorted(hinders))}. Record the request first (a node marked {Tag.DNC_RECORDED}), then end the call.",
                    )
                )
        if can_end:
            found.append(
                Problem(
                    rule_id="TSR-003",
                    code="REQUEST_NOT_RECORDED",
                    where=f"node {asked.id}",
                    message="A way from here ends without recording the request. Put the do-not-call disposition on every way "
                    f"(a node marked {Tag.DNC_RECORDED}).",
                )
            )
    return found


def _refused_payments(outline: Outline, numbers: InForce) -> list[Problem]:
    allowed = {PAYMENT_PREFIX + name for name in numbers.words("allowed_payments")}
    found = []
    for node in outline.nodes:
        hits = wording.find(node.text, numbers.words("refused_payment_phrases"))
        ways = sorted(tag for tag in node.tags if tag.startswith(PAYMENT_PREFIX) and tag not in allowed)
        if hits or ways:
            named = wording.quoted(hits) or ", ".join(way.removeprefix(PAYMENT_PREFIX) for way in ways)
            found.append(
                Problem(
                    rule_id="TSR-004",
                    code="PAYMENT_REFUSED",
                    where=f"node {node.id}",
                    message=f"The script asks for payment by {named}, which telemarketing may not take. Offer a card, an invoice or an "
                    "authorised bank debit.",
                )
            )
        if (
            Tag.PAYMENT in node.tags
            and Tag.EXPRESS_CONSENT not in node.tags
            and not _agreed_before(outline, node)
        ):
            found.append(
                Problem(
                    rule_id="TSR-004",
                    code="NO_EXPRESS_CONSENT",
                    where=f"node {node.id}",
                    message="The person can be charged here without having agreed to this charge on this account. Ask for it before, in "
                    f"a node marked {Tag.EXPRESS_CONSENT}.",
                )
            )
    return found


def _agreed_before(outline: Outline, payment: Node) -> bool:
    unagreed, _ = reached_without(outline, outline.nodes[0].id, lambda node: Tag.EXPRESS_CONSENT in node.tags)
    return payment not in unagreed


def _advance_fees(outline: Outline, numbers: InForce) -> list[Problem]:
    services = wording.find(outline.whole_text, numbers.words("advance_fee_services"))
    if not services or not outline.tagged(Tag.PAYMENT):
        return []
    return [
        Problem(
            rule_id="TSR-004",
            code="ADVANCE_FEE",
            where=f"node {node.id}",
            message=f"The script sells {wording.quoted(services)} and takes a payment in the call. No fee may be asked before the "
            "service is performed: remove the payment.",
        )
        for node in outline.tagged(Tag.PAYMENT)
    ]


def _free_trial(outline: Outline) -> list[Problem]:
    """Free now, paid later: last four digits, agreement, and the whole transaction on the recording (16 CFR 310.4(a)(7)(i))."""
    if not outline.tagged(Tag.FREE_TRIAL):
        return []
    found = []
    if not outline.tagged(Tag.LAST_FOUR) or not outline.tagged(Tag.EXPRESS_CONSENT):
        found.append(
            Problem(
                rule_id="TSR-004",
                code="FREE_TRIAL_TERMS",
                message="A free trial that turns into a paid one needs the last four digits of the account and the person's express "
                f"agreement to charge it. Add nodes marked {Tag.LAST_FOUR} and {Tag.EXPRESS_CONSENT}.",
            )
        )
    closing = {Tag.ORDER, Tag.PAYMENT, Tag.FREE_TRIAL, Tag.EXPRESS_CONSENT, Tag.LAST_FOUR, Tag.COST_TERMS}
    for node in outline.nodes:
        if Tag.RECORDING_PAUSED in node.tags and node.tags & closing:
            found.append(
                Problem(
                    rule_id="TSR-004",
                    code="TRIAL_NOT_RECORDED",
                    where=f"node {node.id}",
                    message="The recording is paused here, but the whole sale of a free trial must be recorded. Keep recording and mask "
                    f"the card digits alone (keypad entry; {Tag.DIGITS_MASKED}).",
                )
            )
    return found


def _shown_accounts(outline: Outline, numbers: InForce) -> list[Problem]:
    fields = set(numbers.words("card_number_fields"))
    found = []
    for node in outline.nodes:
        merged = sorted(fields & set(_MERGED.findall(node.text)))
        if merged or Tag.PREFILLED_ACCOUNT in node.tags or wording.card_numbers(node.text):
            what = f"the field {{{merged[0]}}}" if merged else "a full account number"
            found.append(
                Problem(
                    rule_id="TSR-004",
                    code="ACCOUNT_SHOWN",
                    where=f"node {node.id}",
                    message=f"The script shows the agent {what}. Show the last four digits at most, and let the person key the number in.",
                )
            )
    return found
