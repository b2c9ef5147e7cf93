"""The closed vocabulary of refusals, with the words lists show for each."""

CODES: dict[str, str] = {
    "NUMBER_INVALID": "Number not in use",
    "JURISDICTION_UNKNOWN": "Outside the United States",
    "DNC_INTERNAL": "Internal do-not-call",
    "PURPOSE_UNKNOWN": "Purpose not said",
    "RULES_MISSING": "Rules not in force here yet",
    "CLI_INVALID": "No valid caller ID",
    "DNC_NATIONAL": "National do-not-call",
    "DNC_STATE": "State do-not-call",
    "SCRUB_STALE": "Registry copy missing or too old",
    "TZ_UNKNOWN": "Time zone not known",
    "HOURS_FED": "Federal hours",
    "HOURS_STATE": "State hours",
    "DAY_STATE": "State calling days",
    "HOLIDAY_STATE": "State holiday",
    "DAY_CAMPAIGN": "Campaign's days",
    "HOURS_CAMPAIGN": "Campaign's hours",
    "FREQ_STATE": "Tried too often",
    "RULE_ERROR": "A rule failed",
}
