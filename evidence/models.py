"""The packs that were made: one row each, in a chain nobody can cut unseen. Their files are in EVIDENCE_DIR."""

from django.db import models
from django.db.models import Q

from core.models import AppendOnlyModel
from core.types import E164_PATTERN

SHA256_PATTERN = "^[0-9a-f]{64}$"


class EvidencePack(AppendOnlyModel):
    """One evidence pack, made by somebody for a reason. Each holds the hash of the one before it, whatever the number."""

    number = models.CharField(max_length=16)
    complaint = models.CharField(max_length=120, blank=True)  # the complaint's reference, court or house
    reason = models.CharField(max_length=400)
    since = models.DateField(null=True)  # contacts from this day on, UTC; null = from the first
    until = models.DateField(null=True)  # its last day
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    summary = models.TextField()  # the sentence on the cover
    counts = models.JSONField()  # rows of each section
    pages = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()  # bytes of the archive
    file = models.CharField(max_length=120)  # name in EVIDENCE_DIR
    content_sha256 = models.CharField(max_length=64)  # of all sections; stands in the footer of each page
    json_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    prev_sha256 = models.CharField(max_length=64, blank=True, unique=True)  # of the pack before; empty once
    sha256 = models.CharField(max_length=64, unique=True)  # of the manifest

    class Meta:
        indexes = [models.Index(fields=["number", "-id"], name="evidence_number")]
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=E164_PATTERN), name="evidence_number_e164"),
            models.CheckConstraint(
                condition=Q(sha256__regex=SHA256_PATTERN)
                & Q(content_sha256__regex=SHA256_PATTERN)
                & Q(json_sha256__regex=SHA256_PATTERN)
                & Q(pdf_sha256__regex=SHA256_PATTERN)
                & (Q(prev_sha256="") | Q(prev_sha256__regex=SHA256_PATTERN)),
                name="evidence_hashes",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(made_by=""), name="evidence_has_a_reason"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=models.F("since")),
                name="evidence_period",
            ),
        ]

    def __str__(self) -> str:
        return f"evidence pack {self.pk}"
