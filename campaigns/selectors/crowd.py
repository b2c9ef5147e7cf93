"""Everybody of a campaign at once, as arrays: for counting a million leads in seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from django.db.models import Q
from numpy.typing import NDArray

from campaigns.models import CampaignLead, Lead
from core.copying import Ints, ints_of, micros_sql

STATES = ("untaken", "ready", "held", "finished")
_TAKEN = """
SELECT contact_id, array_position(%(states)s::text[], state::text)::bigint - 1 AS state, next_try_at
  FROM campaigns_campaignlead WHERE campaign_id = %(campaign)s
"""
_LISTED = """
SELECT lead.contact_id
  FROM campaigns_lead AS lead
  JOIN campaigns_campaign_lists AS lists ON lists.leadlist_id = lead.lead_list_id
 WHERE lists.campaign_id = %(campaign)s
 UNION ALL SELECT unnest(%(fitting)s::bigint[])
"""
_LISTED_BUT = f"({_LISTED}) EXCEPT SELECT unnest(%(without)s::bigint[])"
_OF_LEADS = "SELECT contact_id FROM campaigns_campaignlead WHERE campaign_id = %(campaign)s"
_UNTAKEN = f"""
SELECT contact_id, 0::bigint AS state, to_timestamp(0) AS next_try_at FROM (({{listed}}) EXCEPT {_OF_LEADS}) AS untaken
"""  # noqa: S608 - our own text
# An address stands for itself by a hash of 64 bits, so that its text comes once for all who share it.
_PEOPLE = f"""
SELECT person.id, member.state, {micros_sql("member.next_try_at")}, person.crm_do_not_call::int::bigint,
       hash_record_extended(ROW(person.postal_code, person.state, person.city, person.country, person.stated_zone), 0)
  FROM campaigns_contact AS person
  JOIN ({{members}}) AS member ON member.contact_id = person.id
"""  # noqa: S608 - our own text
_PHONES = """
SELECT phone.contact_id, substr(phone.number, 2)::bigint,
       (phone.position::bigint << 47) + (phone.id << 1) + (phone.kind = 'work')::int
  FROM campaigns_contactphone AS phone
  JOIN ({members}) AS member ON member.contact_id = phone.contact_id
"""
_ADDRESSES = """
SELECT id, postal_code, state, city, country, stated_zone FROM campaigns_contact WHERE id = ANY(%s)
"""
ADDRESS = ("postal_code", "state", "city", "country", "stated_zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The people of a campaign: those in it, and those on its lists. Arrays of people, in order of `contacts`, and of phones."""

    contacts: Ints
    states: Ints  # index into STATES
    next_tries: Ints  # microseconds since 1970
    flagged: NDArray[np.bool_]  # the CRM says do not call
    places: Ints  # index into `addresses`
    addresses: Sequence[tuple[str, ...]]  # of the fields of ADDRESS
    owners: Ints  # of each phone, index into the people; ascending, phones of one in the order to try them
    numbers: Ints  # E.164 without the plus
    at_work: NDArray[np.bool_]
    asked_at: Mapping[int, datetime]  # contact → when they asked to be called back
    promised: Sequence[int]  # contacts whom one agent promised to call
    debt_refs: Mapping[
        int, str
    ]  # contact → the debt they are called about, where it is known; empty unless asked for


def read_members(
    campaign_id: int, *, with_debts: bool = False, fitting: Sequence[int] = (), without: Sequence[int] = ()
) -> Members:
    """Return everybody: at most six queries, seven with their debts. `fitting`: contacts of its segments, not taken yet; `without`:
    contacts it leaves out, not taken yet either.

    Call it in a transaction, with memory enough for the database to join in.
    """
    params = {
        "campaign": campaign_id,
        "states": list(STATES),
        "fitting": list(fitting),
        "without": list(without),
    }
    all_listed = _LISTED_BUT if without else _LISTED
    people = ints_of(_PEOPLE.format(members=_TAKEN), params, columns=5)
    [listed] = ints_of(all_listed, params, columns=1)
    members = _OF_LEADS  # to join with leads alone is quicker, and says the same once everybody is taken
    if not np.isin(listed, people[0]).all():
        others = ints_of(_PEOPLE.format(members=_UNTAKEN.format(listed=all_listed)), params, columns=5)
        people = [np.r_[taken, untaken] for taken, untaken in zip(people, others, strict=True)]
        members = f"{_OF_LEADS} UNION ({all_listed})"
    order = people[0].argsort()
    contacts, states, next_tries, flagged, hashes = (column[order] for column in people)
    places, addresses = _addresses(contacts, hashes)
    owners, numbers, at_work = _phones(members, params, contacts)
    asked_at, promised = _callbacks(campaign_id)
    return Members(
        contacts=contacts,
        states=states,
        next_tries=next_tries,
        flagged=flagged.astype(bool),
        places=places,
        addresses=addresses,
        owners=owners,
        numbers=numbers,
        at_work=at_work,
        asked_at=asked_at,
        promised=promised,
        debt_refs=_debts(campaign_id) if with_debts else {},
    )


def _debts(campaign_id: int) -> dict[int, str]:
    """The debts of those in the campaign; of who is not taken from a list yet none is known."""
    rows = CampaignLead.objects.filter(campaign_id=campaign_id).exclude(debt_ref="").order_by()
    return dict(rows.values_list("contact_id", "debt_ref"))


def count_members(campaign_id: int) -> int:
    """Return about how many people the campaign is about, without looking at them: at most two queries."""
    leads = CampaignLead.objects.filter(campaign_id=campaign_id).count()
    return leads or Lead.objects.filter(lead_list__campaigns=campaign_id).count()


def _addresses(contacts: Ints, hashes: Ints) -> tuple[Ints, list[tuple[str, ...]]]:
    """The index of each person's address, and the addresses, read from one person each."""
    _, first, places = np.unique(hashes, return_index=True, return_inverse=True)
    ids = contacts[first].tolist()
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESSES, [ids])
        told = {row[0]: row[1:] for row in cursor.fetchall()}
    nothing = ("",) * len(ADDRESS)  # of a person who was removed a moment ago
    return places.astype(np.int64), [told.get(contact, nothing) for contact in ids]


def _callbacks(campaign_id: int) -> tuple[dict[int, datetime], list[int]]:
    """When people asked to be called back, and whom of them one agent promised to call."""
    rows = CampaignLead.objects.filter(
        Q(is_callback=True) | Q(callback_for__isnull=False), campaign_id=campaign_id
    ).order_by("id")
    told = list(rows.values_list("contact_id", "is_callback", "callback_asked_at", "callback_for_id"))
    asked = {contact: at for contact, is_callback, at, _ in told if is_callback and at is not None}
    return asked, [contact for contact, _, _, agent in told if agent is not None]


def _phones(members: str, params: dict[str, object], contacts: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    contact, number, order = ints_of(_PHONES.format(members=members), params, columns=3)
    ascending = np.lexsort((order, contact))
    contact, number, at_work = contact[ascending], number[ascending], order[ascending] % 2 > 0
    owners = contacts.searchsorted(contact)
    # Between the two queries somebody may have come.
    is_known = contacts.take(owners, mode="clip") == contact if len(contacts) else contact < 0
    return owners[is_known], number[is_known], at_work[is_known]
