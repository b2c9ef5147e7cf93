"""An agent at work: state, standing conference, and the history of states."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import AppendOnlyModel
from dialer.agentflow import AgentState, LegState

_STATES = [(state.value, state.value) for state in AgentState]
_LEGS = [(state.value, state.value) for state in LegState]


class AgentSession(models.Model):
    """From signing on at the desk to leaving it. The agent's telephone leg stays up in a conference of their own."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agent_sessions"
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.PROTECT, related_name="agent_sessions"
    )
    state = models.CharField(max_length=16, choices=_STATES, default=AgentState.NOT_READY)
    state_since = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)  # pause code, or why nothing is offered
    leg_state = models.CharField(max_length=12, choices=_LEGS, default=LegState.DOWN)
    leg_ref = models.CharField(max_length=60, blank=True)  # the carrier's id of the agent's leg
    leg_since = models.DateTimeField(null=True)  # of the leg's last change
    tab = models.CharField(max_length=32, blank=True)  # the browser window that works the desk
    leg_tab = models.CharField(max_length=32, blank=True)  # the one whose phone the leg is in, or rings
    # While the voice moves to another window: the leg that rings there, beside the one that is up.
    next_tab = models.CharField(max_length=32, blank=True)
    next_leg_ref = models.CharField(max_length=60, blank=True)
    former_leg_ref = models.CharField(max_length=60, blank=True)  # let go once the present one is up
    after_result = models.CharField(
        max_length=12, blank=True, choices=[("not_ready", "not ready"), ("offline", "offline")]
    )  # what a supervisor has asked for, once nothing is in progress
    after_reason = models.CharField(max_length=200, blank=True)
    muted = models.BooleanField(default=False)
    campaign_lead = models.ForeignKey(
        "campaigns.CampaignLead", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decide_by = models.DateTimeField(
        null=True
    )  # when the time to decide on the card is over; null: as long as they like
    voicemail = models.UUIDField(
        null=True
    )  # campaigns.MessageVersion the agent chose to leave on machines; none: the newest own, or the campaign's in turn
    call = models.ForeignKey("dialer.Call", null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=0)  # moved by every change the screen shows
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # heartbeat of the open page
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="one_live_session_per_agent"
            ),
            models.CheckConstraint(
                condition=Q(state="offline", ended_at__isnull=False)
                | Q(~Q(state="offline"), ended_at__isnull=True),
                name="session_ended_when_offline",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk} of {self.user_id}: {self.state}"

    @property
    def conference_name(self) -> str:
        """Return the name of the agent's standing conference; no personal data in it."""
        return f"agent-{self.pk}"


class LeavingLeg(models.Model):
    """A leg that is to leave an agent's conference: until it has, nobody else comes in there. The row goes with it."""

    session = models.ForeignKey(AgentSession, on_delete=models.CASCADE, related_name="leaving")
    call = models.ForeignKey("dialer.Call", on_delete=models.CASCADE, related_name="+")
    leg_ref = models.CharField(max_length=60)  # the carrier's id of it
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "leg_ref"], name="one_row_per_leaving_leg"),
        ]
        indexes = [models.Index(fields=["leg_ref"], name="leaving_leg")]

    def __str__(self) -> str:
        return f"{self.leg_ref} leaves session {self.session_id}"


class AgentStateChange(AppendOnlyModel):
    """One change of an agent's state; intervals between them are the agent's day."""

    session = models.ForeignKey(AgentSession, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    event = models.CharField(max_length=20)
    from_state = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
