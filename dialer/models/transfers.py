"""A call handed on after a word with the target. Each step is a row of the call's history too."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from dialer.transferflow import Target, TransferState

OPEN = [state.value for state in TransferState if state.is_open]


class Transfer(models.Model):
    """One try to hand a call on. `state` follows the table in transferflow; the call's row is locked for every change."""

    call = models.ForeignKey("dialer.Call", on_delete=models.PROTECT, related_name="transfers")
    session = models.ForeignKey("dialer.AgentSession", on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    target = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Target])
    blind = models.BooleanField(default=False)  # completed as soon as the target is there
    label = models.CharField(max_length=80)  # who or what it goes to, for people
    target_session = models.ForeignKey(
        "dialer.AgentSession", null=True, on_delete=models.PROTECT, related_name="+"
    )
    number = models.CharField(max_length=16, blank=True)  # outside
    decision_id = models.BigIntegerField(null=True)  # the gate's verdict about the call to that number
    attempt = models.OneToOneField(
        "dialer.DialAttempt", null=True, on_delete=models.PROTECT, related_name="transfer"
    )
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in TransferState])
    state_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)  # why it was refused, or came to nothing
    asked_at = models.DateTimeField()
    acted_at = models.DateTimeField(null=True)  # when the carrier was last asked to make it so
    target_ref = models.CharField(max_length=60, blank=True)  # the carrier's id of the target's leg
    target_since = models.DateTimeField(null=True)  # in the agent's conference
    target_held = models.BooleanField(default=False)  # as the carrier says
    target_hold_mark = models.CharField(
        max_length=60, blank=True
    )  # conference and place of the last word on that
    target_moved = models.BooleanField(default=False)  # in the conference of target and person
    person_moved = models.BooleanField(default=False)
    target_gone_at = models.DateTimeField(null=True)  # let go: hung up, or back in their own conference
    result_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # who saves the call's result, once it is completed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=Q(state__in=OPEN), name="one_open_transfer_per_call"
            ),
            models.UniqueConstraint(
                fields=["target_session"],
                condition=Q(target_session__isnull=False, target_gone_at__isnull=True),
                name="one_consultation_per_agent",
            ),
            models.CheckConstraint(
                condition=Q(target="agent", target_session__isnull=False, number="", attempt__isnull=True)
                | Q(target="number", target_session__isnull=True, decision_id__isnull=False) & ~Q(number=""),
                name="transfer_target_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(target="agent") | Q(state="refused") | Q(attempt__isnull=False),
                name="transfer_outside_has_an_attempt",
            ),
        ]
        indexes = [
            models.Index(fields=["call", "id"], name="transfers_of_call"),
            models.Index(
                fields=["acted_at"],
                condition=Q(state__in=OPEN) | Q(target_gone_at__isnull=True),
                name="transfer_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"transfer {self.pk} of call {self.call_id}: {self.state}"

    @property
    def conference_name(self) -> str:
        """Return the name of the conference in which person and target are left; no personal data in it."""
        return f"transfer-{self.pk}"
