"""The message for a person who answered while no agent was free, and whether it is fit to be played (FED-017). Pure."""

from datetime import date
from typing import Final, Protocol

from compliance.rules.content import packaged, recordings
from compliance.rules.content.sounds import CallbackLine, MessageKind, OptOutStep, Recording
from compliance.rules.facts import MessageFacts, Purpose

OPT_OUT_KEY: Final = "9"


class Caller(Protocol):
    """Who calls, and why: a campaign."""

    seller: str
    caller_id: str
    purpose: str

    @property
    def answers_may_sell(self) -> bool:
        """Return whether it is a survey that counts as a sale."""


def purpose_of(caller: Caller) -> Purpose:
    """Return the purpose the law sees: a survey whose answers may sell is telemarketing (FED-034)."""
    return Purpose.TELEMARKETING if caller.answers_may_sell else Purpose(caller.purpose)


def message(caller: Caller) -> str:
    """Return the words. The number is ours: whoever calls it reaches the line that takes people off the list."""
    number = " ".join(caller.caller_id.removeprefix("+1"))
    why = (
        "We called for telemarketing purposes. "
        if purpose_of(caller) is Purpose.TELEMARKETING
        else "We called you just now. "
    )
    return f"This is {caller.seller}. {why}To be placed on our do not call list, press {OPT_OUT_KEY}, or call {number}."


def message_facts(caller: Caller, *, on: date) -> MessageFacts:
    """Return what the gate is told of the message: fit to be played, or what is wrong with it."""
    words = message(caller)
    spoken = Recording(
        kind=MessageKind.ABANDONED,
        purpose=purpose_of(caller),
        transcript=words.replace(" ".join(caller.caller_id.removeprefix("+1")), caller.caller_id),
        business_name=caller.seller,
        callback=CallbackLine(
            number=caller.caller_id,
            takes_requests_in_business_hours=True,
            kept_for_campaign=True,
            automatic_opt_out=True,
        ),
        opt_out_key=OPT_OUT_KEY,
        opt_out_throughout=True,
        opt_out_steps=(OptOutStep.SUPPRESS, OptOutStep.HANG_UP),
        first_word_at_seconds=0.0,
        artificial_voice=True,
    )
    problems = recordings.problems(spoken, packaged.in_force(on))
    return MessageFacts(ref="spoken", problems=tuple(problem.message for problem in problems))
