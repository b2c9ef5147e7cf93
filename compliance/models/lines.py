"""What is known of a number's line and of who holds it."""

from django.db import models
from django.db.models import Q

from compliance.models.columns import holds_e164, phone_column
from compliance.rules.facts import LineType, ReassignedAnswer
from core.models import AppendOnlyModel


class LineRecord(models.Model):
    """A number's line as it was last looked up (ENG-001 step 5, FED-031, FED-032)."""

    number = phone_column(unique=True)
    type = models.CharField(
        max_length=16, choices=[(kind.value, kind.name) for kind in LineType], default=LineType.UNKNOWN.value
    )
    checked_at = models.DateTimeField(null=True)  # when the type was looked up
    source = models.CharField(max_length=80, blank=True)
    ported_at = models.DateTimeField(
        null=True
    )  # the last port known; after it an older type counts as unknown
    protected = models.CharField(max_length=80, blank=True)  # why it is never dialed by machine
    account = models.CharField(max_length=80, blank=True)  # lines of one business share it
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account"], condition=~Q(account=""), name="line_account")]
        constraints = [
            holds_e164("number", "line_number_e164"),
            models.CheckConstraint(
                condition=Q(type=LineType.UNKNOWN.value) | Q(checked_at__isnull=False),
                name="line_type_was_looked_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.type}"


class ReassignedCheck(AppendOnlyModel):
    """One answer of the Reassigned Numbers Database (FED-030): the safe harbour is proven by nothing else."""

    number = phone_column()
    since = models.DateField()  # the consent date the question named
    answer = models.CharField(
        max_length=8, choices=[(answer.value, answer.name) for answer in ReassignedAnswer]
    )
    checked_at = models.DateTimeField()
    database_version = models.CharField(max_length=40, blank=True)
    recorded_by = models.CharField(max_length=150)

    class Meta:
        indexes = [models.Index(fields=["number", "-checked_at", "-id"], name="reassigned_newest")]
        constraints = [holds_e164("number", "reassigned_number_e164")]

    def __str__(self) -> str:
        return f"{self.number} since {self.since}: {self.answer}"
