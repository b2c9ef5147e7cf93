"""What is heard on a call: said, played, for how long, and whether to its end."""

import io
import wave

from sandbox.carrier import sounds
from sandbox.carrier.model import Call, Heard, World
from sandbox.carrier.twiml import Verb
from sandbox.carrier.webhooks import Webhooks

SOUNDS = ("Say", "Play")


class Listening:
    """Lets the time of a sound pass and remembers how much of it was heard. Wave files are fetched and measured."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self.world = world
        self.webhooks = webhooks

    async def hear(self, call: Call, verb: Verb, at_most: float | None = None) -> float:
        """Play one verb, or the first `at_most` seconds of it, and return how long that took.

        A call that ends or is redirected meanwhile has heard a part.
        """
        seconds = await self._seconds(call, verb)
        clock = self.world.clock
        begun, heard = clock.elapsed(), Heard(verb.name, verb.text, seconds)
        if verb.name in SOUNDS:
            call.heard.append(heard)
        length = seconds if at_most is None else min(seconds, at_most)
        try:
            await clock.sleep(length)
        except BaseException:
            heard.heard_seconds = min(seconds, clock.elapsed() - begun)
            raise
        heard.heard_seconds = length
        return length

    async def hear_all(self, call: Call, verbs: tuple[Verb, ...], at_most: float | None = None) -> float:
        """Play several verbs, or the first `at_most` seconds of them; return how long that took."""
        took = 0.0
        for verb in verbs:
            if at_most is not None and took >= at_most:
                break
            took += await self.hear(call, verb, None if at_most is None else at_most - took)
        return took

    async def _seconds(self, call: Call, verb: Verb) -> float:
        if verb.name != "Play" or not verb.text:
            return sounds.seconds(verb)
        # 0 repeats for ever at the vendor; the call's own end ends it
        times = verb.seconds("loop", 1) or 1000.0
        status, body = await self.webhooks.download(verb.text)
        if status != 200:
            call.notes.append(f"11200 HTTP retrieval failure: {verb.text}, status {status}")
            return sounds.PLAY_SECONDS * times
        try:
            with wave.open(io.BytesIO(body)) as file:
                return float(file.getnframes() / file.getframerate() * times)
        except (wave.Error, EOFError, ZeroDivisionError):
            return sounds.PLAY_SECONDS * times
