"""Answering machine detection: when it decides, and what it says."""

from sandbox.carrier.model import Detection
from sandbox.carrier.population import Behaviour

# a machine's beep, from the end of its greeting until it is recognised
BEEP_SECONDS = 0.4


def verdict(wishes: Detection, behaviour: Behaviour) -> tuple[float, str]:
    """Return after how many simulated seconds from the answer detection decides, and its word for AnsweredBy."""
    seconds, word = _heard(wishes, behaviour)
    return (seconds, word) if seconds <= wishes.timeout_seconds else (wishes.timeout_seconds, "unknown")


def _heard(wishes: Detection, behaviour: Behaviour) -> tuple[float, str]:
    if behaviour.heard_as == "unknown":
        return wishes.silence_timeout_seconds, "unknown"
    if behaviour.heard_as in ("human", "fax"):
        return behaviour.verdict_seconds, behaviour.heard_as
    if not wishes.is_until_message_end:
        return behaviour.verdict_seconds, "machine_start"
    end = behaviour.message_end if behaviour.kind == "machine" else "other"
    tail = {"beep": BEEP_SECONDS, "silence": wishes.speech_end_seconds}.get(end, 0.0)
    seconds = max(behaviour.verdict_seconds, behaviour.greeting_seconds + tail)
    return seconds, f"machine_end_{'other' if end == 'never' else end}"
