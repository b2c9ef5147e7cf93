"""The manager's list of numbers a campaign's calls may be handed on to."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from campaigns.models import Campaign, TransferTarget
from core import audit, db
from core.errors import AppError, NotFound
from core.types import PhoneError, last_four, parse_phone, why_never_dialed

TARGETS_LIMIT = 50


class TargetRefused(AppError):
    """The number cannot be put on the list; the text says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTarget:
    """What the manager says of a number."""

    label: str
    number: str  # as typed
    postal_code: str = ""
    state: str = ""
    city: str = ""
    is_business: bool = False


def add_target(*, campaign_id: int, new: NewTarget, by_id: int, by_name: str, now: datetime) -> int:
    """Put a number on a campaign's list, on record with who said what of it. Raises NotFound and TargetRefused."""
    try:
        number = parse_phone(new.number)
    except PhoneError as error:
        raise TargetRefused(str(error)) from None
    never = why_never_dialed(number)
    if never:
        raise TargetRefused(f"This number is never called: {never}.")
    with db.use_case():
        campaign = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
        if campaign is None:
            raise NotFound("There is no such campaign.")
        listed = TransferTarget.objects.filter(campaign=campaign, removed_at__isnull=True)
        if listed.count() >= TARGETS_LIMIT:
            raise TargetRefused(f"A list has at most {TARGETS_LIMIT} numbers. Remove one first.")
        facts = {
            "label": new.label,
            "postal_code": new.postal_code,
            "state": new.state,
            "city": new.city,
            "is_business": new.is_business,
        }
        try:
            with transaction.atomic():
                target = TransferTarget.objects.create(
                    campaign=campaign, number=number, added_by_id=by_id, added_at=now, **facts
                )
        except IntegrityError:
            raise TargetRefused("This number is on the list already.") from None
        audit.record(
            actor=by_name,
            verb="campaign.transfer_target.added",
            target=f"campaign:{campaign.pk}",
            now=now,
            after={**facts, "number": last_four(number)},
        )
        return int(target.pk)


def remove_target(*, campaign_id: int, target_id: int, by_name: str, now: datetime) -> None:
    """Take a number off a campaign's list; a call that goes there already goes on. Raises NotFound."""
    with db.use_case():
        found = (
            TransferTarget.objects.select_for_update()
            .filter(pk=target_id, campaign_id=campaign_id, removed_at__isnull=True)
            .first()
        )
        if found is None:
            raise NotFound("This number is not on the list.")
        found.removed_at = now
        found.save(update_fields=["removed_at"])
        audit.record(
            actor=by_name,
            verb="campaign.transfer_target.removed",
            target=f"campaign:{campaign_id}",
            now=now,
            after={"label": found.label, "number": last_four(found.number)},
        )
