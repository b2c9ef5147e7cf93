"""The evidence for the rules, gathered from the stores for a whole batch at once. Nothing here writes."""

from compliance.gathering.loading import Gathered, gather, load_facts
from compliance.gathering.surroundings import policy_for

__all__ = ["Gathered", "gather", "load_facts", "policy_for"]
