"""When and where people do not want to be called about a debt (REGF-003)."""

from django.db import models
from django.db.models import Q

from compliance.models.columns import holds_e164, phone_column
from core.models import AppendOnlyModel


class DebtWish(AppendOnlyModel):
    """Hours, days or a number that somebody ruled out for calls about a debt; holds until a DebtWishEnd names it."""

    number = phone_column()  # the number they were spoken to on
    person_ref = models.CharField(max_length=80, blank=True)  # empty = whoever has the number
    not_from = models.TimeField(null=True)  # local, [from, until); from > until runs over midnight
    not_until = models.TimeField(null=True)
    not_days = models.JSONField(default=list)  # Monday = 0, sorted; empty = every day
    not_here = models.BooleanField(default=False)  # not on this number, as an employer's
    raw_words = models.TextField()
    heard_on = models.CharField(max_length=40)
    recorded_by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["number"], name="debt_wish_number"),
            models.Index(fields=["person_ref"], condition=~Q(person_ref=""), name="debt_wish_person"),
        ]
        constraints = [
            holds_e164("number", "debt_wish_number_e164"),
            models.CheckConstraint(
                condition=Q(not_from=None, not_until=None)
                | Q(not_from__isnull=False, not_until__isnull=False),
                name="debt_wish_hours_have_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(not_here=True) | Q(not_from__isnull=False) | ~Q(not_days=[]),
                name="debt_wish_rules_something_out",
            ),
            models.CheckConstraint(condition=~Q(raw_words="") & ~Q(heard_on=""), name="debt_wish_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.not_from}–{self.not_until}"


class DebtWishEnd(AppendOnlyModel):
    """The person said otherwise since: what they ruled out counts no more."""

    wish = models.OneToOneField(DebtWish, on_delete=models.PROTECT, related_name="end")
    raw_words = models.TextField()
    recorded_by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(raw_words=""), name="debt_wish_end_has_words")]

    def __str__(self) -> str:
        return f"end of {self.wish_id}"
