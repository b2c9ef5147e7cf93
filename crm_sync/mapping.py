"""A call as the dialer tells it → a call as each CRM wants it. Pure."""

import html
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from crm_sync.protocol import CallActivity

# Our network outcomes (dialer.callflow.NetworkOutcome) in words, for calls without a result of an agent.
OUTCOME_WORDS: Final[Mapping[str, str]] = {
    "answered": "Answered",
    "busy": "Busy",
    "no_answer": "No answer",
    "failed": "Not connected",
    "canceled": "Canceled",
}
# hs_call_status: the words are HubSpot's.
HUBSPOT_STATUS: Final[Mapping[str, str]] = {
    "answered": "COMPLETED",
    "busy": "BUSY",
    "no_answer": "NO_ANSWER",
    "failed": "FAILED",
    "canceled": "CANCELED",
}
# Where an account has no call outcome of the same name: the label of HubSpot's standard one that says the
# same.
HUBSPOT_BY_CATEGORY: Final[Mapping[str, str]] = {
    "conversion": "connected",
    "right_party": "connected",
    "contact": "connected",
    "callback": "connected",
    "do_not_call": "connected",
    "wrong_number": "wrong number",
}
HUBSPOT_BY_OUTCOME: Final[Mapping[str, str]] = {"busy": "busy", "no_answer": "no answer"}

CALL_ID_FIELD: Final = "Parley_Call_Id__c"  # Salesforce: external id, unique
CALL_ID_PROPERTY: Final = "dialer_call_id"  # HubSpot: unique property of calls
CREATE_ONLY: Final = "TaskSubtype"  # Salesforce refuses it in an update


def external_call_id(install_key: str, call_id: int) -> str:
    """Return our name of the call in the CRM.

    At most 64 characters, lower case (HubSpot compares without case).
    """
    return f"parley-{install_key}-{call_id}".lower()


def flag_ref(person_id: str) -> str:
    """Return our name of the one flag a person has in a CRM."""
    return f"dnc-{person_id}"


def flag_subject(*, do_not_call: bool) -> str:
    """Return what the CRM is told of a person, for people."""
    return "Do not call" if do_not_call else "Do not call: taken back by two people"


def activity_from(payload: Mapping[str, Any], *, call_ref: str, person_id: str) -> CallActivity:
    """Return the activity for a CallLogged payload.

    Raises ValueError for an outcome or instant we do not know.
    """
    outcome = str(payload["network_outcome"])
    if outcome not in OUTCOME_WORDS:
        raise ValueError(f"Unknown network outcome {outcome!r}.")
    label = str(payload["disposition_label"])
    return CallActivity(
        external_call_id=call_ref,
        person_id=person_id,
        subject=f"Call: {label or OUTCOME_WORDS[outcome]}",
        direction=str(payload["direction"]),
        number=str(payload["number"]),
        caller_id=str(payload["caller_id"]),
        started_at=utc(payload["started_at"]),
        ended_at=utc(payload["ended_at"]),
        local_date=str(payload["local_date"]),
        duration_seconds=int(payload["duration_seconds"]),
        network_outcome=outcome,
        disposition_label=label,
        disposition_category=str(payload["disposition_category"]),
        note=str(payload["note"]),
        campaign_name=str(payload["campaign_name"]),
        agent_name=str(payload["agent_name"]),
        agent_email=str(payload["agent_email"]),
        crm_values={
            str(kind): str(value) for kind, value in payload.get("disposition_crm_values", {}).items()
        },
        recording_url=str(payload.get("recording_url", "")),
        facts=call_facts(payload),
    )


def call_facts(payload: Mapping[str, Any]) -> dict[str, str | int | float | bool | None]:
    """Return what mappings may send of a call, by the keys of crm_sync.selectors.facts; what is empty is left out."""
    callback_at = str(payload.get("callback_at", ""))
    facts: dict[str, str | int | float | bool | None] = {
        "call.result": str(payload.get("disposition_code", "")),
        "call.result.label": str(payload["disposition_label"]),
        "call.outcome": str(payload["network_outcome"]),
        "call.at": utc(payload["started_at"]),
        "call.day": str(payload["local_date"]),
        "call.seconds": int(payload["duration_seconds"]),
        "call.note": str(payload["note"]),
        "call.campaign": str(payload["campaign_name"]),
        "call.agent": str(payload["agent_name"]),
        "call.agent_email": str(payload["agent_email"]),
        "call.number": str(payload["number"]),
        "call.direction": str(payload["direction"]),
        "call.recording": str(payload.get("recording_url", "")),
        "callback.at": utc(callback_at) if callback_at else "",
        "callback.day": str(payload.get("callback_date", "")),
    }
    facts |= {f"answer.{code}": str(value) for code, value in payload.get("answers", {}).items()}
    facts |= {
        f"step.{each['script']}:{each['node']}": str(each["answer"])
        for each in payload.get("script_answers", ())
    }
    return {key: value for key, value in facts.items() if value != ""}


def salesforce_task(call: CallActivity) -> dict[str, Any]:
    """Return the Task's fields, each cut to its width (Salesforce refuses longer ones)."""
    return {
        CALL_ID_FIELD: call.external_call_id,
        "Subject": call.subject[:255],
        CREATE_ONLY: "Call",
        "Status": "Completed",
        "ActivityDate": call.local_date,
        "WhoId": call.person_id,
        "CallType": "Inbound" if call.direction == "inbound" else "Outbound",
        "CallDurationInSeconds": call.duration_seconds,
        "CallDisposition": (
            call.crm_values.get("salesforce") or call.disposition_label or OUTCOME_WORDS[call.network_outcome]
        )[:255],
        "CallObject": call.external_call_id[:255],
        "Description": "\n".join(body_lines(call))[:32000],
        **call.fields,
    }


def hubspot_call(call: CallActivity, *, dispositions: Mapping[str, str], owner_id: str) -> dict[str, str]:
    """Return the call's properties; `dispositions` maps lower-case labels of the account to their ids.

    The body is HTML in HubSpot, so what people wrote is escaped.
    """
    values = {
        CALL_ID_PROPERTY: call.external_call_id,
        "hs_timestamp": call.started_at,
        "hs_call_title": call.subject[:255],
        "hs_call_body": "<br>".join(html.escape(line) for line in "\n".join(body_lines(call)).splitlines())[
            :65000
        ],
        "hs_call_direction": "INBOUND" if call.direction == "inbound" else "OUTBOUND",
        "hs_call_duration": str(call.duration_seconds * 1000),
        "hs_call_from_number": call.caller_id,
        "hs_call_to_number": call.number,
        "hs_call_status": HUBSPOT_STATUS[call.network_outcome],
    }
    disposition = hubspot_disposition(call, dispositions)
    if disposition:
        values["hs_call_disposition"] = disposition
    if owner_id:
        values["hubspot_owner_id"] = owner_id
    if call.recording_url.startswith("https://"):  # HubSpot takes no other
        values["hs_call_recording_url"] = call.recording_url
    return values | {name: as_text(value) for name, value in call.fields.items()}


def hubspot_disposition(call: CallActivity, dispositions: Mapping[str, str]) -> str:
    """Return the account's call outcome that the result names, else that with our label, else the standard one of its category.

    Empty if there is none.
    """
    by_meaning = HUBSPOT_BY_CATEGORY.get(call.disposition_category) or HUBSPOT_BY_OUTCOME.get(
        call.network_outcome, ""
    )
    named = (call.crm_values.get("hubspot", ""), call.disposition_label, by_meaning)
    return next((found for name in named if (found := dispositions.get(name.strip().lower()))), "")


def body_lines(call: CallActivity) -> list[str]:
    """Return the agent's note, then the facts the CRM has no field for."""
    lines = [call.note, ""] if call.note else []
    facts = (
        ("Campaign", call.campaign_name),
        ("Agent", call.agent_name),
        ("Number", call.number),
        ("From", call.caller_id),
        ("Recording", call.recording_url),
    )
    return lines + [f"{name}: {value}" for name, value in facts if value]


def as_text(value: str | float | bool | None) -> str:
    """Return a value as HubSpot takes all of them: as text, empty to clear it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def utc(text: object) -> str:
    """Return an ISO 8601 instant in UTC with milliseconds and a Z, the one form both CRMs read."""
    value = datetime.fromisoformat(str(text))
    if value.tzinfo is None:
        raise ValueError(f"The instant {text!r} has no zone.")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
