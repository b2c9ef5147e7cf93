"""The text for abandoned calls that a campaign has before anybody recorded one."""

from datetime import datetime

import msgspec

from campaigns.models import RecordedMessage
from campaigns.recordings import standard
from campaigns.recordings.declared import solicits
from campaigns.services import messages
from carriers import selectors as carriers
from compliance import selectors as compliance
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import Purpose
from core import db
from core.types import format_phone

BY = "Parley"


def ensure_standard(*, seller: str, caller_id: str, purpose: Purpose, now: datetime) -> None:
    """Keep the standard text of a seller and caller ID in step with what is known of the number; the caller's transaction.

    It is approved at once if the judge finds nothing. Else it stays a draft with what is missing: mostly a test call to the
    number (FED-025), after which the next change or start of the campaign makes a version that can be played.
    """
    db.require_atomic()
    if not standard.has_standard(purpose):
        return
    message, _ = RecordedMessage.objects.get_or_create(
        standard_for=standard.key(seller=seller, number=caller_id, purpose=purpose),
        defaults={
            "name": f"Standard text{'' if solicits(purpose) else ', no sales'}, {format_phone(caller_id)}",
            "kind": MessageKind.ABANDONED,
            "created_at": now,
            "created_by": BY,
        },
    )
    declared = standard.abandoned(
        seller=seller,
        number=caller_id,
        purpose=purpose,
        takes_requests=compliance.takes_requests(caller_id, seller=seller),
        is_kept=carriers.is_usable_caller_number(caller_id),
    )
    RecordedMessage.objects.select_for_update().get(id=message.id)
    latest = messages.newest(message.id)
    if latest is None or latest.declared != msgspec.to_builtins(declared):
        number = latest.number + 1 if latest else 1
        new = messages.NewVersion(declared=declared)
        latest = messages.append_version(message, number, new, None, by_name=BY, now=now)
    if latest.state == messages.STATE.DRAFT:  # one that a person retired stays so
        messages.approve_standard(latest, by_name=BY, now=now)
