"""What must be done about a carrier's answer (A2P-008, CID-004) and when the answers stop a campaign."""

from dataclasses import dataclass
from enum import StrEnum

from compliance.rules.content.numbers import InForce
from compliance.rules.content.problems import Problem
from compliance.rules.content.rows import CarrierCode


class Action(StrEnum):
    """What the engine does."""

    INVALID_NUMBER = "invalid_number"  # mark the number, never try it again
    SUPPRESS = "suppress"  # write a revocation now, stop everything
    SLOW_DOWN = "slow_down"
    RETRY = "retry"
    CHECK_REASSIGNED = "check_reassigned"  # mark the number dead, ask the reassigned numbers database
    RETYPE_LINE = "retype_line"  # look its line type up again
    WATCH_FILTERING = "watch_filtering"  # count it; never send it another way
    BACK_OFF = "back_off"
    QUEUE = "queue"
    QUEUE_UNTIL_RESET = "queue_until_reset"
    BLOCK_SENDER = "block_sender"
    BLOCK_CAMPAIGN = "block_campaign"
    REPUTATION = "reputation"  # an event of our caller ID
    REVIEW = "review"  # not in the table: a person looks at it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the table says of one code."""

    action: Action
    retries: int  # more tries allowed for this text
    meaning: str


def answer_for(provider: str, code: str, numbers: InForce) -> Answer:
    """Return what to do; a code the table does not have is for a person, without another try."""
    key = f"{provider.strip().lower()} {code.strip()}"
    row = next((each for each in numbers.of(CarrierCode) if each.key == key), None)
    if row is None:
        return Answer(action=Action.REVIEW, retries=0, meaning=f"The code {code} of {provider} is not known.")
    action = Action(row.action)
    retries = numbers.whole("unreachable_retries") if action is Action.RETRY else 0
    return Answer(action=action, retries=retries, meaning=row.meaning)


def filtering_problems(filtered: int, sent: int, numbers: InForce) -> tuple[Problem, ...]:
    """Return why the campaign must pause. Both counts are of the last hour (`filtered_hours`); sent includes filtered."""
    limit, hours = numbers.amount("filtered_share"), numbers.whole("filtered_hours")
    if filtered <= 0 or filtered <= limit * sent:
        return ()
    share = filtered / sent if sent > 0 else 1.0
    return (
        Problem(
            rule_id="A2P-008",
            code="FILTERED",
            where="campaign",
            message=f"{share:.1%} of the texts of the last {hours} h were filtered; over {limit:.0%} pauses the campaign. Have a person "
            "read the text, its links and its opt-ins, change what offends, and only then resume. Do not send it another way.",
        ),
    )
