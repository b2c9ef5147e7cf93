"""Records of people that were merged: which names one person has in the stores."""

from django.db import models
from django.db.models import F, Q


class PersonAlias(models.Model):
    """A record that was merged into another. What stands under its name in the stores, which never change, is the survivor's too.

    What forbids or counts holds for the whole person; what permits holds for the numbers of the record it was said about, so that a
    merge makes no call lawful that was not.
    """

    person_ref = models.CharField(max_length=80, unique=True)
    survivor_ref = models.CharField(max_length=80)
    numbers = models.JSONField(default=list)  # those it brought: the survivor did not have them
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["survivor_ref"], name="person_alias_survivor")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(person_ref="") & ~Q(survivor_ref="") & ~Q(person_ref=F("survivor_ref")),
                name="person_alias_of_another",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_ref} is {self.survivor_ref}"
