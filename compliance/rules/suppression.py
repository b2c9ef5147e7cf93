"""The seller's own do-not-call list: beats everything, on all channels and in all campaigns, at once (FED-006, TSR-003)."""

from compliance.rules.decision import Verdict, allowed, denied
from compliance.rules.facts import ContactFacts, SuppressionScope
from compliance.rules.policy import Policy


def not_suppressed(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a number whose person asked this seller, or everybody, not to call; whatever the purpose."""
    for request in facts.suppressions:
        if request.scope is SuppressionScope.EVERYONE or request.seller == facts.seller:
            heard = f" ({request.heard_on}, {request.at.day} {request.at:%b %Y})" if request.heard_on else ""
            return denied("FED-006", "DNC_INTERNAL", f"asked not to be called{heard}")
    if facts.crm_do_not_call:
        return denied("FED-006", "DNC_INTERNAL", "the CRM says do not call")
    return allowed("FED-006", "not on the internal do-not-call list")
