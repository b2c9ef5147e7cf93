"""People and calls as a mapping file has them, and what tells that a person changed. Pure."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, Final

from campaigns.importing import RawPerson
from crm_sync import mapping
from crm_sync.byfile import values
from crm_sync.byfile.model import MappingFile, Pointer
from crm_sync.capabilities import Candidate, FieldValue, NewPerson, TaskActivity, TextActivity
from crm_sync.protocol import CallActivity

PERSON: Final = "person"  # the one object whose fields a file can name
MEMBER: Final = "CampaignMember"  # what a list says of its members, as services.outgoing names it
ID: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_COLUMNS: Final = [each.name for each in fields(RawPerson)]


def record_id(record: Any, where: Pointer) -> str:
    """Return a record's id, or "" for what Parley could not keep as one."""
    text = values.as_text(values.at(record, where))
    return text if ID.fullmatch(text) else ""


def person(file: MappingFile, record: Any, person_id: str, *, number: int, prefix: str) -> RawPerson:
    """Return a person as the CRM has them."""
    told: dict[str, Any] = {
        name: values.read_field(record, rule) for name, rule in file.people.fields.items()
    }
    phones = [(kind, text) for kind, rule in file.people.phones if (text := values.read_field(record, rule))]
    return RawPerson(
        row_number=number,
        phones=phones,
        external_ref=f"{prefix}{person_id}",
        crm_url=page(file.record_url, person_id),
        do_not_call=values.read_flag(record, file.people.do_not_call),
        **told,
    )


def fingerprint(row: RawPerson) -> str:
    """Return what differs whenever anything differs that we read of a person: what a CRM without times of change is asked for."""
    # Not asdict, which would copy all of it: this is done for everybody of a list at each look.
    told = json.dumps(
        {**{name: getattr(row, name) for name in _COLUMNS}, "row_number": 0, "crm_url": ""}, sort_keys=True
    )
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def page(template: str, person_id: str, activity_id: str = "") -> str:
    """Return the address of a record's page, or ""."""
    given = {"person_id": person_id, "activity_id": activity_id}
    return values.fill_path(template, given, times="iso8601", tables={}) if template else ""


def call_values(call: CallActivity) -> Mapping[str, Any]:
    """Return what a body about a call may name."""
    seconds = call.duration_seconds
    told = "\n".join(mapping.body_lines(call))
    return {
        "person_id": call.person_id,
        "marker": call.external_call_id,
        "text": values.marked(told, call.external_call_id),
        "subject": call.subject[:255],
        "direction": call.direction,
        "number": call.number,
        "caller_id": call.caller_id,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "date": call.local_date,
        "duration_seconds": seconds,
        "duration_minutes": seconds // 60 % 60,
        "duration_hours": seconds // 3600,
        "duration_milliseconds": seconds * 1000,
        "outcome": call.network_outcome,
        "result": call.disposition_label or mapping.OUTCOME_WORDS[call.network_outcome],
        "category": call.disposition_category,
        "note": call.note,
        "campaign": call.campaign_name,
        "agent": call.agent_name,
        "agent_email": call.agent_email,
    }


def text_values(text: TextActivity) -> Mapping[str, Any]:
    """Return what a body about a text may name."""
    came = text.direction == "inbound"
    facts = [
        f"From: {text.number if came else text.our_number}",
        f"To: {text.our_number if came else text.number}",
    ]
    return {
        "person_id": text.person_id,
        "marker": text.external_id,
        "text": values.marked("\n".join([text.words, "", *facts]), text.external_id),
        "subject": text.subject[:255],
        "direction": text.direction,
        "number": text.number,
        "our_number": text.our_number,
        "words": text.words,
        "started_at": text.started_at,
        "date": text.local_date,
    }


def task_values(task: TaskActivity) -> Mapping[str, Any]:
    """Return what a body about a promise to call back may name."""
    facts = [f"Due: {task.started_at}", f"Agent: {task.agent_name or 'anyone'}"]
    told = "\n".join([*([task.note, ""] if task.note else []), *facts])
    return {
        "person_id": task.person_id,
        "marker": task.external_id,
        "text": values.marked(told, task.external_id),
        "subject": task.subject[:255],
        "note": task.note,
        "started_at": task.started_at,
        "date": task.local_date,
        "agent": task.agent_name,
        "agent_email": task.agent_email,
        "done": task.done,
    }


def new_values(person: NewPerson) -> Mapping[str, Any]:
    """Return what a body about a person to be created may name."""
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "company": person.company,
        **number_values(person.number),
    }


def number_values(number: str) -> Mapping[str, str]:
    """Return a number as it may be asked for: with its country and without."""
    return {
        "number": number,
        "national": number.removeprefix("+1") if len(number) == 12 else number.removeprefix("+"),
    }


def candidate(
    file: MappingFile, record: Any, person_id: str, *, prefix: str, key_field: str = ""
) -> Candidate:
    """Return somebody who was found, with what stands in the field of the file's own that was asked about."""
    row = person(file, record, person_id, number=0, prefix=prefix)
    return Candidate(
        person_id=person_id,
        object_name=PERSON,
        name=f"{row.first_name} {row.last_name}".strip(),
        phones=tuple(text for _, text in row.phones),
        email=row.email,
        company=row.company,
        owner_name=row.owner_name,
        url=row.crm_url,
        key=str(own_values(file, record, [key_field]).get(key_field) or ""),
    )


def own_values(file: MappingFile, record: Any, names: Collection[str]) -> dict[str, FieldValue]:
    """Return fields of the file's own, by name; several choices joined by ";"."""
    return {each.name: _plain(values.at(record, each.at)) for each in file.people.own if each.name in names}


def to_write(file: MappingFile, given: Mapping[str, FieldValue]) -> dict[str, Any]:
    """Return fields as they are sent: a dotted name is a member of a group, several choices are a list."""
    lists = {each.name for each in file.people.own if each.type == "choices"}
    sent: dict[str, Any] = {}
    for name, value in given.items():
        *groups, last = name.split(".")
        place = sent
        for group in groups:
            place = place.setdefault(group, {})
        place[last] = [part for part in str(value or "").split(";") if part] if name in lists else value
    return sent


def _plain(value: Any) -> FieldValue:
    if isinstance(value, list):
        return ";".join(values.as_text(each) for each in value)
    return value if isinstance(value, str | int | float | bool) or value is None else values.as_text(value)
