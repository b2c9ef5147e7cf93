"""Columns out of PostgreSQL as arrays: every value, in order, or an error."""

from datetime import UTC, datetime

import numpy as np
import pytest

from core.copying import ints_of, micros_sql

pytestmark = pytest.mark.django_db


def test_each_column_comes_as_one_array_in_the_order_of_the_rows() -> None:
    query = "SELECT n, -n * %(factor)s FROM generate_series(1::bigint, 3) AS n ORDER BY n DESC"

    numbers, products = ints_of(query, {"factor": 2**40}, columns=2)

    assert numbers.tolist() == [3, 2, 1]
    assert products.tolist() == [-3 * 2**40, -2 * 2**40, -(2**40)]


def test_no_rows_are_empty_arrays() -> None:
    found = ints_of("SELECT 1::bigint, 2::bigint WHERE false", [], columns=2)

    assert [len(column) for column in found] == [0, 0]


@pytest.mark.parametrize("column", ["1::integer", "CASE WHEN n > 1 THEN n END"])
def test_what_is_not_bigint_or_is_null_is_refused(column: str) -> None:
    query = f"SELECT {column} FROM generate_series(1::bigint, 3) AS n"

    with pytest.raises(ValueError, match="not bigint, or holds NULL"):
        ints_of(query, [], columns=1)


def test_instants_come_to_the_microsecond() -> None:
    base = int(datetime(2026, 11, 23, 16, tzinfo=UTC).timestamp()) * 1_000_000
    query = f"""
        SELECT {micros_sql("at")} FROM (
            SELECT timestamptz '2026-11-23 16:00:00+00' + n * interval '7.919 milliseconds' + n * interval '1 microsecond' AS at
              FROM generate_series(0, 9999) AS n ORDER BY n
        ) AS instants
    """

    [found] = ints_of(query, [], columns=1)

    assert (found == base + np.arange(10_000) * 7_920).all()
