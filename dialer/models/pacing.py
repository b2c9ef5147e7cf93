"""How a campaign stands with the dialing loop, and the numbers behind its decisions."""

from django.db import models

from dialer.standing import Standing


class PacerState(models.Model):
    """How one running campaign stands now; written by the process that paces it."""

    campaign = models.OneToOneField(
        "campaigns.Campaign", on_delete=models.CASCADE, primary_key=True, related_name="pacer_state"
    )
    standing = models.CharField(max_length=16, choices=[(each.value, each.value) for each in Standing])
    words = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()  # of the standing
    mode = models.CharField(
        max_length=12
    )  # in which it dials now; campaigns.Campaign.mode is what was chosen
    seen_at = models.DateTimeField()  # when a process last looked after it

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.standing}"


class PacingSample(models.Model):
    """One decision with its reasons; kept for a day. At most one a second and campaign."""

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    mode = models.CharField(max_length=12)  # in which it dialed
    standing = models.CharField(max_length=16)
    at_work = models.PositiveSmallIntegerField()  # agents, whatever they do
    idle = models.PositiveSmallIntegerField()  # of them waiting for a call
    talking = models.PositiveSmallIntegerField()
    under_way = models.PositiveSmallIntegerField()  # calls started that no agent has yet
    wanted = models.PositiveSmallIntegerField()  # calls the pacer would start
    started = models.PositiveSmallIntegerField()
    held = models.CharField(max_length=10)  # what kept the rest back: dialer.pacing.Held
    budget = models.FloatField(null=True)  # calls that may be abandoned now
    tolerance = models.FloatField(null=True)  # the chance of finding no agent borne for one more answer
    agents_free = models.FloatField(null=True)  # expected when a call started now would be answered
    answers = models.FloatField(null=True)  # expected by then, of the calls under way

    class Meta:
        indexes = [models.Index(fields=["campaign", "at"], name="pacing_sample_of")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.at}: {self.started} of {self.wanted}"
