"""Recorded messages: what is played to people, kept as it was played."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import AppendOnlyModel


class RecordedMessage(models.Model):
    """One message under its name; what is heard is a version of it."""

    class Kind(models.TextChoices):  # words of compliance.rules.content.sounds.MessageKind
        ABANDONED = "abandoned", "Abandoned call"
        VOICEMAIL = "voicemail", "Voicemail"
        LIMITED_CONTENT = "limited_content", "Voicemail about a debt"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # null = shared; else the rep who leaves it
    # seller, caller ID and kind of call of the text every campaign has from the start; null for what people make
    standard_for = models.CharField(max_length=160, null=True, unique=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(owner__isnull=True, standard_for__isnull=True),
                name="shared_message_name_once",
            ),
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(owner__isnull=False), name="own_message_name_once"
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(kind="voicemail", standard_for__isnull=True),
                name="own_message_is_for_voicemail",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MessageAudio(AppendOnlyModel):
    """A recording as it is played, once however many versions play it, and what was measured in it."""

    sha256 = models.CharField(max_length=64, primary_key=True)  # of the WAV
    wav = models.BinaryField()  # 16 bits, one channel, 16 kHz; never over 2 MB
    seconds = models.FloatField()
    first_sound_at = models.FloatField()  # seconds
    peak_db = models.FloatField()
    level_db = models.FloatField()
    clipped_share = models.FloatField()
    silence_share = models.FloatField()
    peaks = models.JSONField()  # 0 to 100, for the picture
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256[:12]


class MessageVersion(models.Model):
    """What is heard. Only its state and the judge's finding change; a trigger holds the rest and refuses to delete."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"  # heard by nobody outside
        APPROVED = "approved", "Approved"
        RETIRED = "retired", "Retired"  # kept as evidence, never played again

    class Source(models.TextChoices):
        UPLOAD = "upload", "Uploaded file"
        BROWSER = "browser", "Recorded in the browser"
        TEXT = "text", "Text read by the carrier's voice"

    id = models.UUIDField(
        primary_key=True, default=uuid4
    )  # the carrier's address of it, so not to be guessed
    message = models.ForeignKey(RecordedMessage, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=10, choices=Source.choices)
    file_name = models.CharField(max_length=200, blank=True)
    audio = models.ForeignKey(MessageAudio, null=True, on_delete=models.PROTECT, related_name="+")
    declared = models.JSONField()  # campaigns.recordings.declared.Declared
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    problems = models.JSONField(
        default=list
    )  # compliance.rules.content.problems.Problem, of the last judgement
    judged_at = models.DateTimeField()
    judged_under = models.CharField(max_length=40)  # version of the rule packs
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decision_note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="message_version_number_once"),
            models.CheckConstraint(
                condition=Q(source="text", audio__isnull=True) | Q(~Q(source="text"), audio__isnull=False),
                name="message_version_is_text_or_sound",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", decided_at__isnull=True)
                | Q(~Q(state="draft"), decided_at__isnull=False),
                name="message_version_decided_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}, version {self.number}: {self.state}"
