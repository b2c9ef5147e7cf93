"""Segments (people by rule), tags, and what managers did to many people at once."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Segment(models.Model):
    """People who fit a rule: as they fit now, or as they did at one moment."""

    class Kind(models.TextChoices):
        LIVE = "live", "Live"  # whoever fits at the time
        SNAPSHOT = "snapshot", "Snapshot"  # who fitted when it was taken; SegmentMember

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LIVE)
    rule = models.JSONField()  # campaigns.segments.tree, checked when it was saved
    people = models.PositiveIntegerField(null=True)  # when last counted; null: not yet
    counted_at = models.DateTimeField(null=True)  # of a snapshot: when it was taken
    problem = models.CharField(max_length=400, blank=True)  # why a live rule cannot be followed any more
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["live", "snapshot"]), name="segment_kind_known"),
            models.CheckConstraint(
                condition=Q(people__isnull=True, counted_at__isnull=True)
                | Q(people__isnull=False, counted_at__isnull=False),
                name="segment_counted_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind="live") | Q(counted_at__isnull=False), name="snapshot_was_taken"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """A person in a snapshot."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey("campaigns.Contact", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "contact"], name="segment_member_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.segment_id}"


class Tag(models.Model):
    """A word that people are marked with."""

    name = models.CharField(max_length=60, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ContactTag(models.Model):
    """A person marked with a tag."""

    contact = models.ForeignKey("campaigns.Contact", on_delete=models.CASCADE, related_name="contact_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="contact_tags")
    added_at = models.DateTimeField()
    list_import = models.ForeignKey(
        "campaigns.ListImport", null=True, on_delete=models.SET_NULL, related_name="+"
    )  # that brought the tag, and takes it back when it is undone

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "tag"], name="contact_tag_once")]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.tag_id}"


class BulkAction(models.Model):
    """One thing done to many people at once; its changes are kept with what was there before, until it is undone."""

    class Verb(models.TextChoices):
        ADD_TO_LIST = "add_to_list", "Add to a list"
        REMOVE_FROM_LIST = "remove_from_list", "Remove from a list"
        TAG = "tag", "Tag"
        UNTAG = "untag", "Remove a tag"
        ASSIGN_OWNER = "assign_owner", "Assign an owner"
        DO_NOT_CALL = "do_not_call", "Do not call"  # never undone here: a lift takes two people and a consent

    verb = models.CharField(max_length=20, choices=Verb.choices)
    argument = models.CharField(
        max_length=200
    )  # id of the list or tag; the owner's name; the words of a request
    said = models.CharField(max_length=400)  # what is done to whom, for people
    people = models.PositiveIntegerField(null=True)  # whom it changed, once done
    job_id = models.BigIntegerField(null=True)  # core.BackgroundJob
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verb__in=[
                    "add_to_list", "remove_from_list", "tag", "untag", "assign_owner", "do_not_call",
                ]),
                name="bulk_action_verb_known",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | (Q(done_at__isnull=False) & ~Q(verb="do_not_call")),
                name="bulk_action_undone_after_done",
            ),
            models.CheckConstraint(
                condition=Q(people__isnull=True, done_at__isnull=True)
                | Q(people__isnull=False, done_at__isnull=False),
                name="bulk_action_counted_when_done",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.said


class BulkChange(models.Model):
    """One person a bulk action changed, and what stood there before."""

    action = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="changes")
    contact = models.ForeignKey("campaigns.Contact", on_delete=models.CASCADE, related_name="+")
    before = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "contact"], name="bulk_change_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} by {self.action_id}"
