"""What was fitted to past calls, night by night."""

from django.db import models
from django.db.models import Q


class BestTimeFit(models.Model):
    """One fit of the chance of an answer, with what it is worth. The newest counts, and only if it beat the average."""

    fitted_at = models.DateTimeField()
    since = models.DateTimeField()  # calls from then on
    calls = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()
    held_out = models.PositiveIntegerField()  # calls it was judged on and not fitted to
    brier = models.FloatField()
    brier_average = models.FloatField()
    z = models.FloatField()  # standard errors by which it is better
    is_better = models.BooleanField()
    model = models.JSONField()  # campaigns.besttime.Model
    bins = models.JSONField()  # campaigns.besttime.Bin, of the held-out calls

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answers__lte=models.F("calls")) & Q(held_out__lte=models.F("calls")),
                name="best_time_counts_agree",
            ),
        ]
        indexes = [models.Index(fields=["-fitted_at", "-id"], name="best_time_newest")]

    def __str__(self) -> str:
        return f"fit of {self.fitted_at}: {self.brier} to {self.brier_average}"
