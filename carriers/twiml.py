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
class AskKeys:
    """Speak, wait for up to so many keys (the pound key ends them early), bring them; without any, say the rest and end the call."""

    text: str
    keys: int
    keys_url: str
    otherwise: str


Plan = JoinConference | SayAndHangUp | HangUp | AskKeys


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
        case AskKeys():
            # May be pressed while the text is spoken, and for some seconds after it.
            return (
                f'<Gather input="dtmf" numDigits="{plan.keys}" timeout="8" method="POST" action={quoteattr(plan.keys_url)}>'
                f"<Say>{escape(plan.text)}</Say></Gather><Say>{escape(plan.otherwise)}</Say><Hangup/>"
            )
        case HangUp():
            return "<Hangup/>"


def abandonment_text(*, seller: str, callback_number: str, is_sales: bool) -> str:
    """Return the message for a person who answered while no agent was there (rule FED-017: who, that it was sales, a number)."""
    return (
        f"This was a {'telemarketing ' if is_sales else ''}call on behalf of {seller}. No representative is free just now. "
        f"To be taken off our list, call {' '.join(callback_number.removeprefix('+1'))}."
    )


def fault_text(*, seller: str) -> str:
    """Return the words for a call that a technical fault ends: who it is, where that is configured."""
    who = f"This is {seller}. " if seller else ""
    return f"{who}We are sorry, a technical fault ends this call. Goodbye."
