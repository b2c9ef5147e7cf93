"""What is played into a conference: announcements and hold music, fetched, timed and told of."""

from sandbox.carrier import sounds, twiml
from sandbox.carrier.crew import Crew
from sandbox.carrier.model import API_VERSION, Conference, Hook, Participant, World
from sandbox.carrier.reports import Reporter
from sandbox.carrier.twiml import DocumentError
from sandbox.carrier.webhooks import Answer, Webhooks


class Announcements:
    """Plays to one participant or to all; nobody hears it, but the product sees that its address is asked."""

    def __init__(self, world: World, webhooks: Webhooks, reporter: Reporter, crew: Crew) -> None:
        self.world = world
        self.webhooks = webhooks
        self.reporter = reporter
        self.crew = crew

    def play(self, conference: Conference, participant: Participant | None, hook: Hook) -> None:
        """Fetch an announcement and play it; announcement-end is told after it, or announcement-fail."""
        self.crew.start(self._announce(conference, participant, hook))

    def music(self, participant: Participant, hook: Hook, kind: str) -> None:
        """Fetch the music for one who waits (`wait`) or is on hold (`hold`), once: the vendor repeats it."""
        self.crew.start(self._fetch(participant.conference, participant, hook, kind))

    async def _announce(self, conference: Conference, participant: Participant | None, hook: Hook) -> None:
        answer = await self._fetch(conference, participant, hook, "announce")
        extra = {"AnnounceUrl": hook.url}
        try:
            await self.world.clock.sleep(_seconds(answer))
        except DocumentError as error:
            extra["ReasonAnnouncementFailed"] = str(error)
        event = "announcement-fail" if len(extra) > 1 else "announcement-end"
        if conference.status != "completed":
            # whoever has left meanwhile is not named any more
            is_there = participant is not None and participant.call.participant is participant
            self.reporter.conference_event(conference, event, participant if is_there else None, extra)

    async def _fetch(
        self, conference: Conference, participant: Participant | None, hook: Hook, kind: str
    ) -> Answer:
        params = {
            "AccountSid": self.world.settings.account_sid,
            "ApiVersion": API_VERSION,
            "ConferenceSid": conference.sid,
            "FriendlyName": conference.name,
        }
        if participant is not None:
            params |= self.reporter.voice_params(participant.call)
        return await self.webhooks.ask(hook, params, kind=kind, key=conference.sid)


def _seconds(answer: Answer) -> float:
    if not answer.is_ok:
        raise DocumentError(11200, f"HTTP retrieval failure: status {answer.status} {answer.problem}".strip())
    if answer.content_type.startswith("audio/"):
        return sounds.PLAY_SECONDS
    return sum(sounds.seconds(verb) for verb in twiml.parse(answer.body))
