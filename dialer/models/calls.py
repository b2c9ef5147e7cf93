"""An attempt to reach a number, the call it became, and the call's history."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import AppendOnlyModel
from core.types import E164_PATTERN
from dialer.callflow import AttemptState, CallState, NetworkOutcome, Party

OPEN_ATTEMPTS = [state.value for state in AttemptState if state.is_open]


class DialAttempt(models.Model):
    """One try on one number, reserved with a verdict. Its id is in every callback URL."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    campaign_lead = models.ForeignKey(
        "campaigns.CampaignLead", on_delete=models.PROTECT, related_name="dial_attempts"
    )
    number = models.CharField(max_length=16)
    caller_id = models.CharField(max_length=16)
    caller_why = models.CharField(
        max_length=120, blank=True, default="", db_default=""
    )  # this number: carriers.pool_choice
    channel = models.CharField(max_length=20)  # what the gate was asked for: compliance.rules.facts.Channel
    decision_id = models.BigIntegerField(
        unique=True
    )  # compliance.ComplianceDecision: no attempt without a verdict
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in AttemptState], default=AttemptState.RESERVED
    )
    state_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)  # why it was released, or what is not known
    reserved_at = models.DateTimeField()
    reserved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # the agent who pressed Dial; nobody: the dialer, for whoever is free at the answer
    placed_at = models.DateTimeField(null=True)
    score = models.FloatField(null=True)  # the chance of an answer as it was dialed; null: no model was used
    ring_by = models.DateTimeField(
        null=True
    )  # not ringing then: the carrier is asked, and a queued call withdrawn

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(state__in=OPEN_ATTEMPTS), name="one_open_attempt_per_number"
            ),
            models.CheckConstraint(condition=Q(number__regex=E164_PATTERN), name="attempt_number_e164"),
        ]
        indexes = [
            models.Index(fields=["state_at"], condition=Q(state__in=OPEN_ATTEMPTS), name="attempt_open"),
            models.Index(
                fields=["ring_by"],
                condition=Q(state=AttemptState.PLACED, ring_by__isnull=False),
                name="attempt_ring_by",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}: {self.state}"


class Call(models.Model):
    """A call as the screens show it. `state` is written by dialer/services/calls.py alone, by the table in callflow."""

    attempt = models.OneToOneField(DialAttempt, on_delete=models.PROTECT, related_name="call")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="calls")
    contact = models.ForeignKey("campaigns.Contact", on_delete=models.PROTECT, related_name="calls")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="calls"
    )
    session = models.ForeignKey(
        "dialer.AgentSession", null=True, on_delete=models.SET_NULL, related_name="calls"
    )
    carrier_ref = models.CharField(max_length=60, null=True, unique=True)
    number = models.CharField(max_length=16, db_index=True)
    caller_id = models.CharField(max_length=16)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in CallState], default=CallState.PLACING
    )
    outcome = models.CharField(
        max_length=12, choices=[(o.value, o.value) for o in NetworkOutcome], blank=True
    )
    answered_by = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Party], blank=True)
    machine_verdict = models.CharField(max_length=24, blank=True)  # the carrier's own word for who answered
    verdict_at = models.DateTimeField(null=True)
    agent_heard = models.CharField(
        max_length=8, choices=[(p.value, p.value) for p in (Party.PERSON, Party.MACHINE)], blank=True
    )  # the agent's correction; it outranks the carrier's
    greeting_ended_at = models.DateTimeField(null=True)  # estimated; the two seconds run from here (FED-016)
    abandoned = models.BooleanField(default=False)  # a person answered and no agent was there in time
    message_played = models.UUIDField(
        null=True
    )  # campaigns.MessageVersion: what was heard when no agent was there, or left on a machine
    created_at = models.DateTimeField()
    ringing_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    bridged_at = models.DateTimeField(null=True)
    held_since = models.DateTimeField(null=True)
    hold_mark = models.CharField(
        max_length=60, blank=True
    )  # conference and place of the carrier's last word on joining or hold
    interruptions = models.PositiveSmallIntegerField(
        default=0
    )  # how often the person waited for an agent again
    lost_since = models.DateTimeField(null=True)  # interrupted since
    told = models.CharField(
        max_length=8, blank=True
    )  # what the person's leg is doing meanwhile: lostline.Turn
    told_at = models.DateTimeField(null=True)
    lost_in_mid_call = models.BooleanField(default=False)  # it ended before an agent was back
    hang_up_asked_at = models.DateTimeField(
        null=True
    )  # the agent hung up; asked of the carrier until the call has ended
    carrier_asked_at = models.DateTimeField(null=True)  # for news that webhooks should have brought
    ended_at = models.DateTimeField(null=True)
    duration_seconds = models.PositiveIntegerField(null=True)  # answer to end, as the carrier bills it
    disposition = models.ForeignKey(
        "campaigns.Disposition", null=True, on_delete=models.PROTECT, related_name="+"
    )
    disposed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, max_length=4000)
    result_answers = models.JSONField(
        default=list, db_default=[]
    )  # to the questions of its result: code, label, value
    times_logged = models.PositiveSmallIntegerField(
        default=0
    )  # how often other apps were told what to log of it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | Q(~Q(state="ended"), ended_at__isnull=True),
                name="call_ended_when_final",
            ),
            models.CheckConstraint(
                condition=Q(state="ended") ^ Q(outcome=""), name="call_has_an_outcome_when_ended"
            ),
            models.CheckConstraint(
                condition=Q(disposition__isnull=True, disposed_at__isnull=True)
                | Q(disposition__isnull=False, disposed_at__isnull=False),
                name="call_disposition_with_time",
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "-created_at"], name="call_history"),
            models.Index(fields=["created_at"], condition=~Q(state="ended"), name="call_live"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}: {self.state}"


class CallEvent(AppendOnlyModel):
    """What happened to a call, in the order we heard of it, also what was ignored."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    event = models.CharField(max_length=20)
    from_state = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    ignored = models.BooleanField(default=False)
    source = models.CharField(max_length=40)  # carrier, agent, sweeper
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["call", "id"], name="call_event_order")]

    def __str__(self) -> str:
        return f"{self.event}: {self.from_state} → {self.to_state}"
