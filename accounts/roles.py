"""What each role may do: one table. Pure."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The six kinds of people who sign in."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    RESEARCHER = "researcher"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


ROLE_NAMES: Final = {
    Role.AGENT: "Agent",
    Role.SUPERVISOR: "Supervisor",
    Role.MANAGER: "Campaign manager",
    Role.RESEARCHER: "Researcher",
    Role.COMPLIANCE: "Compliance officer",
    Role.ADMIN: "Administrator",
}

# The permissions, each with what it opens.
WORK_DESK = "work the desk"  # take lead cards, call, dispose
WATCH_FLOOR = "watch the floor"  # see all agents and calls live
MANAGE_FLOOR = "manage the floor"  # ask an agent to pause or to log out
WATCH_CARRIER = "watch the carrier"  # its messages, its limits, its answer to our credentials
MANAGE_LISTS = "manage lists"  # import, browse and remove lead lists
MANAGE_CAMPAIGNS = "manage campaigns"  # create, start and stop campaigns
RECORD_MESSAGES = (
    "record messages"  # one's own voicemail message; with "manage campaigns" also those all share
)
APPROVE_MESSAGES = "approve messages"  # see every message, and let it be played to people (FED-017, FED-021)
LISTEN_RECORDINGS = "listen to recordings"  # those that the campaign's rule opens to the role
DOWNLOAD_RECORDINGS = "download recordings"  # take the sound out of the house
HOLD_RECORDINGS = "hold recordings"  # legal holds, deletion before its time
VIEW_CRM = "view CRM sync"  # see connections, activity and lag
MANAGE_CRM = "manage CRM connections"  # connect, test, disconnect
VIEW_COMPLIANCE = "view compliance"  # verdicts, suppressions, registry snapshots
MANAGE_COMPLIANCE = "manage compliance"  # add suppressions, import registries
APPROVE_EXCEPTIONS = (
    "approve exceptions"  # be the second person for lifts and looser limits (ENG-004, FED-006)
)
EXPORT_COMPLIANCE = "export compliance records"  # take lists of verdicts out of the house
LIFT_DENIALS = "lift denials"  # let a contact through that a rule refused, with a reason (rule ENG-004)
TAKE_REFUSALS = "take refusals"  # enter a request not to be contacted that came in by e-mail
EXPORT_EVIDENCE = "export evidence"  # everything known about a number, with the number in full, in one file
MANAGE_PEOPLE = "manage people"  # users, roles, teams

PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    Role.AGENT: frozenset({WORK_DESK, RECORD_MESSAGES, LISTEN_RECORDINGS, TAKE_REFUSALS}),
    Role.SUPERVISOR: frozenset(
        {
            WORK_DESK,
            WATCH_FLOOR,
            MANAGE_FLOOR,
            WATCH_CARRIER,
            RECORD_MESSAGES,
            LISTEN_RECORDINGS,
            VIEW_CRM,
            VIEW_COMPLIANCE,
            LIFT_DENIALS,
            TAKE_REFUSALS,
        }
    ),
    Role.MANAGER: frozenset(
        {
            WATCH_FLOOR,
            MANAGE_LISTS,
            MANAGE_CAMPAIGNS,
            RECORD_MESSAGES,
            APPROVE_MESSAGES,
            LISTEN_RECORDINGS,
            DOWNLOAD_RECORDINGS,
            VIEW_CRM,
            MANAGE_CRM,
            VIEW_COMPLIANCE,
        }
    ),
    Role.RESEARCHER: frozenset(
        {WATCH_FLOOR, MANAGE_LISTS, MANAGE_CAMPAIGNS, RECORD_MESSAGES, VIEW_COMPLIANCE}
    ),
    Role.COMPLIANCE: frozenset(
        {
            RECORD_MESSAGES,
            APPROVE_MESSAGES,
            LISTEN_RECORDINGS,
            DOWNLOAD_RECORDINGS,
            HOLD_RECORDINGS,
            VIEW_COMPLIANCE,
            MANAGE_COMPLIANCE,
            APPROVE_EXCEPTIONS,
            EXPORT_COMPLIANCE,
            LIFT_DENIALS,
            TAKE_REFUSALS,
            EXPORT_EVIDENCE,
            VIEW_CRM,
        }
    ),
    Role.ADMIN: frozenset(
        {
            WATCH_FLOOR,
            MANAGE_FLOOR,
            WATCH_CARRIER,
            MANAGE_LISTS,
            MANAGE_CAMPAIGNS,
            RECORD_MESSAGES,
            APPROVE_MESSAGES,
            VIEW_CRM,
            MANAGE_CRM,
            VIEW_COMPLIANCE,
            MANAGE_COMPLIANCE,
            APPROVE_EXCEPTIONS,
            EXPORT_COMPLIANCE,
            TAKE_REFUSALS,
            MANAGE_PEOPLE,
        }
    ),
}

# The page each role lands on after signing in (URL names).
LANDING: Final[dict[Role, str]] = {
    Role.AGENT: "desk",
    Role.SUPERVISOR: "floor",
    Role.MANAGER: "campaigns",
    Role.RESEARCHER: "lists",
    Role.COMPLIANCE: "compliance",
    Role.ADMIN: "people",
}


def may(role: str, permission: str) -> bool:
    """Return whether people of `role` have `permission`; an unknown role has none."""
    try:
        return permission in PERMISSIONS[Role(role)]
    except ValueError:
        return False
