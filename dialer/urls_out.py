"""The addresses we give the carrier: absolute, on the public base, with our own ids in them."""

import re
from typing import Final
from uuid import UUID

from django.conf import settings
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse

from carriers.protocol import Callbacks, NumberSetup

_NOTICE: Final = re.compile(r"/([0-9a-f-]{36})/notice$")


def call_callbacks(attempt_id: UUID) -> Callbacks:
    """Return where the carrier asks and reports about a call."""
    return Callbacks(
        answer_url=_public("hook-call-answer", attempt_id=attempt_id),
        status_url=_public("hook-call-status", attempt_id=attempt_id),
        detected_url=_public("hook-call-detected", attempt_id=attempt_id),
        fallback_url=fault_url(),
    )


def recording_page_url(recording_id: UUID) -> str:
    """Return the page people listen to a recording on; it is the desk's."""
    return _public("recording", recording_id=recording_id)


def waited_url(attempt_id: UUID) -> str:
    """Return where an answered call asks again after a wait."""
    return _public("hook-call-waited", attempt_id=attempt_id)


def left_url(attempt_id: UUID, *, interruptions: int) -> str:
    """Return where the person's leg asks when its conference is over; joins are counted, so that a repeat is told from news."""
    return _public("hook-call-left", attempt_id=attempt_id, interruptions=interruptions)


def hold_music_url() -> str:
    """Return the sound for somebody who waits for their agent to come back."""
    return f"{settings.PUBLIC_URL}/{static('audio/hold.wav').removeprefix(get_script_prefix())}"


def keys_url(attempt_id: UUID) -> str:
    """Return where the carrier reports a key pressed during a message."""
    return _public("hook-call-keys", attempt_id=attempt_id)


def message_url(attempt_id: UUID) -> str:
    """Return where the carrier asks what comes behind a message left on a machine."""
    return _public("hook-call-message", attempt_id=attempt_id)


def agent_callbacks(session_id: int) -> Callbacks:
    """Return where the carrier asks and reports about an agent's own leg."""
    return Callbacks(
        answer_url=_public("hook-agent-answer", session_id=session_id),
        status_url=_public("hook-agent-status", session_id=session_id),
        fallback_url=fault_url(),
    )


def third_party_callbacks(transfer_id: int) -> Callbacks:
    """Return where the carrier asks and reports about the target of a transfer at a number outside."""
    return Callbacks(
        answer_url=_public("hook-transfer-answer", transfer_id=transfer_id),
        status_url=_public("hook-transfer-status", transfer_id=transfer_id),
        fallback_url=fault_url(),
    )


def transfer_events_url(transfer_id: int) -> str:
    """Return where the carrier reports about the conference in which person and target are left."""
    return _public("hook-transfer-events", transfer_id=transfer_id)


def transfer_left_url(transfer_id: int) -> str:
    """Return where the person's leg asks when that conference is over."""
    return _public("hook-transfer-left", transfer_id=transfer_id)


def conference_events_url(session_id: int) -> str:
    """Return where the carrier reports about an agent's conference."""
    return _public("hook-conference", session_id=session_id)


def recording_status_url(attempt_id: UUID) -> str:
    """Return where the carrier reports about the recording of a call."""
    return _public("hook-recording-status", attempt_id=attempt_id)


def notice_url(attempt_id: UUID) -> str:
    """Return where the carrier finds the notice that the call is recorded."""
    return _public("hook-recording-notice", attempt_id=attempt_id)


def attempt_of_notice(url: str) -> UUID | None:
    """Return whose notice an address of ours is, None for any other address."""
    found = _NOTICE.search(url)
    return UUID(found[1]) if found and url == notice_url(UUID(found[1])) else None


def number_setup() -> NumberSetup:
    """Return where calls and texts to our own numbers go: the opt-out line, and the ear for every no in writing."""
    return NumberSetup(
        voice_url=_public("hook-inbound"),
        fallback_url=fault_url(),
        status_url=_public("hook-inbound-status"),
        text_url=_public("hook-text"),
    )


def text_status_url() -> str:
    """Return where the carrier tells what became of texts of ours: for its messaging service's status callback."""
    return _public("hook-text-status")


def opt_out_keys_url(*, round_number: int) -> str:
    """Return where the carrier brings the keys pressed on the opt-out line; rounds are counted, so that nobody goes in circles."""
    return _public("hook-inbound-keys", round_number=round_number)


def fault_url() -> str:
    """Return where the carrier gets words for a call we cannot answer for ourselves."""
    return _public("hook-fault")


def _public(name: str, **ids: object) -> str:
    # The public base has the path that a proxy or FORCE_SCRIPT_NAME puts before ours; carriers/door.py reads it back so.
    return f"{settings.PUBLIC_URL}/{reverse(name, kwargs=ids).removeprefix(get_script_prefix())}"
