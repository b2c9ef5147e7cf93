"""The recording of a call, what happened to it, the rules it is kept by, and holds on it."""

import uuid

from django.db import models
from django.db.models import Q

from core.models import AppendOnlyModel
from dialer.recordflow import Notice, RecordState

_STATES = [(state.value, state.value) for state in RecordState]
_NOTICES = [(notice.value, notice.value) for notice in Notice]


class RecordingRule(AppendOnlyModel):
    """What a campaign records, who may listen, and how long it is kept, from an instant on. The latest that has begun counts."""

    class Listeners(models.TextChoices):
        COMPLIANCE = "compliance", "Compliance officers only"
        SUPERVISORS = "supervisors", "Also supervisors and campaign managers"
        AGENTS = "agents", "Also agents, to their own calls"

    campaign = models.ForeignKey(
        "campaigns.Campaign", null=True, on_delete=models.PROTECT, related_name="recording_rules"
    )  # null: the house's, for campaigns without one of their own
    begins_at = models.DateTimeField()
    percent = models.PositiveSmallIntegerField(default=0)  # of the calls; 0: recording is off
    asks_first = models.BooleanField(default=False)  # more than the law: nothing runs before a spoken yes
    listeners = models.CharField(max_length=12, choices=Listeners.choices, default=Listeners.SUPERVISORS)
    keep_days = models.PositiveSmallIntegerField(null=True)  # null: as the rule book's table says
    reason = models.CharField(max_length=300)
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=100), name="recording_share_is_a_share"),
            models.CheckConstraint(
                condition=Q(keep_days__isnull=True) | Q(keep_days__gte=1), name="recording_kept_a_day"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "-begins_at", "-id"], name="recording_rule_in_force")]

    def __str__(self) -> str:
        return f"{self.campaign_id or 'house'} from {self.begins_at:%Y-%m-%d}: {self.percent} %"


class CallRecording(models.Model):
    """One call's recording, also where there is none: then the reason stands here. Its id is in addresses of the sound."""

    class Sound(models.TextChoices):
        NONE = "none", "No sound"  # not recorded, not yet ended, or nothing came of it
        WAITING = "waiting", "On its way from the carrier"
        HERE = "here", "Stored"
        MISSING = "missing", "Missing at the carrier"
        DELETED = "deleted", "Deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    call = models.OneToOneField("dialer.Call", on_delete=models.PROTECT, related_name="recording")
    state = models.CharField(max_length=12, choices=_STATES)  # written by services/recordings/moving.py alone
    state_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)  # why there is none, or it failed
    strictest = models.CharField(max_length=12, blank=True)  # whose consent is wanted where the person may be
    places = models.CharField(max_length=120, blank=True)  # those states, "FL TX"
    notice = models.CharField(max_length=8, choices=_NOTICES, default=Notice.NOT_YET)
    notice_at = models.DateTimeField(null=True)  # asked, then heard
    notice_text = models.CharField(max_length=300, blank=True)  # as it was said

    carrier_ref = models.CharField(max_length=60, null=True, unique=True)
    tried_at = models.DateTimeField(null=True)  # the carrier was asked to begin
    acting_until = models.DateTimeField(null=True)  # a worker is asking the carrier
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    duration_seconds = models.PositiveIntegerField(null=True)
    paused_since = models.DateTimeField(null=True)  # asked or confirmed
    pause_warned_at = models.DateTimeField(null=True)
    card_step_since = models.DateTimeField(null=True)  # the card data step is open
    skipped_by = models.CharField(max_length=150, blank=True)

    sound = models.CharField(max_length=8, choices=Sound.choices, default=Sound.NONE)
    file_name = models.CharField(max_length=120, blank=True)  # below RECORDINGS_DIR
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True)
    peaks = models.JSONField(null=True)  # one list of loudness (0 to 100) a channel
    fetch_tries = models.PositiveSmallIntegerField(default=0)
    fetch_due_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    gone_at_carrier_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(sound="here") | (~Q(file_name="") & ~Q(sha256="") & Q(size_bytes__isnull=False)),
                name="stored_sound_has_a_hash",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["not_recorded", "failed", "skipped"]) | ~Q(reason=""),
                name="recording_says_why_there_is_none",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state_at"],
                condition=Q(
                    state__in=["waiting", "asked", "recording", "pausing", "paused", "resuming", "stopping"]
                ),
                name="recording_open",
            ),
            models.Index(fields=["fetch_due_at"], condition=Q(sound="waiting"), name="recording_to_fetch"),
            models.Index(
                fields=["began_at"], condition=Q(sound__in=["here", "missing"]), name="recording_kept"
            ),
            models.Index(
                fields=["state_at"],
                condition=Q(state="skipped", gone_at_carrier_at__isnull=True),
                name="recording_to_delete",
            ),
        ]

    def __str__(self) -> str:
        return f"recording of call {self.call_id}: {self.state}"


class RecordingEvent(AppendOnlyModel):
    """What happened to a recording, in the order we heard of it, also what was ignored."""

    recording = models.ForeignKey(CallRecording, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    event = models.CharField(max_length=20)  # dialer.recordflow.RecordNews, or what else is worth knowing
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    ignored = models.BooleanField(default=False)
    source = models.CharField(max_length=150)  # a username, carrier, sweeper
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["recording", "id"], name="recording_event_order")]

    def __str__(self) -> str:
        return f"{self.event}: {self.from_state} → {self.to_state}"


class RecordingHold(models.Model):
    """A legal hold: the recording stays, whatever any rule says, until a person lifts it."""

    recording = models.ForeignKey(CallRecording, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=300)
    placed_by = models.CharField(max_length=150)
    placed_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=150, blank=True)
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recording"], condition=Q(lifted_at__isnull=True), name="one_hold_a_recording"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by="")
                | (Q(lifted_at__isnull=False) & ~Q(lifted_by="")),
                name="lifted_hold_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"hold on {self.recording_id}"


class RecordingDeletion(AppendOnlyModel):
    """What was deleted, by which rule, with the hash of what it was. The call and its history stay."""

    recording = models.ForeignKey(CallRecording, on_delete=models.PROTECT, related_name="deletions")
    at = models.DateTimeField()
    rule = models.CharField(max_length=20)  # the rule's id, or "skip"
    reason = models.CharField(max_length=300)
    deleted_by = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64, blank=True)  # empty: its sound never came here
    size_bytes = models.PositiveBigIntegerField(null=True)
    carrier_ref = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{self.recording_id} deleted by {self.rule}"
