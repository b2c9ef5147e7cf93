"""Keys of the API: made by an administrator, shown once, taken away at once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import roles
from api.models import ApiKey
from core import audit, db
from core.errors import AppError, NotFound

_SCHEME = "plk"
_USED_EVERY = timedelta(minutes=1)  # a key used a hundred times a second is written down once a minute


class KeyRefused(AppError):
    """The key cannot be made as asked."""


@dataclass(frozen=True, slots=True)
class Program:
    """Who calls: a program with a key."""

    key_id: int
    name: str
    role: str

    is_authenticated = True

    @property
    def actor(self) -> str:
        """Return the name for the audit trail."""
        return f"api:{self.name}"

    def may(self, permission: str) -> bool:
        """Return whether the key's role includes the permission."""
        return roles.may(self.role, permission)


def make_key(*, name: str, role: str, by_name: str, now: datetime) -> str:
    """Make a key and return it: the only time it is seen. Raises KeyRefused."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > 80 or not tidy.isprintable():
        raise KeyRefused("Say what will use the key, in at most 80 characters.")
    if role not in list(map(str, roles.Role)):
        raise KeyRefused("Choose the role whose rights the key gets.")
    prefix = secrets.token_hex(6)
    key = f"{_SCHEME}_{prefix}_{secrets.token_urlsafe(32)}"
    with db.use_case():
        row = ApiKey.objects.create(
            name=tidy, prefix=prefix, digest=_digest(key), role=role, created_at=now, created_by=by_name
        )
        audit.record(
            actor=by_name,
            verb="api.key.made",
            target=f"api-key:{row.pk}",
            now=now,
            after={"name": tidy, "prefix": prefix, "role": role},
        )
    return key


def revoke_key(*, key_id: int, by_name: str, now: datetime) -> None:
    """Take a key away; one that is taken away already stays as it is. Raises NotFound."""
    with db.use_case():
        if not ApiKey.objects.filter(pk=key_id).exists():
            raise NotFound("This key does not exist.")
        if ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True).update(
            revoked_at=now, revoked_by=by_name
        ):
            audit.record(actor=by_name, verb="api.key.revoked", target=f"api-key:{key_id}", now=now)


def program_with(key: str, *, now: datetime) -> Program | None:
    """Return who has the key; None for one that is wrong or taken away."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != _SCHEME or "\x00" in key:
        return None
    row = ApiKey.objects.filter(prefix=parts[1], revoked_at__isnull=True).first()
    if row is None or not secrets.compare_digest(row.digest, _digest(key)):
        return None
    if row.last_used_at is None or row.last_used_at < now - _USED_EVERY:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return Program(row.pk, row.name, row.role)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
