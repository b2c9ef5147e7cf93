"""Agent-assisted payments: what the caller keys in, checked and masked, and what becomes of it.

Source: Twilio "Payments subresource". No digit of a card leaves this module unmasked.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.carrier import cards
from sandbox.carrier.crew import Crew
from sandbox.carrier.model import Call, Hook, World, new_sid
from sandbox.carrier.webhooks import Webhooks
from sandbox.clock import rfc2822

# what callers key in who were not told otherwise: the card brands' usual test numbers
USUAL_CARD: Mapping[str, str] = {
    "payment-card-number": "4242424242424242",
    "expiration-date": "1239",
    "security-code": "123",
    "postal-code": "94109",
    "bank-routing-number": "121181976",
    "bank-account-number": "508862392",
}
MATCHER = "-matcher"
# the vendor tells of every key; here of every fourth, a key taking half a second
KEYS_A_REPORT, KEY_SECONDS = 4, 0.5
CONNECTOR_SECONDS = 2.0


class PaymentStateError(Exception):
    """The session cannot do this now; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentWishes:
    """What a session is started with; `required` in the order the vendor names the pieces."""

    required: tuple[str, ...]
    method: str = "credit-card"
    connector: str = "Default"
    charge_amount: str = ""
    token_type: str = "reusable"  # noqa: S105 - the vendor's word
    bank_account_type: str = ""
    card_types: frozenset[str] = frozenset({"visa", "mastercard", "amex"})
    min_postal_code_length: int = 0
    timeout_seconds: float = 5


@dataclass(slots=True, eq=False)
class Payment:
    """A session; `captured` holds what was keyed in and found valid."""

    sid: str
    call: Call
    wishes: PaymentWishes
    created_at: datetime
    updated_at: datetime
    keys: set[str]
    hook: Hook
    is_open: bool = True
    captured: dict[str, str] = field(default_factory=dict)
    capture: asyncio.Task[None] | None = None

    @property
    def missing(self) -> list[str]:
        """Return the pieces that remain to be keyed in."""
        return [each for each in self.wishes.required if each not in self.captured]


class Payments:
    """The sessions of all calls."""

    def __init__(self, world: World, webhooks: Webhooks, crew: Crew) -> None:
        self.world = world
        self.webhooks = webhooks
        self.crew = crew
        self.sessions: dict[str, Payment] = {}
        self.by_call: dict[str, list[Payment]] = {}

    def forget(self) -> None:
        """Forget all sessions."""
        self.sessions.clear()
        self.by_call.clear()

    def start(self, call: Call, wishes: PaymentWishes, key: str, hook: Hook) -> Payment:
        """Begin a session; with the key of an earlier start of this call, return that one."""
        for each in self.by_call.get(call.sid, ()):
            if key in each.keys:
                return each
        now = self.world.clock.now()
        payment = Payment(new_sid("PK"), call, wishes, now, now, {key}, hook)
        self.sessions[payment.sid] = payment
        self.by_call.setdefault(call.sid, []).append(payment)
        self._tell(payment, "payment-started", {})
        return payment

    def take_capture(self, payment: Payment, piece: str, key: str, hook: Hook) -> None:
        """Let the caller key in one piece, in place of any other; a key seen before changes nothing.

        Raises: PaymentStateError when the session is over.
        """
        if self._is_new(payment, key, hook):
            if payment.capture is not None:
                payment.capture.cancel()
            payment.captured.pop(piece, None)
            payment.capture = payment.call.crew.start(self._capture(payment, piece))

    def complete(self, payment: Payment, key: str, hook: Hook) -> None:
        """Send what was keyed in to the payment connector; the result is told.

        Raises: PaymentStateError when the session is over, or pieces are missing.
        """
        if payment.is_open and payment.missing:
            raise PaymentStateError(f"These are missing: {', '.join(payment.missing)}")
        if self._is_new(payment, key, hook):
            payment.is_open = False
            # goes on when the caller hangs up meanwhile
            self.crew.start(self._charge(payment))

    def cancel(self, payment: Payment, key: str, hook: Hook) -> None:
        """End a session without a payment. Raises: PaymentStateError when it is over."""
        if self._is_new(payment, key, hook):
            self._close(payment, "payment-canceled", {})

    def hang_up(self, call: Call) -> None:
        """End the open sessions of a call that is over."""
        for payment in self.by_call.get(call.sid, ()):
            if payment.is_open:
                self._close(payment, "payment-over", {"Result": "caller-hung-up"})

    def _is_new(self, payment: Payment, key: str, hook: Hook) -> bool:
        if key in payment.keys:
            return False
        if not payment.is_open:
            raise PaymentStateError("The payment session is over")
        payment.keys.add(key)
        payment.hook = hook
        payment.updated_at = self.world.clock.now()
        return True

    async def _capture(self, payment: Payment, piece: str) -> None:
        about = {"Capture": piece}
        self._tell_capture(payment, about)
        bare = piece.removesuffix(MATCHER)
        number = payment.call.other_number
        keyed = {**USUAL_CARD, **self.world.population.fixed.get(number, {}).get("payment", {})}.get(bare, "")
        for end in range(KEYS_A_REPORT, len(keyed), KEYS_A_REPORT):
            await self.world.clock.sleep(KEYS_A_REPORT * KEY_SECONDS)
            partial = {cards.NAMES[bare]: cards.mask_all(keyed[:end]), "PartialResult": "true"}
            self._tell_capture(payment, {**about, **partial})
        await self.world.clock.sleep(payment.wishes.timeout_seconds if not keyed else KEY_SECONDS)
        if "*" in keyed:
            self._close(payment, "payment-over", {**about, "Result": "caller-interrupted-with-star"})
            return
        problem = self._problem(payment, piece, keyed)
        if problem is None:
            payment.captured[piece] = keyed
        result = {"ErrorType": problem} if problem else self._shown(payment, bare)
        self._tell_capture(payment, {**about, **result, "PartialResult": "false"})

    def _problem(self, payment: Payment, piece: str, keyed: str) -> str | None:
        bare = piece.removesuffix(MATCHER)
        if not keyed:
            return "timeout"
        if piece != bare:
            return None if payment.captured.get(bare) == keyed else "input-matching-failed"
        wishes = payment.wishes
        if bare == "payment-card-number":
            return cards.number_problem(keyed, wishes.card_types)
        if bare == "expiration-date":
            return cards.expiration_problem(keyed, self.world.clock.now())
        if bare == "security-code":
            return cards.code_problem(keyed, payment.captured.get("payment-card-number", ""))
        if bare == "postal-code" and len(keyed) < wishes.min_postal_code_length:
            return "invalid-postal-code"
        return None

    async def _charge(self, payment: Payment) -> None:
        await self.world.clock.sleep(CONNECTOR_SECONDS)
        pieces = {
            name: value for piece in payment.captured for name, value in self._shown(payment, piece).items()
        }
        if self.world.faults.take(("payment_declined",), f"{payment.call.sid} {payment.sid}") is not None:
            declined = {"PaymentError": "Your card was declined.", "ConnectorError": "card_declined"}
            self._close(payment, "payment-over", {**pieces, **declined, "Result": "payment-connector-error"})
            return
        code = payment.sid.removeprefix("PK")
        if payment.wishes.charge_amount:
            gained = {"PaymentConfirmationCode": f"ch_{code}"}
        else:
            gained = {"PaymentToken": f"tok_{code}", "ProfileId": f"cus_{code}"}
        self._close(payment, "payment-over", {**pieces, **gained, "Result": "success"})

    def _shown(self, payment: Payment, piece: str) -> dict[str, str]:
        if piece not in payment.captured:
            return {}
        keyed = payment.captured[piece]
        shown = {cards.NAMES[piece]: cards.mask(piece, keyed)}
        if piece == "payment-card-number":
            shown["PaymentCardType"] = cards.brand(keyed)
        return shown

    def _tell_capture(self, payment: Payment, extra: Mapping[str, str]) -> None:
        names = [cards.NAMES[each] for each in payment.missing if each in cards.NAMES]
        required = {"Required": ",".join(names), "DateUpdated": rfc2822(payment.updated_at)}
        self._tell(payment, "payment-capture", {**required, **extra})

    def _close(self, payment: Payment, event: str, extra: Mapping[str, str]) -> None:
        payment.is_open = False
        payment.updated_at = self.world.clock.now()
        if payment.capture is not None and payment.capture is not asyncio.current_task():
            payment.capture.cancel()
        self._tell(payment, event, {"DateUpdated": rfc2822(payment.updated_at), **extra})

    def _tell(self, payment: Payment, event: str, extra: Mapping[str, str]) -> None:
        wishes = payment.wishes
        params = {
            "AccountSid": self.world.settings.account_sid,
            "CallSid": payment.call.sid,
            "Sid": payment.sid,
            "DateCreated": rfc2822(payment.created_at),
            "PaymentConnector": wishes.connector,
            "PaymentMethod": wishes.method,
        }
        if wishes.charge_amount:
            params["ChargeAmount"] = wishes.charge_amount
        else:
            params["TokenType"] = wishes.token_type
        if wishes.bank_account_type:
            params["BankAccountType"] = wishes.bank_account_type
        self.webhooks.post(payment.hook, {**params, **extra}, kind="payment", event=event, key=payment.sid)
