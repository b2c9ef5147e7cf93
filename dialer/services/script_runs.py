"""The agent's way through the script of a call: one step at a time, each answer and its time kept with the call."""

from datetime import datetime
from typing import Literal

from campaigns import cards
from campaigns.models import ScriptVersion
from campaigns.scripting import running
from campaigns.scripting.flow import Kind
from core import db, kept
from core.errors import Stale
from dialer.callflow import CallState
from dialer.locks import lock_live_session
from dialer.models import AgentSession, Call, ScriptRun, ScriptStep
from dialer.services import states

Way = int | Literal["back"]  # the number of an answer from 0, or back

_run = kept.Query(lambda call: ScriptRun.objects.filter(call_id=call))
_has_steps = kept.Values(
    lambda version: ScriptVersion.objects.filter(pk=version, nodes__isnull=False).values_list("pk")
)


def go(*, user_id: int, number: int, way: Way, agent_name: str, now: datetime) -> str:
    """Take a way on from the step the page shows, and return the code of the result that the new step speaks for, or "".

    `number` is the step's place on this call as the page saw it, 1 before anything was answered. Raises Stale, NotAllowed, NoWay.
    """
    with db.use_case():
        session = lock_live_session(user_id)
        call = _call_of(session)
        assert session.campaign_lead_id is not None
        card = cards.lead_card(session.campaign_lead_id)
        facts = card.facts(agent_name)
        run = _run_of(call, card, facts, now)
        flow = run.version.flow
        shown = run.steps.get(left_at__isnull=True)
        if shown.number != number:
            raise Stale("The script went on meanwhile; it is shown as it stands now.")
        if way == "back":
            node = flow.node(_before(run, shown))
        else:
            node = running.follow(flow, shown.node, way, facts)
            shown.answer = flow.node(shown.node).ways[way][0][:60]  # type: ignore[union-attr]  # it was followed
        if node is None:
            raise running.NoWay("There is nothing before this step.")
        shown.left_at, shown.went_back = max(now, shown.entered_at), way == "back"
        shown.save(update_fields=["left_at", "went_back", "answer"])
        ScriptStep.objects.create(run=run, number=number + 1, node=node.code, entered_at=shown.left_at)
        run.reached_end = node.kind is Kind.END
        run.save(update_fields=["reached_end"])
    return node.disposition


def finish(call: Call, session: AgentSession, *, now: datetime) -> None:
    """Close the script of a call whose result is saved; one the agent never answered in was left at its first step.

    In the open transaction. A call on which nobody met, and a script that is one text, leave nothing.
    """
    db.require_atomic()
    run = _run.first(call.pk)
    if run is None:
        version = call.campaign.script_version_id
        if version is None or call.bridged_at is None or session.campaign_lead_id is None:
            return
        if not _has_steps.rows(version):
            return  # one text; most calls, so nothing more is read
        card = cards.lead_card(session.campaign_lead_id)
        run = _run_of(call, card, card.facts(""), now)
    if run.ended_at is not None:
        return
    shown = run.steps.filter(left_at__isnull=True).first()
    ended_at = call.ended_at or now
    if shown is not None:
        shown.left_at = max(ended_at, shown.entered_at)
        shown.save(update_fields=["left_at"])
    run.ended_at = ended_at
    run.save(update_fields=["ended_at"])


def _call_of(session: AgentSession) -> Call:
    call = Call.objects.select_related("campaign").filter(pk=session.call_id or 0).first()
    if call is None or session.campaign_lead_id is None:
        raise states.NotAllowed("The script goes step by step with a call. Dial first.")
    if call.state == CallState.ENDED:
        raise states.NotAllowed("The call has ended; the script stays where it was left. Choose the result.")
    return call


def _run_of(call: Call, card: cards.LeadCard, facts: dict[str, str], now: datetime) -> ScriptRun:
    """Return the call's run, begun with the first step if it is not there yet. A run keeps the version it began with."""
    run = ScriptRun.objects.select_related("version").filter(call=call).first()
    if run is not None:
        return run
    first = running.begin(card.script, facts)
    if first is None or card.script_version_id is None or not card.is_stepwise:
        raise states.NotAllowed("This campaign has no script with steps.")
    began = call.bridged_at or call.answered_at or now
    version = ScriptVersion.objects.get(pk=card.script_version_id)
    run = ScriptRun.objects.create(
        call=call, version=version, started_at=began, reached_end=first.kind is Kind.END
    )
    ScriptStep.objects.create(run=run, number=1, node=first.code, entered_at=began)
    return run


def _before(run: ScriptRun, shown: ScriptStep) -> str:
    """Return the step that was shown before on this way; "" at the beginning. What was gone back over does not count."""
    way: list[str] = []
    for step in run.steps.filter(number__lt=shown.number).order_by("number"):
        if step.went_back:
            del way[-1:]
        else:
            way.append(step.node)
    return way[-1] if way else ""
