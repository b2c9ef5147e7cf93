"""Who calls, from which number, with whose leave: registrations, caller numbers, messaging senders."""

from django.db import models
from django.db.models import F, Q

from compliance.models.columns import holds_e164, phone_column


class SellerRegistration(models.Model):
    """A seller's registration, licence or bond in one state, or the exemption it filed (ST-005)."""

    seller = models.CharField(max_length=120)
    state = models.CharField(max_length=2)
    certificate = models.CharField(max_length=120, blank=True)
    exemption = models.CharField(max_length=120, blank=True)  # filed, by name
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # its last day
    covers_texts_only = models.BooleanField(default=False)
    document = models.CharField(max_length=400, blank=True)  # where the paper is kept
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__regex="^[A-Z]{2}$") & ~Q(seller=""), name="registration_named"
            ),
            models.CheckConstraint(
                condition=~Q(certificate="") | ~Q(exemption=""), name="registration_has_a_paper"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="registration_days"
            ),
            models.UniqueConstraint(
                fields=["seller", "state", "certificate", "exemption", "valid_from"], name="registration_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller} in {self.state}"


class CallerAuthority(models.Model):
    """The right to show a number as caller ID (TSR-005), and whether calling it back works (FED-025)."""

    number = phone_column()
    seller = models.CharField(max_length=120, blank=True)  # empty = may be shown for every seller
    authority = models.CharField(max_length=400)  # contract, letter, purchase: what proves the right
    takes_requests = models.BooleanField(default=False)  # answers do-not-call requests in business hours
    tested_on = models.DateField(null=True)  # the last time somebody called it back
    active = models.BooleanField(default=True)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            holds_e164("number", "caller_authority_e164"),
            models.CheckConstraint(condition=~Q(authority=""), name="caller_authority_is_proven"),
            models.UniqueConstraint(fields=["number", "seller"], name="caller_once_per_seller"),
        ]

    def __str__(self) -> str:
        return self.number


class SenderRegistration(models.Model):
    """The state of a messaging sender at the registries (A2P-001, A2P-004, A2P-007)."""

    number = phone_column(unique=True)
    kind = models.CharField(max_length=12)  # long_code, toll_free, short_code
    brand = models.CharField(
        max_length=40, blank=True, default=""
    )  # its tax number, letters and digits alone: one brand's senders share its daily cap (A2P-004)
    brand_approved = models.BooleanField(default=False)
    campaign_approved = models.BooleanField(default=False)
    attached = models.BooleanField(default=False)
    in_pool = models.BooleanField(default=False)
    use_case = models.CharField(max_length=40, blank=True)
    toll_free_verified = models.BooleanField(default=False)
    political_token = models.BooleanField(default=False)
    free_to_end_user = models.BooleanField(default=False)
    daily_cap = models.PositiveIntegerField(null=True)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(number__regex=r"^(\+[1-9][0-9]{6,14}|[0-9]{5,6})$"), name="sender_number"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["long_code", "toll_free", "short_code"]), name="sender_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.number
