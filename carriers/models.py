"""The carrier's webhooks as they came, and the numbers we may show."""

from django.db import models
from django.db.models import Q

from core.types import E164_PATTERN


class CarrierInbox(models.Model):
    """One webhook, stored before anything is done with it. The unique key makes a repeat visible."""

    class Kind(models.TextChoices):
        CALL_STATUS = "call_status", "Call status"
        CALL_ANSWER = "call_answer", "Call answered: what now?"
        CALL_KEYS = "call_keys", "Key pressed"
        CALL_DETECTED = "call_detected", "Who picked up"
        CALL_MESSAGE = "call_message", "Message played to its end: what now?"
        CALL_LEFT = "call_left", "The person's conference is over: what now?"
        TRANSFER_ANSWER = "transfer_answer", "Transfer's target answered: what now?"
        TRANSFER_STATUS = "transfer_status", "Status of a transfer's target"
        TRANSFER_EVENT = "transfer_event", "Event where person and target were left"
        TRANSFER_LEFT = "transfer_left", "The target has gone: what now?"
        AGENT_STATUS = "agent_status", "Agent's leg status"
        AGENT_ANSWER = "agent_answer", "Agent's leg answered: what now?"
        CONFERENCE = "conference", "Conference event"
        RECORDING = "recording", "Recording status"
        INBOUND = "inbound", "Somebody calls us: what now?"
        INBOUND_KEY = "inbound_key", "Key pressed on the opt-out line"
        INBOUND_STATUS = "inbound_status", "Status of a call to us"
        TEXT = "text", "Somebody texts us"
        TEXT_STATUS = "text_status", "Status of a text of ours"

    class Outcome(models.TextChoices):
        WAITING = "", "Not applied yet"
        APPLIED = "applied", "Applied"
        IGNORED = "ignored", "Changed nothing"
        UNKNOWN = "unknown", "About something we do not know"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=200, unique=True)
    token = models.CharField(max_length=80, blank=True)  # the carrier's mark of a repeat, where it gives one
    subject_ref = models.CharField(max_length=60)  # our own id from the callback URL: call or agent session
    payload = models.JSONField()
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    effect = models.CharField(max_length=200, blank=True)  # what it changed, or why it was ignored
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()  # pushed forward before each try, so one bad row cannot stop the others

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(applied_at__isnull=True), name="inbox_waiting"),
            models.Index(fields=["applied_at", "id"], name="inbox_applied"),
            models.Index(
                fields=["received_at", "id"],
                condition=Q(outcome__in=["ignored", "unknown"]),
                name="inbox_without_effect",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_ref}"


class CallerNumber(models.Model):
    """A number of ours that may be shown as caller id. One that is not here cannot be used (rule FED-025)."""

    number = models.CharField(max_length=16, unique=True)
    label = models.CharField(max_length=80, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=E164_PATTERN), name="caller_number_e164")
        ]

    def __str__(self) -> str:
        return self.number


class CarrierTrouble(models.Model):
    """A time in which the carrier refused our credentials; the open one holds back every call."""

    account = models.CharField(max_length=60)
    since = models.DateTimeField()
    reason = models.CharField(max_length=300)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at__isnull=True), name="one_open_trouble_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} since {self.since:%Y-%m-%d %H:%M}"


class CallerPool(models.Model):
    """Numbers of ours that a campaign's calls show in turn, chosen at random among those that fit the person's area."""

    name = models.CharField(max_length=80, unique=True)
    match_local = models.BooleanField(default=True)  # same area code first, then same state, then any
    daily_cap = models.PositiveIntegerField(
        null=True
    )  # calls a number a day, of all campaigns; null: none of ours
    rest_after = models.PositiveIntegerField(null=True)  # calls in a row before a number rests; null: never
    rest_minutes = models.PositiveIntegerField(default=60)
    rest_on_drop = models.BooleanField(
        default=True
    )  # a number whose answer rate fell rests until a manager looks

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(daily_cap__isnull=True) | Q(daily_cap__gte=1),
                name="caller_pool_cap_of_one_or_more",
            ),
            models.CheckConstraint(
                condition=Q(rest_after__isnull=True) | Q(rest_after__gte=1),
                name="caller_pool_rests_after_calls",
            ),
            models.CheckConstraint(
                condition=Q(rest_minutes__gte=1), name="caller_pool_rest_of_a_minute_or_more"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CallerPoolMember(models.Model):
    """A number of the inventory in its one pool, with what was dialed from it. Changed under the pool's lock alone."""

    pool = models.ForeignKey(CallerPool, on_delete=models.PROTECT, related_name="members")
    number = models.OneToOneField(CallerNumber, on_delete=models.PROTECT, related_name="pool_member")
    day = models.DateField(null=True)  # of `dials_today`, on the office's calendar
    dials_today = models.PositiveIntegerField(default=0)
    dials_since_rest = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)
    rest_reason = models.CharField(max_length=200, blank=True)
    watched_since = models.DateTimeField()  # its answers are judged from here on

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rests_until__isnull=True, rest_reason="")
                | (Q(rests_until__isnull=False) & ~Q(rest_reason="")),
                name="resting_caller_says_why",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number_id} in {self.pool_id}"
