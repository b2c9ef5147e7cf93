"""REST: agent-assisted payments of a call."""

from decimal import Decimal, InvalidOperation

from aiohttp import web

from sandbox.carrier import cards, forms
from sandbox.carrier.api_calls import CallsApi
from sandbox.carrier.errors import ApiError, invalid, not_found
from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import Hook
from sandbox.carrier.payments import MATCHER, Payment, PaymentStateError, PaymentWishes
from sandbox.carrier.render import Renderer

LARGEST_AMOUNT = 1_000_000
CARD = ("payment-card-number", "expiration-date", "security-code", "postal-code")
BANK = ("bank-routing-number", "bank-account-number")
PIECES = (*cards.NAMES, *(piece + MATCHER for piece in CARD))


class PaymentsApi:
    """Handlers of /Calls/{Sid}/Payments."""

    def __init__(self, exchange: Exchange, renderer: Renderer, calls: CallsApi) -> None:
        self.payments = exchange.payments
        self.renderer = renderer
        self.calls = calls

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes under the account's address."""
        return [
            web.post(root + "/Calls/{call}/Payments.json", self.create),
            web.post(root + "/Calls/{call}/Payments/{sid}.json", self.update),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST Payments.json: begin a session on a call in progress; 201."""
        call = self.calls.find(request, "call")
        form = await forms.read_form(request)
        key, hook = _always(form)
        wishes = _wishes(form)
        if call.status != "in-progress":
            raise ApiError(400, 21220, "Call is not in-progress. Cannot take a payment.")
        return self._answer(self.payments.start(call, wishes, key, hook), 201)

    async def update(self, request: web.Request) -> web.Response:
        """POST Payments/{Sid}.json: Capture one piece, or Status complete or cancel; 202."""
        call = self.calls.find(request, "call")
        payment = self.payments.sessions.get(request.match_info["sid"])
        if payment is None or payment.call is not call:
            raise not_found(request.path)
        form = await forms.read_form(request)
        key, hook = _always(form)
        piece, status = (
            forms.choice(form, "Capture", PIECES),
            forms.choice(form, "Status", ("complete", "cancel")),
        )
        if (piece is None) is (status is None):
            raise ApiError(400, 20001, "Give either Capture or Status")
        try:
            if piece is not None:
                self.payments.take_capture(payment, piece, key, hook)
            elif status == "complete":
                self.payments.complete(payment, key, hook)
            else:
                self.payments.cancel(payment, key, hook)
        except PaymentStateError as error:
            raise ApiError(400, 20001, str(error)) from error
        return self._answer(payment, 202)

    def _answer(self, payment: Payment, status: int) -> web.Response:
        body = self.renderer.payment(payment.sid, payment.call.sid, payment.created_at, payment.updated_at)
        return web.json_response(body, status=status)


def _always(form: forms.Form) -> tuple[str, Hook]:
    """Return the two parameters no request may lack."""
    hook = forms.address(form, "StatusCallback")
    key = form.get("IdempotencyKey", "")
    if hook is None or not key:
        raise ApiError(400, 20001, "IdempotencyKey and StatusCallback are required")
    return key, hook


def _wishes(form: forms.Form) -> PaymentWishes:
    method = forms.choice(form, "PaymentMethod", ("credit-card", "ach-debit")) or "credit-card"
    bank_types = ("consumer-checking", "consumer-savings", "commercial-checking")
    bank = forms.choice(form, "BankAccountType", bank_types) or "consumer-checking"
    is_card = method == "credit-card"
    return PaymentWishes(
        required=_required(form) if is_card else BANK,
        method=method,
        connector=form.get("PaymentConnector", "Default"),
        charge_amount=_amount(form),
        token_type=forms.choice(form, "TokenType", ("one-time", "reusable", "payment-method")) or "reusable",
        bank_account_type="" if is_card else bank,
        card_types=forms.words(form, "ValidCardTypes", "visa mastercard amex"),
        min_postal_code_length=forms.whole(form, "MinPostalCodeLength", 0, 20, smallest=0),
        timeout_seconds=forms.whole(form, "Timeout", 5, 600),
    )


def _required(form: forms.Form) -> tuple[str, ...]:
    switched = {"security-code": "SecurityCode", "postal-code": "PostalCode"}
    twice = frozenset(form.get("RequireMatchingInputs", "").replace(",", " ").split())
    pieces: list[str] = []
    for piece in CARD:
        if piece in switched and forms.flag(form, switched[piece]) is False:
            continue
        pieces += [piece, piece + MATCHER] if piece in twice else [piece]
    return tuple(pieces)


def _amount(form: forms.Form) -> str:
    text = form.get("ChargeAmount", "0")
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise invalid("ChargeAmount", text) from error
    if not 0 <= amount < LARGEST_AMOUNT:
        raise invalid("ChargeAmount", text)
    return text if amount else ""
