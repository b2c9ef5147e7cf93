"""Statements the ORM writes once: afterwards only their values change, and the server keeps their plans.

For what runs many times a second, where writing the SQL anew costs Django more than the server takes to run it (docs/measurements.md).
Models, conversions and errors are Django's own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, models
from django.db.models.expressions import RawSQL
from django.db.models.query import get_related_populators

from core import db, prepared

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, eq=False, slots=True)
class _Place:
    """Where a value goes."""

    number: int


class _Kept:
    """A query written at its first use. `build` gets a stand-in for each value, to be used as one would use the value, in filters
    alone. What it returns must not depend on anything else, and may not prefetch.
    """

    def __init__(self, build: Callable[..., "models.QuerySet[Any, Any]"], *, values: int = 1) -> None:
        self._build, self._values = build, values

    def asks(self, *values: object) -> prepared.Asked:
        """Return the question for these values, for prepared.ahead."""
        written = self._written
        return prepared.Asked(written.sql, written.given(values))

    def _found(self, values: Sequence[object]) -> Iterable[Sequence[Any]]:
        written = self._written
        if written.locks:
            db.require_atomic()
        rows = prepared.run(written.sql, written.given(values)).rows
        if not written.converters:
            return rows
        converted: Iterable[Sequence[Any]] = written.compiler.apply_converters(rows, written.converters)
        return converted

    @cached_property
    def _written(self) -> "_Written":
        return _Written.of(self._build(*(RawSQL("%s", (_Place(each),)) for each in range(self._values))))


def any_of(numbers: RawSQL) -> RawSQL:
    """Return what stands for a list of whole numbers behind `__in`, from what stands for the list."""
    return RawSQL(f"SELECT unnest({numbers.sql}::bigint[])", numbers.params)  # noqa: S611 - a place, never a value


class Query(_Kept, Generic[M]):
    """A query for models."""

    def __init__(self, build: Callable[..., "models.QuerySet[M]"], *, values: int = 1) -> None:
        super().__init__(build, values=values)

    def rows(self, *values: object) -> list[M]:
        """Return what there is for these values, in the order of `build`. A query that locks raises outside a transaction."""
        return [self._models.of(row) for row in self._found(values)]

    def first(self, *values: object) -> M | None:
        """Return the first of rows()."""
        return next(iter(self.rows(*values)), None)

    @cached_property
    def _models(self) -> "_Models":
        return _Models(self._written.compiler)


class Values(_Kept):
    """A query for columns: `build` ends in values_list()."""

    def rows(self, *values: object) -> list[tuple[Any, ...]]:
        """Return what there is for these values, in the order of `build`."""
        return [tuple(row) for row in self._found(values)]


@dataclass(frozen=True, kw_only=True)
class _Written:
    """What the ORM wrote."""

    sql: str
    params: Sequence[object]
    locks: bool
    compiler: Any
    converters: dict[int, Any]

    def given(self, values: Sequence[object]) -> list[object]:
        """Return the statement's parameters, where these values stand in their places."""
        return [values[each.number] if isinstance(each, _Place) else each for each in self.params]

    @classmethod
    def of(cls, queryset: "models.QuerySet[Any, Any]") -> "_Written":
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        columns = [each[0] for each in compiler.select[: compiler.col_count]]
        return cls(
            sql=sql,
            params=params,
            locks=queryset.query.select_for_update,
            compiler=compiler,
            converters=compiler.get_converters(columns),
        )


class _Models:
    """Makes models of rows as the ORM does (django.db.models.query.ModelIterable)."""

    def __init__(self, compiler: Any) -> None:
        info, select = compiler.klass_info, compiler.select
        populators: Any = get_related_populators  # typed for another version of Django
        self._model = info["model"]
        self._first, self._end = info["select_fields"][0], info["select_fields"][-1] + 1
        self._names = [each[0].target.attname for each in select[self._first : self._end]]
        self._related = populators(info, select, DEFAULT_DB_ALIAS)

    def of(self, row: Sequence[Any]) -> Any:
        model = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._first : self._end])
        for populate in self._related:
            populate.populate(row, model)
        return model


def save(row: models.Model, *fields: str) -> None:
    """Store these fields of a row that exists, as row.save(update_fields=fields); raises DatabaseError where it is gone."""
    meta: Any = row._meta
    changed = [meta.get_field(name) for name in sorted(set(fields))]
    columns = ", ".join(f'"{field.column}" = %s' for field in changed)
    statement = f'UPDATE "{meta.db_table}" SET {columns} WHERE "{meta.pk.column}" = %s'  # noqa: S608 - names of our own models
    if prepared.run(statement, [*_stored(row, changed, adding=False), row.pk]).touched != 1:
        raise DatabaseError(f"No row of {meta.db_table} was changed; {row.pk} is gone.")


def update(model: type[models.Model], changes: Mapping[str, object], **where: object) -> int:
    """Set plain columns of the rows whose fields equal these values, one of a tuple's or none; return how many were changed."""
    columns = ", ".join(f'"{_column(model, name)}" = %s' for name in changes)
    asked, wanted = _asked(model, where)
    statement = f'UPDATE "{model._meta.db_table}" SET {columns} WHERE {asked}'  # noqa: S608 - names of our own models
    return prepared.run(statement, [*changes.values(), *wanted]).touched


def delete(model: type[models.Model], **where: object) -> int:
    """Delete the rows whose fields equal these values, and nothing that hangs on them; return how many they were."""
    asked, wanted = _asked(model, where)
    return prepared.run(f'DELETE FROM "{model._meta.db_table}" WHERE {asked}', wanted).touched  # noqa: S608 - as above


def _asked(model: type[models.Model], where: Mapping[str, object]) -> tuple[str, list[object]]:
    """Return the condition on these fields, and its values."""
    asked = " AND ".join(_question(model, name, value) for name, value in where.items())
    wanted = [each for value in where.values() for each in (value if isinstance(value, tuple) else (value,))]
    return asked, [each for each in wanted if each is not None]


def _question(model: type[models.Model], name: str, value: object) -> str:
    column = f'"{_column(model, name)}"'
    if value is None:
        return f"{column} IS NULL"
    return f"{column} IN ({', '.join(['%s'] * len(value))})" if isinstance(value, tuple) else f"{column} = %s"


def _column(model: type[models.Model], name: str) -> str:
    meta: Any = model._meta
    return str((meta.pk if name == "pk" else meta.get_field(name)).column)


def insert(row: M) -> M:
    """Insert a row, with the server's key where it has none of its own, as objects.create; returns it."""
    [(row.pk,)] = _insert(row)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


def insert_unless_taken(row: models.Model) -> bool:
    """Insert a row unless a unique constraint forbids it, which ends no transaction; return whether it stands."""
    found = _insert(row, " ON CONFLICT DO NOTHING")
    if found:
        [(row.pk,)] = found
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return bool(found)


def _insert(row: models.Model, otherwise: str = "") -> Sequence[tuple[Any, ...]]:
    meta: Any = row._meta
    fields = [field for field in meta.local_concrete_fields if field is not meta.pk or row.pk is not None]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    statement = (
        f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ({places}){otherwise} RETURNING "{meta.pk.column}"'  # noqa: S608 - as above
    )
    return prepared.run(statement, _stored(row, fields, adding=True)).rows


def related(row: models.Model, name: str) -> Any:
    """Return what a foreign key of a row leads to, as the ORM does and keeps it; None where it leads nowhere."""
    field: Any = row._meta.get_field(name)
    if not field.is_cached(row):
        key = getattr(row, field.attname)
        [found] = [None] if key is None else _by_key(field.remote_field.model).rows(key)
        field.set_cached_value(row, found)
    return field.get_cached_value(row)


@cache
def _by_key(model: type[models.Model]) -> Query[Any]:
    return Query(lambda key: model._base_manager.filter(pk=key))


def _stored(row: models.Model, fields: Iterable[Any], *, adding: bool) -> list[object]:
    """Return the values of fields as the server gets them."""
    ours = connections[DEFAULT_DB_ALIAS]
    return [field.get_db_prep_save(field.pre_save(row, adding), ours) for field in fields]
