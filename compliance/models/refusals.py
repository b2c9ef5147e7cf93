"""People who do not want to be contacted: what they said, what stands because of it, and the rare way back."""

from django.db import models
from django.db.models import F, Q

from compliance.models.columns import holds_e164, phone_column
from compliance.models.consents import ConsentRecord
from compliance.rules.facts import SuppressionKind, SuppressionScope
from core.models import AppendOnlyModel

SCOPES = [(scope.value, scope.name) for scope in SuppressionScope]


def scope_matches(name: str) -> models.CheckConstraint:
    """Return the constraint that seller and campaign are named exactly as far as the scope reaches."""
    return models.CheckConstraint(
        condition=(Q(scope=SuppressionScope.SELLER.value, campaign_ref="") & ~Q(seller=""))
        | (Q(scope=SuppressionScope.CAMPAIGN.value) & ~Q(seller="") & ~Q(campaign_ref=""))
        | Q(scope=SuppressionScope.EVERYONE.value, seller="", campaign_ref=""),
        name=name,
    )


class Suppression(AppendOnlyModel):
    """A reason not to contact this number. Never expires and is never removed (FED-006, ST-009, PRIV-002).

    What a SuppressionLift names does not count any more; suppressed again, it is a row of its own (`after_lifts`).
    """

    number = phone_column()
    seller = models.CharField(max_length=120, blank=True)  # empty when the scope is everyone
    scope = models.CharField(max_length=10, choices=SCOPES)
    kind = models.CharField(
        max_length=20,
        choices=[(kind.value, kind.name) for kind in SuppressionKind],
        default=SuppressionKind.DO_NOT_CALL.value,
    )
    channels = models.JSONField(default=list)  # sorted; empty = all
    campaign_ref = models.CharField(max_length=80, blank=True, default="")
    person_ref = models.CharField(max_length=80, blank=True, default="")  # set: it binds this pair only
    category = models.CharField(max_length=60, blank=True, default="")  # what a revocation answered (FED-015)
    after_lifts = models.PositiveSmallIntegerField(default=0)  # how many like it were lifted before
    reason = models.CharField(max_length=120)
    raw_words = models.TextField(blank=True)  # what the person said or wrote, as heard
    heard_on = models.CharField(max_length=40, blank=True)  # the channel: "phone", "text message", "email"
    recorded_by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            holds_e164("number", "suppression_number_e164"),
            scope_matches("suppression_seller_matches_scope"),
            models.UniqueConstraint(
                fields=[
                    "number", "seller", "kind", "campaign_ref", "person_ref", "channels", "category", "after_lifts",
                ],
                name="suppression_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.seller or self.scope}"


class Revocation(AppendOnlyModel):
    """One message that took leave back, on any channel, with the words and when they were honoured (FED-012)."""

    suppression = models.ForeignKey(Suppression, on_delete=models.PROTECT, related_name="revocations")
    number = phone_column()
    seller = models.CharField(max_length=120, blank=True)
    scope = models.CharField(max_length=10, choices=SCOPES)
    campaign_ref = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=60, blank=True)
    raw_words = models.TextField()
    matched_by = models.CharField(
        max_length=80, blank=True
    )  # the keyword or phrase; empty when a person judged
    tier = models.PositiveSmallIntegerField(default=0)  # 1 keyword, 2 phrase, 0 not read by rules
    language = models.CharField(max_length=2, blank=True)
    heard_on = models.CharField(max_length=40)
    source_ref = models.CharField(max_length=120, blank=True)  # the message's id where it came from
    received_at = models.DateTimeField()
    honoured_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    needs_review = models.BooleanField(default=False)  # honoured already; a person is to read it too

    class Meta:
        indexes = [
            models.Index(fields=["number", "-id"], name="revocation_number"),
            models.Index(fields=["id"], condition=Q(needs_review=True), name="revocation_to_read"),
        ]
        constraints = [
            holds_e164("number", "revocation_number_e164"),
            scope_matches("revocation_seller_matches_scope"),
            models.CheckConstraint(condition=~Q(raw_words="") & ~Q(heard_on=""), name="revocation_has_words"),
            models.UniqueConstraint(
                fields=["heard_on", "source_ref", "number", "seller"],
                condition=~Q(source_ref=""),
                name="revocation_once_per_message",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} on {self.heard_on}"


class RevocationReview(AppendOnlyModel):
    """A person read a message that rules took for a revocation. The finding changes nothing: the way back is a lift."""

    class Finding(models.TextChoices):
        CONFIRMED = "confirmed", "Is a revocation"
        MISTAKEN = "mistaken", "Is none"

    revocation = models.OneToOneField(Revocation, on_delete=models.PROTECT, related_name="review")
    finding = models.CharField(max_length=10, choices=Finding.choices)
    note = models.TextField(blank=True)
    reviewed_by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.revocation_id} {self.finding}"


class LiftRequest(AppendOnlyModel):
    """Somebody asks that a suppression be lifted, on the strength of a consent the person gave after it (FED-006 T4)."""

    suppression = models.ForeignKey(Suppression, on_delete=models.PROTECT, related_name="lift_requests")
    consent = models.ForeignKey(ConsentRecord, on_delete=models.PROTECT, related_name="lift_requests")
    reason = models.TextField()
    requested_by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(requested_by=""), name="lift_request_complete"
            ),
            models.UniqueConstraint(fields=["suppression", "consent"], name="lift_request_once"),
        ]

    def __str__(self) -> str:
        return f"lift of {self.suppression_id}?"


class SuppressionLift(AppendOnlyModel):
    """A suppression counts no more: asked for by one person, approved by another."""

    suppression = models.OneToOneField(Suppression, on_delete=models.PROTECT, related_name="lift")
    consent = models.ForeignKey(ConsentRecord, on_delete=models.PROTECT, related_name="lifts")
    requested_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by="") & ~Q(requested_by="") & ~Q(requested_by=F("approved_by")),
                name="lift_by_two_people",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="lift_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"lift of {self.suppression_id}"
