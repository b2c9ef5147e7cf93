"""Twilio's error codes → what we may do next, as a table. Pure. Source: Twilio, Error and Warning Dictionary."""

from collections.abc import Mapping
from typing import Final, Literal

ErrorKind = Literal["permanent", "retryable", "unknown"]

CODES: Final[Mapping[int, ErrorKind]] = {
    20003: "retryable",  # authentication failed: nothing was created; the credentials must be mended first
    20005: "retryable",  # account not active: likewise
    20006: "retryable",  # access denied: likewise
    20008: "retryable",  # test credentials: likewise
    20404: "permanent",  # not found
    20429: "retryable",  # too many requests at once
    21201: "permanent",  # no To number
    21205: "permanent",  # invalid URL
    21210: "permanent",  # From is not verified for this account
    21211: "permanent",  # To is not a valid number
    21212: "permanent",  # From is not a valid number
    21214: "permanent",  # To cannot be reached
    21215: "permanent",  # country not permitted
    21216: "permanent",  # account may not call this number
    21217: "permanent",  # number not valid
    21220: "permanent",  # the call is not in progress
}

# Authentication failed, account not active, access denied, test credentials used for real: nothing will go until it is mended.
REFUSES_US: Final = frozenset({20003, 20005, 20006, 20008})


def refuses_us(status: int, code: int | None) -> bool:
    """Return whether the refusal is about our credentials or account, not about what was asked."""
    return code in REFUSES_US or status == 401 or (status == 403 and not code)


def kind_of(status: int, code: int | None) -> ErrorKind:
    """Return what a refused request allows: the code decides, else the HTTP status.

    A 5xx may have come after the call was placed, so it is unknown; a 401 or 429 never has an effect.
    """
    if code is not None and code in CODES:
        return CODES[code]
    if status == 429 or status == 401:
        return "retryable"
    if status >= 500 or status == 408:
        return "unknown"
    return "permanent"
