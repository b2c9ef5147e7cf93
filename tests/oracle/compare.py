"""Compare the product's gate with the second opinion: `python -m tests.oracle.compare --n 1000000 --processes 2`."""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from compliance.rules.engine import decide
from compliance.rules.facts import ContactFacts
from tests.oracle.book import judge, refusals
from tests.oracle.population import contacts

KEPT = 50  # disagreements written out for study
CHUNK = 10_000  # contacts per seed: a chunk can be drawn again alone


@dataclass(slots=True)
class Tally:
    """What a comparison found."""

    n: int = 0
    allowed: int = 0  # by the book
    outcome: int = 0  # disagreements: one allows, the other denies
    outcome_by: Counter[str] = field(default_factory=Counter)  # codes of the side that denies
    codes: Counter[str] = field(default_factory=Counter)  # both deny: codes only one side gives
    cases: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add another part's counts."""
        self.n += other.n
        self.allowed += other.allowed
        self.outcome += other.outcome
        self.outcome_by += other.outcome_by
        self.codes += other.codes
        self.cases = (self.cases + other.cases)[:KEPT]


def compare(population: Iterator[ContactFacts]) -> Tally:
    """Return what both say of every contact, and where they differ."""
    tally = Tally()
    for facts in population:
        ours = judge(facts)
        decision = decide(facts)
        theirs = {verdict.code for verdict in decision.verdicts if verdict.outcome.value == "deny"}
        tally.n += 1
        tally.allowed += not ours
        if bool(ours) == bool(theirs) == (not decision.allowed):
            tally.codes.update(difference(ours, theirs))
            continue
        tally.outcome += 1
        tally.outcome_by.update(difference(ours, theirs))
        if len(tally.cases) < KEPT:
            tally.cases.append(describe(facts))
    return tally


def difference(book: frozenset[str], product: set[str]) -> list[str]:
    """Return the codes only one side gives, each with its side."""
    return [f"book {code}" for code in book - product] + [f"product {code}" for code in product - book]


def describe(facts: ContactFacts) -> str:
    """Return the facts with both answers, for people."""
    decision = decide(facts)
    said = [f"{r.rule} {r.code}: {r.because}" for r in refusals(facts)]
    theirs = [f"{v.rule_id} {v.code}: {v.reason}" for v in decision.verdicts if v.outcome.value == "deny"]
    lines = ["Book:", *said, "Product:", *theirs, f"Facts: {facts!r}"]
    return "\n".join(lines)


def compare_chunk(job: tuple[int, int]) -> Tally:
    """Compare one chunk: its seed and size."""
    seed, size = job
    return compare(islice(contacts(seed), size))


def run(n: int, seed: int, processes: int) -> Tally:
    """Return the tally of n contacts, drawn in chunks from consecutive seeds."""
    jobs = [(seed * 1_000_000 + part, min(CHUNK, n - part * CHUNK)) for part in range(-(-n // CHUNK))]
    total = Tally()
    with get_context("spawn").Pool(processes) as pool:
        for part in pool.imap(compare_chunk, jobs):
            total.add(part)
    return total


def main() -> None:
    """Print one line of JSON, and write the disagreements to a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--file", type=Path, default=Path("var/oracle-disagreements.txt"))
    options = parser.parse_args()
    began = time.perf_counter()
    tally = run(options.n, options.seed, options.processes)
    options.file.parent.mkdir(parents=True, exist_ok=True)
    options.file.write_text("\n\n".join(tally.cases), encoding="utf-8")
    line = {
        "n": tally.n,
        "seed": options.seed,
        "allowed_share": round(tally.allowed / max(tally.n, 1), 4),
        "outcome_disagreements": tally.outcome,
        "outcome_by_code": dict(tally.outcome_by.most_common()),
        "code_disagreements": dict(tally.codes.most_common()),
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
