"""What happens when: event topic -> handlers, the only such table. Each handler runs in the relay's transaction."""

from collections.abc import Mapping, Sequence
from typing import Final

from campaigns import handlers as campaigns
from campaigns.events import ConsentsImported, ContactsRefused
from compliance.events import ConsentGiven, NumberRestored, NumbersRevoked
from core.outbox import Handler
from crm_sync import handlers as crm
from dialer import handlers as dialer
from dialer.events import CallLogged, TextLogged

HANDLERS: Final[Mapping[str, Sequence[Handler]]] = {
    CallLogged.topic: (crm.on_call_logged,),
    ConsentsImported.topic: (campaigns.on_consents_imported,),
    ContactsRefused.topic: (campaigns.on_contacts_refused,),
    ConsentGiven.topic: (campaigns.on_consent_given,),
    NumberRestored.topic: (campaigns.on_number_restored, crm.on_number_restored),
    NumbersRevoked.topic: (dialer.on_numbers_revoked, crm.on_numbers_revoked),
    TextLogged.topic: (crm.on_text_logged,),
}
