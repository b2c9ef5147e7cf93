"""How many people answered a campaign's calls, and how many of them no agent was there for."""

from django.db import models
from django.db.models import F, Q


class AnsweredDay(models.Model):
    """One campaign's calls answered by a person on one day (UTC), counted when each ends. Machines are not live (FED-016)."""

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    live = models.PositiveIntegerField(default=0)
    abandoned = models.PositiveIntegerField(default=0)
    machines = models.PositiveIntegerField(
        default=0
    )  # hung up on, as detection heard no person; some of them were

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "day"], name="answered_day_once"),
            models.CheckConstraint(condition=Q(abandoned__lte=F("live")), name="abandoned_are_live"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.day}: {self.abandoned} of {self.live}"
