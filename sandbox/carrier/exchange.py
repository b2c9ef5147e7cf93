"""The life of a call: queued, ringing, answered, over."""

from dataclasses import replace

from sandbox.carrier import detection
from sandbox.carrier.announcements import Announcements
from sandbox.carrier.conferences import Conferences
from sandbox.carrier.crew import Crew
from sandbox.carrier.interpreter import Ended, Interpreter
from sandbox.carrier.model import (
    NOTHING,
    Call,
    CallOptions,
    Detection,
    Hook,
    OwnNumber,
    Participant,
    Source,
    World,
    new_sid,
)
from sandbox.carrier.payments import Payments
from sandbox.carrier.population import Behaviour
from sandbox.carrier.queues import Queues
from sandbox.carrier.recordings import Recordings
from sandbox.carrier.reports import Reporter
from sandbox.carrier.webhooks import Webhooks

CLIENT_ANSWER_SECONDS = 0.3
SETUP_SECONDS = 0.2
UNREACHABLE = Behaviour(kind="failed", ring_seconds=1.0, talk_seconds=0.0)
SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487, "failed": 404}


class CallStateError(Exception):
    """The call is not in a state for this; the message says which."""


class Exchange:
    """Places, redirects and ends calls. What does not wait is atomic: everything runs on one event loop."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.webhooks = Webhooks(world)
        self.reporter = Reporter(world, self.webhooks)
        self.recordings = Recordings(world, self.reporter)
        self.crew = Crew()
        self.announcements = Announcements(world, self.webhooks, self.reporter, self.crew)
        self.conferences = Conferences(world, self.reporter, self.recordings, self.announcements)
        self.payments = Payments(world, self.webhooks, self.crew)
        self.queues = Queues(world, self.webhooks, self.reporter)
        self.interpreter = Interpreter(
            world, self.webhooks, self.reporter, self.conferences, self.recordings, self.queues, self
        )
        self._next_slot = 0.0

    def place(self, options: CallOptions) -> Call:
        """Accept a call created over REST; it is dialed when the calls-per-second limit lets it.

        Raises: ConferenceFullError when it is to enter a conference that has no room.
        """
        entrance = options.entrance
        room = self.conferences.room(entrance) if entrance is not None else None
        call = self._new_call(options, "outbound-api", None)
        if entrance is not None and room is not None:
            participant = self.conferences.expect(call, room, entrance)
            call.program = call.crew.start(self._attend(call, participant))
        now = self.world.clock.elapsed()
        slot = max(now, self._next_slot)
        self._next_slot = slot + 1 / self.world.settings.cps
        call.crew.start(self._live(call, slot - now))
        return call

    def dial(self, parent: Call, options: CallOptions) -> Call:
        """Place the child leg of a `<Dial>`; the limit does not count it."""
        call = self._new_call(options, "outbound-dial", parent.sid)
        parent.children.append(call)
        call.crew.start(self._live(call, 0.0))
        return call

    def receive(self, sender: str, number: OwnNumber, behaviour: Behaviour) -> Call:
        """Let somebody call a number of the account; `talk_seconds` is how long they stay, from the first ring."""
        hook = number.hook("voice")
        options = CallOptions(
            to=number.number,
            sender=sender,
            source=Source(hook=hook) if hook is not None else NOTHING,
            fallback=number.hook("voice_fallback"),
            status=number.hook("status_callback"),
        )
        call = self._new_call(options, "inbound", None)
        call.behaviour, call.keys, call.status = behaviour, behaviour.keys, "ringing"
        call.started_at = call.ringing_at = call.created_at
        call.crew.start(self._limit(call, behaviour))
        call.program = call.crew.start(self._take(call))
        return call

    def pick_up(self, call: Call) -> None:
        """Answer a call that came in; one that is answered stays as it is."""
        if call.status == "ringing" and call.direction == "inbound":
            self._connect(call)

    def redirect(self, call: Call, source: Source, fallback: Hook | None) -> None:
        """Let a call in progress run another document at once. Raises: CallStateError when it is not."""
        if call.status != "in-progress":
            raise CallStateError("Call is not in-progress. Cannot redirect.")
        call.updated_at = self.world.clock.now()
        if call.participant is not None:
            self.conferences.leave(call.participant, "participant_updated_via_api")
        self.queues.drop(call, "redirected")
        if fallback is not None:
            call.fallback = fallback
        if call.program is not None:
            call.program.cancel()
        self._end_children(call)
        call.program = call.crew.start(self._run(call, source))

    def hang_up_by_api(self, call: Call, status: str) -> None:
        """End a call as POST Status=completed or canceled does; canceled leaves an answered call alone.

        Raises: CallStateError when the call is over.
        """
        if not call.is_live:
            raise CallStateError("Call is not in-progress. Cannot redirect.")
        if call.status == "in-progress":
            if status == "completed":
                self.finish(call, "completed", by="api")
            return
        self.finish(call, "canceled", by="api")

    def finish(self, call: Call, status: str, *, by: str) -> None:
        """End a leg with its final status and tell of it; one that is over stays as it is.

        Units: `by` is who ended it: callee, caller, api, twiml, conference, network, limit.
        """
        if not call.is_live:
            return
        now = self.world.clock.now()
        call.status, call.ended_by, call.ended_at, call.updated_at = status, by, now, now
        call.sip_code = SIP_CODES[status]
        if call.answered_at is not None:
            call.duration_seconds = round(self.world.clock.elapsed() - call.answered_mark)
        self._leave_conference(call, by)
        self.recordings.complete_for_call(call)
        self.payments.hang_up(call)
        self.queues.drop(call, "hangup")
        self.reporter.call_event(call, "completed")
        call.over.set()
        self._end_children(call)
        call.crew.stop()

    def reset(self) -> None:
        """Go back to the state after start-up; tell nobody."""
        for call in self.world.calls.values():
            call.status_hook = None
            call.crew.stop()
        self.crew.stop()
        self.webhooks.forget()
        self.payments.forget()
        self.queues.forget()
        self.world.reset()
        self._next_slot = 0.0

    def _new_call(self, options: CallOptions, direction: str, parent_sid: str | None) -> Call:
        now = self.world.clock.now()
        call = Call(new_sid("CA"), options, now, now, direction, parent_sid)
        call.fallback, call.status_hook = options.fallback, options.status
        self.world.calls[call.sid] = call
        return call

    def _end_children(self, call: Call) -> None:
        for child in call.children:
            self.finish(child, "completed" if child.answered_at else "canceled", by="network")

    def _leave_conference(self, call: Call, by: str) -> None:
        reason = "participant_hung_up" if call.answered_at is not None else "participant_add_failed"
        if by == "api":
            reason = "participant_updated_via_api"
        if call.participant is not None:
            self.conferences.leave(call.participant, reason)
        elif call.expected is not None:
            self.conferences.give_up(call.expected, reason)

    async def _live(self, call: Call, queue_seconds: float) -> None:
        clock = self.world.clock
        if queue_seconds > 0:
            await clock.sleep(queue_seconds)
            call.queue_ms = round(queue_seconds * 1000)
        behaviour = self._meet(call)
        call.behaviour, call.keys = behaviour, behaviour.keys
        call.started_at = call.updated_at = clock.now()
        self.reporter.call_event(call, "initiated")
        if behaviour.kind == "failed":
            await clock.sleep(behaviour.ring_seconds)
            self.finish(call, "failed", by="network")
            return
        await clock.sleep(min(SETUP_SECONDS, behaviour.ring_seconds))
        call.status = "ringing"
        call.ringing_at = call.updated_at = clock.now()
        self.reporter.call_event(call, "ringing")
        if call.options.entrance is not None and call.options.entrance.is_early:
            self.conferences.join(call, call.options.entrance)
        never = behaviour.kind == "no_answer"
        await clock.sleep(min(call.options.timeout_seconds, behaviour.ring_seconds if not never else 1e9))
        if never or behaviour.ring_seconds > call.options.timeout_seconds:
            self.finish(call, "no-answer", by="limit")
        elif behaviour.kind == "busy":
            self.finish(call, "busy", by="network")
        else:
            self._answer(call, behaviour)

    def _meet(self, call: Call) -> Behaviour:
        if self.world.faults.take(("number_unreachable",), f"call {call.options.to}") is not None:
            return UNREACHABLE
        if not call.is_client:
            return self.world.population.meet(call.options.to, self.world.clock.now())
        return Behaviour(kind="person", ring_seconds=CLIENT_ANSWER_SECONDS, talk_seconds=1e9)

    def _connect(self, call: Call) -> None:
        call.status = "in-progress"
        call.answered_at = call.updated_at = self.world.clock.now()
        call.answered_mark = self.world.clock.elapsed()
        self.reporter.call_event(call, "answered")

    def _answer(self, call: Call, behaviour: Behaviour) -> None:
        options = call.options
        self._connect(call)
        call.crew.start(self._limit(call, behaviour))
        if options.record:
            self.recordings.start(
                call,
                "OutboundAPI",
                hook=options.recording,
                events=options.recording_events,
                channels=options.recording_channels,
            )
        if options.entrance is not None and call.participant is None:
            self.conferences.join(call, options.entrance)
        wishes = options.detection
        if wishes is not None and not wishes.is_async:
            call.program = call.crew.start(self._detect_and_run(call, wishes, behaviour))
            return
        if wishes is not None:
            call.crew.start(self._detect(call, wishes, behaviour))
        if options.entrance is None:
            call.program = call.crew.start(self._run(call, options.source))

    async def _attend(self, call: Call, participant: Participant) -> None:
        # a call dialed into a conference has no document: it lasts as long as the conference keeps it
        await participant.released.wait()
        self.finish(call, "completed" if call.answered_at is not None else "canceled", by="conference")

    async def _limit(self, call: Call, behaviour: Behaviour) -> None:
        is_callee = behaviour.talk_seconds <= call.options.time_limit_seconds
        await self.world.clock.sleep(min(behaviour.talk_seconds, call.options.time_limit_seconds))
        side = "caller" if call.direction == "inbound" else "callee"
        status = "completed" if call.answered_at is not None else "canceled"
        self.finish(call, status, by=side if is_callee else "limit")

    async def _take(self, call: Call) -> None:
        if call.options.source.hook is None:
            call.notes.append(f"11100 Invalid URL format: {call.options.to} has no VoiceUrl")
            self.finish(call, "failed", by="network")
            return
        await self._run(call, call.options.source)

    async def _run(self, call: Call, source: Source) -> None:
        try:
            await self.interpreter.run(call, source)
        except Ended:
            self.finish(call, "completed", by="twiml")
            return
        if call.parent_sid is not None:
            # the screening document of a dialed leg is done: it is bridged until somebody hangs up
            await call.over.wait()
        # whoever calls in hears at least that something is wrong
        self.pick_up(call)
        self.finish(call, "completed", by="twiml")

    async def _detect(self, call: Call, wishes: Detection, behaviour: Behaviour) -> None:
        seconds, word = detection.verdict(wishes, behaviour)
        await self.world.clock.sleep(seconds)
        call.answered_by = word
        call.updated_at = self.world.clock.now()
        if wishes.is_async and wishes.hook is not None:
            self.reporter.machine_verdict(call, wishes.hook, round(seconds * 1000))

    async def _detect_and_run(self, call: Call, wishes: Detection, behaviour: Behaviour) -> None:
        await self._detect(call, wishes, behaviour)
        extra = {**call.options.source.extra, "AnsweredBy": call.answered_by or "unknown"}
        await self._run(call, replace(call.options.source, extra=extra))
