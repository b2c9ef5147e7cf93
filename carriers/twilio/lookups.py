"""Twilio's Lookup v2 → our words. Pure. Source: Twilio, Lookup v2: Line Type Intelligence, Reassigned Number."""

from collections.abc import Mapping
from typing import Any, Final

from carriers.lookups import LookedUp, LookUp
from compliance.rules.records import ReassignedAnswer
from compliance.rules.vocabulary import LineType

# A landline is taken for a home's: the carrier does not tell them apart, and the rules are stricter about homes.
LINES: Final[Mapping[str, LineType]] = {
    "mobile": LineType.WIRELESS,
    "landline": LineType.LANDLINE_RES,
    "fixedVoip": LineType.VOIP,
    "nonFixedVoip": LineType.VOIP,
    "tollFree": LineType.TOLLFREE,
}
ANSWERS: Final[Mapping[str, ReassignedAnswer]] = {
    "yes": ReassignedAnswer.YES,
    "no": ReassignedAnswer.NO,
    "no_data_available": ReassignedAnswer.NO_DATA,
    "no_data": ReassignedAnswer.NO_DATA,
}


def question(asked: LookUp) -> dict[str, str]:
    """Return the parameters of the request."""
    fields = ["line_type_intelligence"] if asked.wants_line else []
    if asked.held_since is None:
        return {"fields": ",".join(fields)}
    fields.append("reassigned_number")
    return {"fields": ",".join(fields), "last_verified_date": asked.held_since.strftime("%Y%m%d")}


def answer(asked: LookUp, line: Any, reassigned: Any) -> LookedUp:
    """Return what the packages of an answer say; total: what is not there, or carries an error, is trouble."""
    found_line, found_reassigned, trouble = None, None, []
    if asked.wants_line:
        if _has_error(line):
            trouble.append(f"no line type ({_error(line)})")
        else:
            found_line = LINES.get(str(line.get("type")), LineType.UNKNOWN)
    if asked.held_since is not None:
        said = "" if _has_error(reassigned) else str(reassigned.get("is_number_reassigned"))
        found_reassigned = ANSWERS.get(said)
        if found_reassigned is None:
            trouble.append(f"no word whether it was reassigned ({_error(reassigned)})")
    return LookedUp(line=found_line, reassigned=found_reassigned, trouble="; ".join(trouble))


def _has_error(package: Any) -> bool:
    return not isinstance(package, Mapping) or package.get("error_code") not in (None, "", 0)


def _error(package: Any) -> str:
    return f"error {package.get('error_code')}" if isinstance(package, Mapping) else "nothing said"
