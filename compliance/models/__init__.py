"""What the gate knows and remembers."""

from compliance.models.consents import ConsentRecord, RelationshipRecord
from compliance.models.gate import (
    ComplianceDecision,
    ContactLedger,
    ContactOutcome,
    DncListImport,
    OpenClearance,
    RegistryKind,
)
from compliance.models.house import EmergencyArea, HouseLimitRequest, HouseLimitRow, Override
from compliance.models.lines import LineRecord, ReassignedCheck
from compliance.models.refusals import (
    LiftRequest,
    Revocation,
    RevocationReview,
    Suppression,
    SuppressionLift,
)
from compliance.models.sellers import CallerAuthority, SellerRegistration, SenderRegistration

__all__ = [
    "CallerAuthority",
    "ComplianceDecision",
    "ConsentRecord",
    "ContactLedger",
    "ContactOutcome",
    "DncListImport",
    "EmergencyArea",
    "HouseLimitRequest",
    "HouseLimitRow",
    "LiftRequest",
    "LineRecord",
    "OpenClearance",
    "Override",
    "ReassignedCheck",
    "RegistryKind",
    "RelationshipRecord",
    "Revocation",
    "RevocationReview",
    "SellerRegistration",
    "SenderRegistration",
    "Suppression",
    "SuppressionLift",
]
