"""What is between a file and an import of it: the file itself, what was chosen for its columns, and fields of our own."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class CustomField(models.Model):
    """A fact about people that this house keeps beside the usual ones; values stand in Contact.custom under `key`."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        CHOICE = "choice", "Choice"

    key = models.CharField(max_length=40, unique=True)  # of small letters, digits and _; never changes
    label = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    choices = models.JSONField(default=list)  # of a choice: the values it may have, in order
    is_quick = models.BooleanField(
        default=False, db_default=False
    )  # to be filtered and sorted by without waiting: campaigns.services.quickfields
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z][a-z0-9_]*$"), name="custom_field_key"),
            models.CheckConstraint(
                condition=Q(kind="choice") & ~Q(choices=[]) | ~Q(kind="choice") & Q(choices=[]),
                name="custom_field_choices_of_a_choice",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class ImportFile(models.Model):
    """A file, or pasted rows, on the way to an import: checked, its columns named, tried out. Removed once it is imported."""

    class Trial(models.TextChoices):
        NONE = "", "Not tried"
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    name = models.CharField(max_length=200)  # as the person's machine calls it, or "pasted rows"
    kind = models.CharField(max_length=8)  # text, sheet, pasted; a sheet is kept as text
    size = models.PositiveBigIntegerField()  # bytes as they came
    list_name = models.CharField(max_length=120)
    plan = models.JSONField()  # campaigns.importplan.Plan
    header = models.JSONField(default=list)
    samples = models.JSONField(default=list)  # cells of the first rows, without card data
    row_count = models.PositiveIntegerField(default=0)
    notes = models.TextField(blank=True, default="")  # for people: what of a workbook was left out
    trial = models.CharField(max_length=8, choices=Trial.choices, blank=True, default="")
    trial_at = models.DateTimeField(null=True)
    trial_said = models.TextField(blank=True, default="")  # of a failed one: what failed and what to do
    trial_found = models.JSONField(default=dict)  # counts by outcome and reason, and examples of each
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return self.name


class ImportFilePart(models.Model):
    """A piece of a file, packed and encrypted: it may hold what must not be kept in the clear, until its rows are read."""

    class Of(models.TextChoices):
        SOURCE = "source", "The file"
        REPORT = "report", "What a trial found, row by row"

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="parts", db_index=False)
    of = models.CharField(max_length=8, choices=Of.choices)
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "of", "position"], name="import_file_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.of} {self.position}"


class ImportTemplate(models.Model):
    """What was chosen for files with these column names: offered again for the next one."""

    header_key = models.CharField(max_length=64, unique=True)  # SHA-256 of the names, as they are compared
    name = models.CharField(max_length=200)  # the file it was made for
    header = models.JSONField()
    plan = models.JSONField()
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
