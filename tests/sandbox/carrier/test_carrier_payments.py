"""Agent-assisted payments: what is asked, keyed in, told, and never told."""

from datetime import UTC, datetime

import pytest
from twilio.base.exceptions import TwilioRestException

from sandbox.carrier import cards
from tests.sandbox.carrier.kit import LEAD, wait_for

CARD = ("payment-card-number", "expiration-date", "security-code", "postal-code")
NOW = datetime(2026, 11, 18, tzinfo=UTC)


class Till:
    """One payment session, seen through the vendor's library."""

    def __init__(self, carrier, product, call_sid, **wishes):
        self.url = f"{product.base}/pay"
        self.product = product
        self.payments = carrier.client.calls(call_sid).payments
        self.count = 0
        self.sid = self.payments.create(idempotency_key="start", status_callback=self.url, **wishes).sid

    def update(self, key=None, **wishes):
        self.count += 1
        key = key or f"update-{self.count}"
        return self.payments(self.sid).update(idempotency_key=key, status_callback=self.url, **wishes)

    def told(self):
        return [each.params for each in self.product.at("/pay")]

    def capture(self, piece):
        """Ask for a piece and return what is told when it is there."""
        before = len(self.told())
        self.update(capture=piece)
        return wait_for(
            lambda: [each for each in self.told()[before:] if each.get("PartialResult") == "false"]
        )[0]

    def result(self):
        return wait_for(lambda: [each for each in self.told() if "Result" in each])[0]


@pytest.fixture
def call_sid(carrier):
    carrier.fix(behaviour="person", ring_seconds=0, talk_seconds=9000)
    call = carrier.call()
    wait_for(lambda: carrier.status(call.sid) == "in-progress")
    return call.sid


@pytest.fixture
def till(carrier, product, call_sid):
    return Till(carrier, product, call_sid, charge_amount=10.5)


def test_a_card_is_captured_piece_by_piece_and_charged(till, call_sid):
    told = [till.capture(piece) for piece in CARD]
    till.update(status="complete")

    assert [each["Capture"] for each in told] == list(CARD)
    assert [each["Required"] for each in told] == [
        "ExpirationDate,SecurityCode,PaymentCardPostalCode",
        "SecurityCode,PaymentCardPostalCode",
        "PaymentCardPostalCode",
        "",
    ]
    assert told[0]["PaymentCardNumber"] == "xxxx-xxxx-xxxx-4242"
    assert told[0]["PaymentCardType"] == "visa"
    assert (told[1]["ExpirationDate"], told[2]["SecurityCode"]) == ("1239", "xxx")
    result = till.result()
    assert (result["Result"], result["ChargeAmount"], result["CallSid"]) == ("success", "10.5", call_sid)
    assert result["PaymentConfirmationCode"].startswith("ch_")
    assert "PaymentToken" not in result


def test_no_digit_of_the_card_is_ever_told_but_the_last_four(carrier, till):
    for piece in CARD:
        till.capture(piece)
    till.update(status="complete")
    till.result()

    log = str(carrier.get("webhooks"))
    assert "4242424242424242" not in log
    assert "42424242" not in log.replace("-", "")
    assert "'SecurityCode': '123'" not in log


def test_keys_are_told_while_they_come(till):
    till.capture("payment-card-number")

    partial = [each["PaymentCardNumber"] for each in till.told() if each.get("PartialResult") == "true"]
    assert partial == ["x" * 4, "x" * 8, "x" * 12]


def test_without_an_amount_the_card_becomes_a_token(carrier, product, call_sid):
    till = Till(carrier, product, call_sid, token_type="one-time", postal_code=False, security_code=False)
    for piece in CARD[:2]:
        till.capture(piece)

    till.update(status="complete")

    result = till.result()
    assert (result["TokenType"], result["Result"]) == ("one-time", "success")
    assert result["PaymentToken"].startswith("tok_")
    assert "ChargeAmount" not in result


def test_a_bank_account_is_captured_with_its_own_pieces(carrier, product, call_sid):
    till = Till(carrier, product, call_sid, payment_method="ach-debit", bank_account_type="consumer-savings")

    routing, account = till.capture("bank-routing-number"), till.capture("bank-account-number")

    assert (routing["BankRoutingNumber"], routing["Required"]) == ("121181976", "BankAccountNumber")
    assert account["BankAccountNumber"] == "*******92"
    assert account["BankAccountType"] == "consumer-savings"


@pytest.mark.parametrize(
    ("piece", "keyed", "problem"),
    [
        ("payment-card-number", "4242424242424241", "invalid-card-number"),
        ("payment-card-number", "6011000990139424", "invalid-card-type"),
        ("expiration-date", "1320", "invalid-date"),
        ("security-code", "12", "invalid-security-code"),
        ("postal-code", "9410", "invalid-postal-code"),
        ("postal-code", "", "timeout"),
    ],
)
def test_what_is_keyed_in_wrongly_is_named_and_can_be_asked_for_again(
    carrier, product, call_sid, piece, keyed, problem
):
    carrier.fix(payment={piece: keyed})
    till = Till(carrier, product, call_sid, min_postal_code_length=5)

    wrong = till.capture(piece)
    carrier.fix()
    right = till.capture(piece)

    assert wrong["ErrorType"] == problem
    assert cards.NAMES[piece] in wrong["Required"]
    assert "ErrorType" not in right
    assert cards.NAMES[piece] not in right["Required"]


def test_keying_in_twice_must_match(carrier, product, call_sid):
    till = Till(carrier, product, call_sid, require_matching_inputs="postal-code")
    till.capture("postal-code")
    carrier.fix(payment={"postal-code": "10001"})

    wrong = till.capture("postal-code-matcher")
    carrier.fix()
    right = till.capture("postal-code-matcher")

    assert wrong["ErrorType"] == "input-matching-failed"
    assert "ErrorType" not in right


def test_a_declined_card_is_told(carrier, till):
    carrier.post("faults", {"kind": "payment_declined", "count": 1})
    for piece in CARD:
        till.capture(piece)

    till.update(status="complete")

    result = till.result()
    assert (result["Result"], result["ConnectorError"]) == ("payment-connector-error", "card_declined")
    assert "PaymentConfirmationCode" not in result


def test_a_session_is_not_completed_before_all_is_there(till):
    till.capture("payment-card-number")

    with pytest.raises(TwilioRestException, match="expiration-date"):
        till.update(status="complete")


def test_a_canceled_session_takes_no_more(till):
    till.update(status="cancel")

    with pytest.raises(TwilioRestException, match="over"):
        till.update(capture="payment-card-number")


def test_a_star_ends_the_session(carrier, product, call_sid):
    carrier.fix(payment={"security-code": "1*"})
    till = Till(carrier, product, call_sid)

    till.update(capture="security-code")

    assert till.result()["Result"] == "caller-interrupted-with-star"


def test_the_caller_hanging_up_ends_the_session(carrier, till, call_sid):
    carrier.post(f"calls/{call_sid}/hangup")

    assert till.result()["Result"] == "caller-hung-up"


def test_the_same_key_does_nothing_twice(carrier, till, call_sid):
    again = till.payments.create(idempotency_key="start", status_callback=till.url)
    for piece in CARD:
        till.capture(piece)
    till.update("once", status="complete")
    till.result()
    till.update("once", status="complete")

    assert again.sid == till.sid
    assert [each["Result"] for each in till.told() if "Result" in each] == ["success"]


@pytest.mark.parametrize(
    "wishes", [{"charge_amount": -1}, {"charge_amount": 1_000_000}, {"token_type": "gold"}, {"timeout": 601}]
)
def test_bad_wishes_are_refused(carrier, product, call_sid, wishes):
    with pytest.raises(TwilioRestException) as refused:
        Till(carrier, product, call_sid, **wishes)

    assert refused.value.status == 400


def test_there_is_no_payment_on_a_call_that_rings(carrier, product):
    carrier.fix(behaviour="person", ring_seconds=600)
    call = carrier.call(to=LEAD, timeout=600)

    with pytest.raises(TwilioRestException) as refused:
        Till(carrier, product, call.sid)

    assert refused.value.code == 21220


@pytest.mark.parametrize(
    ("number", "accepted", "problem"),
    [
        ("4242424242424242", {"visa"}, None),
        ("378282246310005", {"amex"}, None),
        ("5555555555554444", {"mastercard"}, None),
        ("6011111111111117", {"discover"}, None),
        ("4242424242424242", {"amex"}, "invalid-card-type"),
        ("4242424242424243", {"visa"}, "invalid-card-number"),
        ("42", {"visa"}, "invalid-card-number"),
    ],
)
def test_card_numbers(number, accepted, problem):
    assert cards.number_problem(number, accepted) == problem


@pytest.mark.parametrize(
    ("text", "problem"), [("1126", None), ("1026", "invalid-date"), ("0127", None), ("1", "invalid-date")]
)
def test_expiration_dates(text, problem):
    assert cards.expiration_problem(text, NOW) == problem


def test_an_amex_is_masked_as_the_vendor_does():
    assert cards.mask("payment-card-number", "378282246314001") == "xxxx-xxxxxx-x4001"
    assert cards.code_problem("1234", "378282246314001") is None
