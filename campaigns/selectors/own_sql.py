"""The value of a field of the house's own, as the database compares and sorts it.

The expression of a quick field's index is this very text (campaigns.services.quickfields): changed here, the index is no longer used.
Who has no value stands before everybody who has one: as empty text, or as less than any number.
"""

import re
from typing import Final

from campaigns.segments.fields import Kind

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)  # as the database holds it: custom_field_key
NONE: Final = "'-Infinity'::numeric"


def value_sql(kind: Kind, key: str) -> str:
    """Return the expression over campaigns_contact; of texts in capitals, by the codes of their letters."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"“{key[:40]}” is not the key of a field.")
    value, text = f"campaigns_contact.custom -> '{key}'", f"campaigns_contact.custom ->> '{key}'"
    if kind is Kind.AMOUNT:
        return f"coalesce(CASE WHEN jsonb_typeof({value}) = 'number' THEN ({text})::numeric END, {NONE})"
    if kind is Kind.DAY:
        return f"""coalesce(CASE WHEN jsonb_typeof({value}) = 'string' THEN {text} END, '') COLLATE "C\""""
    return f"""upper(coalesce({text}, '')) COLLATE "C\""""
