"""Records of one person: what looks alike, what was merged, and what somebody said is not the same."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from campaigns.merging import GROUNDS
from campaigns.models.leads import Contact


class DuplicateGroup(models.Model):
    """People who look like one, as the last search found them; its id is its place, the strongest ground first."""

    ground = models.CharField(max_length=12, choices=GROUNDS)
    key = models.CharField(max_length=400)  # what they share, for people
    members = ArrayField(models.BigIntegerField())  # ids of contacts, ascending; 2 to MOST_ALIKE
    is_sure = models.BooleanField(default=False)  # nothing speaks against it: may be merged with many at once
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["members"], name="duplicate_group_once"),
            models.CheckConstraint(condition=Q(members__len__gte=2), name="duplicate_group_of_several"),
        ]
        indexes = [models.Index(fields=["ground", "id"], name="duplicate_group_ground")]

    def __str__(self) -> str:
        return f"{self.ground}: {self.key}"


class NotDuplicate(models.Model):
    """Two people who look alike and are not the same, as somebody said."""

    first = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    said_by = models.CharField(max_length=150)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="not_duplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="not_duplicate_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"


class Merge(models.Model):
    """Records that became one. `taken` is all that was changed, deleted and moved: enough to put it back."""

    # Who has them now: a survivor may be merged on. People with merges behind them are not removed.
    survivor = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="merges")
    survivor_was = models.BigIntegerField()
    name = models.CharField(max_length=200)  # of the survivor, as it was named then
    ground = models.CharField(max_length=12, choices=GROUNDS, blank=True)
    taken = models.JSONField()
    told = models.JSONField()  # counts of what moved, for people
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by="")
                | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
                name="merge_undone_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"merge {self.pk} into {self.survivor_was}"


class MergedPerson(models.Model):
    """A record that went into another. Its names lead to the survivor as long as the merge is in force."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="people")
    was = models.BigIntegerField()  # the id of the contact
    name = models.CharField(max_length=200)
    external_ref = models.CharField(max_length=120, blank=True)  # empty where the survivor took it over
    external_id = models.CharField(max_length=120, blank=True)
    in_force = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["was"], condition=Q(in_force=True), name="merged_person_once"),
            models.UniqueConstraint(
                fields=["external_ref"],
                condition=Q(in_force=True) & ~Q(external_ref=""),
                name="merged_person_ref_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["external_id"],
                condition=Q(in_force=True) & ~Q(external_id=""),
                name="merged_person_external_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.was} in merge {self.merge_id}"
