"""Texts and callbacks as each CRM wants them, and our names of all that is no call. Pure.

The names begin unlike a call's (`parley-…`), so that counting calls in the CRM never counts anything else.
"""

import html
from typing import Any, Final

from crm_sync.capabilities import TaskActivity, TextActivity
from crm_sync.mapping import CALL_ID_FIELD, CALL_ID_PROPERTY

PERSON_ID_PROPERTY: Final = "dialer_person_id"  # HubSpot: unique property of contacts we created
NO_COMPANY: Final = "[not provided]"  # Salesforce wants one of every lead


def text_ref(install_key: str, text_id: int, direction: str) -> str:
    """Return our name of a text, or of the answer to it."""
    return f"parleytext-{install_key}-{text_id}{'a' if direction == 'outbound' else ''}".lower()


def callback_ref(install_key: str, call_id: int) -> str:
    """Return our name of the promise to call back that a call ended with."""
    return f"parleytask-{install_key}-{call_id}".lower()


def fields_ref(install_key: str, call_id: int) -> str:
    """Return our name of what a call says of its person's fields."""
    return f"parleyfields-{install_key}-{call_id}".lower()


def member_ref(install_key: str, call_id: int, campaign_id: str) -> str:
    """Return our name of what a call says of a campaign's member."""
    return f"parleymember-{install_key}-{call_id}-{campaign_id}".lower()


def opt_out_ref(person_id: str, flag: str) -> str:
    """Return our name of one opt-out of a person in a CRM."""
    return f"{flag}-{person_id}"


def person_ref(install_key: str, match_id: int) -> str:
    """Return our name of a person who is created in the CRM."""
    return f"parleyperson-{install_key}-{match_id}".lower()


def salesforce_text(text: TextActivity) -> dict[str, Any]:
    """Return the Task of a text, each field cut to its width."""
    return {
        CALL_ID_FIELD: text.external_id,
        "Subject": text.subject[:255],
        "Status": "Completed",
        "ActivityDate": text.local_date,
        "WhoId": text.person_id,
        "Description": "\n".join([text.words, "", *_text_facts(text)])[:32000],
    }


def salesforce_callback(task: TaskActivity) -> dict[str, Any]:
    """Return the Task of a promise to call back."""
    facts = [
        f"Due: {task.started_at}",
        f"Agent: {task.agent_name or 'anyone'}",
    ]
    return {
        CALL_ID_FIELD: task.external_id,
        "Subject": task.subject[:255],
        "Status": "Completed" if task.done else "Not Started",
        "ActivityDate": task.local_date,
        "WhoId": task.person_id,
        "Description": "\n".join([*([task.note, ""] if task.note else []), *facts])[:32000],
    }


def hubspot_text(text: TextActivity) -> dict[str, str]:
    """Return the properties of a text as a communication; its body is HTML there."""
    lines = [text.words, "", *_text_facts(text)]
    return {
        CALL_ID_PROPERTY: text.external_id,
        "hs_timestamp": text.started_at,
        "hs_communication_channel_type": "SMS",
        "hs_communication_logged_from": "CRM",
        "hs_communication_body": _as_html(lines),
    }


def hubspot_callback(task: TaskActivity, *, owner_id: str) -> dict[str, str]:
    """Return the properties of a promise to call back as a task of the account."""
    lines = [*([task.note, ""] if task.note else []), f"Agent: {task.agent_name or 'anyone'}"]
    values = {
        CALL_ID_PROPERTY: task.external_id,
        "hs_timestamp": task.started_at,
        "hs_task_subject": task.subject[:255],
        "hs_task_body": _as_html(lines),
        "hs_task_status": "COMPLETED" if task.done else "NOT_STARTED",
        "hs_task_priority": "MEDIUM",
        "hs_task_type": "CALL",
    }
    return values | ({"hubspot_owner_id": owner_id} if owner_id else {})


def _text_facts(text: TextActivity) -> list[str]:
    came = text.direction == "inbound"
    return [
        f"From: {text.number if came else text.our_number}",
        f"To: {text.our_number if came else text.number}",
    ]


def _as_html(lines: list[str]) -> str:
    return "<br>".join(html.escape(line) for line in "\n".join(lines).splitlines())[:65000]
