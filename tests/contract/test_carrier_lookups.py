"""Looking numbers up: the real client against the stand-in, and what odd answers mean."""

from collections.abc import Iterator
from datetime import date

import pytest
import requests

from carriers.lookups import LookedUp, LookUp
from carriers.protocol import CarrierError
from carriers.twilio import lookups
from carriers.twilio.client import TwilioCarrier
from compliance.rules.records import ReassignedAnswer
from compliance.rules.vocabulary import LineType
from core.types import PhoneNumber
from sandbox.carrier.app import make_app
from sandbox.carrier.settings import Settings
from sandbox.testing import run_in_thread

SINCE = date(2026, 3, 1)


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with run_in_thread(make_app(Settings(numbers=("+14075550100",), speed=10.0))) as url:
        yield url


@pytest.fixture
def carrier(sandbox_url: str, settings: object) -> TwilioCarrier:
    settings.TWILIO_BASE_URL = sandbox_url
    requests.delete(f"{sandbox_url}/_sandbox/faults", timeout=5)
    return TwilioCarrier()


def number(index: int) -> PhoneNumber:
    return PhoneNumber(f"+1407555{index:04d}")


def test_both_parts_are_answered_the_same_each_time(carrier: TwilioCarrier) -> None:
    asked = [LookUp(number=number(index), wants_line=True, held_since=SINCE) for index in range(60)]

    first, second = [carrier.look_up(each) for each in asked], [carrier.look_up(each) for each in asked]

    assert first == second
    assert {each.line for each in first} >= {LineType.WIRELESS, LineType.LANDLINE_RES, LineType.VOIP}
    assert {each.reassigned for each in first} == set(ReassignedAnswer)


def test_only_what_is_asked_is_answered(carrier: TwilioCarrier) -> None:
    line = carrier.look_up(LookUp(number=number(1), wants_line=True))
    holder = carrier.look_up(LookUp(number=number(1), wants_line=False, held_since=SINCE))

    assert (line.reassigned, holder.line) == (None, None)
    assert line.line is not None
    assert holder.reassigned is not None


@pytest.mark.parametrize(
    ("kind", "means"), [("http_429", "retryable"), ("http_500", "unknown")], ids=["too many", "its own fault"]
)
def test_faults_say_whether_to_ask_again(
    carrier: TwilioCarrier, sandbox_url: str, kind: str, means: str
) -> None:
    requests.post(
        f"{sandbox_url}/_sandbox/faults", json={"kind": kind, "count": 1, "rate": 1.0}, timeout=5
    ).raise_for_status()

    with pytest.raises(CarrierError) as found:
        carrier.look_up(LookUp(number=number(1), wants_line=True))

    assert found.value.kind == means


def test_wrong_credentials_are_told_apart(carrier: TwilioCarrier, settings: object) -> None:
    settings.TWILIO_AUTH_TOKEN = "wrong"

    with pytest.raises(CarrierError) as found:
        TwilioCarrier().look_up(LookUp(number=number(1), wants_line=True))

    assert found.value.refuses_us


@pytest.mark.parametrize(
    ("line", "reassigned", "means"),
    [
        (
            {"type": "landline"},
            {"is_number_reassigned": "no"},
            (LineType.LANDLINE_RES, ReassignedAnswer.NO, ""),
        ),
        ({"type": "hologram"}, {"is_number_reassigned": "yes"}, (LineType.UNKNOWN, ReassignedAnswer.YES, "")),
        (
            {"type": None, "error_code": 60601},
            {"is_number_reassigned": "maybe"},
            (None, None, "no line type (error 60601); no word whether it was reassigned (error None)"),
        ),
        (
            None,
            "x",
            (None, None, "no line type (nothing said); no word whether it was reassigned (nothing said)"),
        ),
    ],
)
def test_odd_answers_are_unknown_or_trouble_never_a_guess(
    line: object, reassigned: object, means: tuple[object, ...]
) -> None:
    found = lookups.answer(LookUp(number=number(1), wants_line=True, held_since=SINCE), line, reassigned)

    assert found == LookedUp(line=means[0], reassigned=means[1], trouble=means[2])  # type: ignore[arg-type]  # from the table
