"""How many examples a property looks at: all of them in the slow lane, a fifth while one works."""

import os

QUICK = "repeatable"
"""The Hypothesis profile of `make test`; tests/conftest.py registers it and its thorough brothers."""
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", QUICK)
SHARE = 5


def examples(most: int) -> int:
    """Return how many of a property's examples this run looks at: a fifth in `make test`, all in `make test-slow`."""
    return max(most // SHARE, 10) if PROFILE == QUICK else most
