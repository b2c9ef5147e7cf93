"""Rows everybody needs: the outbox, the audit trail, and work that takes longer than a request."""

from typing import Any, Self

from django.db import models


class AppendOnlyError(RuntimeError):
    """A row of history was about to be changed or removed."""


class AppendOnlyModel(models.Model):
    """History: may be inserted, never changed or deleted. A trigger in each table's migration holds the same at the database."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row; raise AppendOnlyError if it stands already."""
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} rows are history and cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raise: history is not removed."""
        raise AppendOnlyError(f"{type(self).__name__} rows are history and cannot be deleted.")


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    """Filters over waiting messages."""

    def heads(self) -> Self:
        """Return only the first waiting message of each key, so that a key's events are handled in order."""
        earlier = OutboxMessage.objects.filter(key=models.OuterRef("key"), id__lt=models.OuterRef("id"))
        return self.filter(~models.Exists(earlier))


class OutboxMessage(models.Model):
    """An event that other apps must hear of, written in the transaction that made it true; deleted once handled."""

    topic = models.CharField(max_length=80)
    key = models.CharField(max_length=120)  # messages of one key are handled in order
    payload = models.JSONField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["key", "id"], name="outbox_key_order")]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class AuditEvent(AppendOnlyModel):
    """Who did what to what. No foreign keys, so that the trail never stands in the way of live data."""

    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=150)  # username, or the name of the process
    verb = models.CharField(max_length=80)  # dotted: campaigns.campaign.started
    target = models.CharField(max_length=120, db_index=True)  # kind:id
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.verb} {self.target}"


class BackgroundJob(models.Model):
    """One piece of long work that somebody started on a page: a worker does it, the page shows how far it is."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    task = models.CharField(max_length=80)  # the Celery task that does it, by name
    title = models.CharField(max_length=200)  # for people
    arguments = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)  # of `unit`
    total = models.PositiveBigIntegerField(null=True)  # null = not known beforehand
    unit = models.CharField(max_length=40)  # rows, verdicts, sections
    said = models.TextField(blank=True)  # what came of it; of a failure, what failed and what to do
    result_ref = models.CharField(max_length=120, blank=True)  # the id of what it made
    stop_asked_by = models.CharField(max_length=150, blank=True)
    started_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    progressed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | (models.Q(state__in=["done", "failed"], finished_at__isnull=False) & ~models.Q(said="")),
                name="background_job_ends_with_words",
            )
        ]
        indexes = [
            models.Index(
                fields=["progressed_at"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="background_job_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.state}"
