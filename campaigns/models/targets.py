"""Numbers outside that a campaign's calls may be handed on to, kept by its manager."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.types import E164_PATTERN


class TransferTarget(models.Model):
    """One number with what is known of who answers there: the gate judges a call to it like any other."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="transfer_targets"
    )
    label = models.CharField(max_length=80)
    number = models.CharField(max_length=16)
    postal_code = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=2, blank=True)  # USPS code
    city = models.CharField(max_length=80, blank=True)
    is_business = models.BooleanField(default=False)  # declared by the manager, on record (FED-035)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"],
                condition=Q(removed_at__isnull=True),
                name="transfer_target_once_per_campaign",
            ),
            models.CheckConstraint(
                condition=Q(number__regex=E164_PATTERN), name="transfer_target_number_e164"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} of campaign {self.campaign_id}"
