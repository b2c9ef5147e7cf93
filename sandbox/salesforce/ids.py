"""Record ids as Salesforce makes them: 15 characters, 18 with a suffix that encodes the case."""

import string

_ALPHABET = string.ascii_uppercase + "012345"
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ALLOWED = frozenset(_BASE62)

PREFIX_BY_OBJECT = {
    "Account": "001",
    "AsyncApiJob": "750",
    "Report": "00O",
    "Contact": "003",
    "User": "005",
    "ListView": "00B",
    "Organization": "00D",
    "Lead": "00Q",
    "Task": "00T",
    "CampaignMember": "00v",
    "Campaign": "701",
}
OBJECT_BY_PREFIX = {prefix: name for name, prefix in PREFIX_BY_OBJECT.items()}


class MalformedIdError(ValueError):
    """Text that is no record id."""


def make_id(object_name: str, number: int) -> str:
    """Return the 18-character id of the n-th record of an object."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return _with_suffix(f"{PREFIX_BY_OBJECT[object_name]}Hs0{digits:0>9}")


def parse_id(text: object) -> str:
    """Return the 18-character form of a 15- or 18-character id; raises MalformedIdError."""
    if not isinstance(text, str) or len(text) not in (15, 18) or not _ALLOWED.issuperset(text):
        raise MalformedIdError(str(text))
    full = _with_suffix(text[:15])
    if len(text) == 18 and text != full:
        raise MalformedIdError(text)
    return full


def _with_suffix(short: str) -> str:
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(
            1 << i for i, char in enumerate(short[start : start + 5]) if char in string.ascii_uppercase
        )
        suffix += _ALPHABET[bits]
    return short + suffix
