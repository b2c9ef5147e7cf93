"""A message for a machine: asked of the gate, and what became of it. Kept as evidence (16 CFR 310.5)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from dialer.dropflow import DropState

OPEN = [state.value for state in DropState if state.is_open]


class VoicemailDrop(models.Model):
    """One message on one call: which version, by whose wish, under which verdict. `state` follows the table in dropflow."""

    call = models.ForeignKey("dialer.Call", on_delete=models.PROTECT, related_name="drops")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="+")
    version_id = models.UUIDField()  # campaigns.MessageVersion
    seconds = models.FloatField()  # how long it lasts; of a text that is read, about
    decision_id = models.BigIntegerField(unique=True)  # the gate's verdict about this message on this call
    code = models.CharField(max_length=30, blank=True)  # why it was refused
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # the rep who pressed the key; nobody: the dialer, at the beep
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in DropState])
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)  # when the carrier took the order to play it
    ended_at = models.DateTimeField(null=True)  # when it was over, by whatever told us

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=Q(state__in=OPEN), name="one_open_message_per_call"
            ),
            models.CheckConstraint(
                condition=Q(state="refused") ^ Q(code=""), name="refused_message_has_a_code"
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "asked_at"], name="drop_figures"),
            models.Index(fields=["asked_at"], condition=Q(state__in=OPEN), name="drop_open"),
        ]

    def __str__(self) -> str:
        return f"message on call {self.call_id}: {self.state}"
