"""What a campaign was set up as at each time, what people decided about it, and what is not saved yet."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from core.models import AppendOnlyModel


class CampaignVersion(AppendOnlyModel):
    """The whole setup of a campaign as somebody saved it. Which one is in force stands in Campaign.version."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()  # 1, 2, 3 of the campaign
    setup = models.JSONField()  # by the names of campaigns.versions.fields
    note = models.CharField(max_length=300, blank=True)  # why, in the author's words
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaign_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="campaign_versions_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} version {self.number}"


class VersionDecision(AppendOnlyModel):
    """What somebody decided about a version."""

    class Kind(models.TextChoices):
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        READ = "read", "Warnings read"  # those of `codes`

    version = models.ForeignKey(CampaignVersion, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    codes = models.JSONField(default=list)  # of the findings read
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(kind__in=["approved", "refused"]),
                name="campaign_version_decided_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind="refused") | ~Q(reason=""), name="campaign_version_refused_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.kind} by {self.by}"


class CampaignDraft(models.Model):
    """What one person has typed into the builder and not saved as a version yet."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.CASCADE, related_name="drafts"
    )  # null: of a campaign to be
    based_on = models.PositiveIntegerField(default=0)  # the number of the version it began from
    values = models.JSONField(default=dict)  # field of the form → the texts sent, checked or not
    step = models.CharField(max_length=20)  # where the person left
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "campaign"],
                condition=Q(campaign__isnull=False),
                name="campaign_draft_once_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.user_id} for {self.campaign_id or 'a new campaign'}"


class CampaignTemplate(models.Model):
    """A setup to begin new campaigns from."""

    name = models.CharField(max_length=120, unique=True)
    setup = models.JSONField()  # as in CampaignVersion
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.name
