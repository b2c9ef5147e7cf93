"""Keys as their page shows them."""

from dataclasses import dataclass
from datetime import datetime

from api.models import ApiKey


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One key, without the key."""

    id: int
    name: str
    prefix: str
    role: str
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str


def list_keys() -> list[KeyFacts]:
    """Return all keys, those in force first, in one query."""
    rows = sorted(ApiKey.objects.order_by("-id"), key=lambda row: row.revoked_at is not None)
    return [
        KeyFacts(
            row.pk, row.name, row.prefix, row.get_role_display(), row.created_at, row.created_by, row.last_used_at, row.revoked_at,
            row.revoked_by,
        )
        for row in rows
    ]  # fmt: skip
