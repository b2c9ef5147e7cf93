"""What an agent went through of a script on a call."""

from django.db import models
from django.db.models import Q


class ScriptRun(models.Model):
    """One script on one call, from the first step on. It is over with the call's result."""

    call = models.OneToOneField("dialer.Call", on_delete=models.PROTECT, related_name="script_run")
    version = models.ForeignKey("campaigns.ScriptVersion", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reached_end = models.BooleanField(default=False)  # the last step shown was an end of the script

    class Meta:
        indexes = [models.Index(fields=["version", "started_at"], name="script_run_of_version")]

    def __str__(self) -> str:
        return f"script of call {self.call_id}"


class ScriptStep(models.Model):
    """One step shown on a call, in order; the way back is a step as well."""

    run = models.ForeignKey(ScriptRun, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()  # from 1
    node = models.CharField(max_length=20)  # campaigns.scripting.flow.Node.code
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)  # null: it is shown now
    answer = models.CharField(max_length=60, blank=True)  # the words of the way that was taken
    went_back = models.BooleanField(default=False)  # left by Back, without an answer

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="script_step_once"),
            models.UniqueConstraint(
                fields=["run"], condition=Q(left_at__isnull=True), name="script_shows_one_step"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=models.F("entered_at")),
                name="script_step_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(went_back=True) | Q(answer=""), name="script_step_back_is_no_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.node}"
