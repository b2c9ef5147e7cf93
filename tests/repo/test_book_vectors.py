"""Every test vector of the rule book is a test, named by its rule and number."""

from pathlib import Path

import pytest

from compliance import rule_index

ROOT = Path(__file__).resolve().parents[2]
BOOK = Path(__file__).with_name("book_vectors.txt")


def vectors() -> list[str]:
    """Return the vectors of the book, "FED-001 T1", in its order."""
    lines = BOOK.read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 1)[0] for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def tested() -> set[str]:
    """Return the vectors that tests are named by, as the sources have them."""
    return {f"{rule.rule_id} {case.vector}" for rule in rule_index.scanned(ROOT) for case in rule.cases}


def test_the_book_lists_each_of_its_vectors_once() -> None:
    assert len(vectors()) == len(set(vectors())) == 254


def test_every_vector_of_the_book_is_a_test(tested: set[str]) -> None:
    assert [vector for vector in vectors() if vector not in tested] == []


def test_no_test_claims_a_vector_that_the_book_has_not(tested: set[str]) -> None:
    assert sorted(tested - set(vectors())) == []
