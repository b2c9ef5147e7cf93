"""A call as each CRM wants it."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_sync import mapping
from crm_sync.protocol import CallActivity

DISPOSITIONS = {"connected": "C", "busy": "B", "no answer": "N", "wrong number": "W", "interested": "I"}


def payload(**values: object) -> dict[str, Any]:
    """Return a CallLogged payload."""
    return {
        "direction": "outbound",
        "number": "+14075550123",
        "caller_id": "+14075550100",
        "started_at": "2026-03-08T01:59:00-05:00",
        "ended_at": "2026-03-08T03:01:00-04:00",
        "duration_seconds": 62,
        "network_outcome": "answered",
        "disposition_label": "",
        "disposition_category": "",
        "note": "",
        "local_date": "2026-03-08",
        "campaign_name": "Spring",
        "agent_name": "Ana Agent",
        "agent_email": "ana@example.com",
        **values,
    }


def activity(**values: object) -> CallActivity:
    """Return the activity of a payload."""
    return mapping.activity_from(payload(**values), call_ref="parley-k-1", person_id="00Q1")


def test_instants_are_utc_whatever_zone_they_came_in() -> None:
    call = activity()

    assert (call.started_at, call.ended_at) == ("2026-03-08T06:59:00.000Z", "2026-03-08T07:01:00.000Z")


@pytest.mark.parametrize("name", ["started_at", "ended_at"])
def test_an_instant_without_a_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no zone"):
        activity(**{name: "2026-03-08T01:59:00"})


@pytest.mark.parametrize(
    ("outcome", "label", "subject", "disposition"),
    [
        ("answered", "Interested", "Call: Interested", "Interested"),
        ("answered", "", "Call: Answered", "Answered"),
        ("no_answer", "", "Call: No answer", "No answer"),
        ("busy", "", "Call: Busy", "Busy"),
        ("failed", "", "Call: Not connected", "Not connected"),
        ("canceled", "", "Call: Canceled", "Canceled"),
    ],
)
def test_a_call_is_named_by_its_result_else_by_its_outcome(
    outcome: str, label: str, subject: str, disposition: str
) -> None:
    task = mapping.salesforce_task(activity(network_outcome=outcome, disposition_label=label))

    assert (task["Subject"], task["CallDisposition"]) == (subject, disposition)


def test_a_task_has_every_field_salesforce_needs() -> None:
    task = mapping.salesforce_task(activity(disposition_label="Interested", note="Call in May"))

    assert task == {
        "Parley_Call_Id__c": "parley-k-1",
        "Subject": "Call: Interested",
        "TaskSubtype": "Call",
        "Status": "Completed",
        "ActivityDate": "2026-03-08",
        "WhoId": "00Q1",
        "CallType": "Outbound",
        "CallDurationInSeconds": 62,
        "CallDisposition": "Interested",
        "CallObject": "parley-k-1",
        "Description": "Call in May\n\nCampaign: Spring\nAgent: Ana Agent\n"
        "Number: +14075550123\nFrom: +14075550100",
    }


def test_a_hubspot_call_has_every_property() -> None:
    call = activity(disposition_label="Interested", note="<b>May</b>\nor June")

    values = mapping.hubspot_call(call, dispositions=DISPOSITIONS, owner_id="9")

    body = values.pop("hs_call_body")
    assert body.startswith("&lt;b&gt;May&lt;/b&gt;<br>or June<br><br>Campaign: Spring")
    assert values == {
        "dialer_call_id": "parley-k-1",
        "hs_timestamp": "2026-03-08T06:59:00.000Z",
        "hs_call_title": "Call: Interested",
        "hs_call_direction": "OUTBOUND",
        "hs_call_duration": "62000",
        "hs_call_from_number": "+14075550100",
        "hs_call_to_number": "+14075550123",
        "hs_call_status": "COMPLETED",
        "hs_call_disposition": "I",
        "hubspot_owner_id": "9",
    }


@pytest.mark.parametrize(
    ("outcome", "label", "category", "expected"),
    [
        ("answered", " INTERESTED ", "conversion", "I"),
        ("answered", "Will buy", "conversion", "C"),
        ("answered", "Call me later", "callback", "C"),
        ("answered", "Not this person", "wrong_number", "W"),
        ("answered", "Left a message", "no_contact", ""),
        ("busy", "", "", "B"),
        ("no_answer", "Nobody there", "no_contact", "N"),
        ("failed", "", "", ""),
    ],
)
def test_dispositions_map_by_label_then_category_then_outcome(
    outcome: str, label: str, category: str, expected: str
) -> None:
    call = activity(network_outcome=outcome, disposition_label=label, disposition_category=category)

    assert mapping.hubspot_disposition(call, DISPOSITIONS) == expected
    assert mapping.hubspot_disposition(call, {}) == ""


@given(text=st.text(max_size=600), outcome=st.sampled_from(sorted(mapping.OUTCOME_WORDS)))
def test_no_text_makes_a_record_the_crm_must_refuse(text: str, outcome: str) -> None:
    call = activity(
        note=text * 100,
        disposition_label=text,
        campaign_name=text,
        agent_name=text,
        network_outcome=outcome,
    )

    task = mapping.salesforce_task(call)
    values = mapping.hubspot_call(call, dispositions=DISPOSITIONS, owner_id="")

    assert len(task["Subject"]) <= 255
    assert len(task["CallDisposition"]) <= 255
    assert len(task["Description"]) <= 32_000
    assert len(values["hs_call_body"]) <= 65_000
    assert "<" not in values["hs_call_body"].replace("<br>", "")
    assert task == mapping.salesforce_task(dataclasses.replace(call))


def test_our_name_of_a_call_fits_every_crm() -> None:
    name = mapping.external_call_id("ABCDEF0123456789", 2**63 - 1)

    assert name == name.lower()
    assert len(name) <= 64


def test_a_result_is_called_what_its_manager_says_the_crm_calls_it() -> None:
    told = {"disposition_crm_values": {"salesforce": "Closed won", "hubspot": "Meeting set"}}
    call = activity(disposition_category="right_party", **told)

    assert mapping.salesforce_task(call)["CallDisposition"] == "Closed won"
    account = {"meeting set": "guid-1", "connected": "guid-2"}
    assert mapping.hubspot_disposition(call, account) == "guid-1"
    assert mapping.hubspot_disposition(call, {"connected": "guid-2"}) == "guid-2"
