"""The closed vocabulary of refusals, with the words lists show for each, and which of them a person may never lift."""

CODES: dict[str, str] = {
    "CLOCK_WRONG": "Server clock not trusted",
    "NUMBER_INVALID": "Number not in use",
    "LINE_PROTECTED": "Line never to be dialed",
    "LINE_BUSY_ACCOUNT": "Another line of the business is being called",
    "JURISDICTION_UNKNOWN": "Country without rules here",
    "DNC_INTERNAL": "Internal do-not-call",
    "REVOKED": "Consent taken back",
    "WRONG_NUMBER": "Wrong number",
    "LITIGATOR": "Known litigator",
    "PURPOSE_UNKNOWN": "Purpose not said",
    "NUMBERS_GENERATED": "Numbers made up by the dialer",
    "CHANNEL_BARRED": "Channel not allowed for this purpose",
    "REG_MISSING": "Seller not registered in the state",
    "CLI_INVALID": "No valid caller ID",
    "CLI_WORN": "Caller ID used too often today",
    "A2P_UNREG": "Messaging sender not registered",
    "A2P_CAP": "Messaging cap of the day reached",
    "CONSENT_PEC": "No consent",
    "CONSENT_PEWC": "No written consent",
    "CONSENT_SELLER": "Consent names another seller",
    "MOBILE_BAN": "No sales calls to mobiles there",
    "QTY_CAP": "Recorded messages used up",
    "RND_RISK": "Number may have another holder",
    "DNC_NATIONAL": "National do-not-call",
    "DNC_STATE": "State do-not-call",
    "SCRUB_STALE": "Registry copy missing or too old",
    "TZ_UNKNOWN": "Time zone not known",
    "HOURS_FED": "Federal hours",
    "HOURS_STATE": "State hours",
    "DAY_STATE": "State calling days",
    "HOLIDAY_STATE": "State holiday",
    "SOE_STATE": "Declared emergency",
    "DAY_CAMPAIGN": "Campaign's days",
    "HOURS_CAMPAIGN": "Campaign's hours",
    "FREQ_STATE": "Tried too often",
    "REGF_7IN7": "Debt: called too often",
    "REGF_COOLDOWN": "Debt: spoken with this week",
    "REGF_TIME": "Debt: inconvenient time or place",
    "ABANDON_CAP": "Abandonment limit reached",
    "NO_REPEAT": "No repeat without a waiting agent",
    "RING_SHORT": "Rings too short",
    "MSG_MISSING": "Message missing or not approved",
    "RULE_ERROR": "A rule failed",
}

NEVER_LIFTED = frozenset(
    {
        "CLOCK_WRONG", "NUMBER_INVALID", "JURISDICTION_UNKNOWN", "LINE_PROTECTED", "DNC_INTERNAL", "REVOKED", "WRONG_NUMBER", "LITIGATOR",
        "NUMBERS_GENERATED", "HOURS_FED", "HOURS_STATE", "DAY_STATE", "HOLIDAY_STATE", "REGF_TIME", "TZ_UNKNOWN", "RULE_ERROR",
    }
)  # fmt: skip
"""ENG-004: no override for revocations, internal do-not-call, hours and card data; nor for what nobody can know better."""

SET_UP = frozenset(
    {
        "A2P_UNREG", "ABANDON_CAP", "CLI_INVALID", "CLOCK_WRONG", "MSG_MISSING", "NUMBERS_GENERATED", "PURPOSE_UNKNOWN", "REG_MISSING",
        "RING_SHORT", "RULE_ERROR", "SCRUB_STALE",
    }
)  # fmt: skip
"""Refusals that say nothing about the person: the seller's or the campaign's set-up lacks something, which somebody can mend."""

GIVEN_BY_CONSENT = frozenset(
    {"CONSENT_PEC", "CONSENT_PEWC", "CONSENT_SELLER", "DNC_NATIONAL", "MOBILE_BAN", "QTY_CAP"}
)
"""Refusals that a consent of the person may end: the gate is worth asking again once one is recorded."""
