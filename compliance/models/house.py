"""What the house decides for itself: stricter limits, lifted denials, areas in distress."""

from django.db import models
from django.db.models import F, Q

from compliance.models.columns import holds_e164, phone_column
from core.models import AppendOnlyModel


class HouseLimitRow(AppendOnlyModel):
    """The house's value of one number of the rule book; the newest row in force counts. Never looser than the law."""

    name = models.CharField(max_length=60)  # a field of compliance.rules.policy.Policy
    value = models.JSONField()  # times as "HH:MM"
    since = models.DateField()
    until = models.DateField(null=True)  # exclusive
    is_override = models.BooleanField(default=False)  # loosens a policy of ours (ENG-004)
    reason = models.TextField()
    set_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason="") & ~Q(set_by=""), name="house_limit_has_a_reason"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="house_limit_days"
            ),
            models.CheckConstraint(
                condition=Q(is_override=False) | (~Q(approved_by="") & ~Q(approved_by=F("set_by"))),
                name="house_override_by_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"


class HouseLimitRequest(models.Model):
    """A looser value of a policy of ours, asked for by one person; another one approves or refuses it (ENG-004)."""

    name = models.CharField(max_length=60)
    value = models.JSONField()
    since = models.DateField()
    until = models.DateField(null=True)
    reason = models.TextField()
    requested_by = models.CharField(max_length=150)
    at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    limit = models.OneToOneField(HouseLimitRow, null=True, on_delete=models.PROTECT, related_name="request")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(requested_by=""), name="limit_request_complete"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by="", limit=None)
                | (Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="limit_request_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(limit=None) | ~Q(decided_by=F("requested_by")), name="limit_request_two_people"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(decided_at=None), name="limit_request_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}?"


class Override(AppendOnlyModel):
    """A supervisor lifted one denial, with a reason, for as far as number, person and campaign say (ENG-004)."""

    code = models.CharField(max_length=30)
    number = phone_column(blank=True)
    person_ref = models.CharField(max_length=80, blank=True)
    campaign_ref = models.CharField(max_length=80, blank=True)
    reason = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="override_until")]
        constraints = [
            holds_e164("number", "override_number_e164", may_be_empty=True),
            models.CheckConstraint(
                condition=~Q(number="") | ~Q(person_ref="") | ~Q(campaign_ref=""), name="override_names_whom"
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(by=""), name="override_has_a_reason"),
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="override_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.code} until {self.until:%Y-%m-%d %H:%M}"


class EmergencyArea(models.Model):
    """An area under a declared emergency or disaster (ST-004)."""

    state = models.CharField(max_length=2)
    area = models.CharField(max_length=120)  # "Orleans Parish"; for people
    zips = models.JSONField(default=list)  # ZIP codes or their beginnings; empty = the whole state
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)  # exclusive
    declared_by = models.CharField(max_length=200)  # the proclamation
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "since"], name="emergency_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__regex="^[A-Z]{2}$") & ~Q(area=""), name="emergency_named"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="emergency_days"),
        ]

    def __str__(self) -> str:
        return f"{self.area}, {self.state}"
