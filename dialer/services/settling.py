"""What becomes of a lead whose call the dialer made and no agent spoke on: disposed of by what the network and detection say."""

from datetime import datetime, timedelta

from campaigns.models import Disposition
from campaigns.services import work
from core import kept
from dialer.callflow import NetworkOutcome, Party
from dialer.dropflow import DropState
from dialer.models import Call, VoicemailDrop
from dialer.services import following

TRY_AGAIN_AFTER = timedelta(minutes=1)  # a call that was never placed
MESSAGE_LEFT = "left_message"
ANSWERED_CODES = {Party.MACHINE: "machine", Party.FAX: "failed"}
TAKEN_FOR = ("machine", "hung_up")  # what a message that was cut off leaves
NETWORK_CODES = {
    NetworkOutcome.BUSY: "busy",
    NetworkOutcome.NO_ANSWER: "no_answer",
    NetworkOutcome.FAILED: "failed",
    NetworkOutcome.CANCELED: "no_answer",
}

_disposition = kept.Query(
    lambda dispositions, code: Disposition.objects.filter(
        disposition_set_id=dispositions, code=code
    ).order_by("pk"),
    values=2,
)


def settle(
    call: Call, outcome: NetworkOutcome, *, detail: str, now: datetime, drop: VoicemailDrop | None = None
) -> None:
    """Dispose of a locked, ended call and let its lead go; `drop` is what was played on it, if anything was.

    The caller saves nothing of it afterwards.
    """
    lead_id = kept.related(call, "attempt").campaign_lead_id
    if outcome is NetworkOutcome.NOT_PLACED:
        work.give_back(campaign_lead_id=lead_id, try_at=now + TRY_AGAIN_AFTER, reason=detail)
        return
    code = code_of(call, outcome, drop)
    found = _disposition.first(kept.related(call, "campaign").disposition_set_id, code)
    if found is not None:
        call.disposition, call.disposed_at = found, now
        kept.save(call, "disposition", "disposed_at")
    following.decide_next(
        call,
        campaign_lead_id=lead_id,
        code=code,
        category=found.category if found else Disposition.Category.NO_CONTACT,
        label=found.label if found else code.replace("_", " ").capitalize(),
        retry_minutes=found.retry_minutes if found else work.RETRY_MINUTES,
        now=now,
    )


def correct(call: Call, *, now: datetime) -> bool:
    """Say of a locked, ended call that a message was left on it, which we heard too late; return whether that changed its result."""
    if call.disposition is None or call.disposition.code not in TAKEN_FOR:
        return False
    found = Disposition.objects.filter(
        disposition_set_id=call.campaign.disposition_set_id, code=MESSAGE_LEFT
    ).first()
    if found is None:
        return False
    call.disposition, call.disposed_at = found, now
    call.save(update_fields=["disposition", "disposed_at"])
    return True


def code_of(call: Call, outcome: NetworkOutcome, drop: VoicemailDrop | None = None) -> str:
    """Return the code of the automatic disposition; “left a message” only if it was played to its end."""
    if drop is not None and DropState(drop.state).is_left:
        return MESSAGE_LEFT
    if outcome is not NetworkOutcome.ANSWERED:
        return NETWORK_CODES[outcome]
    party = call.agent_heard or call.answered_by
    if party in ANSWERED_CODES:
        return ANSWERED_CODES[Party(party)]
    return "abandoned" if call.abandoned else "hung_up"
