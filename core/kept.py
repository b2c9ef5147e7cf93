"""Statements the ORM writes once: afterwards only their values change, and the server keeps their plans.

For what runs many times a second, where writing the SQL anew costs Django more than the server takes to run it (docs/measurements.md).
Models, conversions and errors are Django's own.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection, models
from django.db.models.expressions import RawSQL
from django.db.models.query import get_related_populators

from core import db

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

    def _found(self, values: Sequence[object]) -> Iterable[Sequence[Any]]:
        written = self._written
        if written.locks:
            db.require_atomic()
        params = [values[each.number] if isinstance(each, _Place) else each for each in written.params]
        with connection.cursor() as cursor:
            _run(cursor, written.sql, params)
            rows: list[Sequence[Any]] = cursor.fetchall()
        if not written.converters:
            return rows
        converted: Iterable[Sequence[Any]] = written.compiler.apply_converters(rows, written.converters)
        return converted

    @cached_property
    def _written(self) -> "_Written":
        return _Written.of(self._build(*(RawSQL("%s", (_Place(each),)) for each in range(self._values))))


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
        self._related = populators(info, select, connection.alias)

    def of(self, row: Sequence[Any]) -> Any:
        model = self._model.from_db(connection.alias, self._names, row[self._first : self._end])
        for populate in self._related:
            populate.populate(row, model)
        return model


def save(row: models.Model, *fields: str) -> None:
    """Store these fields of a row that exists, as row.save(update_fields=fields); raises DatabaseError where it is gone."""
    meta: Any = row._meta
    changed = [meta.get_field(name) for name in sorted(set(fields))]
    columns = ", ".join(f'"{field.column}" = %s' for field in changed)
    statement = f'UPDATE "{meta.db_table}" SET {columns} WHERE "{meta.pk.column}" = %s'  # noqa: S608 - names of our own models
    with connection.cursor() as cursor:
        _run(cursor, statement, [*(_stored(row, field, adding=False) for field in changed), row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"No row of {meta.db_table} was changed; {row.pk} is gone.")


def update(model: type[models.Model], changes: Mapping[str, object], **where: object) -> int:
    """Set plain columns of the rows whose fields equal these values, or one of a tuple's, and return how many were changed."""
    columns = ", ".join(f'"{_column(model, name)}" = %s' for name in changes)
    asked = " AND ".join(_question(model, name, value) for name, value in where.items())
    wanted = [each for value in where.values() for each in (value if isinstance(value, tuple) else (value,))]
    statement = f'UPDATE "{model._meta.db_table}" SET {columns} WHERE {asked}'  # noqa: S608 - names of our own models
    with connection.cursor() as cursor:
        _run(cursor, statement, [*changes.values(), *wanted])
        return int(cursor.rowcount)


def _question(model: type[models.Model], name: str, value: object) -> str:
    column = f'"{_column(model, name)}"'
    return f"{column} IN ({', '.join(['%s'] * len(value))})" if isinstance(value, tuple) else f"{column} = %s"


def _column(model: type[models.Model], name: str) -> str:
    meta: Any = model._meta
    return str((meta.pk if name == "pk" else meta.get_field(name)).column)


def insert(row: M) -> M:
    """Insert a row with the server's key, as objects.create; returns it."""
    meta = row._meta
    fields = [field for field in meta.local_concrete_fields if field is not meta.pk]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    statement = f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ({places}) RETURNING "{meta.pk.column}"'  # noqa: S608 - as above
    with connection.cursor() as cursor:
        _run(cursor, statement, [_stored(row, field, adding=True) for field in fields])
        [(row.pk,)] = cursor.fetchall()
    row._state.adding, row._state.db = False, connection.alias
    return row


def _stored(row: models.Model, field: Any, *, adding: bool) -> object:
    value = field.pre_save(row, adding)
    return field.get_db_prep_save(value, connection)


@lru_cache(maxsize=1000)
def _named(statement: str) -> tuple[str, str, str]:
    """Return a statement's name at the server, its definition there, and what runs it."""
    name = f"kept_{hashlib.blake2b(statement.encode(), digest_size=10).hexdigest()}"
    count = statement.replace("%%", "").count("%s")
    places = ", ".join(["%s"] * count)
    definition = statement % tuple(f"${number}" for number in range(1, count + 1))
    return name, f"AS {definition}", f"EXECUTE {name} ({places})" if count else f"EXECUTE {name}"


def _run(cursor: Any, statement: str, params: Sequence[object]) -> None:
    name, definition, execute = _named(statement)
    db.teach(name, definition)
    cursor.execute(execute, params)
