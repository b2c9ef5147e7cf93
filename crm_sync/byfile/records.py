"""People and calls as a mapping file has them, and what tells that a person changed. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from campaigns.importing import RawPerson
from crm_sync import mapping
from crm_sync.byfile import values
from crm_sync.byfile.model import MappingFile, Pointer
from crm_sync.protocol import CallActivity

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
