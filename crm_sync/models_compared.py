"""What was found when both sides were compared."""

from django.db import models


class Reconciliation(models.Model):
    """One day's records of one kind here and in the CRM, counted on both sides; made anew each time the day is looked at."""

    class Kind(models.TextChoices):
        CALL = "call", "Calls"
        RESULT = "result", "Results and notes"  # of calls: do they stand there as they were sent?
        TEXT = "text", "Texts"
        CALLBACK = "callback", "Callbacks"  # by the day they are due
        FIELD = "field", "Mapped fields"  # of people
        MEMBER = "member", "Campaign members"

    connection = models.ForeignKey(
        "crm_sync.CrmConnection", on_delete=models.CASCADE, related_name="reconciliations"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CALL, db_default=Kind.CALL)
    day = (
        models.DateField()
    )  # as the CRM dates a call: Salesforce by its ActivityDate, HubSpot by UTC; of values by UTC
    ran_at = models.DateTimeField()
    ours = models.PositiveIntegerField(default=0)  # confirmed to us
    theirs = models.PositiveIntegerField(default=0)  # found in the CRM
    open = models.PositiveIntegerField(default=0)  # waiting, held or set aside here: not expected there
    sent_again = models.PositiveIntegerField(default=0)  # were missing there
    deleted = models.PositiveIntegerField(default=0)  # people deleted them there: left as it is
    extra = models.PositiveIntegerField(default=0)  # stand there and are not confirmed here
    changed = models.PositiveIntegerField(default=0, db_default=0)  # people changed them there: left as it is
    examples = models.JSONField(default=list)  # some of the differences in words
    error = models.TextField(blank=True)  # for people: why the day could not be compared

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "day", "kind"], name="reconciliation_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["call", "result", "text", "callback", "field", "member"]),
                name="reconciliation_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} on {self.day}: {self.kind}"


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
