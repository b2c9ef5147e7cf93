"""What an agent says happened on a call."""

from collections.abc import Sequence

from django.db import models
from django.db.models import Q

from campaigns import results


class DispositionSet(models.Model):
    """A named set of results a campaign offers its agents."""

    name = models.CharField(max_length=80, unique=True)
    revision = models.PositiveIntegerField(
        default=0, db_default=0
    )  # moved by every change, so that nobody saves over what they have not seen

    def __str__(self) -> str:
        return self.name


class Disposition(models.Model):
    """One result: its key on the desk, what it counts as, and what happens to the lead."""

    class Category(models.TextChoices):
        CONVERSION = "conversion", "Goal reached"
        RIGHT_PARTY = "right_party", "Spoke with the right person"
        CONTACT = "contact", "Spoke with somebody"
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
    needs_note = models.BooleanField(default=False, db_default=False)
    needs_callback = models.BooleanField(
        default=False, db_default=False
    )  # a time is agreed; with the category “callback” always
    questions = models.JSONField(default=list, db_default=[])  # campaigns.results.Question as dicts
    crm_values = models.JSONField(
        default=dict, db_default={}
    )  # kind of CRM → what it is called there; none: the label
    retired_at = models.DateTimeField(null=True)  # not offered any more; calls keep it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["disposition_set", "code"], name="disposition_code_once"),
            models.UniqueConstraint(
                fields=["disposition_set", "hotkey"], condition=~Q(hotkey=""), name="disposition_key_once"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True) | Q(hotkey=""), name="retired_disposition_has_no_key"
            ),
            models.CheckConstraint(
                condition=~Q(category="do_not_call") | Q(retry_minutes__isnull=True, needs_callback=False),
                name="do_not_call_is_never_tried_again",
            ),
            models.CheckConstraint(
                condition=~Q(automatic=True)
                | Q(hotkey="", needs_note=False, needs_callback=False, questions=[]),
                name="automatic_disposition_asks_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def wants_time(self) -> bool:
        """Return whether the agent says when to call back."""
        return self.needs_callback or self.category == self.Category.CALLBACK

    @property
    def asks(self) -> Sequence[results.Question]:
        """Return what the agent is asked beside the note."""
        return results.questions_of(self.questions)
