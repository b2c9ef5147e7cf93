"""Text senders: registered with the carriers, within their cap, for content that may be sent (A2P-001, -004, -007, -010, -012)."""

from compliance.rules.days import PACIFIC, next_midnight
from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import Channel, ContactFacts, Purpose, SenderFacts
from compliance.rules.policy import Policy
from compliance.rules.purposes import is_telemarketing

TEXTS = frozenset({Channel.SMS, Channel.MMS})
LONG_CODE, TOLL_FREE, SHORT_CODE = "long_code", "toll_free", "short_code"
MARKETING_USE_CASES = frozenset({"marketing", "mixed", "low_volume_mixed"})
NOT_A_TEXT = "it is not a text"


def registered_sender(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a text from a sender that is not registered, or not for this content. ENG-001 step 4."""
    if facts.channel not in TEXTS:
        return not_bound("A2P-001", NOT_A_TEXT)
    sender = facts.sender
    if problem := _not_registered(sender):
        return denied("A2P-001", "A2P_UNREG", problem)
    if facts.purpose is Purpose.POLITICAL and not sender.political_token:
        return denied(
            "A2P-007", "A2P_UNREG", "political texts need a Campaign Verify token; record the sender's"
        )
    if is_telemarketing(facts) and sender.use_case not in MARKETING_USE_CASES:
        registered_for = sender.use_case.replace("_", " ") or "nothing we know of"
        return denied(
            "A2P-001",
            "A2P_UNREG",
            f"the sender is registered for {registered_for}, not for marketing; choose another sender",
        )
    return allowed("A2P-001", "the sender is registered for this content")


def within_carrier_cap(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a text whose parts would pass the brand's daily cap; it waits for midnight Pacific time. A2P-004."""
    if facts.channel not in TEXTS:
        return not_bound("A2P-004", NOT_A_TEXT)
    sender, parts = facts.sender, max(facts.message.parts, 1)
    if sender.kind in (TOLL_FREE, SHORT_CODE):
        return not_bound("A2P-004", "the daily cap is on ten-digit numbers")
    if sender.daily_cap is None:
        return denied(
            "A2P-004", "A2P_CAP", "the brand's daily cap is not known; record its vetting score or its cap"
        )
    if sender.parts_today + parts <= sender.daily_cap:
        return allowed("A2P-004", "within the carrier's daily cap")
    if parts > sender.daily_cap:
        return denied("A2P-004", "A2P_CAP", f"the text has more parts than a whole day's {sender.daily_cap}")
    return denied_for_now(
        "A2P-004",
        "A2P_CAP",
        f"{sender.parts_today} message parts were sent today, the brand's cap is {sender.daily_cap}",
        retry_at=next_midnight(facts.at, PACIFIC),
    )


def shares_cap(one: SenderFacts, other: SenderFacts) -> bool:
    """Return whether what one sends may count for the other's brand: a sender of no known brand may be of any. A2P-004."""
    if one.kind != LONG_CODE or other.kind != LONG_CODE:
        return False
    return one.brand == other.brand or not (one.brand and other.brand)


def sendable_purpose(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny texts about debts: carriers bar third-party collection. A2P-010."""
    if facts.channel not in TEXTS:
        return not_bound("A2P-010", NOT_A_TEXT)
    if facts.purpose is Purpose.DEBT:
        return denied(
            "A2P-010",
            "CHANNEL_BARRED",
            "carriers bar texts that collect debts; call instead",
            needs_review=True,
        )
    return allowed("A2P-010", "carriers do not bar texts of this purpose")


def short_enough(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a text of more parts than carriers take. A2P-012."""
    if facts.channel not in TEXTS:
        return not_bound("A2P-012", NOT_A_TEXT)
    parts = facts.message.parts
    if parts > policy.message_parts:
        return denied(
            "A2P-012",
            "MSG_MISSING",
            f"the text has {parts} parts, the limit is {policy.message_parts}; shorten it",
        )
    return allowed("A2P-012", f"no more than {policy.message_parts} parts")


SENDER_RULES = (registered_sender, within_carrier_cap, sendable_purpose, short_enough)


def _not_registered(sender: SenderFacts) -> str:
    if sender.kind == LONG_CODE:
        lacks = (
            (not sender.brand_approved, "the brand is not approved; wait for it or correct its registration"),
            (not sender.campaign_approved, "the messaging campaign is not approved"),
            (not sender.attached, "the number is not attached to the approved messaging campaign"),
            (not sender.in_pool, "the number is not in the messaging service's sender pool; add it"),
        )
        return next((words for missing, words in lacks if missing), "")
    if sender.kind == TOLL_FREE:
        return "" if sender.toll_free_verified else "the toll-free number is not verified for texts"
    if sender.kind == SHORT_CODE:
        return "" if sender.campaign_approved else "the short code's campaign is not approved"
    return "it is not known what kind of number the text sender is; record it with its registration"
