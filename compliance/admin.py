"""The gate's tables for administrators: to read. Acts go through the pages, which leave a trace."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from compliance.models import (
    CallerAuthority,
    ComplianceDecision,
    ConsentRecord,
    ContactLedger,
    ContactOutcome,
    DebtWish,
    DebtWishEnd,
    DncListImport,
    EmergencyArea,
    HouseLimitRow,
    LiftRequest,
    LineRecord,
    OpenClearance,
    Override,
    ReassignedCheck,
    ReceivedText,
    RelationshipRecord,
    Revocation,
    RevocationReview,
    SellerRegistration,
    SenderRegistration,
    Suppression,
    SuppressionLift,
)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # one class for several models
    """Shows rows, changes none."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes here."""
        return False


@admin.register(ComplianceDecision)
class ComplianceDecisionAdmin(ReadOnlyAdmin):
    """Decisions."""

    list_display = ["id", "decided_at", "number", "outcome", "code", "campaign_ref"]
    list_filter = ["outcome", "code"]
    search_fields = ["number", "attempt_ref"]
    ordering = ["-id"]


@admin.register(ContactLedger)
class ContactLedgerAdmin(ReadOnlyAdmin):
    """Attempts."""

    list_display = ["id", "at", "number", "person_ref", "channel", "campaign_ref"]
    search_fields = ["number", "person_ref"]
    ordering = ["-id"]


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Requests not to be called."""

    list_display = ["id", "at", "number", "seller", "scope", "heard_on", "recorded_by"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(OpenClearance)
class OpenClearanceAdmin(ReadOnlyAdmin):
    """Clearances."""

    list_display = ["id", "number", "expires_at", "consumed_at", "voided_at"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(DncListImport)
class DncListImportAdmin(ReadOnlyAdmin):
    """Registry copies."""

    list_display = ["id", "name", "seller", "as_of", "kind", "numbers", "refused", "active", "needs_person"]
    ordering = ["-id"]


@admin.register(ContactOutcome)
class ContactOutcomeAdmin(ReadOnlyAdmin):
    """What became of contacts."""

    list_display = ["id", "at", "decision_id", "connected", "conversation", "abandoned", "machine"]
    search_fields = ["decision_id"]
    ordering = ["-id"]


@admin.register(Revocation)
class RevocationAdmin(ReadOnlyAdmin):
    """Revocations."""

    list_display = ["id", "received_at", "number", "seller", "heard_on", "matched_by", "needs_review"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(RevocationReview)
class RevocationReviewAdmin(ReadOnlyAdmin):
    """What people found on reading revocations."""

    list_display = ["id", "at", "revocation", "finding", "reviewed_by"]
    ordering = ["-id"]


@admin.register(LiftRequest)
class LiftRequestAdmin(ReadOnlyAdmin):
    """Requests to lift a suppression."""

    list_display = ["id", "at", "suppression", "requested_by"]
    ordering = ["-id"]


@admin.register(SuppressionLift)
class SuppressionLiftAdmin(ReadOnlyAdmin):
    """Lifted suppressions."""

    list_display = ["id", "at", "suppression", "requested_by", "approved_by"]
    ordering = ["-id"]


@admin.register(DebtWish)
class DebtWishAdmin(ReadOnlyAdmin):
    """What people ruled out for calls about debts."""

    list_display = ["id", "at", "number", "not_from", "not_until", "not_days", "not_here", "recorded_by"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(DebtWishEnd)
class DebtWishEndAdmin(ReadOnlyAdmin):
    """What people took back of it."""

    list_display = ["id", "at", "wish", "recorded_by"]
    ordering = ["-id"]


@admin.register(ReceivedText)
class ReceivedTextAdmin(ReadOnlyAdmin):
    """Texts people sent us."""

    list_display = ["id", "received_at", "number", "our_number", "meaning", "answer"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(ConsentRecord)
class ConsentRecordAdmin(ReadOnlyAdmin):
    """Consents."""

    list_display = ["id", "given_at", "number", "kind", "obtained_by", "source"]
    search_fields = ["number", "person_ref"]
    ordering = ["-id"]


@admin.register(RelationshipRecord)
class RelationshipRecordAdmin(ReadOnlyAdmin):
    """Relationships."""

    list_display = ["id", "at", "person_ref", "seller", "source", "customer"]
    search_fields = ["person_ref"]
    ordering = ["-id"]


@admin.register(LineRecord)
class LineRecordAdmin(ReadOnlyAdmin):
    """Lines."""

    list_display = ["id", "number", "type", "checked_at", "protected", "account"]
    search_fields = ["number", "account"]
    ordering = ["-id"]


@admin.register(ReassignedCheck)
class ReassignedCheckAdmin(ReadOnlyAdmin):
    """Answers of the Reassigned Numbers Database."""

    list_display = ["id", "checked_at", "number", "since", "answer"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(SellerRegistration)
class SellerRegistrationAdmin(ReadOnlyAdmin):
    """Registrations."""

    list_display = ["id", "seller", "state", "certificate", "exemption", "valid_from", "valid_to"]
    search_fields = ["seller", "state"]
    ordering = ["-id"]


@admin.register(CallerAuthority)
class CallerAuthorityAdmin(ReadOnlyAdmin):
    """Caller numbers."""

    list_display = ["id", "number", "seller", "authority", "takes_requests", "tested_on", "active"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(SenderRegistration)
class SenderRegistrationAdmin(ReadOnlyAdmin):
    """Messaging senders."""

    list_display = ["id", "number", "kind", "brand_approved", "campaign_approved", "daily_cap"]
    search_fields = ["number"]
    ordering = ["-id"]


@admin.register(HouseLimitRow)
class HouseLimitRowAdmin(ReadOnlyAdmin):
    """Limits of the house."""

    list_display = ["id", "name", "value", "since", "until", "is_override", "set_by"]
    search_fields = ["name"]
    ordering = ["-id"]


@admin.register(Override)
class OverrideAdmin(ReadOnlyAdmin):
    """Lifted denials."""

    list_display = ["id", "at", "code", "number", "person_ref", "campaign_ref", "by", "until"]
    search_fields = ["number", "person_ref"]
    ordering = ["-id"]


@admin.register(EmergencyArea)
class EmergencyAreaAdmin(ReadOnlyAdmin):
    """Emergencies."""

    list_display = ["id", "state", "area", "since", "until", "declared_by"]
    search_fields = ["state", "area"]
    ordering = ["-id"]
