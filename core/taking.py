"""What was changed, deleted and moved, step by step, kept as JSON so that it can be put back in the opposite order.

Works on any model: tables that other apps hang on people are found by their foreign keys, so none is forgotten when one is added.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, ForeignObjectRel, Model, UniqueConstraint

from core import db

Steps = list[dict[str, Any]]


class Taking:
    """Changes rows and notes each step. Nothing here decides."""

    def __init__(self) -> None:
        """Begin with nothing; the caller's transaction is open."""
        db.require_atomic()
        self.steps: Steps = []
        self.moved: dict[str, int] = {}  # label of a model → rows

    def change(self, row: Model, values: Mapping[str, Any]) -> None:
        """Give the row new values; what is the same already is left out."""
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            return
        before = {name: _plain(getattr(row, name)) for name in changed}
        type(row)._default_manager.filter(pk=row.pk).update(**changed)
        after = {name: _plain(value) for name, value in changed.items()}
        self.steps.append(
            {"do": "change", "of": row._meta.label, "pk": _plain(row.pk), "before": before, "after": after}
        )

    def delete(self, model: type[Model], pks: Sequence[Any]) -> None:
        """Delete rows that nothing points at any more."""
        rows = list(model._default_manager.filter(pk__in=pks).order_by("pk").values())
        if not rows:
            return
        gone = model._default_manager.filter(pk__in=[row[model._meta.pk.attname] for row in rows])
        gone._raw_delete(using="default")  # no cascade: what pointed here was moved before
        plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
        self.steps.append({"do": "delete", "of": model._meta.label, "rows": plain})

    def move(self, key: "ForeignKey[Any, Any]", *, old: int, new: int) -> None:
        """Point rows at another row; one that the other has already, by a unique constraint, is deleted."""
        model, column = key.model, key.attname
        rows = model._default_manager.filter(**{column: old})
        for others in _unique_beside(key):
            theirs = model._default_manager.filter(**{column: new}).values_list(*others)
            taken = set(theirs)
            twice = [row[0] for row in rows.values_list("pk", *others) if tuple(row[1:]) in taken]
            self.delete(model, twice)
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        if not pks:
            return
        model._default_manager.filter(pk__in=pks).update(**{column: new})
        self.moved[model._meta.label] = self.moved.get(model._meta.label, 0) + len(pks)
        self.steps.append(
            {"do": "move", "of": model._meta.label, "by": column, "pks": [_plain(pk) for pk in pks], "old": old, "new": new}
        )  # fmt: skip


def put_back(steps: Sequence[Mapping[str, Any]]) -> None:
    """Take all steps back, the last first. What somebody changed or removed since stays as they left it."""
    db.require_atomic()
    for step in reversed(steps):
        model = apps.get_model(step["of"])
        if step["do"] == "move":
            rows = model._default_manager.filter(pk__in=step["pks"], **{step["by"]: step["new"]})
            rows.update(**{step["by"]: step["old"]})
        elif step["do"] == "delete":
            _insert(model, step["rows"])
        else:
            _change_back(model, step)


def keys_to(model: type[Model]) -> "list[ForeignKey[Any, Any]]":
    """Return every foreign key that points at the model, of any app."""
    relations = model._meta.get_fields(include_hidden=True)
    return [
        relation.field
        for relation in relations
        if isinstance(relation, ForeignObjectRel) and isinstance(relation.field, ForeignKey)
    ]


def _unique_beside(key: "ForeignKey[Any, Any]") -> Iterable[tuple[str, ...]]:
    for constraint in key.model._meta.constraints:
        if (
            isinstance(constraint, UniqueConstraint)
            and key.name in constraint.fields
            and not constraint.condition
        ):
            names = (name for name in constraint.fields if name != key.name)
            yield tuple(key.model._meta.get_field(name).attname for name in names)  # type: ignore[union-attr]


def _insert(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows as they were, but for those whose list, tag or campaign was removed since."""
    columns = {field.attname for field in model._meta.concrete_fields}
    keys = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    there: dict[str, set[Any]] = {}
    for key in keys:
        wanted = {row[key.attname] for row in rows if row.get(key.attname) is not None}
        target = key.remote_field.model._default_manager
        there[key.attname] = set(target.filter(pk__in=wanted).values_list("pk", flat=True))
    kept = []
    for row in rows:
        values = {name: value for name, value in row.items() if name in columns}
        gone = {
            key
            for key in keys
            if values.get(key.attname) is not None and values[key.attname] not in there[key.attname]
        }
        if any(not key.null for key in gone):
            continue
        kept.append(model(**(values | {key.attname: None for key in gone})))
    model._default_manager.bulk_create(kept)


def _change_back(model: type[Model], step: Mapping[str, Any]) -> None:
    row = model._default_manager.filter(pk=step["pk"]).first()
    if row is None:
        return
    values = {}
    for name, before in step["before"].items():
        field = model._meta.get_field(name)
        if _plain(getattr(row, name)) == step["after"][name]:
            values[name] = field.to_python(before)  # type: ignore[union-attr]
    if values:
        model._default_manager.filter(pk=row.pk).update(**values)


def _plain(value: Any) -> Any:
    """A value as JSON keeps it, to the microsecond."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value
