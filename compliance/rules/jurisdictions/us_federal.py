"""Federal numbers, each with its source. Rule ids are those of the rule book (docs/compliance/)."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class LegalNumber:
    """A number of the law, in force on [effective_from, effective_to); None = open on that side."""

    name: str  # the field of policy.Policy it sets
    rule_id: str
    value: int | time
    unit: str
    citation: str
    confidence: str  # H: rule text seen; M: good secondary sources; L: weak or conflicting
    effective_from: date | None = None
    effective_to: date | None = None

    def is_in_force(self, on: date) -> bool:
        """Return whether the row counts on that day."""
        return (self.effective_from is None or self.effective_from <= on) and (
            self.effective_to is None or on < self.effective_to
        )


NUMBERS = (
    LegalNumber(
        "federal_opens",
        "FED-001",
        time(8),
        "opening, local time (inclusive)",
        "47 CFR 64.1200(c)(1); 16 CFR 310.4(c)",
        "H",
    ),
    LegalNumber(
        "federal_closes",
        "FED-001",
        time(21),
        "closing, local time (exclusive)",
        "47 CFR 64.1200(c)(1); 16 CFR 310.4(c)",
        "H",
    ),
    LegalNumber(
        "close_margin_seconds",
        "FED-001",
        30,
        "seconds before closing, on top of the ring time",
        "our policy: a call placed just before closing must not ring past it",
        "H",
    ),
    LegalNumber(
        "registry_max_age_days",
        "FED-002",
        31,
        "days between the registry copy and the call",
        "47 CFR 64.1200(c)(2)(i)(D); 16 CFR 310.4(b)(3)(iv)",
        "H",
    ),
    LegalNumber(
        "attempts_per_24h",
        "ST-003",
        3,
        "attempts to a person in any 24 hours, all numbers and channels",
        "law in FL, OK, MD, OR (state table); our policy everywhere else",
        "H",
    ),
)
