"""Which leads of a campaign come next, locked: statements the server has prepared, since the dialer asks in every round.

They are written here and not by the ORM because each stands on a partial index (campaigns.models.leads), which the server uses only
where the state is part of the statement and no value of it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from campaigns.models import CampaignLead, ContactPhone
from core import kept, prepared

DUE: Final = """
SELECT id FROM campaigns_campaignlead
WHERE campaign_id = %(campaign)s AND state = 'ready' AND next_try_at <= %(now)s AND """
FIRST: Final = "(is_callback OR (fresh_until IS NOT NULL AND fresh_until > %(now)s AND attempts = 0))"
OTHERS: Final = "NOT is_callback AND id <> ALL(%(taken)s::bigint[])"
BY_DUE: Final = "next_try_at, id"

_leads = kept.Query(
    lambda ids: CampaignLead.objects.select_related("contact").filter(pk__in=kept.any_of(ids))
)
_phones = kept.Query(
    lambda contacts: ContactPhone.objects.filter(contact_id__in=kept.any_of(contacts)).order_by("pk")
)


def lock(
    *, campaign_id: int, user_id: int | None, now: datetime, limit: int, only_promised: bool, placed: bool
) -> list[tuple[CampaignLead, list[ContactPhone]]]:
    """Lock up to `limit` leads with their people and return them in order, each with the person's numbers; see work.candidates."""
    values: dict[str, object] = {"campaign": campaign_id, "user": user_id, "now": now, "taken": list[int]()}
    whose = "callback_for_id = %(user)s"
    if not only_promised:
        whose = "callback_for_id IS NULL" if user_id is None else f"(callback_for_id IS NULL OR {whose})"
    ids = _ids(_statement(whose, FIRST, f"is_callback DESC, {BY_DUE}", limit), values)
    if len(ids) < limit and not only_promised:
        order = f"place ASC NULLS LAST, {BY_DUE}" if placed else BY_DUE
        ids += _ids(_statement(whose, OTHERS, order, limit - len(ids)), {**values, "taken": ids})
    return _read(ids)


@lru_cache(maxsize=1000)
def _statement(whose: str, which: str, order: str, limit: int) -> str:
    # The limit stands in the statement: the plan for a few leads is another one than that for all.
    return f"{DUE}{whose} AND {which} ORDER BY {order} LIMIT {limit} FOR UPDATE SKIP LOCKED"


def _ids(statement: str, values: dict[str, object]) -> list[int]:
    return [lead_id for (lead_id,) in prepared.run_named(statement, values).rows]


def _read(ids: Sequence[int]) -> list[tuple[CampaignLead, list[ContactPhone]]]:
    if not ids:
        return []
    leads = {lead.pk: lead for lead in _leads.rows(list(ids))}
    phones: dict[int, list[ContactPhone]] = {lead.contact_id: [] for lead in leads.values()}
    for phone in _phones.rows(list(phones)):
        phones[phone.contact_id].append(phone)
    return [(leads[lead_id], phones[leads[lead_id].contact_id]) for lead_id in ids]
