"""Whether the carrier takes our credentials: one row, one alarm, mended by a check that goes well."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from carriers.models import CarrierTrouble
from core import audit, db, kept

TARGET = "carrier:account"
# An account has one open alarm at most.
_standing = kept.Query(lambda account: CarrierTrouble.objects.filter(account=account, ended_at__isnull=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The carrier refuses our credentials."""

    since: datetime
    reason: str  # in the carrier's words


def trouble() -> Trouble | None:
    """Return the alarm that stands, None while all is well; one query."""
    row = _standing.first(settings.TWILIO_ACCOUNT_SID)
    return None if row is None else Trouble(since=row.since, reason=row.reason)


def begin(*, reason: str, now: datetime) -> bool:
    """Raise the alarm and return whether it is new: of any number of refusals at once one raises it."""
    db.require_atomic()
    if trouble() is not None:
        return False
    try:
        with transaction.atomic():
            CarrierTrouble.objects.create(account=settings.TWILIO_ACCOUNT_SID, since=now, reason=reason[:300])
    except IntegrityError:
        return False
    audit.record(
        actor="carrier", verb="carriers.credentials.refused", target=TARGET, now=now, after={"reason": reason}
    )
    return True


def end(*, actor: str, now: datetime) -> bool:
    """End the alarm and return whether there was one."""
    db.require_atomic()
    if _open().update(ended_at=now, ended_by=actor[:150]) == 0:
        return False
    audit.record(actor=actor, verb="carriers.credentials.accepted", target=TARGET, now=now)
    return True


def _open() -> QuerySet[CarrierTrouble]:
    return CarrierTrouble.objects.filter(account=settings.TWILIO_ACCOUNT_SID, ended_at__isnull=True)
