"""Consents as they were given, and what ties a person to a seller."""

from django.db import models
from django.db.models import Q

from compliance.models.columns import SHA256_PATTERN, holds_e164, phone_column
from compliance.rules.facts import ConsentKind
from core.models import AppendOnlyModel


class ConsentRecord(AppendOnlyModel):
    """One consent with its evidence, all of it (FED-008). Rows of a number are chained: each holds the hash of the last."""

    class Source(models.TextChoices):
        FORM = "form", "Web form"
        INBOUND_TEXT = "inbound_text", "Text from the person"
        AGENT = "agent", "Agent, on a recorded call"
        IMPORT = "import", "Import"
        API = "api", "API"

    class Asked(models.TextChoices):
        """What a person did who asked to hear from the seller again (FED-006 T4)."""

        FORM = "form", "Filled in a form of the seller"
        CALL = "call", "Called the seller"
        TEXT = "text", "Sent a text"
        EMAIL = "email", "Wrote an email"
        IN_PERSON = "in_person", "Said so in person"

    number = phone_column()
    person_ref = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.name) for kind in ConsentKind])
    sellers = models.JSONField(default=list)  # named in the text shown, sorted; empty = nobody named
    obtained_by = models.CharField(max_length=120)  # the seller, or the vendor that collected it
    certificate = models.CharField(max_length=200, blank=True)  # the vendor's, of the visit
    lead_ref = models.CharField(max_length=120, blank=True)  # the vendor's id of the lead
    given_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    purposes = models.JSONField(default=list)  # sorted; empty = not limited
    channels = models.JSONField(default=list)  # sorted; empty = not limited
    text_shown = models.TextField(blank=True)  # word by word
    text_sha256 = models.CharField(max_length=64, blank=True)
    page_url = models.CharField(max_length=1000, blank=True)
    language = models.CharField(max_length=10, blank=True)
    signature = models.CharField(max_length=200, blank=True)  # the affirmative act; empty = none kept
    authorises_automation = models.BooleanField(default=False)  # disclosure (A)
    not_a_condition = models.BooleanField(default=False)  # disclosure (B)
    box_preticked = models.BooleanField(default=False)
    agrees_to_be_called = models.BooleanField(default=False)  # by the named seller (FED-004)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=400, blank=True)
    session_ref = models.CharField(max_length=120, blank=True)
    name_given = models.CharField(max_length=160, blank=True)
    source = models.CharField(max_length=12, choices=Source.choices)
    # The person came back by themself: what they did, in which words, when. None of it, or all of it.
    asked_how = models.CharField(max_length=12, blank=True, choices=Asked.choices)
    asked_words = models.CharField(max_length=4000, blank=True)
    asked_at = models.DateTimeField(null=True)
    evidence_file = models.CharField(max_length=400, blank=True)  # recording or screenshot, where it is kept
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()
    fingerprint = models.CharField(
        max_length=64, unique=True
    )  # of what was given: the same consent stands once
    position = models.PositiveIntegerField()  # in the number's chain, from 1
    prev_hash = models.CharField(max_length=64, blank=True)
    row_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [models.Index(fields=["person_ref"], name="consent_person")]
        constraints = [
            holds_e164("number", "consent_number_e164"),
            models.UniqueConstraint(fields=["number", "position"], name="consent_chain_order"),
            models.CheckConstraint(
                condition=Q(position=1, prev_hash="") | Q(position__gt=1, prev_hash__regex=SHA256_PATTERN),
                name="consent_chain_begins_once",
            ),
            models.CheckConstraint(condition=Q(row_hash__regex=SHA256_PATTERN), name="consent_row_hash"),
            models.CheckConstraint(
                condition=Q(text_shown="", text_sha256="")
                | (~Q(text_shown="") & Q(text_sha256__regex=SHA256_PATTERN)),
                name="consent_text_with_hash",
            ),
            models.CheckConstraint(condition=~Q(obtained_by=""), name="consent_obtained_by_somebody"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=models.F("given_at")),
                name="consent_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(asked_how="", asked_words="", asked_at=None)
                | (~Q(asked_how="") & ~Q(asked_words="") & Q(asked_at__lte=models.F("given_at"))),
                name="consent_asked_for_in_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.number}"


class RelationshipRecord(AppendOnlyModel):
    """What one source says of a person's dealings with a seller (FED-003, FED-004); its newest word counts."""

    person_ref = models.CharField(max_length=80)
    seller = models.CharField(max_length=120)
    source = models.CharField(max_length=80)  # "CRM", "order system": who says so
    last_purchase_on = models.DateField(null=True)
    last_inquiry_on = models.DateField(null=True)
    customer = models.BooleanField(default=False)  # is one today
    personal = models.BooleanField(default=False)  # the individual caller knows the person
    recorded_by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person_ref", "seller", "source", "-id"], name="relationship_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(person_ref="") & ~Q(seller="") & ~Q(source=""), name="relationship_named"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_ref} and {self.seller}"
