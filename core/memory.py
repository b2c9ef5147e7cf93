"""The garbage collector of a process that serves for hours."""

import gc

GATHERS = (
    20_000  # new objects between two looks for cycles; Python's own 700 has it look several times a request
)


def settle() -> None:
    """Keep the collector away from what start-up has made and stays, and have it look less often; call once, when all is loaded.

    What it walks in vain are the tables of rules and places, a few hundred thousand objects, and Django's own.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GATHERS, 20, 20)
