"""Texts people sent us."""

from django.db import models
from django.db.models import Q

from compliance.models.columns import holds_e164, phone_column
from core.models import AppendOnlyModel


class ReceivedText(AppendOnlyModel):
    """One text to a number of ours: its words, how rules read them, and what was answered. What it revoked is a Revocation."""

    message_ref = models.CharField(max_length=80, unique=True)  # the carrier's id
    number = phone_column()
    our_number = models.CharField(max_length=20)
    sellers = models.JSONField(default=list)  # for whom our number writes, sorted
    raw_words = models.TextField()
    meaning = models.CharField(max_length=20)
    matched_by = models.CharField(max_length=80, blank=True)
    tier = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=2, blank=True)
    answer = models.CharField(max_length=500, blank=True)  # empty = silence
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["number", "-id"], name="received_text_number")]
        constraints = [
            holds_e164("number", "received_text_number_e164"),
            models.CheckConstraint(
                condition=~Q(raw_words="") & ~Q(message_ref=""), name="received_text_has_words"
            ),
        ]

    def __str__(self) -> str:
        return f"text {self.message_ref}"
