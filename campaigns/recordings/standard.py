"""The message for abandoned calls that every campaign has from the start: a text with the campaign's own facts. Pure.

A sales call's has four sentences and nothing else, because the law limits what it may say (FED-017; 47 CFR 64.1200(a)(7)(i)(A)).
Other calls are not bound by that rule; their text says who called, as any recorded message must (FED-021), and that no person speaks.
"""

from campaigns.recordings.declared import Declared, solicits
from compliance.rules.facts import Purpose
from core.types import format_phone

OPT_OUT_KEY = "9"


def has_standard(purpose: Purpose) -> bool:
    """Return whether there is a text for such calls: none for debts, where whoever answers may not learn of them (REGF-004)."""
    return purpose is not Purpose.DEBT


def key(*, seller: str, number: str, purpose: Purpose) -> str:
    """Return what names the standard text of a seller, a caller ID and the kind of call."""
    return f"{seller}|{number}|{'sales' if solicits(purpose) else 'other'}"


def abandoned_text(*, seller: str, number: str, is_sales: bool) -> str:
    """Return the words, the number in digits as people of its country write it."""
    why = "We called for telemarketing purposes." if is_sales else "This is an automated message."
    return (
        f"This is {seller.rstrip('. ')}. {why} Our number is {format_phone(number)}. "
        f"To be placed on our do not call list, press {OPT_OUT_KEY}."
    )


def abandoned(*, seller: str, number: str, purpose: Purpose, takes_requests: bool, is_kept: bool) -> Declared:
    """Return the message; the last two are what is known of the number, and the judge asks for both."""
    is_sales = solicits(purpose)
    return Declared(
        purpose=Purpose.TELEMARKETING if is_sales else Purpose.INFORMATIONAL,
        transcript=abandoned_text(seller=seller, number=number, is_sales=is_sales),
        business_name=seller,
        callback_number=number,
        callback_takes_requests=takes_requests,
        callback_is_kept=is_kept,
        opt_out_key=OPT_OUT_KEY,
        artificial_voice=True,
    )
