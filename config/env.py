"""The only reader of the process environment.

Every reader fails with the variable's name and a hint. The full list of variables, with safe values, is `.env.sample`.
"""

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str | None = None, *, hint: str = "") -> str:
    """Return the variable as text; without a default it must be set and not empty."""
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. {hint or 'See .env.sample.'}")
    return default


def env_bool(name: str, default: bool) -> bool:
    """Return True or False; only the words True and False (and empty for the default) are accepted."""
    value = os.environ.get(name, "")
    if value == "":
        return default
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}.")
    return value == "True"


def env_float(name: str, default: float) -> float:
    """Return the variable as a number."""
    value = os.environ.get(name, "")
    try:
        return float(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None


def env_decimal(name: str, default: str) -> Decimal:
    """Return the variable as an amount of money, 0 or more."""
    value = os.environ.get(name, "") or default
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise ImproperlyConfigured(f"{name} must be an amount like 0.008, not {value!r}.")
    return amount


def env_int(name: str, default: int) -> int:
    """Return the variable as a whole number."""
    value = os.environ.get(name, "")
    try:
        return int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def env_secret(name: str, default: str | None = None, *, hint: str = "") -> str:
    """Return a secret from the variable, or from the file that NAME_FILE points to."""
    path = os.environ.get(f"{name}_FILE", "")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE points to {path}, which cannot be read: {error}"
            ) from None
    return env_str(name, default, hint=hint)


def env_list(name: str, default: str) -> list[str]:
    """Return a comma-separated variable as a list without empty parts."""
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def parse_database_url(url: str) -> dict[str, object]:
    """Turn postgresql://user:password@host:port/name?host=/socket into Django's DATABASES entry.

    Raises ImproperlyConfigured for any other scheme: PostgreSQL is the one engine.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL must begin with postgresql://, not {parts.scheme or 'nothing'}://."
        )
    query = dict(item.split("=", 1) for item in parts.query.split("&") if "=" in item)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "parley",
        "USER": unquote(parts.username or "postgres"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
    }
