"""Parts of the carrier stand-in that need no server."""

import asyncio
import random

import pytest

from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import CallOptions, World
from sandbox.carrier.settings import DEFAULT_NUMBERS, Settings, from_environment
from sandbox.carrier.twiml import DocumentError, parse
from sandbox.clock import Clock
from sandbox.faults import FaultBook
from tests.sandbox.carrier.kit import LEAD, OWN, StoppedClock


def test_settings_have_defaults_and_read_the_environment():
    default = from_environment({})
    changed = from_environment(
        {"SANDBOX_CARRIER_NUMBERS": "+12125550101, +13125550102", "SANDBOX_SPEED": "20"}
    )

    assert (default.port, default.numbers, default.speed) == (8101, DEFAULT_NUMBERS, 1)
    assert (changed.numbers, changed.speed) == (("+12125550101", "+13125550102"), 20)


@pytest.mark.parametrize("value", ["fast", "0", "-1"])
def test_a_setting_that_cannot_be_is_named(value):
    with pytest.raises(ValueError, match="SANDBOX_SPEED"):
        from_environment({"SANDBOX_SPEED": value})


def test_the_signature_must_be_one_there_is():
    with pytest.raises(ValueError, match="SANDBOX_CARRIER_SIGNATURE"):
        from_environment({"SANDBOX_CARRIER_SIGNATURE": "md5"})


def test_a_caller_id_must_be_a_number():
    with pytest.raises(ValueError, match="SANDBOX_CARRIER_NUMBERS"):
        from_environment({"SANDBOX_CARRIER_NUMBERS": "2125550101"})


def test_speed_must_be_above_zero():
    with pytest.raises(ValueError, match="speed"):
        Clock(speed=0)


async def test_calls_over_the_rate_are_dialed_one_slot_after_the_other():
    world = World(Settings(cps=2))
    world.clock = StoppedClock()  # type: ignore[assignment]  # it only has to tell the time
    world.population.fix(LEAD, {"behaviour": "busy"})
    exchange = Exchange(world)

    made = [exchange.place(CallOptions(LEAD, OWN)) for _ in range(4)]
    await asyncio.gather(*(call.over.wait() for call in made))

    assert [call.queue_ms for call in made] == [0, 500, 1000, 1500]
    assert {call.status for call in made} == {"busy"}


def test_twiml_keeps_verbs_attributes_and_nesting():
    document = "<Dial action='/a'><Conference beep='false'>x</Conference></Dial>"

    verbs = parse(f"<?xml version='1.0'?><Response>{document}</Response>")

    assert [verb.name for verb in verbs] == ["Dial"]
    assert verbs[0].children[0].text == "x"
    assert verbs[0].children[0].flag("beep", True) is False


def test_twiml_without_response_is_refused():
    with pytest.raises(DocumentError, match="12100"):
        parse("<Dial/>")


def test_faults_are_used_up_and_hit_at_their_rate():
    book = FaultBook(frozenset({"a", "b"}), random.Random(3))
    book.add({"kind": "a", "count": 2, "match": "Calls"})
    book.add({"kind": "b", "rate": 0.25})

    hits_a = sum(book.take({"a"}, "POST Calls.json") is not None for _ in range(5))
    hits_b = sum(book.take({"b"}, "anything") is not None for _ in range(1000))

    assert hits_a == 2
    assert book.take({"a"}, "elsewhere") is None
    assert hits_b == pytest.approx(250, abs=50)
