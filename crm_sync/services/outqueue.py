"""The queue's rows of all that goes along with a call or comes as a text: callbacks, fields, members, texts, opt-outs. No network."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.selectors import crm_facts
from campaigns.selectors.people import people_with_numbers
from core import db
from crm_sync import mapping, refs, registry, shaping
from crm_sync.capabilities import Capability, TaskActivity, TextActivity
from crm_sync.models import CrmConnection, SyncQueueItem
from crm_sync.selectors import mappings
from crm_sync.selectors.facts import TEXT_OPT_OUT
from crm_sync.services import addressing
from crm_sync.services.addressing import Target

Kind = SyncQueueItem.Kind
State = SyncQueueItem.State
SETTLED = (State.DONE, State.HELD, State.SET_ASIDE)


def along_with_call(payload: Mapping[str, Any], targets: Sequence[Target], *, now: datetime) -> None:
    """Queue what a call brings beside its own record; must run in the event's transaction."""
    db.require_atomic()
    for target in targets:
        _callback(payload, target, now)
        rows = mappings.in_force(target.connection.pk)
        if not rows or (payload["agent_name"] and not payload["disposition_code"]):
            continue  # with an agent, the result is still to come
        if any(row.goes_out for name, each in rows.items() if name != "CampaignMember" for row in each):
            _fields(payload, target, now)
        if rows.get("CampaignMember") and target.external_ref:
            _members(payload, target, now)


def take_text(payload: Mapping[str, Any], *, now: datetime) -> int:
    """Queue a text that came in, and what it was answered with, for everybody whose number it came from; return how many items."""
    db.require_atomic()
    count = 0
    for target in addressing.of_number(str(payload["number"]), now=now):
        if not registry.can(target.connection.kind, Capability.TEXTS, target.connection.settings):
            continue
        for direction, words in (("inbound", payload["words"]), ("outbound", payload["answer"])):
            if words:
                count += _text(payload, target, direction, str(words), now)
    return count


def tell_opt_out(*, numbers: Sequence[str], now: datetime) -> int:
    """Queue that people want no texts, for CRMs with a field mapped to it; return how many CRMs' flags change. In the transaction."""
    db.require_atomic()
    count = 0
    for person in people_with_numbers(numbers):
        ref = refs.parse(person.external_ref)
        connection = CrmConnection.objects.filter(id=ref.connection_id).first() if ref else None
        if ref is None or connection is None or not _maps(connection.pk, TEXT_OPT_OUT):
            continue
        target = Target(connection, ref.person_id, person.name, person.external_ref)
        facts = {TEXT_OPT_OUT: True}
        body = {"subject": "Wants no texts", "started_at": now.isoformat(), "facts": facts}
        name = shaping.opt_out_ref(ref.person_id, "notexts")
        # Said once: it is never taken back by sync, so a repeat would change nothing.
        count += put(target, Kind.OPT_OUT, name, body, version=1, now=now)
    return count


def put(
    target: Target, kind: str, external_id: str, payload: Mapping[str, Any], *, version: int, now: datetime
) -> bool:
    """Store one item, or the newer version of it; return whether that is news.

    A person's edits hold until the dialer changes that field; an item in flight is sent again afterwards.
    """
    body = {**payload, "person_id": target.person_id}
    values: dict[str, Any] = {
        "person_id": target.person_id,
        "person_name": target.person_name[:200],
        "payload": body,
        "payload_version": version,
        "changed_at": now,
    }
    item, created = SyncQueueItem.objects.select_for_update().get_or_create(
        connection=target.connection,
        external_call_id=external_id,
        defaults={
            **values,
            "kind": kind,
            "match_id": target.match_id,
            "state": State.WAITING if target.person_id else State.UNMATCHED,
            "created_at": now,
            "due_at": now,
        },
    )
    if created:
        return True
    if item.payload_version >= version:
        return False  # a repeated event, or one that was overtaken
    if item.state in SETTLED:
        values |= {"state": State.WAITING, "attempts": 0, "due_at": now, "reason": ""}
    values |= kept_edits(item, values)
    if not values["person_id"]:
        values["state"] = State.UNMATCHED
    SyncQueueItem.objects.filter(id=item.id).update(**values)
    return True


def kept_edits(item: SyncQueueItem, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a person's edits that still hold: those of fields the dialer has not changed since."""
    edits = {
        name: value
        for name, value in item.edits.items()
        if item.payload.get(name) == values["payload"].get(name)
    }
    return {"edits": edits, "person_id": edits.get("person_id", values["person_id"])}


def _callback(payload: Mapping[str, Any], target: Target, now: datetime) -> None:
    """Queue the promise this call ended with, and complete those it kept."""
    if not registry.can(target.connection.kind, Capability.TASKS, target.connection.settings):
        return
    own = shaping.callback_ref(target.connection.install_key, int(payload["call_id"]))
    if payload["disposition_code"] and payload.get("lead_id"):
        earlier = SyncQueueItem.objects.filter(
            connection=target.connection,
            kind=Kind.CALLBACK,
            payload__lead_id=payload["lead_id"],
            payload__call_id__lt=payload["call_id"],
            payload__done=False,
        )
        for item in earlier.select_for_update().order_by("id"):
            said = {**item.payload, "done": True}
            kept = dataclasses.replace(target, person_id=item.person_id, match_id=item.match_id)
            put(kept, Kind.CALLBACK, item.external_call_id, said, version=item.payload_version + 1, now=now)
    if not payload.get("callback_at"):
        return
    task = TaskActivity(
        external_id=own,
        person_id=target.person_id,
        subject=f"Call back: {target.person_name or payload['number']}",
        note=str(payload["note"]),
        started_at=mapping.utc(payload["callback_at"]),
        local_date=str(payload["callback_date"]),
        agent_name=str(payload["callback_agent_name"]),
        agent_email=str(payload["callback_agent_email"]),
        done=False,
    )
    body = {**dataclasses.asdict(task), "lead_id": payload["lead_id"], "call_id": payload["call_id"]}
    put(target, Kind.CALLBACK, own, body, version=int(payload["version"]), now=now)


def _fields(payload: Mapping[str, Any], target: Target, now: datetime) -> None:
    facts: dict[str, Any] = mapping.call_facts(payload)
    body: dict[str, Any] = {
        "subject": f"Fields after the call: {payload['disposition_label'] or 'no result'}",
        "started_at": mapping.utc(payload["ended_at"]),
    }
    person = crm_facts.facts_of(int(payload.get("contact_id") or 0))
    if person is not None:
        facts |= {f"person.{name}": value for name, value in person.values.items() if value}
        facts |= {f"custom.{name}": value for name, value in person.custom.items()}
        body["person_at"] = person.changed_at.isoformat()
    name = shaping.fields_ref(target.connection.install_key, int(payload["call_id"]))
    put(target, Kind.FIELDS, name, {**body, "facts": facts}, version=int(payload["version"]), now=now)


def _members(payload: Mapping[str, Any], target: Target, now: datetime) -> None:
    """Queue what each campaign of the CRM, whose members were called, is to say of this one."""
    # Lists of a CRM by mapping file are what others call campaigns: their members have a status.
    lists_of = "list" if target.connection.kind == CrmConnection.Kind.BY_FILE else "campaign"
    prefix = f"{refs.prefix(target.connection.kind, target.connection.pk)}{lists_of}:"
    lists = crm_facts.crm_lists_of(
        target.external_ref, campaign_id=int(payload.get("campaign_id") or 0), prefix=prefix
    )
    for list_id in lists:
        name = shaping.member_ref(target.connection.install_key, int(payload["call_id"]), list_id)
        body = {
            "subject": f"Campaign member: {payload['disposition_label'] or 'no result'}",
            "started_at": mapping.utc(payload["ended_at"]),
            "campaign_id": list_id,
            "facts": mapping.call_facts(payload),
        }
        put(target, Kind.MEMBER, name, body, version=int(payload["version"]), now=now)


def _text(payload: Mapping[str, Any], target: Target, direction: str, words: str, now: datetime) -> bool:
    name = shaping.text_ref(target.connection.install_key, int(payload["text_id"]), direction)
    text = TextActivity(
        # Two people who share a number each have the text once.
        external_id=name if target.match_id else f"{name}-{target.person_id}".lower()[:64],
        person_id=target.person_id,
        subject=f"Text from them: {words}"[:80] if direction == "inbound" else f"Text to them: {words}"[:80],
        direction=direction,
        number=str(payload["number"]),
        our_number=str(payload["our_number"]),
        words=words,
        started_at=mapping.utc(payload["received_at"]),
        local_date=str(payload["local_date"]),
    )
    return put(target, Kind.TEXT, text.external_id, dataclasses.asdict(text), version=1, now=now)


def _maps(connection_id: int, source: str) -> bool:
    return any(
        row.ours == source and row.goes_out
        for rows in mappings.in_force(connection_id).values()
        for row in rows
    )
