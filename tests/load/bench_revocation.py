"""`python -m tests.load.bench_revocation`: how well and how fast messages are read; one JSON line.

Time is that of this process, the best of several rounds, over the whole set and for a text of 500 characters.
"""

import dataclasses
import json
import time
from collections.abc import Sequence

from compliance.rules.revocation import read_message
from tests.load import revocation_set

ROUNDS = 7
LONG = (
    "hi this is karen um i keep getting calls from you guys about the roof and i am not sure what to do, so please call me "
    "back when you can. I will stop by the office at the end of the week, do not wait for me on Friday. "
) * 3


def microseconds(texts: Sequence[str]) -> float:
    """Return the time one text takes, on average over the texts, in the best of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for text in texts:
            read_message(text)
        rounds.append(time.process_time() - began)
    return round(min(rounds) / len(texts) * 1e6, 1)


def main() -> None:
    """Print the figures."""
    report: dict[str, object] = {}
    for part in revocation_set.PARTS:
        scored = dataclasses.asdict(revocation_set.score(part))
        report[part] = {
            key: round(value, 4) if isinstance(value, float) else value for key, value in scored.items()
        }
    texts = [message.text for part in revocation_set.PARTS for message in revocation_set.labelled(part)]
    report["microseconds_per_text"] = microseconds(texts)
    report["microseconds_for_500_characters"] = microseconds([LONG[:500]] * 50)
    print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
