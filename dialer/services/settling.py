"""What becomes of a lead whose call the dialer made and no agent spoke on: disposed of by what the network and detection say."""

from datetime import datetime, timedelta

from campaigns.models import Disposition
from campaigns.services import work
from dialer.callflow import NetworkOutcome, Party
from dialer.models import Call

TRY_AGAIN_AFTER = timedelta(minutes=1)  # a call that was never placed
ANSWERED_CODES = {Party.MACHINE: "machine", Party.FAX: "failed"}
NETWORK_CODES = {
    NetworkOutcome.BUSY: "busy",
    NetworkOutcome.NO_ANSWER: "no_answer",
    NetworkOutcome.FAILED: "failed",
    NetworkOutcome.CANCELED: "no_answer",
}


def settle(call: Call, outcome: NetworkOutcome, *, detail: str, now: datetime) -> None:
    """Dispose of a locked, ended call and let its lead go. The caller saves nothing of it afterwards."""
    lead_id = call.attempt.campaign_lead_id
    if outcome is NetworkOutcome.NOT_PLACED:
        work.give_back(campaign_lead_id=lead_id, try_at=now + TRY_AGAIN_AFTER, reason=detail)
        return
    code = code_of(call, outcome)
    found = Disposition.objects.filter(disposition_set_id=call.campaign.disposition_set_id, code=code).first()
    if found is not None:
        call.disposition, call.disposed_at = found, now
        call.save(update_fields=["disposition", "disposed_at"])
    work.record_result(
        campaign_lead_id=lead_id,
        category=found.category if found else Disposition.Category.NO_CONTACT,
        label=found.label if found else code.replace("_", " ").capitalize(),
        retry_minutes=found.retry_minutes if found else work.RETRY_MINUTES,
        callback_at=None,
        callback_for_id=None,
        now=now,
    )


def code_of(call: Call, outcome: NetworkOutcome) -> str:
    """Return the code of the automatic disposition."""
    if outcome is not NetworkOutcome.ANSWERED:
        return NETWORK_CODES[outcome]
    if call.answered_by in ANSWERED_CODES:
        return ANSWERED_CODES[Party(call.answered_by)]
    return "abandoned" if call.abandoned else "hung_up"
