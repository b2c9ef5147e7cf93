"""What the gate knows and remembers."""

from compliance.models.aliases import PersonAlias
from compliance.models.consents import ConsentRecord, RelationshipRecord
from compliance.models.debts import DebtWish, DebtWishEnd
from compliance.models.failures import RuleFailure
from compliance.models.gate import (
    ChainCheck,
    ChainLane,
    ComplianceDecision,
    ContactLedger,
    ContactOutcome,
    DaySeal,
    DncListImport,
    DroppedMonth,
    OpenClearance,
    RegistryKind,
    ReplayChange,
    ReplayRun,
)
from compliance.models.house import EmergencyArea, HouseLimitRequest, HouseLimitRow, Override
from compliance.models.lines import LineRecord, ReassignedCheck
from compliance.models.mail import MailRequest, MailSettlement
from compliance.models.refusals import (
    LiftRequest,
    Revocation,
    RevocationReview,
    Suppression,
    SuppressionLift,
)
from compliance.models.sellers import CallerAuthority, SellerRegistration, SenderRegistration
from compliance.models.texts import ReceivedText

__all__ = [
    "CallerAuthority",
    "ChainCheck",
    "ChainLane",
    "ComplianceDecision",
    "ConsentRecord",
    "ContactLedger",
    "ContactOutcome",
    "DaySeal",
    "DebtWish",
    "DebtWishEnd",
    "DncListImport",
    "DroppedMonth",
    "EmergencyArea",
    "HouseLimitRequest",
    "HouseLimitRow",
    "LiftRequest",
    "LineRecord",
    "MailRequest",
    "MailSettlement",
    "OpenClearance",
    "Override",
    "PersonAlias",
    "ReassignedCheck",
    "ReceivedText",
    "RegistryKind",
    "RelationshipRecord",
    "ReplayChange",
    "ReplayRun",
    "Revocation",
    "RevocationReview",
    "RuleFailure",
    "SellerRegistration",
    "SenderRegistration",
    "Suppression",
    "SuppressionLift",
]
