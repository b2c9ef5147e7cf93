"""What an agent says happened on a call."""

from django.db import models
from django.db.models import Q


class DispositionSet(models.Model):
    """A named set of results a campaign offers its agents."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class Disposition(models.Model):
    """One result: its key on the desk, what it counts as, and what happens to the lead."""

    class Category(models.TextChoices):
        CONVERSION = "conversion", "Goal reached"
        CONTACT = "contact", "Spoke with the person"
        CALLBACK = "callback", "Call back at a set time"
        NO_CONTACT = "no_contact", "Nobody reached"
        WRONG_NUMBER = "wrong_number", "Wrong number"
        DO_NOT_CALL = "do_not_call", "Do not call again"

    disposition_set = models.ForeignKey(DispositionSet, on_delete=models.CASCADE, related_name="dispositions")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    category = models.CharField(max_length=20, choices=Category.choices)
    hotkey = models.CharField(max_length=1, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    automatic = models.BooleanField(default=False)  # set by the dialer alone, never offered to agents
    retry_minutes = models.PositiveIntegerField(
        null=True
    )  # wait before the next try; null: the lead is finished

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["disposition_set", "code"], name="disposition_code_once"),
            models.UniqueConstraint(
                fields=["disposition_set", "hotkey"], condition=~Q(hotkey=""), name="disposition_key_once"
            ),
        ]

    def __str__(self) -> str:
        return self.label
