"""Secrets at rest: encrypted with the first of ENCRYPTION_KEYS, readable with any of them, so keys can be rotated."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from core.errors import AppError


class SecretUnreadable(AppError):
    """A stored secret was encrypted with a key that is no longer configured."""


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS or []])


def seal(values: Mapping[str, str]) -> str:
    """Return the values as one encrypted text."""
    return _fernet().encrypt(json.dumps(dict(values)).encode()).decode()


def unseal(text: str) -> dict[str, str]:
    """Return what seal() was given; raises SecretUnreadable if no configured key fits."""
    try:
        values = json.loads(_fernet().decrypt(text.encode()))
    except InvalidToken:
        raise SecretUnreadable(
            "A stored secret cannot be read with the configured PARLEY_ENCRYPTION_KEYS. "
            "Put the old key back, or enter the secret again."
        ) from None
    return {str(key): str(value) for key, value in values.items()}


def seal_bytes(data: bytes) -> bytes:
    """Return the bytes encrypted."""
    return _fernet().encrypt(data)


def unseal_bytes(data: bytes) -> bytes:
    """Return what seal_bytes() was given; raises SecretUnreadable if no configured key fits."""
    try:
        return _fernet().decrypt(data)
    except InvalidToken:
        raise SecretUnreadable(
            "A stored file cannot be read with the configured PARLEY_ENCRYPTION_KEYS. Put the old key back, or upload the file again."
        ) from None
