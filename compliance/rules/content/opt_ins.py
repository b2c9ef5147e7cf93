"""Whether an opt-in carries a text (A2P-009)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from compliance.rules.content.problems import Problem


class ConsentTier(IntEnum):
    """CTIA's tiers: a higher one covers a lower one, never the other way."""

    NONE = 0
    CONVERSATIONAL = 1  # the person wrote first; answers alone
    INFORMATIONAL = 2  # said or written
    PROMOTIONAL = 3  # in writing


@dataclass(frozen=True, slots=True, kw_only=True)
class OptIn:
    """What one person agreed to."""

    number: str
    brand: str
    tier: ConsentTier


def opt_in_problems(
    opt_in: OptIn, *, needs: ConsentTier, brand: str, deactivated: Collection[str]
) -> tuple[Problem, ...]:
    """Return why the opt-in does not carry the text. `deactivated` holds the numbers of the carriers' latest daily files."""
    found: list[Problem] = []
    if opt_in.tier < needs:
        advice = {
            ConsentTier.INFORMATIONAL: "ask for it in a form, by keyword or on the phone",
            ConsentTier.PROMOTIONAL: "ask for it in writing",
        }.get(needs, "wait until they write")
        found.append(
            Problem(
                rule_id="A2P-009",
                code="CONSENT_TIER",
                where="opt_in",
                message=f"The person agreed to {opt_in.tier.name.lower()} texts, this one is {needs.name.lower()}: {advice} first.",
            )
        )
    if " ".join(opt_in.brand.split()).casefold() != " ".join(brand.split()).casefold() or not brand.strip():
        found.append(
            Problem(
                rule_id="A2P-009",
                code="OTHER_BRAND",
                where="brand",
                message=f"The person agreed to texts of “{opt_in.brand}”, not of “{brand}”. An opt-in cannot be passed on: ask again for "
                "this brand.",
            )
        )
    if opt_in.number in deactivated:
        found.append(
            Problem(
                rule_id="A2P-009",
                code="DEACTIVATED",
                where="number",
                message="The carrier has deactivated this number, so it may belong to somebody else soon. Remove the opt-in; ask again if "
                "the person returns.",
            )
        )
    return tuple(found)
