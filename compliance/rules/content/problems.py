"""What a check of content answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason not to publish. A check returns all of them, so that one round of editing is enough."""

    rule_id: str  # of the rule book: FED-017
    code: str  # stable, for lists and tests
    message: str  # what is wrong and what to do
    where: str = ""  # node, field or span of characters ("transcript 10-25")
    needs_review: bool = False  # a person may accept it (the rule book's REVIEW)


def blocking(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return the problems nobody may accept."""
    return tuple(problem for problem in problems if not problem.needs_review)
