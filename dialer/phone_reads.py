"""What the phone inside a CRM shows of its agent. Two queries at most."""

from dataclasses import dataclass

from dialer.models import AgentSession, Call


@dataclass(frozen=True, slots=True)
class PhoneState:
    """The agent and who is before them or on the line; empty texts where there is nobody."""

    state: str  # dialer.agentflow.AgentState; offline while signed off
    campaign_name: str
    version: int
    leg_state: str
    person_name: str
    external_ref: str
    number: str
    call_id: int | None
    call_state: str
    outcome: str = ""  # of the call; empty until it has ended
    answered_by: str = ""
    note: str = ""  # what the agent has written of the call so far
    campaign_id: int | None = None  # whose results the call can have


def phone_state(user_id: int) -> PhoneState:
    """Return what is now."""
    session = (
        AgentSession.objects.select_related("campaign", "campaign_lead__contact", "call__contact")
        .filter(user_id=user_id, ended_at__isnull=True)
        .first()
    )
    if session is None:
        return PhoneState("offline", "", 0, "down", "", "", "", None, "")
    call: Call | None = session.call
    lead = session.campaign_lead
    person = call.contact if call is not None else lead.contact if lead is not None else None
    return PhoneState(
        state=session.state,
        campaign_name=session.campaign.name,
        version=session.version,
        leg_state=session.leg_state,
        person_name=person.full_name if person else "",
        external_ref=(person.external_ref or "") if person else "",
        number=str(call.number) if call else "",
        call_id=call.pk if call else None,
        call_state=call.state if call else "",
        outcome=call.outcome if call else "",
        answered_by=call.answered_by if call else "",
        note=call.note if call else "",
        campaign_id=call.campaign_id if call else None,
    )
