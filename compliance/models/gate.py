"""What the gate remembers: registry copies, decisions, attempts with what became of them, open clearances, replays."""

from django.db import models
from django.db.models import Q

from compliance.models.columns import PHONE_LENGTH
from compliance.rules.decision import Outcome
from compliance.rules.facts import Channel, Purpose
from core.models import AppendOnlyModel
from core.types import E164_PATTERN


class RegistryKind(models.TextChoices):
    """What a registry file tells."""

    FULL = "full", "Full list"
    CHANGE = "change", "Changes since the last one"


class DncListImport(models.Model):
    """One copy of a do-not-call registry, obtained under a seller's own subscription (FED-002). Its numbers stand in a file."""

    name = models.CharField(max_length=20)  # "national", or the USPS code of a state-run list
    seller = models.CharField(max_length=120)
    san = models.CharField(max_length=40)  # subscription account number the copy was obtained with
    area_codes = models.JSONField(default=list)  # the area codes the copy covers; empty = all
    as_of = models.DateField()
    kind = models.CharField(max_length=10, choices=RegistryKind.choices, default=RegistryKind.FULL)
    base = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="changed_copies")
    file_sha256 = models.CharField(max_length=64)  # of the file as delivered
    file = models.CharField(max_length=120, blank=True)  # name in REGISTRY_DIR; empty when nothing was kept
    content_sha256 = models.CharField(max_length=64, blank=True)  # of that file's content
    numbers = models.PositiveBigIntegerField(default=0)  # in the copy
    # Rows in = accepted + duplicates + refused; of the accepted ones `removed` took a number out.
    accepted = models.PositiveBigIntegerField()
    removed = models.PositiveBigIntegerField(default=0)
    duplicates = models.PositiveBigIntegerField()
    refused = models.PositiveBigIntegerField()
    refused_lines = models.JSONField(default=list)  # the first of them: [line number, text, reason]
    refused_file = models.CharField(max_length=120, blank=True)  # all of them
    imported_by = models.CharField(max_length=150)
    imported_at = models.DateTimeField()
    active = models.BooleanField()
    needs_person = models.BooleanField(default=False)  # too many lines were refused; somebody must decide
    activated_by = models.CharField(max_length=150, blank=True)
    activated_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["seller", "name", "-as_of", "-id"], name="dnc_import_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(file_sha256__regex="^[0-9a-f]{64}$"), name="dnc_import_sha256"
            ),
            models.CheckConstraint(condition=~Q(seller="") & ~Q(name=""), name="dnc_import_named"),
            models.UniqueConstraint(
                fields=["name", "seller", "as_of", "file_sha256"],
                condition=Q(active=True) | Q(needs_person=True),
                name="dnc_import_once",
            ),
            models.CheckConstraint(
                condition=Q(active=False, needs_person=False) | (~Q(file="") & ~Q(content_sha256="")),
                name="dnc_import_has_file",
            ),
            models.CheckConstraint(
                condition=Q(active=False) | Q(needs_person=False, activated_at__isnull=False),
                name="dnc_import_active_or_waiting",
            ),
            models.CheckConstraint(
                condition=Q(activated_at=None, activated_by="")
                | (Q(activated_at__isnull=False) & ~Q(activated_by="")),
                name="dnc_import_activated_pair",
            ),
            models.CheckConstraint(
                condition=Q(kind=RegistryKind.FULL, base=None)
                | Q(kind=RegistryKind.CHANGE, base__isnull=False),
                name="dnc_import_base_of_change",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.as_of} for {self.seller}"


class ComplianceDecision(AppendOnlyModel):
    """What the gate answered, with every rule's verdict and the facts it saw (ENG-002). Written by compliance.store alone.

    In the database the table is partitioned by month of `decided_at`, its key is (id, decided_at), and each row is a link of
    its day's hash chain (docs/adr/0008). `verdicts` and `facts` are JSON in the very bytes that were hashed.
    """

    attempt_ref = models.CharField(max_length=80)
    number = models.CharField(max_length=PHONE_LENGTH)
    person_ref = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=20, choices=[(channel.value, channel.name) for channel in Channel])
    purpose = models.CharField(max_length=20, choices=[(purpose.value, purpose.name) for purpose in Purpose])
    seller = models.CharField(max_length=120)
    campaign_ref = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=10, choices=[(outcome.value, outcome.name) for outcome in Outcome])
    code = models.CharField(max_length=30, blank=True)
    sentence = models.TextField()
    verdicts = models.TextField()
    facts = models.TextField()
    rules_version = models.CharField(max_length=20)
    rules_hash = models.CharField(max_length=32)
    next_allowed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField()
    lane = models.BigIntegerField()  # ChainLane of the day of `decided_at` (UTC)
    position = models.PositiveIntegerField()  # in the lane, from 1; ids ascend with it
    prev_hash = models.BinaryField(max_length=32)
    row_hash = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["number", "-id"], name="decision_number"),
            models.Index(fields=["code", "-id"], name="decision_code"),
            models.Index(fields=["campaign_ref", "-id"], name="decision_campaign"),
            models.Index(fields=["decided_at", "id"], name="decision_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=E164_PATTERN), name="decision_number_e164"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ALLOW.value, code="", next_allowed_at=None)
                | (Q(outcome=Outcome.DENY.value) & ~Q(code="")),
                name="decision_code_matches_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome} {self.code}".strip()


class DaySeal(AppendOnlyModel):
    """A closed day's statement: how many verdicts of each outcome, and where each lane ended. Each seal hashes the one before.

    A day has a second seal only when verdicts were dated back into it after the first.
    """

    day = models.DateField()
    sealed_at = models.DateTimeField()
    allowed = models.PositiveBigIntegerField()
    denied = models.PositiveBigIntegerField()
    problems = models.PositiveIntegerField()  # that the verification found before sealing
    lanes = models.TextField()  # JSON: [[lane, count, last hash in hex], …], in order of lane
    prev_hash = models.BinaryField(max_length=32)
    seal_hash = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["day", "id"], name="day_seal_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.allowed} allowed, {self.denied} denied"


class ChainLane(models.Model):
    """One of a day's hash chains. A transaction of the gate takes any free one, so that no two wait for each other."""

    day = models.DateField()
    count = models.PositiveIntegerField()
    last_hash = models.BinaryField(max_length=32)
    seal = models.ForeignKey(DaySeal, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["day", "id"], name="chain_lane_day")]

    def __str__(self) -> str:
        return f"{self.day} lane {self.pk}: {self.count}"


class ChainCheck(AppendOnlyModel):
    """What a verification of one day found."""

    day = models.DateField()
    checked_at = models.DateTimeField()
    verdicts = models.PositiveBigIntegerField()
    problems = models.PositiveIntegerField()
    findings = models.JSONField(default=list)  # the first of them, in words
    seconds = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["day", "-id"], name="chain_check_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.problems} problems in {self.verdicts} verdicts"


class DroppedMonth(AppendOnlyModel):
    """A month of verdicts that was removed when its retention was over, and what stood in it."""

    month = models.DateField(unique=True)  # its first day
    allowed = models.PositiveBigIntegerField()
    denied = models.PositiveBigIntegerField()
    last_seal = models.ForeignKey(DaySeal, null=True, on_delete=models.PROTECT, related_name="+")
    retention_years = models.PositiveSmallIntegerField()
    dropped_at = models.DateTimeField()
    dropped_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.allowed + self.denied} verdicts"


class ContactLedger(AppendOnlyModel):
    """One row for each contact cleared, whoever made it and on whatever channel: what frequency caps count."""

    decision_id = models.BigIntegerField(
        unique=True
    )  # ComplianceDecision; no foreign key, so that an old month can go
    number = models.CharField(max_length=PHONE_LENGTH)
    person_ref = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20)
    seller = models.CharField(max_length=120)
    campaign_ref = models.CharField(max_length=80, blank=True)
    attempt_ref = models.CharField(max_length=80)
    caller_id = models.CharField(
        max_length=PHONE_LENGTH, blank=True, default=""
    )  # empty of a recording: left on the call of the same attempt_ref, which showed its own
    subject = models.CharField(
        max_length=120, blank=True, default=""
    )  # what it was about; a debt's reference
    parts = models.PositiveSmallIntegerField(default=1)  # message segments
    with_consent = models.BooleanField(default=True)  # False: recorded, under an exemption (FED-022)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["number", "at"], name="ledger_number"),
            models.Index(fields=["person_ref", "at"], name="ledger_person_at"),
            models.Index(fields=["caller_id", "at"], name="ledger_caller_at"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=E164_PATTERN), name="ledger_number_e164")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.at:%Y-%m-%d %H:%M:%S}"


class ContactOutcome(AppendOnlyModel):
    """What became of a cleared contact, as whoever made it reported: one row, since the ledger's own is history."""

    decision_id = models.BigIntegerField(unique=True)
    connected = models.BooleanField()  # False: busy or out of service (REGF-001)
    conversation = models.BooleanField()  # they spoke (REGF-002)
    abandoned = models.BooleanField()  # a person answered and nobody was there (FED-016)
    machine = models.BooleanField()  # a machine answered
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(connected=True) | Q(conversation=False, abandoned=False, machine=False),
                name="outcome_needs_connection",
            )
        ]

    def __str__(self) -> str:
        return f"outcome of {self.decision_id}"


class OpenClearance(models.Model):
    """Leave for one contact: single use, seconds long, voided by a request not to be called."""

    decision_id = models.BigIntegerField(unique=True)  # ComplianceDecision
    number = models.CharField(max_length=PHONE_LENGTH)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20)
    seller = models.CharField(max_length=120)
    campaign_ref = models.CharField(max_length=80, blank=True)
    caller_id = models.CharField(max_length=PHONE_LENGTH)
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["number"], name="clearance_open", condition=Q(consumed_at=None, voided_at=None)
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=E164_PATTERN), name="clearance_number_e164"),
            models.CheckConstraint(
                condition=Q(caller_id__regex=E164_PATTERN), name="clearance_caller_id_e164"
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by="") | (Q(voided_at__isnull=False) & ~Q(voided_by="")),
                name="clearance_voided_pair",
            ),
            models.CheckConstraint(
                condition=Q(consumed_at=None) | Q(voided_at=None), name="clearance_consumed_or_voided"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} until {self.expires_at:%H:%M:%S}"


class ReplayRun(AppendOnlyModel):
    """One replay: stored facts of a period decided again under changed rules."""

    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=150)
    since = models.DateField()  # UTC days [since, until)
    until = models.DateField()
    campaign_ref = models.CharField(max_length=80, blank=True)
    changes = models.JSONField()  # what was changed in the rules, in words
    rules_hash = models.CharField(max_length=32)  # of the changed rules
    verdicts = models.PositiveBigIntegerField()
    changed = models.PositiveBigIntegerField()
    counts = models.JSONField()  # [[old outcome, old code, new outcome, new code, how many], …]
    unreadable = models.JSONField(default=list)  # ids whose facts could not be read
    seconds = models.FloatField()

    def __str__(self) -> str:
        return f"replay {self.pk}: {self.changed} of {self.verdicts} changed"


class ReplayChange(AppendOnlyModel):
    """One verdict that the changed rules would have decided otherwise."""

    run = models.ForeignKey(ReplayRun, on_delete=models.PROTECT, related_name="+")
    decision_id = models.BigIntegerField()
    old_outcome = models.CharField(max_length=10)
    old_code = models.CharField(max_length=30, blank=True)
    new_outcome = models.CharField(max_length=10)
    new_code = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "decision_id"], name="replay_change_once"),
        ]

    def __str__(self) -> str:
        return (
            f"{self.decision_id}: {self.old_code or self.old_outcome} → {self.new_code or self.new_outcome}"
        )
