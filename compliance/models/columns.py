"""Columns and constraints that several tables share."""

from typing import Any

from django.db import models
from django.db.models import Q

from core.types import E164_PATTERN

PHONE_LENGTH = 16
SHA256_PATTERN = "^[0-9a-f]{64}$"


def phone_column(**options: Any) -> "models.CharField[str, str]":
    """Return a column for a number in E.164."""
    return models.CharField(max_length=PHONE_LENGTH, **options)


def holds_e164(column: str, name: str, *, may_be_empty: bool = False) -> models.CheckConstraint:
    """Return the constraint that a column holds an E.164 number."""
    condition = Q(**{f"{column}__regex": E164_PATTERN})
    return models.CheckConstraint(
        condition=condition | Q(**{column: ""}) if may_be_empty else condition, name=name
    )
