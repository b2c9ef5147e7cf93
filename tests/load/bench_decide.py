"""How long the gate's rules take: python -m tests.load.bench_decide [decisions]. Prints one line of JSON, times in µs.

The facts are varied and realistic: landlines and mobiles of many states, with addresses, consents, earlier attempts, open
and closed hours. Times are processor time, the best of five runs, so that the machine's other work is left out of them;
`per_rule` is each rule alone.
"""

import gc
import json
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from time import process_time

from compliance.rules.engine import RULES, Rule, decide
from compliance.rules.facts import Channel, ConsentFact, ConsentKind, ContactFacts, LineType, Purpose
from compliance.rules.policy import Policy, in_force
from tests.rules.making import SELLER, at, attempt, facts

RUNS = 5
NOON = at("2026-11-23T17:00:00Z")
# Number, ZIP, state, city: the address parts a CRM record may or may not have.
PEOPLE = (
    ("+12125550123", "10001", "NY", "New York"),
    ("+13055550123", "", "FL", "Miami"),
    ("+18505550123", "32501", "", ""),
    ("+13125550123", "60601", "IL", "Chicago"),
    ("+19285550123", "86001", "AZ", "Flagstaff"),
    ("+12145550123", "", "TX", "Dallas"),
    ("+12135550123", "", "", ""),
    ("+14075550123", "98101", "WA", "Seattle"),
    ("+15035550123", "97201", "OR", "Portland"),
    ("+18015550123", "", "UT", "Provo"),
)


def made(count: int) -> list[ContactFacts]:
    """Return the facts of that many contacts, the same in every run."""
    chance = Random(20261123)
    return [_one(index, chance) for index in range(count)]


def _one(index: int, chance: Random) -> ContactFacts:
    number, postal_code, state, city = PEOPLE[index % len(PEOPLE)]
    number = number[:8] + f"{chance.randrange(10_000):04d}"
    # Most calls are tried in the day; some are early or late somewhere.
    when = NOON + timedelta(seconds=chance.randrange(-5 * 3600, 9 * 3600))
    attempts = tuple(
        attempt(when - timedelta(minutes=chance.randrange(60, 31 * 24 * 60)), number=number)
        for _ in range(chance.randrange(5))
    )
    return facts(
        when,
        number=number,
        postal_code=postal_code,
        state=state,
        city=city,
        line_type=chance.choice((LineType.WIRELESS, LineType.LANDLINE_RES)),
        channel=Channel.LIVE_PREVIEW,
        purpose=chance.choice((Purpose.TELEMARKETING, Purpose.TELEMARKETING, Purpose.SURVEY)),
        attempts=tuple(sorted(attempts, key=lambda each: each.at)),
        consents=(_consent(index, number),) if chance.random() < 0.5 else (),
    )


def _consent(index: int, number: str) -> ConsentFact:
    return ConsentFact(
        ref=f"consent:{index}",
        kind=ConsentKind.PEWC,
        number=number,
        sellers=frozenset({SELLER}),
        obtained_by=SELLER,
        given_at=NOON - timedelta(days=90),
        has_text=True,
        signature="typed name",
        authorises_automation=True,
        not_a_condition=True,
    )


def best_us(work: Callable[[ContactFacts], object], given: Sequence[ContactFacts]) -> float:
    """Return the best of the runs: microseconds for one contact."""
    times = []
    for _ in range(RUNS):
        start = process_time()
        for each in given:
            work(each)
        times.append((process_time() - start) / len(given))
    return round(min(times) * 1e6, 2)


def _alone(rule: Rule, policy: Policy) -> Callable[[ContactFacts], object]:
    return lambda each: rule(each, policy)


def main(count: int) -> dict[str, object]:
    """Return what was measured."""
    given = made(count)
    policy = in_force(NOON)
    outcomes = [decide(each, policy) for each in given]  # warms every cache up, as a worker's are
    gc.disable()
    whole = best_us(lambda each: decide(each, policy), given)
    per_rule = {
        f"{rule.__module__.rsplit('.', 1)[-1]}.{rule.__name__}": best_us(_alone(rule, policy), given)
        for rule in RULES
    }
    return {
        "decisions": count,
        "allowed": sum(each.allowed for each in outcomes),
        "rules": len(RULES),
        "us_per_decision": whole,
        "per_rule": dict(sorted(per_rule.items(), key=lambda item: -item[1])),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000), ensure_ascii=False))
