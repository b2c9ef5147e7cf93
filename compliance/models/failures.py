"""Faults of the gate itself."""

from django.db import models
from django.db.models import Q

from core.models import AppendOnlyModel


class RuleFailure(AppendOnlyModel):
    """A rule that raised: its contacts were denied, and somebody must find out why (ENG-001). One row a batch and fault."""

    at = models.DateTimeField()
    what = models.CharField(max_length=300)  # the rule and the kind of error
    contacts = models.PositiveIntegerField()  # of the batch that it denied
    attempt_ref = models.CharField(max_length=80, blank=True)  # of one of them
    campaign_ref = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="rule_failure_at"),
            models.Index(fields=["what", "at"], name="rule_failure_what"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(what="") & Q(contacts__gt=0), name="rule_failure_counts")
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.contacts}"
