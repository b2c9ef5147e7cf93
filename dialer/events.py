"""What the dialer publishes; other apps hear of calls through these alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CallLogged:
    """A call ended, or its result was saved: everything a CRM needs to log it. Published again when it changes.

    Texts only, instants in ISO 8601 UTC. `version` rises with each publication of the same call.
    """

    topic: ClassVar[str] = "dialer.call.logged"

    call_id: int
    version: int
    contact_ref: str  # external_ref of the person; empty when they came from a file
    contact_name: str
    campaign_name: str
    agent_name: str
    agent_email: str
    direction: str  # outbound
    number: str
    caller_id: str
    started_at: str
    answered_at: str  # empty: nobody answered
    ended_at: str
    duration_seconds: int
    network_outcome: str  # dialer.callflow.NetworkOutcome
    disposition_code: str  # empty until the agent has saved a result
    disposition_label: str
    disposition_category: str
    note: str
    local_date: str  # the day of the call where the agent works, YYYY-MM-DD
    disposition_crm_values: Mapping[str, str] = field(
        default_factory=dict
    )  # kind of CRM → its word for the result
    contact_id: int = 0
    campaign_id: int = 0
    lead_id: int = 0  # campaigns.CampaignLead: one person in one campaign
    answers: Mapping[str, str] = field(default_factory=dict)  # to the result's questions: code → as entered
    script_answers: Sequence[Mapping[str, str]] = ()  # script (its id), node, answer; in order
    callback_at: str = ""  # promised with this result, and not kept yet
    callback_date: str = ""  # that day where the agents work
    callback_agent_name: str = ""  # who keeps it; empty: anyone
    callback_agent_email: str = ""
    recording_url: str = ""  # Parley's page of it; empty: not recorded


@dataclass(frozen=True, slots=True)
class TextLogged:
    """A text came in, and was answered or not."""

    topic: ClassVar[str] = "dialer.text.logged"

    text_id: int
    number: str  # the person's, E.164
    our_number: str
    words: str
    answer: str  # empty: silence
    meaning: str  # as rules read it: compliance.rules.content
    received_at: str
    local_date: str
