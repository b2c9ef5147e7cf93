"""What the agent enters at the end of a call: saved once, the lead moved on, do-not-call in force at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns import results as asked
from campaigns.models import Disposition
from campaigns.services import work
from compliance import services as gate
from compliance.redaction import without_card_data
from compliance.rules.facts import SuppressionKind
from core import audit, db, kept
from core.types import as_phone
from dialer.agentflow import AgentNews, AgentState
from dialer.callflow import CallState, NetworkOutcome, Party
from dialer.locks import lock_live_session
from dialer.models import AgentSession, Call
from dialer.services import answers, callback_times, following, offers, script_runs, states, supervision
from dialer.services.callback_times import BadResult as BadResult  # callers know it from here

_call = kept.Query(lambda call: Call.objects.select_related("campaign", "contact").filter(pk=call))
_offered = kept.Query(
    lambda dispositions, code: Disposition.objects.filter(
        disposition_set_id=dispositions, code=code, automatic=False, retired_at__isnull=True
    ),
    values=2,
)
NOTE_LIMIT = 4000
CALLBACK_LIMIT = timedelta(days=365)
CARD_REMOVED = "A card number was removed from the note. Card data must not be written down."


@dataclass(frozen=True, slots=True)
class ResultForm:
    """What the agent enters at the end of a call."""

    disposition_code: str
    note: str
    callback_at: datetime | None
    callback_mine: bool
    then_ready: bool
    callback_hard: bool = False  # by this agent alone, however late
    answers: Mapping[str, str] = field(default_factory=dict)  # code of a question → what was entered


def save_result(*, user_id: int, call_id: int, form: ResultForm, now: datetime) -> str | None:
    """Save the call's result: disposition, note, what happens to the lead, do-not-call at once; then the next card.

    Returns a sentence for the agent if card data was taken out of the note, else None.
    """
    with db.use_case():
        session = lock_live_session(user_id)
        if (
            session.state != AgentState.WRAP_UP
            or session.call_id != call_id
            or session.campaign_lead_id is None
        ):
            raise states.NotAllowed(
                "This call's result was saved already, or the call has not ended. The page shows your state now."
            )
        [call] = _call.rows(call_id)
        by = kept.related(session, "user").username
        disposition = _disposition(call, form, session.campaign_lead_id, now)
        note = without_card_data(
            form.note.replace("\x00", "").strip(),
            stored=call.note,
            actor=by,
            target=f"call:{call.pk}",
            now=now,
        )
        removed = _take_answers(call, disposition, form, actor=by, now=now)
        call.disposition, call.disposed_at, call.note = disposition, now, note.text
        kept.save(call, "disposition", "disposed_at", "note", "result_answers")
        _apply_category(call, disposition, actor=by, now=now)
        following.decide_next(
            call,
            campaign_lead_id=session.campaign_lead_id,
            code=disposition.code,
            category=disposition.category,
            label=disposition.label,
            retry_minutes=disposition.retry_minutes,
            callback_at=form.callback_at,
            callback_for_id=user_id if form.callback_mine or form.callback_hard else None,
            callback_hard=form.callback_hard,
            now=now,
        )
        script_runs.finish(call, session, now=now)
        if call.state == CallState.ENDED:
            states.publish_logged(call, now=now)  # else when it ends: it goes on with somebody outside
        session.campaign_lead, session.call = None, None
        _let_go(session, wants_next=form.then_ready, now=now)
    return CARD_REMOVED if note.found or removed else None


def _let_go(session: AgentSession, *, wants_next: bool, now: datetime) -> None:
    """The agent is done with the call: ready with the next card, or not ready as they or a supervisor wished."""
    then_ready = wants_next and not session.after_result
    news = AgentNews.DISPOSED_READY if then_ready else AgentNews.DISPOSED_NOT_READY
    reason = "" if then_ready else supervision.pause_words(session)
    states.move_agent(session, news, now=now, reason=reason, fields=("campaign_lead", "call"))
    supervision.follow(session, now=now)
    if then_ready:
        offers.offer_locked(session, now=now)


def keep_note(*, user_id: int, call_id: int, note: str, now: datetime) -> str | None:
    """Keep what the agent has typed so far, without card data; saved with the result in the end.

    Returns a sentence for the agent if card data was taken out, else None.
    """
    if len(note) > NOTE_LIMIT:
        raise BadResult(
            f"The note is longer than {NOTE_LIMIT} characters. Shorten it; what was kept before stands."
        )
    open_call = Call.objects.filter(pk=call_id, agent_id=user_id, disposed_at__isnull=True)
    with db.use_case():
        call = open_call.select_related("agent").first()
        if call is None or call.agent is None:
            raise states.NotAllowed("This call's result was saved already; the note was not changed.")
        clean = without_card_data(
            note.replace("\x00", ""),
            stored=call.note,
            actor=call.agent.username,
            target=f"call:{call_id}",
            now=now,
        )
        if open_call.update(note=clean.text) != 1:
            raise states.NotAllowed("This call's result was saved already; the note was not changed.")
    return CARD_REMOVED if clean.found else None


def correct_party(*, user_id: int, party: Party, now: datetime) -> None:
    """Keep what the agent heard: a person or a machine. It outranks the carrier's ear, also where calls are counted (FED-020)."""
    with db.use_case():
        session = lock_live_session(user_id)
        call = None if session.call_id is None else Call.objects.get(pk=session.call_id)
        if call is None or call.answered_at is None:
            raise states.NotAllowed("Nobody has picked up. The page shows your state now.")
        if call.agent_heard == party:
            return
        was_counted = call.state == CallState.ENDED
        if was_counted:
            answers.count(call, times=-1)
        call.agent_heard = party
        call.save(update_fields=["agent_heard"])
        if was_counted:
            answers.count(call)
        audit.record(
            actor=str(user_id),
            verb="dialer.call.party_corrected",
            target=f"call:{call.pk}",
            now=now,
            after={"heard": party, "detection": call.machine_verdict},
        )
        states.touch(session)


def suggested_code(outcome: str, answered_by: str = "") -> str:
    """Return the disposition code that a network outcome and the party speak for, empty where only the agent can say."""
    if answered_by == Party.MACHINE:
        return "no_answer"
    return (
        {
            NetworkOutcome.NO_ANSWER: "no_answer",
            NetworkOutcome.BUSY: "busy",
            NetworkOutcome.FAILED: "failed",
            NetworkOutcome.CANCELED: "no_answer",
        }.get(NetworkOutcome(outcome), "")
        if outcome
        else ""
    )


def _disposition(call: Call, form: ResultForm, campaign_lead_id: int, now: datetime) -> Disposition:
    disposition = _offered.first(call.campaign.disposition_set_id, form.disposition_code)
    if disposition is None:
        raise BadResult("Choose a result for this call.")
    if len(form.note) > NOTE_LIMIT:
        raise BadResult(
            f"The note is longer than {NOTE_LIMIT} characters. Shorten it; nothing has been lost."
        )
    if disposition.needs_note and not form.note.strip():
        raise BadResult(f"“{disposition.label}” needs a note: write what was said, then save again.")
    if disposition.wants_time and form.callback_at is None:
        raise BadResult("Say when to call back: date and time.")
    if form.callback_at is not None and not disposition.wants_time:
        raise BadResult(f"A callback time does not go with the result “{disposition.label}”.")
    if form.callback_at is not None and not now < form.callback_at < now + CALLBACK_LIMIT:
        raise BadResult("The callback must be in the future, within a year.")
    if form.callback_at is not None:
        callback_times.require_open(call, campaign_lead_id=campaign_lead_id, at=form.callback_at, now=now)
    return disposition


def _take_answers(
    call: Call, disposition: Disposition, form: ResultForm, *, actor: str, now: datetime
) -> bool:
    """Put the answers to the result's questions into the call without card data; return whether there was some. Raises BadResult."""
    try:
        answers = asked.answers_to(disposition.asks, form.answers)
    except asked.Unanswered as missing:
        raise BadResult(str(missing)) from None
    removed = False
    for answer in answers:
        clean = without_card_data(answer["value"], actor=actor, target=f"call:{call.pk}", now=now)
        answer["value"], removed = clean.text, removed or clean.found
    call.result_answers = answers
    return removed


def _apply_category(call: Call, disposition: Disposition, *, actor: str, now: datetime) -> None:
    if disposition.category == Disposition.Category.DO_NOT_CALL:
        gate.revoke(
            number=as_phone(call.number),
            seller=call.campaign.seller,
            raw_words=call.note or "Asked the agent not to be called again",
            heard_on="call",
            actor=actor,
            now=now,
            kind=SuppressionKind.DO_NOT_CALL,
            source_ref=f"call:{call.pk}",
        )
        work.finish_everywhere(contact_id=call.contact_id, reason="Not called: asked not to be called again.")
    elif disposition.category == Disposition.Category.WRONG_NUMBER:
        gate.suppress(
            number=as_phone(call.number),
            seller=call.campaign.seller,
            reason="wrong number",
            raw_words=call.note or "Reached somebody else",
            heard_on="call",
            actor=actor,
            now=now,
            kind=SuppressionKind.WRONG_NUMBER,
            person_ref=offers.person_ref(call.contact_id),
        )
