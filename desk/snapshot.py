"""Everything the desk shows, read at one instant, with the id of the last event it contains (flow E)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns import cards as campaigns
from campaigns.scripting.render import Piece
from campaigns.selectors.targets import TargetView, asked_of_targets, list_targets
from campaigns.selectors.voicemails import Voicemail, asked_of_voicemails, list_voicemails
from compliance.rules import places
from core import prepared, realtime
from desk.script import ScriptPart, part_of
from dialer import desk_reads, recorded, transfer_reads
from dialer import selectors as dialer
from dialer.drop_reads import asked_of_drop, is_being_left
from dialer.services.agents import NOT_READY_REASONS, SKIP_REASONS
from dialer.services.results import suggested_code
from dialer.services.states import agent_topic

CALLBACKS_SHOWN = 8
STATE_WORDS = {
    "not_ready": ("Not ready", "warn"),
    "ready": ("Ready", "good"),
    "preview": ("Preview", "info"),
    "on_call": ("On call", "info"),
    "consulting": ("Consulted", "info"),
    "wrap_up": ("Wrap-up", "warn"),
}
CALL_WORDS = {
    "placing": ("Dialing", "info"),
    "dialing": ("Dialing", "info"),
    "ringing": ("Ringing", "info"),
    "answered": ("Answered", "good"),
    "connected": ("On call", "good"),
    "on_hold": ("On hold", "warn"),
    "leaving_message": ("Leaving a message", "auto"),
    "interrupted": ("Reconnecting", "warn"),
    "transferred": ("Handed on", "good"),
    "ended": ("Call ended", "warn"),
}
OUTCOME_WORDS = {
    "answered": "Call ended",
    "busy": "Busy",
    "no_answer": "No answer",
    "failed": "Could not be connected",
    "canceled": "Withdrawn",
    "not_placed": "Not placed",
}
LEG_WORDS = {
    "up": ("Phone connected", "good"),
    "connecting": ("Phone connecting", "info"),
    "down": ("Phone off", "warn"),
    "lost": ("Phone lost", "bad"),
}


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The time where the person may be."""

    zone: str
    clock: str  # "10:04"
    place: str  # "Orlando"
    abbreviation: str  # "EST"


@dataclass(frozen=True, slots=True)
class Card:
    """A lead in front of an agent."""

    lead: campaigns.LeadCard
    local_times: Sequence[LocalTime]
    known_by: str  # "ZIP 32801; area code 407"
    zone: str  # the one callbacks are entered in
    attempt_number: int  # of the call that comes, is under way, or was just made
    script: Sequence[Sequence[Piece]]  # the step it stands at
    part: ScriptPart | None
    history: Sequence[dialer.CallView]


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole desk."""

    after: str  # id of the last event contained
    version: str  # of the session, which moves with everything an agent is told of; empty: signed off
    now: datetime
    session: dialer.SessionView | None
    state_word: str
    state_tone: str
    leg_word: str
    leg_tone: str
    offered_campaigns: Sequence[campaigns.AssignedCampaign]
    card: Card | None
    call: dialer.CallView | None
    call_word: str
    call_tone: str
    recording: recorded.DeskRecording | None
    dispositions: Sequence[campaigns.DispositionView]
    suggested: str
    today: dialer.Today
    callbacks: Sequence[campaigns.CallbackDue]
    skip_reasons: dict[str, str]
    not_ready_reasons: dict[str, str]
    voicemails: Sequence[Voicemail]  # what the agent may leave on a machine
    is_being_left: bool  # the carrier is asked to play one on this call
    transfer: transfer_reads.TransferView | None
    colleagues: Sequence[tuple[int, str]]  # (session, name) of those the call can be transferred to
    queues: Sequence[transfer_reads.Queue]
    numbers: Sequence[TargetView]
    keys: dict[str, str]  # what each part that is not always drawn anew is about
    changed: Sequence[str]  # those of them that are about something else than what is shown


def read(*, user_id: int, agent_name: str, now: datetime, shown: Mapping[str, str] | None = None) -> Desk:
    """Return the agent's desk; a fixed number of queries for each state.

    `shown` has the keys of what a page shows. A part with the same key stays as it is there, and what only it needs is not read:
    the script and history of the part “work”, the dispositions of “result”.
    """
    after = realtime.last_id(agent_topic(user_id))  # before the rows: an event seen twice is harmless
    session = dialer.live_session(user_id)
    with prepared.ahead(*_asked_at_once(session, user_id, now)):
        return _read(session, user_id=user_id, agent_name=agent_name, now=now, shown=shown or {}, after=after)


def _read(
    session: dialer.SessionView | None,
    *,
    user_id: int,
    agent_name: str,
    now: datetime,
    shown: Mapping[str, str],
    after: str,
) -> Desk:
    call = dialer.get_call(session.call_id) if session and session.call_id else None
    keys = _keys(session, call)
    changed = tuple(part for part, key in keys.items() if shown.get(part) != key)
    card = _card(session, call, agent_name, now, is_shown="work" not in changed)
    state_word, state_tone = STATE_WORDS[session.state] if session else ("Signed off", "warn")
    leg_word, leg_tone = LEG_WORDS[session.leg_state] if session else LEG_WORDS["down"]
    call_word, call_tone = call_words(call)
    transfer = transfer_reads.transfer_of(call.id) if call and call.bridged_at and not call.outcome else None
    is_free = call is not None and call.state in ("connected", "on_hold") and transfer is None
    return Desk(
        after=after,
        version=desk_reads.version_of(session.id, session.version) if session else "",
        now=now,
        session=session,
        state_word=state_word,
        state_tone=state_tone,
        leg_word=leg_word,
        leg_tone=leg_tone,
        offered_campaigns=() if session else campaigns.assigned_campaigns(user_id, now=now),
        card=card,
        call=call,
        call_word=call_word,
        call_tone=call_tone,
        recording=recorded.desk_recording(call.id, now=now) if call and call.bridged_at else None,
        dispositions=campaigns.dispositions(call.campaign_id) if call and "result" in changed else (),
        suggested=suggested_code(call.outcome, call.answered_by) if call else "",
        today=dialer.today(user_id, since=_day_begins(now)),
        callbacks=campaigns.callbacks_due(user_id, limit=CALLBACKS_SHOWN) if session else (),
        skip_reasons=SKIP_REASONS,
        not_ready_reasons=NOT_READY_REASONS,
        voicemails=list_voicemails(session.campaign_id, user_id) if session else (),
        is_being_left=call is not None and not call.outcome and is_being_left(call.id),
        transfer=transfer,
        colleagues=_colleagues(session, call, now) if is_free else (),
        queues=transfer_reads.queues(call.campaign_id) if call and is_free else (),
        numbers=list_targets(call.campaign_id) if call and is_free else (),
        keys=keys,
        changed=changed,
    )


def _asked_at_once(session: dialer.SessionView | None, user_id: int, now: datetime) -> list[prepared.Asked]:
    """Return most of what is read of a session: in one round trip it costs a third (docs/measurements.md)."""
    if session is None:
        return []
    asked = [
        *dialer.asked_of_desk(session.call_id, user_id, since=_day_begins(now)),
        *campaigns.asked_of_callbacks(user_id, limit=CALLBACKS_SHOWN),
        *asked_of_voicemails(session.campaign_id),
    ]
    if session.campaign_lead_id is not None:
        asked += campaigns.asked_of_card(session.campaign_lead_id)
    if session.call_id is not None:
        asked += recorded.asked_of_recording(session.call_id)
        asked += transfer_reads.asked_of_transfer(session.call_id)
        asked += asked_of_drop(session.call_id)
    if session.call_id is not None and session.state == "on_call":
        asked += desk_reads.asked_of_colleagues(session.campaign_id, now=now)
        asked += transfer_reads.asked_of_queues(session.campaign_id)
        asked += asked_of_targets(session.campaign_id)
    return asked


def _colleagues(
    session: dialer.SessionView | None, call: dialer.CallView | None, now: datetime
) -> Sequence[tuple[int, str]]:
    return desk_reads.may_take_over(session.id, call.campaign_id, now=now) if session and call else ()


def _keys(session: dialer.SessionView | None, call: dialer.CallView | None) -> dict[str, str]:
    """Return for each part what it is about: the part is drawn anew only when that changes, so nothing typed is lost."""
    lead = session.campaign_lead_id if session else None
    is_over = session is not None and session.state == "wrap_up"
    return {
        "work": f"lead-{lead}",
        "result": f"call-{call.id}-{'over' if is_over else 'live'}" if call else f"none-{lead}",
    }


def local_times(lead: campaigns.LeadCard, number: str, now: datetime) -> tuple[list[LocalTime], str]:
    """Return the time in every zone the person may be in, and how those are known."""
    area = places.describe_number(number).evidence
    address = places.address_evidences(
        postal_code=lead.postal_code, state=lead.state, city=lead.city, stated_zone=lead.stated_zone
    )
    evidences = (*address, *((area,) if area else ()))
    zones = sorted({zone for evidence in evidences for zone in evidence.zones})
    times = []
    for zone in zones:
        local = now.astimezone(ZoneInfo(zone))
        times.append(
            LocalTime(
                zone=zone,
                clock=f"{local:%H:%M}",
                place=places.zone_place(evidences, zone),
                abbreviation=f"{local:%Z}",
            )
        )
    return times, "; ".join(evidence.source for evidence in evidences)


def _card(
    session: dialer.SessionView | None,
    call: dialer.CallView | None,
    agent_name: str,
    now: datetime,
    *,
    is_shown: bool,
) -> Card | None:
    if session is None or session.campaign_lead_id is None:
        return None
    lead = campaigns.lead_card(session.campaign_lead_id)
    number = lead.phones[0].number if lead.phones else ""
    times, known_by = local_times(lead, number, now)
    part = (
        None
        if is_shown
        else part_of(lead, agent_name, session.call_id, caller_id=call.caller_id if call else "")
    )
    return Card(
        lead=lead,
        local_times=times,
        known_by=known_by,
        zone=times[0].zone if times else settings.OFFICE_ZONE,
        # A call is counted when it ends: in wrap-up it is counted already.
        attempt_number=lead.attempts + (session.state != "wrap_up"),
        script=part.paragraphs if part else (),
        part=part,
        history=() if is_shown else dialer.calls_of_contact(lead.contact_id),
    )


def call_words(call: dialer.CallView | None) -> tuple[str, str]:
    """Return the word for a call's state and its tone."""
    if call is None:
        return "No call", ""
    if call.outcome:
        return OUTCOME_WORDS[call.outcome], "warn"
    if call.hang_up_asked:
        return "Hanging up", "warn"
    return CALL_WORDS[call.state]


def _day_begins(now: datetime) -> datetime:
    zone = ZoneInfo(settings.OFFICE_ZONE)
    return datetime.combine(now.astimezone(zone).date(), time(0), tzinfo=zone)
