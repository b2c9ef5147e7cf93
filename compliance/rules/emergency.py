"""No sales contacts to people in an area under a declared emergency (ST-004)."""

from dataclasses import replace

from compliance.rules.consent import has_express_consent
from compliance.rules.days import local_days
from compliance.rules.decision import Verdict, allowed, denied, denied_for_now, not_bound
from compliance.rules.facts import ContactFacts, EmergencyFact
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.policy import Policy
from compliance.rules.purposes import binds_us, is_telemarketing


def no_emergency(facts: ContactFacts, policy: Policy) -> Verdict:
    """Deny a sales contact while an emergency stands where the person may be, in a state that forbids it. ENG-001 step 11.

    A person who asked to be called is for a supervisor to judge: the bans are on unsolicited contacts.
    """
    if not facts.emergencies:
        return not_bound("ST-004", "no emergency is declared where the person may be")
    if not binds_us(facts):
        return not_bound("ST-004", "the states' emergency bans do not bind numbers abroad")
    if not is_telemarketing(facts):
        return not_bound("ST-004", "the emergency bans are on sales contacts only")
    standing = [each for each in facts.emergencies if _is_banned(each, facts, policy)]
    if not standing:
        return allowed("ST-004", "no emergency that bans this contact stands now")
    asked = has_express_consent(facts, policy)
    # One without an end decides: waiting does not lift it. Of the others the last to end.
    endless = next((each for each in standing if each.until is None), None)
    if endless is not None:
        return denied("ST-004", "SOE_STATE", _reason(endless, asked), needs_review=asked)
    last = max(standing, key=lambda each: (each.until or facts.at, each.area))
    return replace(
        denied_for_now("ST-004", "SOE_STATE", _reason(last, asked), retry_at=last.until), needs_review=asked
    )


def _is_banned(emergency: EmergencyFact, facts: ContactFacts, policy: Policy) -> bool:
    if facts.at < emergency.since or (emergency.until is not None and emergency.until <= facts.at):
        return False
    today = local_days(facts)[-1]
    laws = policy.book.laws("emergency_ban", emergency.state, today)
    return any(facts.channel in law.channels for law in laws)


def _reason(emergency: EmergencyFact, asked: bool) -> str:
    state = STATE_NAMES.get(emergency.state, emergency.state)
    reason = f"an emergency is declared in {emergency.area}, {state} allows no sales contacts there"
    return f"{reason}; the person agreed to be contacted, a supervisor may decide" if asked else reason
