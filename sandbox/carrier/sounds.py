"""How long sounds last that nobody hears."""

from sandbox.carrier.twiml import Verb

# Speech at 2.5 words a second; a file of unknown length
WORDS_PER_SECOND, PLAY_SECONDS = 2.5, 4.0


def seconds(verb: Verb) -> float:
    """Return how long a verb is heard; 0 for one that makes no sound."""
    if verb.name == "Say":
        return max(0.5, len(verb.text.split()) / WORDS_PER_SECOND) * max(1.0, verb.seconds("loop", 1))
    if verb.name == "Play":
        return PLAY_SECONDS * max(1.0, verb.seconds("loop", 1))
    return verb.seconds("length", 1) if verb.name == "Pause" else 0.0
