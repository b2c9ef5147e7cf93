"""E-mails that ask not to be contacted: an address names no number, so each waits until somebody has settled whose it is."""

from django.db import models
from django.db.models import Q

from core.models import AppendOnlyModel


class MailRequest(AppendOnlyModel):
    """One e-mail as it came in. It waits while no settlement stands beside it."""

    address = models.CharField(max_length=254, blank=True)  # lower case; empty where the mail names none
    raw_words = models.TextField()
    message_ref = models.CharField(max_length=200, blank=True)  # the Message-ID: the same mail twice is one
    meaning = models.CharField(max_length=20)  # compliance.rules.revocation.Meaning, as rules read it
    matched_by = models.CharField(max_length=80, blank=True)
    tier = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=2, blank=True)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(raw_words=""), name="mail_request_has_words"),
            models.UniqueConstraint(
                fields=["message_ref"], condition=~Q(message_ref=""), name="mail_request_once"
            ),
        ]

    def __str__(self) -> str:
        return f"e-mail {self.pk}"


class MailSettlement(AppendOnlyModel):
    """What became of an e-mail: numbers revoked, or a person's word that there is nobody, or nothing, to revoke."""

    class Outcome(models.TextChoices):
        REVOKED = "revoked", "Revoked"
        NOBODY = "nobody", "Nobody here has the address"
        NO_REQUEST = "no_request", "Is no request"

    request = models.OneToOneField(MailRequest, on_delete=models.PROTECT, related_name="settlement")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    numbers = models.JSONField(default=list)  # E.164, those that were revoked
    people = models.JSONField(default=list)  # the references of who was found under the address
    note = models.TextField(blank=True)
    settled_by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(outcome="revoked") & ~Q(numbers=[]))
                | (Q(outcome__in=["nobody", "no_request"], numbers=[]) & ~Q(note="")),
                name="mail_settlement_says_what",
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.outcome}"
