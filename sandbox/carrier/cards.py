"""Cards and bank accounts as the vendor checks, names and masks them."""

import re
from collections.abc import Collection
from datetime import datetime

NAMES = {
    "payment-card-number": "PaymentCardNumber",
    "expiration-date": "ExpirationDate",
    "security-code": "SecurityCode",
    "postal-code": "PaymentCardPostalCode",
    "bank-routing-number": "BankRoutingNumber",
    "bank-account-number": "BankAccountNumber",
}
BRANDS = (("amex", r"3[47]\d{13}"), ("mastercard", r"(5[1-5]|2[2-7])\d{14}"), ("visa", r"4\d{15}"))


def brand(number: str) -> str:
    """Return the vendor's word for the brand of a card number, empty for one it does not know."""
    for name, pattern in BRANDS:
        if re.fullmatch(pattern, number):
            return name
    return "discover" if re.fullmatch(r"6(011|5\d\d)\d{12}", number) else ""


def number_problem(number: str, accepted: Collection[str]) -> str | None:
    """Return the vendor's ErrorType for a card number, None for a good one."""
    digits = [int(each) for each in reversed(number) if each.isdigit()]
    doubled = [sum(divmod(2 * each, 10)) for each in digits[1::2]]
    if not brand(number) or (sum(digits[::2]) + sum(doubled)) % 10:
        return "invalid-card-number"
    return None if brand(number) in accepted else "invalid-card-type"


def expiration_problem(text: str, now: datetime) -> str | None:
    """Return the vendor's ErrorType for MMYY, None for a month that is not over."""
    if not re.fullmatch(r"(0[1-9]|1[0-2])\d\d", text):
        return "invalid-date"
    return None if (2000 + int(text[2:]), int(text[:2])) >= (now.year, now.month) else "invalid-date"


def code_problem(text: str, number: str) -> str | None:
    """Return the vendor's ErrorType for a security code: three digits, four on an Amex."""
    wanted = 4 if brand(number) == "amex" else 3
    return None if len(text) == wanted else "invalid-security-code"


def mask(piece: str, text: str) -> str:
    """Return what the vendor shows of a piece: such as xxxx-xxxxxx-x4001, xxx, *******92, the date, the postal code."""
    if piece == "payment-card-number":
        hidden = "x" * (len(text) - 4) + text[-4:]
        cuts = (4, 10) if len(text) == 15 else (4, 8, 12)
        return "-".join(hidden[start:end] for start, end in zip((0, *cuts), (*cuts, None), strict=True))
    if piece == "security-code":
        return mask_all(text)
    return "*" * (len(text) - 2) + text[-2:] if piece == "bank-account-number" else text


def mask_all(text: str) -> str:
    """Return as many x as there are digits."""
    return "x" * len(text)
