"""The evidence for the rules, gathered from the stores for a whole batch at once. Nothing here writes."""

from compliance.gathering.loading import Gathered, ask_for_evidence, load_facts
from compliance.gathering.stores import STATEMENT
from compliance.gathering.surroundings import ask_for_policy, policy_for

__all__ = ["STATEMENT", "Gathered", "ask_for_evidence", "ask_for_policy", "load_facts", "policy_for"]
