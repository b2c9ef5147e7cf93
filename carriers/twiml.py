"""What the carrier is told to do with a leg → TwiML. Pure."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True, slots=True)
class JoinConference:
    """Put the leg into a conference. The agent's own leg keeps it; the person's leg leaves it open behind them."""

    name: str
    is_agent: bool
    events_url: str


@dataclass(frozen=True, slots=True)
class SayAndHangUp:
    """Speak, then end the call: an abandoned call's message, or a technical fault."""

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
class OfferOptOut:
    """Say why we called and offer a key that takes the person off our list; without it, end the call (FED-017)."""

    text: str
    keys_url: str  # asked when a key is pressed
    audio_url: str = ""  # the recording of the text; none: the carrier's voice reads it


Plan = JoinConference | SayAndHangUp | HangUp | Wait | OfferOptOut


def render(plan: Plan) -> str:
    """Return the TwiML document of a plan (Twilio: TwiML, Dial and Conference)."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{_verbs(plan)}</Response>'


def _verbs(plan: Plan) -> str:
    match plan:
        case JoinConference():
            # waitUrl "" is silence: an agent between calls hears nothing. A conference starts with its first leg of either side.
            ends = "true" if plan.is_agent else "false"
            return (
                f'<Dial><Conference startConferenceOnEnter="true" endConferenceOnExit="{ends}" beep="false" waitUrl="" '
                f'statusCallback={quoteattr(plan.events_url)} statusCallbackEvent="start end join leave mute hold">'
                f"{escape(plan.name)}</Conference></Dial>"
            )
        case SayAndHangUp():
            return f"<Say>{escape(plan.text)}</Say><Hangup/>"
        case Wait():
            return (
                f'<Pause length="{plan.seconds}"/><Redirect method="POST">{escape(plan.then_url)}</Redirect>'
            )
        case OfferOptOut():
            sound = (
                f"<Play>{escape(plan.audio_url)}</Play>"
                if plan.audio_url
                else f"<Say>{escape(plan.text)}</Say>"
            )
            # The key may be pressed while the message is spoken, and for some seconds after it.
            return (
                f'<Gather input="dtmf" numDigits="1" timeout="5" method="POST" action={quoteattr(plan.keys_url)}>'
                f"{sound}</Gather><Hangup/>"
            )
        case HangUp():
            return "<Hangup/>"
