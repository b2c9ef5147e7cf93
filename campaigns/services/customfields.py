"""A house's own fields of people: made here, filled by imports."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.customfields import key_of
from campaigns.models import CustomField
from core import audit, db
from core.errors import AppError

MAX_FIELDS = 100
MAX_CHOICES = 200


class FieldRefused(AppError):
    """The field cannot be made as asked."""


def add_field(*, label: str, kind: str, choices: Sequence[str], by_name: str, now: datetime) -> str:
    """Make a field and return its key. Raises FieldRefused, also for a name that is taken."""
    with db.use_case():
        if CustomField.objects.filter(label__iexact=label.strip()).exists():
            raise FieldRefused(
                f"There is a field “{label.strip()[:80]}” already. Give this one another name."
            )
        return ensure_field(label=label, kind=kind, choices=choices, by_name=by_name, now=now)


def ensure_field(*, label: str, kind: str, choices: Sequence[str], by_name: str, now: datetime) -> str:
    """Return the key of the field of that name, made if it is not there, in the open transaction. Raises FieldRefused."""
    db.require_atomic()
    name = " ".join("".join(ch for ch in label if ch.isprintable()).split())
    if not name or len(name) > 80 or not key_of(name):
        raise FieldRefused("Give the field a name of at most 80 characters, with a letter or digit in it.")
    standing = CustomField.objects.filter(label__iexact=name).first()
    if standing is not None:
        if standing.kind != kind:
            raise FieldRefused(
                f"There is a field “{standing.label}” already, of another kind ({standing.get_kind_display()}). "
                "Choose it, or rename the column."
            )
        return standing.key
    if kind not in CustomField.Kind.values:
        raise FieldRefused("Choose what the field holds: text, a number, a date or a choice.")
    values = list(dict.fromkeys(text for choice in choices if (text := " ".join(choice.split())[:80])))
    if kind == CustomField.Kind.CHOICE and not 1 < len(values) <= MAX_CHOICES:
        raise FieldRefused(f"A choice needs 2 to {MAX_CHOICES} values, one on each line.")
    if CustomField.objects.count() >= MAX_FIELDS:
        raise FieldRefused(f"There are {MAX_FIELDS} fields already, which is the most there can be.")
    key, number = key_of(name), 2
    while CustomField.objects.filter(key=key).exists():
        key, number = f"{key_of(name)[:36]}_{number}", number + 1
    row = CustomField.objects.create(
        key=key,
        label=name,
        kind=kind,
        choices=values if kind == CustomField.Kind.CHOICE else [],
        created_at=now,
    )
    audit.record(
        actor=by_name,
        verb="campaigns.field.added",
        target=f"custom-field:{row.pk}",
        now=now,
        after={"label": name, "key": key, "kind": kind, "choices": row.choices},
    )
    return key
