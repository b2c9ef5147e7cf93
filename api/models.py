"""Keys of the API, and answers kept so that a request sent twice is done once."""

from django.db import models
from django.db.models import Q

from accounts import roles


class ApiKey(models.Model):
    """What a program signs in with. The key itself is shown once and kept only as its hash."""

    name = models.CharField(max_length=80)  # what uses it, for people
    prefix = models.CharField(max_length=12, unique=True)  # the part that may be shown
    digest = models.CharField(max_length=64)  # SHA-256 of the whole key, which is 256 random bits
    role = models.CharField(
        max_length=20, choices=[(role.value, name) for role, name in roles.ROLE_NAMES.items()]
    )
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by="")
                | Q(revoked_at__isnull=False) & ~Q(revoked_by=""),
                name="api_key_revoked_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class KeptAnswer(models.Model):
    """One request with its Idempotency-Key; `body` is null until it is answered."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="answers", db_index=False)
    idempotency_key = models.CharField(max_length=100)
    request_sha256 = models.CharField(max_length=64)
    import_id = models.BigIntegerField(
        null=True
    )  # what it began, so that a repeat after a crash goes on with that
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "idempotency_key"], name="api_answer_once")]

    def __str__(self) -> str:
        return self.idempotency_key
