"""What other apps are told of a call or a text: the events, built from what is stored."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.conf import settings

from compliance.models import ReceivedText
from core import kept
from dialer.callflow import NetworkOutcome
from dialer.events import CallLogged, TextLogged
from dialer.models import Call, CallRecording, ScriptStep
from dialer.recordflow import FINAL
from dialer.urls_out import recording_page_url

_call: kept.Query[Call] = kept.Query(
    lambda call: Call.objects.select_related(
        "contact", "campaign", "agent", "disposition", "attempt__campaign_lead__callback_for"
    ).filter(pk=call)
)
_recording = kept.Query(lambda call: CallRecording.objects.filter(call_id=call))
_steps = kept.Query(
    lambda call: (
        ScriptStep.objects.select_related("run__version").filter(run__call_id=call).order_by("number")
    )
)


def logged_event(call_id: int) -> CallLogged:
    """Return the event that describes an ended call to other apps."""
    [call] = _call.rows(call_id)
    agent, disposition = call.agent, call.disposition
    ended_at = call.ended_at or call.created_at
    lead = call.attempt.campaign_lead
    is_promise = disposition is not None and lead.is_callback
    keeper = lead.callback_for if is_promise else None
    return CallLogged(
        call_id=call.pk,
        version=call.times_logged,
        contact_ref=call.contact.external_ref or "",
        contact_name=call.contact.full_name,
        campaign_name=call.campaign.name,
        agent_name=agent.display_name if agent else "",
        agent_email=agent.email if agent else "",
        direction="outbound",
        number=call.number,
        caller_id=call.caller_id,
        started_at=call.created_at.isoformat(),
        answered_at=call.answered_at.isoformat() if call.answered_at else "",
        ended_at=ended_at.isoformat(),
        duration_seconds=call.duration_seconds or 0,
        network_outcome=call.outcome,
        disposition_code=disposition.code if disposition else "",
        disposition_label=disposition.label if disposition else "",
        disposition_category=disposition.category if disposition else "",
        disposition_crm_values=disposition.crm_values if disposition else {},
        note="\n".join(
            [*filter(None, [call.note]), *(f"{one['label']}: {one['value']}" for one in call.result_answers)]
        ),
        local_date=call.created_at.astimezone(ZoneInfo(settings.OFFICE_ZONE)).date().isoformat(),
        contact_id=call.contact_id,
        campaign_id=call.campaign_id,
        lead_id=lead.pk,
        answers={one["code"]: str(one["value"]) for one in call.result_answers},
        script_answers=_script_answers(call) if disposition and call.bridged_at else [],
        callback_at=lead.next_try_at.isoformat() if is_promise else "",
        callback_date=lead.next_try_at.astimezone(ZoneInfo(settings.OFFICE_ZONE)).date().isoformat()
        if is_promise
        else "",
        callback_agent_name=keeper.display_name if keeper else "",
        callback_agent_email=keeper.email if keeper else "",
        recording_url=_recording_url(call) if disposition and call.answered_at else "",
    )


def text_event(row: ReceivedText) -> TextLogged:
    """Return the event that describes a text we got, and what it was answered with."""
    return TextLogged(
        text_id=row.pk,
        number=row.number,
        our_number=row.our_number,
        words=row.raw_words,
        answer=row.answer,
        meaning=row.meaning,
        received_at=row.received_at.isoformat(),
        local_date=row.received_at.astimezone(ZoneInfo(settings.OFFICE_ZONE)).date().isoformat(),
    )


def _script_answers(call: Call) -> Sequence[Mapping[str, str]]:
    """Return what was answered on the way that counts: a step gone back over is left out, one answered anew has its last answer."""
    way: list[ScriptStep] = []
    for step in _steps.rows(call.pk):
        if step.went_back:
            del way[-1:]
        else:
            way.append(step)
    return [
        {"script": str(step.run.version.script_id), "node": step.node, "answer": step.answer}
        for step in way
        if step.answer
    ]


def _recording_url(call: Call) -> str:
    """Return the page of the call's recording, "" where there is none; who may listen is decided there."""
    if call.outcome == NetworkOutcome.NOT_PLACED:
        return ""
    recording = _recording.first(call.pk)
    if recording is None or recording.state in FINAL or recording.carrier_ref is None:
        return ""
    return recording_page_url(recording.pk)
