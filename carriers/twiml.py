"""What the carrier is told to do with a leg → TwiML. Pure."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True, slots=True)
class JoinConference:
    """Put the leg into a conference. The agent's own leg keeps it; the person's leg leaves it open behind them."""

    name: str
    is_agent: bool  # the conference is over when this leg leaves it
    events_url: str
    then_url: str = ""  # asked when the conference is over and the leg is still there
    text: str = ""  # said to this leg alone before it goes in


@dataclass(frozen=True, slots=True)
class SayAndHangUp:
    """Speak, then end the call: an abandoned call's message, or a technical fault."""

    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """Speak to everybody in a conference; the call goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call without a word."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Keep the person on the line without a sound, then ask again. Whole seconds: the vendor knows no parts of one."""

    seconds: int
    then_url: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the person on the line with music, words before it where there are any, then ask again."""

    music_url: str
    then_url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class AskKeys:
    """Speak, wait for up to so many keys (the pound key ends them early), bring them; without any, say the rest and end the call."""

    text: str
    keys: int
    keys_url: str
    otherwise: str = ""
    audio_url: str = ""  # the recording of the text; none: the carrier's voice reads it


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """Play a message to a machine, then ask what comes: being asked is how we know that it was heard to its end.

    A person who is there after all may press keys meanwhile, which are brought.
    """

    text: str
    audio_url: str  # the recording of the text; empty: the carrier's voice reads it
    then_url: str
    keys_url: str = ""  # empty: no key does anything


@dataclass(frozen=True, slots=True)
class TextBack:
    """Answer a text with one; empty: with none."""

    text: str


Plan = JoinConference | SayAndHangUp | Say | HangUp | Wait | Hold | AskKeys | LeaveMessage | TextBack


def render(plan: Plan) -> str:
    """Return the TwiML document of a plan (Twilio: TwiML, Dial and Conference)."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{_verbs(plan)}</Response>'


def _verbs(plan: Plan) -> str:
    match plan:
        case JoinConference():
            # waitUrl "" is silence: an agent between calls hears nothing. A conference starts with its first leg of either side.
            ends = "true" if plan.is_agent else "false"
            then = f' method="POST" action={quoteattr(plan.then_url)}' if plan.then_url else ""
            return (
                f"{_say(plan.text)}"
                f'<Dial{then}><Conference startConferenceOnEnter="true" endConferenceOnExit="{ends}" beep="false" waitUrl="" '
                f'statusCallback={quoteattr(plan.events_url)} statusCallbackEvent="start end join leave mute hold announcement">'
                f"{escape(plan.name)}</Conference></Dial>"
            )
        case SayAndHangUp():
            return f"<Say>{escape(plan.text)}</Say><Hangup/>"
        case Say():
            return _say(plan.text)
        case Wait():
            return (
                f'<Pause length="{plan.seconds}"/><Redirect method="POST">{escape(plan.then_url)}</Redirect>'
            )
        case Hold():
            return (
                f"{_say(plan.text)}<Play>{escape(plan.music_url)}</Play>"
                f'<Redirect method="POST">{escape(plan.then_url)}</Redirect>'
            )
        case AskKeys():
            sound = _sound(plan.text, plan.audio_url)
            # May be pressed while the text is spoken, and for some seconds after it.
            return (
                f'<Gather input="dtmf" numDigits="{plan.keys}" timeout="8" method="POST" action={quoteattr(plan.keys_url)}>'
                f"{sound}</Gather>{_say(plan.otherwise)}<Hangup/>"
            )
        case LeaveMessage():
            sound = _sound(plan.text, plan.audio_url)
            if plan.keys_url:
                sound = (
                    f'<Gather input="dtmf" numDigits="1" timeout="1" method="POST" action={quoteattr(plan.keys_url)}>'
                    f"{sound}</Gather>"
                )
            return f'{sound}<Redirect method="POST">{escape(plan.then_url)}</Redirect>'
        case TextBack():
            return f"<Message>{escape(plan.text)}</Message>" if plan.text else ""
        case HangUp():
            return "<Hangup/>"


def _sound(text: str, audio_url: str) -> str:
    return f"<Play>{escape(audio_url)}</Play>" if audio_url else _say(text)


def _say(text: str) -> str:
    return f"<Say>{escape(text)}</Say>" if text else ""


def fault_text(*, seller: str) -> str:
    """Return the words for a call that a technical fault ends: who it is, where that is configured."""
    who = f"This is {seller}. " if seller else ""
    return f"{who}We are sorry, a technical fault ends this call. Goodbye."
