"""Scrubs whole lists against the registry copies in force, as the gate would each number."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from compliance.importing import DncFileRefused
from compliance.reads.history import scrub_target
from compliance.registry.numbering import CODES, LINES, Indexes
from compliance.registry.plans import NORTH_AMERICA, plan_of
from compliance.registry.scrubbing import Judge, Outputs, Scrubbed, scrub_file
from compliance.registry.snapshot import SnapshotBroken
from compliance.registry.sources import ByteStream, SourceRefused, sha256_of
from compliance.registry_facts import Copy, copies_in_force
from compliance.rules.policy import in_force
from compliance.rules.registry import NATIONAL
from core import audit, db


def scrub_list(
    stream: ByteStream,
    outputs: Outputs,
    *,
    seller: str,
    now: datetime,
    column: str = "",
    label: str = "",
    actor: str = "",
) -> Scrubbed:
    """Sort a list's rows into listed, clean and refused ones; rows = listed + clean + refused.

    Shapes: one number a line, or CSV with the number in `column` (a heading, or a place from 1). A number is clean only if a
    national copy young enough covers it and no copy of the seller lists it. The gate asks again when the number is dialed.
    The audit trail keeps which list, by its hash, was scrubbed against which copies, and the sums: `actor` and `label` say who
    and what. Raises DncFileRefused if no such copy is in force, one cannot be read, or the list is none. Hidden SQL: two queries.
    """
    copies = [copy for copy in copies_in_force({seller}) if plan_of(copy.row.name) is NORTH_AMERICA]
    try:
        fresh = _fresh(copies, seller, now)
        found = scrub_file(stream, _judge(copies, fresh), outputs, column=column)
        digest = sha256_of(stream)
    except SourceRefused as error:
        raise DncFileRefused(error.public_message) from None
    except SnapshotBroken as error:
        raise DncFileRefused(f"A registry file {error}. Nothing can be called clean.") from None
    with db.use_case():
        audit.record(
            actor=actor or "scrub_dnc",
            verb="compliance.list.scrubbed",
            target=scrub_target(seller),
            now=now,
            after={
                "label": label[:120],
                "sha256": digest,
                "copies": [f"{copy.row.name} {copy.row.as_of}" for copy in copies],
                "sans": sorted({copy.row.san for copy in copies}),
                "listed": found.listed,
                "clean": found.clean,
                "refused": found.refused,
            },
        )
    return found


def _fresh(copies: Sequence[Copy], seller: str, now: datetime) -> list[Copy]:
    """Return the national copies young enough; raises DncFileRefused if there is none or a copy cannot be read."""
    broken = [copy.problem for copy in copies if copy.problem]
    if broken:
        raise DncFileRefused(f"Nothing can be called clean: {broken[0]}.")
    national = [copy for copy in copies if copy.row.name == NATIONAL]
    if not national:
        raise DncFileRefused(f"No national do-not-call registry is loaded for {seller}. Load one first.")
    limit = in_force(now).registry_max_age_days
    fresh = [copy for copy in national if 0 <= (now.date() - copy.row.as_of).days <= limit]
    if not fresh:
        newest = max(copy.row.as_of for copy in national)
        raise DncFileRefused(
            f"The national registry copy of {newest:%d %b %Y} is {(now.date() - newest).days} days old, "
            f"the limit is {limit}. Load a newer one first."
        )
    return fresh


def _judge(copies: Sequence[Copy], fresh: Sequence[Copy]) -> Judge:
    covered = np.zeros(CODES, bool)
    for copy in fresh:
        if not copy.row.area_codes:
            covered[:] = True
        covered[[int(code) - 200 for code in copy.row.area_codes]] = True

    def judge(indexes: Indexes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        listed = np.zeros(len(indexes), bool)
        for copy in copies:
            if copy.snapshot is not None:
                listed |= copy.snapshot.listed(indexes)
        return listed, covered[indexes // (CODES * LINES)]

    return judge
