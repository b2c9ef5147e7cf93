"""Run TwiML on a call: fetch it, execute its verbs one after the other."""

from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import urljoin

from sandbox.carrier import twiml
from sandbox.carrier.conferences import ConferenceFullError, Conferences
from sandbox.carrier.listening import Listening
from sandbox.carrier.model import Call, CallOptions, Entrance, Hook, Source, World
from sandbox.carrier.queues import Place, QueueFullError, Queues
from sandbox.carrier.recordings import Recordings
from sandbox.carrier.reports import Reporter
from sandbox.carrier.twiml import DocumentError, Verb
from sandbox.carrier.webhooks import Webhooks

NOUNS = ("Conference", "Number", "Client", "Queue")
# a document for who waits that makes no sound is not asked for again before this
SHORTEST_WAIT_SECONDS = 1.0
KEY_DELAY_SECONDS, SPOKEN_RECORDING_SECONDS = 1.5, 5.0
CONTENT_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
# what a document may do before a call that came in is answered
UNANSWERED = frozenset({"Reject", "Pause", "Redirect"})


class Ended(Exception):
    """The document ends the call here."""


class LeftQueue(Exception):
    """The document of one who waits takes them out of the queue."""


class Switch(Protocol):
    """What verbs need of the exchange."""

    def dial(self, parent: Call, options: CallOptions) -> Call:
        """Place the child leg of a `<Dial>`."""

    def pick_up(self, call: Call) -> None:
        """Answer a call that came in, if it is not answered yet."""

    def finish(self, call: Call, status: str, *, by: str) -> None:
        """End a leg."""


class Interpreter:
    """Executes documents for calls that were answered."""

    def __init__(
        self,
        world: World,
        webhooks: Webhooks,
        reporter: Reporter,
        conferences: Conferences,
        recordings: Recordings,
        queues: Queues,
        switch: Switch,
    ) -> None:
        self.world = world
        self.webhooks = webhooks
        self.reporter = reporter
        self.conferences = conferences
        self.recordings = recordings
        self.queues = queues
        self.switch = switch
        self.listening = Listening(world, webhooks)
        self._verbs: dict[str, Callable[[Call, Verb, Hook | None], Awaitable[Source | None]]] = {
            "Say": self._sound,
            "Play": self._sound,
            "Pause": self._sound,
            "Gather": self._gather,
            "Record": self._record,
            "Redirect": self._redirect,
            "Hangup": self._hangup,
            "Reject": self._reject,
            "Dial": self._dial,
            "Enqueue": self._enqueue,
            "Leave": self._leave,
        }

    async def run(self, call: Call, source: Source) -> None:
        """Execute a document and all it leads to; return when nothing is left to do.

        Raises: Ended when a verb hangs up.
        """
        current: Source | None = source
        is_fallback = False
        while current is not None:
            try:
                verbs = await self._load(call, current)
                current = await self._execute(call, verbs, current.hook)
            except DocumentError as error:
                call.notes.append(str(error))
                if is_fallback or call.fallback is None:
                    return
                is_fallback = True
                extra = {"ErrorCode": str(error.code)}
                if current is not None and current.hook is not None:
                    extra["ErrorUrl"] = current.hook.url
                current = Source(hook=call.fallback, extra=extra)

    async def _load(self, call: Call, source: Source) -> tuple[Verb, ...]:
        if source.text is not None:
            return twiml.parse(source.text)
        assert source.hook is not None
        params = {**self.reporter.voice_params(call), **source.extra}
        answer = await self.webhooks.ask(source.hook, params, kind="twiml", key=call.sid)
        if answer.status == 0:
            raise DocumentError(11205, f"HTTP connection failure: {answer.problem}")
        if not answer.is_ok:
            raise DocumentError(11200, f"HTTP retrieval failure: status {answer.status}")
        if answer.content_type not in CONTENT_TYPES:
            raise DocumentError(12300, f"Invalid Content-Type: {answer.content_type or 'none'}")
        return twiml.parse(answer.body)

    async def _execute(self, call: Call, verbs: tuple[Verb, ...], base: Hook | None) -> Source | None:
        for verb in verbs:
            run = self._verbs.get(verb.name)
            if run is None:
                call.notes.append(
                    f"12200 Schema validation warning: {verb.name} is not known and was skipped"
                )
                continue
            if verb.name not in UNANSWERED:
                self.switch.pick_up(call)
            following = await run(call, verb, base)
            if following is not None:
                return following
        return None

    async def _sound(self, call: Call, verb: Verb, base: Hook | None) -> None:
        await self.listening.hear(call, verb)

    async def _redirect(self, call: Call, verb: Verb, base: Hook | None) -> Source:
        return Source(hook=_hook(base, verb.text, verb.attributes.get("method")))

    async def _hangup(self, call: Call, verb: Verb, base: Hook | None) -> None:
        raise Ended

    async def _reject(self, call: Call, verb: Verb, base: Hook | None) -> None:
        if call.status == "ringing":
            status = "busy" if verb.attributes.get("reason") == "busy" else "no-answer"
            self.switch.finish(call, status, by="twiml")
        raise Ended

    async def _gather(self, call: Call, verb: Verb, base: Hook | None) -> Source | None:
        wanted = int(verb.seconds("numDigits", 0))
        finish = verb.attributes.get("finishOnKey", "#")
        pressed, call.keys, ended_by = _press(call.keys, wanted, finish)
        if not pressed and not ended_by:
            await self.listening.hear_all(call, verb.children)
            await self.world.clock.sleep(verb.seconds("timeout", 5))
            if not verb.flag("actionOnEmptyResult", False):
                return None
        else:
            # keys interrupt what is being said
            took = await self.listening.hear_all(call, verb.children, KEY_DELAY_SECONDS)
            await self.world.clock.sleep(KEY_DELAY_SECONDS - took)
            if not ended_by and not wanted:
                await self.world.clock.sleep(verb.seconds("timeout", 5))
        extra = {"Digits": pressed, "FinishedOnKey": ended_by, "msg": "Gather End"}
        return Source(hook=_action(base, verb), extra=extra)

    async def _record(self, call: Call, verb: Verb, base: Hook | None) -> Source:
        recording = self.recordings.start(
            call,
            "RecordVerb",
            hook=_callback(base, verb, "recordingStatusCallback"),
            events=verb.words("recordingStatusCallbackEvent", "completed"),
        )
        spoken = min(SPOKEN_RECORDING_SECONDS, verb.seconds("maxLength", 3600))
        await self.world.clock.sleep(spoken)
        self.recordings.complete(recording)
        extra = {
            "RecordingSid": recording.sid,
            "RecordingUrl": self.reporter.recording_url(recording),
            "RecordingDuration": str(self.recordings.length_seconds(recording)),
        }
        return Source(hook=_action(base, verb), extra=extra)

    async def _dial(self, call: Call, verb: Verb, base: Hook | None) -> Source | None:
        nouns = [child for child in verb.children if child.name in NOUNS]
        if nouns and nouns[0].name == "Conference":
            extra = await self._dial_conference(call, verb, nouns[0], base)
        elif nouns and nouns[0].name == "Queue":
            extra = await self._dial_queue(call, verb, nouns[0], base)
        elif nouns or verb.text:
            noun = nouns[0] if nouns else Verb("Number", {}, verb.text, ())
            extra = await self._dial_leg(call, verb, noun, base)
        else:
            raise DocumentError(13201, "Dial: there is nobody to dial")
        if "action" in verb.attributes:
            return Source(hook=_action(base, verb), extra=extra)
        return None

    async def _dial_conference(self, call: Call, dial: Verb, noun: Verb, base: Hook | None) -> dict[str, str]:
        if not noun.text:
            raise DocumentError(13225, "Dial->Conference: the name is empty")
        entrance = read_entrance(noun, base)
        start = self.world.clock.elapsed()
        try:
            participant = self.conferences.join(call, entrance)
        except ConferenceFullError:
            call.notes.append(f"13226 Dial->Conference: {entrance.name} is full")
            return {"DialCallStatus": "failed"}
        if call.participant is participant:
            await participant.released.wait()
        seconds = round(self.world.clock.elapsed() - start)
        return {"DialCallStatus": "answered", "DialCallDuration": str(seconds)}

    async def _enqueue(self, call: Call, verb: Verb, base: Hook | None) -> Source | None:
        action = _action(base, verb) if "action" in verb.attributes else None
        queue = self.queues.open(verb.text)
        try:
            place = self.queues.join(call, queue, action)
        except QueueFullError:
            result = {"QueueSid": queue.sid, "QueueTime": "0", "QueueResult": "queue-full"}
        else:
            waiting = call.crew.start(self._wait_in_queue(call, verb, base, place))
            try:
                await place.left.wait()
            finally:
                waiting.cancel()
            if place.outcome == "bridged":
                await place.done.wait()
            result = self.queues.result(place)
        return Source(hook=action, extra=result) if action is not None else None

    async def _wait_in_queue(self, call: Call, verb: Verb, base: Hook | None, place: Place) -> None:
        url = verb.attributes.get("waitUrl")
        try:
            while url:
                asked = self.world.clock.elapsed()
                hook = _hook(base, url, verb.attributes.get("waitUrlMethod"))
                current: Source | None = Source(hook=hook, extra=self.queues.wait_params(place))
                while current is not None:
                    current = await self._execute(call, await self._load(call, current), current.hook)
                took = self.world.clock.elapsed() - asked
                await self.world.clock.sleep(max(0.0, SHORTEST_WAIT_SECONDS - took))
        except LeftQueue:
            self.queues.leave(place, "leave")
        except Ended:
            self.switch.finish(call, "completed", by="twiml")
        except DocumentError as error:
            call.notes.append(str(error))

    async def _leave(self, call: Call, verb: Verb, base: Hook | None) -> None:
        if call.sid in self.queues.places:
            raise LeftQueue

    async def _dial_queue(self, call: Call, dial: Verb, noun: Verb, base: Hook | None) -> dict[str, str]:
        queue = self.queues.named(noun.text)
        if queue is None:
            call.notes.append(f"13247 Dial->Queue: there is no queue {noun.text}")
            return {"DialCallStatus": "failed"}
        place = await self.queues.take(queue, dial.seconds("timeout", 30))
        if place is None:
            return {"DialCallStatus": "no-answer"}
        start = self.world.clock.elapsed()
        try:
            if "url" in noun.attributes:
                await self._screen(
                    call, place, _hook(base, noun.attributes["url"], noun.attributes.get("method"))
                )
            await place.call.over.wait()
        finally:
            # whoever stays goes on with their own document
            place.done.set()
        return {
            "DialCallSid": place.call.sid,
            "DialCallStatus": "completed",
            "DialCallDuration": str(round(self.world.clock.elapsed() - start)),
            "DialBridged": "true",
        }

    async def _screen(self, call: Call, place: Place, hook: Hook) -> None:
        # heard by who waited, before the two are connected
        extra = {
            "QueueSid": place.queue.sid,
            "QueueTime": str(place.seconds),
            "DequeingCallSid": call.sid,
        }
        try:
            verbs = await self._load(place.call, Source(hook=hook, extra=extra))
            await self._execute(place.call, verbs, hook)
        except Ended:
            self.switch.finish(place.call, "completed", by="twiml")
        except DocumentError as error:
            place.call.notes.append(str(error))

    async def _dial_leg(self, call: Call, dial: Verb, noun: Verb, base: Hook | None) -> dict[str, str]:
        to = f"client:{noun.text}" if noun.name == "Client" else noun.text
        screen = noun.attributes.get("url")
        child = self.switch.dial(
            call,
            CallOptions(
                to=to,
                sender=dial.attributes.get("callerId", call.options.sender),
                source=Source(hook=_hook(base, screen, None)) if screen else Source(text="<Response/>"),
                status=_callback(base, noun, "statusCallback"),
                status_events=noun.words("statusCallbackEvent", "completed"),
                timeout_seconds=dial.seconds("timeout", 30),
                time_limit_seconds=dial.seconds("timeLimit", 14_400),
            ),
        )
        await child.over.wait()
        return {
            "DialCallSid": child.sid,
            "DialCallStatus": child.status,
            "DialCallDuration": str(child.duration_seconds),
            "DialBridged": str(child.answered_at is not None).lower(),
        }


def read_entrance(noun: Verb, base: Hook | None) -> Entrance:
    """Read the attributes of `<Conference>`; without waitUrl the vendor's music plays, nothing is asked."""
    wait = noun.attributes.get("waitUrl")
    return Entrance(
        name=noun.text,
        label=noun.attributes.get("participantLabel"),
        muted=noun.flag("muted", False),
        start_on_enter=noun.flag("startConferenceOnEnter", True),
        end_on_exit=noun.flag("endConferenceOnExit", False),
        coaching="coach" in noun.attributes,
        call_sid_to_coach=noun.attributes.get("coach"),
        max_participants=int(noun.seconds("maxParticipants", 250)),
        record=noun.attributes.get("record") == "record-from-start",
        wait=_hook(base, wait, noun.attributes.get("waitMethod")) if wait else None,
        status=_callback(base, noun, "statusCallback"),
        status_events=noun.words("statusCallbackEvent"),
        recording=_callback(base, noun, "recordingStatusCallback"),
        recording_events=noun.words("recordingStatusCallbackEvent", "completed"),
    )


def _hook(base: Hook | None, url: str | None, method: str | None) -> Hook:
    full = urljoin(base.url if base else "", url or "")
    if not twiml.is_address(full):
        raise DocumentError(11100, f"Invalid URL format: {full!r}")
    return Hook(full, (method or "POST").upper())


def _action(base: Hook | None, verb: Verb) -> Hook:
    return _hook(base, verb.attributes.get("action"), verb.attributes.get("method"))


def _callback(base: Hook | None, verb: Verb, name: str) -> Hook | None:
    url = verb.attributes.get(name)
    return _hook(base, url, verb.attributes.get(name + "Method")) if url else None


def _press(keys: str, wanted: int, finish: str) -> tuple[str, str, str]:
    """Return what is pressed now, what stays for the next time, and the key that ended it."""
    pressed = ""
    for index, key in enumerate(keys):
        if key in finish:
            return pressed, keys[index + 1 :], key
        pressed += key
        if wanted and len(pressed) == wanted:
            return pressed, keys[index + 1 :], ""
    return pressed, "", ""
