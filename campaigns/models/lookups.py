"""Asking the carrier about the numbers an import brought: paid, so each is asked once, within a budget."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models.leads import ListImport


class NumberLookup(models.Model):
    """One asking about an import's numbers. First all of them are collected, then asked in batches."""

    class State(models.TextChoices):
        RUNNING = "running", "Under way"
        HELD = "held", "Held up"  # until somebody mends what `trouble` says and lets it go on
        STOPPED = "stopped", "Stopped"
        DONE = "done", "Done"

    list_import = models.ForeignKey(
        ListImport, on_delete=models.CASCADE, related_name="lookups", db_index=False
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    wants_line = models.BooleanField()
    wants_holder = models.BooleanField()
    price_line = models.DecimalField(max_digits=8, decimal_places=4)  # as it was shown
    price_holder = models.DecimalField(max_digits=8, decimal_places=4)
    currency = models.CharField(max_length=3)
    budget = models.DecimalField(max_digits=10, decimal_places=2)
    total = models.PositiveIntegerField(null=True)  # numbers to ask about; null until they are collected
    asked_line = models.PositiveIntegerField(default=0)  # what was asked, and so paid
    asked_holder = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)  # numbers
    failed = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True, default="")  # the last one, and what to do
    troubles = models.PositiveSmallIntegerField(default=0)  # one after another
    due_at = (
        models.DateTimeField()
    )  # when the next batch may be asked; a worker moves it on, so that there is one
    stop_asked_by = models.CharField(max_length=150, blank=True, default="")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list_import"],
                condition=Q(finished_at__isnull=True),
                name="lookup_one_open_per_import",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "stopped"], finished_at__isnull=False)
                | Q(state__in=["running", "held"], finished_at__isnull=True),
                name="lookup_finished_when_final",
            ),
            models.CheckConstraint(
                condition=Q(wants_line=True) | Q(wants_holder=True), name="lookup_asks_something"
            ),
            models.CheckConstraint(
                condition=Q(
                    budget__gte=models.ExpressionWrapper(
                        models.F("asked_line") * models.F("price_line")
                        + models.F("asked_holder") * models.F("price_holder"),
                        output_field=models.DecimalField(),
                    )
                ),
                name="lookup_within_budget",
            ),
        ]
        indexes = [
            models.Index(fields=["list_import", "-id"], name="lookup_newest"),
            models.Index(fields=["due_at", "id"], condition=Q(state="running"), name="lookup_due"),
        ]

    def __str__(self) -> str:
        return f"look-up {self.pk}: {self.state}"


class NumberLookupItem(models.Model):
    """One number to ask about, and what became of it; what was answered stands in the stores of the gate."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    lookup = models.ForeignKey(NumberLookup, on_delete=models.CASCADE, related_name="items", db_index=False)
    number = models.CharField(max_length=16)
    wants_line = models.BooleanField()
    held_since = models.DateField(null=True)  # whether it changed hands since then; null: not asked
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING, db_default="waiting")
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    said = models.CharField(max_length=200, blank=True, default="", db_default="")  # why it failed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lookup", "number"], name="lookup_number_once"),
            models.CheckConstraint(
                condition=Q(wants_line=True) | Q(held_since__isnull=False), name="lookup_item_asks_something"
            ),
        ]
        indexes = [models.Index(fields=["lookup", "state", "number"], name="lookup_items_by_state")]

    def __str__(self) -> str:
        return f"{self.number}: {self.state}"
