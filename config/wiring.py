"""What happens when: event topic -> handlers, the only such table. Each handler runs in the relay's transaction."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.outbox import Handler
from crm_sync import handlers as crm
from dialer.events import CallLogged

HANDLERS: Final[Mapping[str, Sequence[Handler]]] = {
    CallLogged.topic: (crm.on_call_logged,),
}
