"""Compare the product's gate with the second opinion: `python -m tests.oracle.compare --n 1000000 --processes 2`."""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from compliance.rule_index import indexed
from compliance.rules.decision import RULE_ERROR, Decision, Outcome
from compliance.rules.engine import decide
from compliance.rules.facts import ContactFacts
from compliance.rules.stored import facts_as_text
from tests.oracle.book import refusals
from tests.oracle.draft import registrations
from tests.oracle.population import contacts

KEPT = 50  # disagreements written out for study
CHUNK = 10_000  # contacts per seed: a chunk can be drawn again alone
LONG_RUN = 500_000  # contacts from which on a denial that never came is a gap of the population, no chance
OTHER_COUNTRIES = ("CA-", "UK-")  # whose rules the second reading does not read


@dataclass(slots=True)
class Tally:
    """What a comparison found."""

    n: int = 0
    allowed: int = 0  # by the book
    outcome: int = 0  # disagreements: one allows, the other denies
    outcome_by: Counter[str] = field(default_factory=Counter)  # codes of the side that denies
    codes: Counter[str] = field(default_factory=Counter)  # both deny: codes only one side gives
    product: Counter[str] = field(default_factory=Counter)  # denials of the product by "rule code"
    alone: Counter[str] = field(default_factory=Counter)  # of these, those with no other denial beside them
    book: Counter[str] = field(default_factory=Counter)  # refusals of the book, likewise
    cases: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add another part's counts."""
        self.n += other.n
        self.allowed += other.allowed
        self.outcome += other.outcome
        self.outcome_by += other.outcome_by
        self.codes += other.codes
        self.product += other.product
        self.alone += other.alone
        self.book += other.book
        self.cases = (self.cases + other.cases)[:KEPT]


def compare(population: Iterator[ContactFacts], gate: Callable[[ContactFacts], Decision] = decide) -> Tally:
    """Return what both say of every contact, and where they differ."""
    tally = Tally()
    for facts in population:
        reading = {(each.rule, each.code) for each in refusals(facts)}
        decision = gate(facts)
        denials = {(each.rule_id, each.code) for each in decision.verdicts if each.outcome is Outcome.DENY}
        tally.book.update(f"{rule} {code}" for rule, code in reading)
        named = [f"{rule} {code}" for rule, code in denials]
        tally.product.update(named)
        if len(named) == 1:
            tally.alone.update(named)
        ours, theirs = {code for _, code in reading}, {code for _, code in denials}
        tally.n += 1
        tally.allowed += not ours
        if bool(ours) == bool(theirs) == (not decision.allowed):
            tally.codes.update(difference(ours, theirs))
            continue
        tally.outcome += 1
        tally.outcome_by.update(difference(ours, theirs))
        if len(tally.cases) < KEPT:
            tally.cases.append(describe(facts, decision))
    return tally


def difference(book: set[str], product: set[str]) -> list[str]:
    """Return the codes only one side gives, each with its side."""
    return [f"book {code}" for code in book - product] + [f"product {code}" for code in product - book]


def describe(facts: ContactFacts, decision: Decision) -> str:
    """Return the facts with both answers, for people."""
    said = [f"{r.rule} {r.code}: {r.because}" for r in refusals(facts)]
    theirs = [f"{v.rule_id} {v.code}: {v.reason}" for v in decision.verdicts if v.outcome is Outcome.DENY]
    unusual = replace(facts, registrations=tuple(set(facts.registrations) ^ set(registrations())))
    lines = ["Book:", *said, "Product:", *theirs, f"Facts: {facts_as_text(unusual)}"]
    return "\n".join(lines)


def never_denied(tally: Tally) -> list[str]:
    """Return the denials of the product's rules, as "rule code", that no contact reached: gaps of the population."""
    known = {
        f"{rule.rule_id} {code}"
        for rule in indexed().values()
        for code in rule.codes
        if code != RULE_ERROR and not rule.rule_id.startswith(OTHER_COUNTRIES)
    }
    return sorted(known - set(tally.product))


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


def main() -> int:
    """Print one line of JSON, write the disagreements to a file, and return 1 if there are any, or gaps in a long run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--file", type=Path, default=Path("var/oracle-disagreements.txt"))
    options = parser.parse_args()
    began = time.perf_counter()
    tally = run(options.n, options.seed, options.processes)
    gaps = never_denied(tally)
    options.file.parent.mkdir(parents=True, exist_ok=True)
    options.file.write_text("\n\n".join(tally.cases), encoding="utf-8")
    line = {
        "n": tally.n,
        "seed": options.seed,
        "allowed_share": round(tally.allowed / max(tally.n, 1), 4),
        "outcome_disagreements": tally.outcome,
        "outcome_by_code": dict(tally.outcome_by.most_common()),
        "code_disagreements": dict(tally.codes.most_common()),
        "product_denials": dict(tally.product.most_common()),
        "product_denials_alone": dict(tally.alone.most_common()),
        "book_refusals": dict(tally.book.most_common()),
        "never_denied": gaps,
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(line))
    return int(tally.outcome > 0 or (bool(gaps) and tally.n >= LONG_RUN))


if __name__ == "__main__":
    raise SystemExit(main())
