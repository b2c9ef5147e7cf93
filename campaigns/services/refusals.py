"""A do-not-call flag that came with an import, carried over to the gate: one place for every way of saying no (FED-012)."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from campaigns.models import Contact, ContactPhone
from campaigns.selectors.people import people_with_numbers
from compliance import selectors
from compliance import services as gate
from compliance.rules.facts import SuppressionKind
from core import audit, db
from core.types import as_phone

_LISTS = ("csv", "api")  # sources that are no CRM


def revoke_numbers_of(*, contact_ids: Sequence[int], source: str, source_label: str, now: datetime) -> int:
    """Put every number of the people on the seller's internal list, in the open transaction; return how many numbers."""
    rows = ContactPhone.objects.filter(contact_id__in=list(contact_ids)).order_by("number", "id")
    numbers = list(dict.fromkeys(rows.values_list("number", flat=True)))
    if not numbers:
        return 0
    ground = gate.Ground(
        seller=settings.SELLER_NAME,
        reason="the CRM says do not call" if source not in _LISTS else "the list says do not call",
        raw_words=f"Do-not-call flag in {source_label}",
        heard_on="CRM" if source not in _LISTS else "list import",
        kind=SuppressionKind.DO_NOT_CALL,
    )
    gate.revoke_numbers(
        numbers=[as_phone(number) for number in numbers], ground=ground, actor=f"import:{source}", now=now
    )
    return len(numbers)


def forget_flag(*, number: str, by: str, now: datetime) -> int:
    """Take the do-not-call flag that came with an import off people of whom no number is refused any more; return how many.

    Two people lifted the request on the person's own new consent; with the flag left here the lift would change nothing. In the
    open transaction. The CRM itself is told by its own handler, and its next list counts again.
    """
    db.require_atomic()
    people = people_with_numbers([number])
    refused = selectors.refused_numbers({each for person in people for each in person.numbers})
    free = [person.contact_id for person in people if refused.isdisjoint(person.numbers)]
    flagged = Contact.objects.filter(pk__in=free, crm_do_not_call=True).order_by("pk")
    ids = list(flagged.select_for_update().values_list("pk", flat=True))
    Contact.objects.filter(pk__in=ids).update(crm_do_not_call=False, changed_at=now)
    for contact_id in ids:
        audit.record(
            actor=by,
            verb="campaigns.contact.flag_taken_back",
            target=f"contact:{contact_id}",
            now=now,
            before={"crm_do_not_call": True},
            after={"crm_do_not_call": False},
        )
    return len(ids)
