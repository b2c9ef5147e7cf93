"""What was found when both sides were compared."""

from django.db import models


class Reconciliation(models.Model):
    """One day's calls here and in the CRM, counted on both sides; made anew each time the day is looked at."""

    connection = models.ForeignKey(
        "crm_sync.CrmConnection", on_delete=models.CASCADE, related_name="reconciliations"
    )
    day = models.DateField()  # as the CRM dates a call: Salesforce by its ActivityDate, HubSpot by UTC
    ran_at = models.DateTimeField()
    ours = models.PositiveIntegerField(default=0)  # confirmed to us
    theirs = models.PositiveIntegerField(default=0)  # found in the CRM
    open = models.PositiveIntegerField(default=0)  # waiting, held or set aside here: not expected there
    sent_again = models.PositiveIntegerField(default=0)  # were missing there
    deleted = models.PositiveIntegerField(default=0)  # people deleted them there: left as it is
    extra = models.PositiveIntegerField(default=0)  # stand there and are not confirmed here
    examples = models.JSONField(default=list)  # some of the differences in words
    error = models.TextField(blank=True)  # for people: why the day could not be compared

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "day"], name="reconciliation_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} on {self.day}"


class FlagComparison(models.Model):
    """Do-not-call flags here and in the CRM, counted on both sides the last time they were compared."""

    connection = models.OneToOneField(
        "crm_sync.CrmConnection", on_delete=models.CASCADE, related_name="flag_comparison"
    )
    ran_at = models.DateTimeField()
    compared = models.PositiveIntegerField(default=0)  # people
    ours = models.PositiveIntegerField(default=0)  # of them, refused here
    theirs = models.PositiveIntegerField(default=0)  # flagged in the CRM
    open = models.PositiveIntegerField(default=0)  # on their way there, or waiting for a person
    sent_again = models.PositiveIntegerField(default=0)  # were missing there
    learned = models.PositiveIntegerField(default=0)  # stood there alone, and count here from now on
    gone = models.PositiveIntegerField(default=0)  # people who are not in the CRM any more
    examples = models.JSONField(default=list)  # some of the differences in words
    error = models.TextField(blank=True)  # for people: why they could not be compared

    def __str__(self) -> str:
        return f"flags of {self.connection_id}"
