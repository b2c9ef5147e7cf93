"""People (Contact), their numbers, the lists they are on (Lead), and the imports that brought them."""

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Upper

from campaigns.models.files import ImportFile
from core.types import E164_PATTERN


class LeadList(models.Model):
    """A named set of leads."""

    name = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person, once in the whole system however many lists they are on."""

    external_ref = models.CharField(
        max_length=120, null=True
    )  # "salesforce:<connection id>:00Q…"; null for files
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    company = models.CharField(max_length=160, blank=True)
    title = models.CharField(max_length=160, blank=True)
    email = models.CharField(max_length=254, blank=True)
    city = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=40, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=40, blank=True)
    stated_zone = models.CharField(max_length=60, blank=True)  # IANA name the person told us
    owner_name = models.CharField(max_length=120, blank=True)
    crm_url = models.CharField(max_length=400, blank=True)
    crm_do_not_call = models.BooleanField(default=False)
    external_id = models.CharField(
        max_length=120, blank=True, default="", db_default=""
    )  # in the file's system
    custom = models.JSONField(
        default=dict, db_default=Value({}, output_field=models.JSONField())
    )  # key of a CustomField -> text, number, ISO date
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            # A constraint, since a unique field would bring an index for LIKE that nothing asks for.
            models.UniqueConstraint(fields=["external_ref"], name="contact_external_ref_once"),
        ]
        indexes = [
            models.Index(Upper("email"), name="contact_by_email"),
            # The orders of the list of people; its search is an index of words, made in a migration of its own.
            models.Index(fields=["last_name", "first_name", "id"], name="contact_by_full_name"),
            models.Index(fields=["company", "id"], name="contact_by_company"),
            models.Index(fields=["state", "city", "id"], name="contact_by_place"),
            models.Index(fields=["created_at", "id"], name="contact_by_added"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="contact_by_external_id"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Return first and last name, or the company, or a word that says the name is not known."""
        return f"{self.first_name} {self.last_name}".strip() or self.company or "Name not known"


class ContactPhone(models.Model):
    """One number of a person; what was written is kept beside, and never dialed."""

    # No index of its own, here and below, where a unique constraint begins with the same column: a fifth of an import's time.
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="phones", db_index=False)
    number = models.CharField(max_length=16)
    raw = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)  # main, mobile, work, home, other
    position = models.PositiveSmallIntegerField(default=0)  # the order to try them in

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "number"], name="contact_phone_once"),
            models.CheckConstraint(condition=Q(number__regex=E164_PATTERN), name="contact_phone_e164"),
        ]
        indexes = [models.Index(fields=["number"], name="contact_phone_number")]

    def __str__(self) -> str:
        return self.number


class Lead(models.Model):
    """A person on a list."""

    lead_list = models.ForeignKey(LeadList, on_delete=models.CASCADE, related_name="leads", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="leads")
    # Of a list about debts: the creditor's or the agency's own reference. A person's second debt goes on another list.
    debt_ref = models.CharField(max_length=80, blank=True, default="", db_default="")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead_list", "contact"], name="lead_once_per_list")]

    def __str__(self) -> str:
        return f"{self.contact_id} on {self.lead_list_id}"


class ListImport(models.Model):
    """One run that brings rows into a list: first all rows are staged, then applied; a failed staging applies nothing."""

    class State(models.TextChoices):
        STAGING = "staging", "Reading"
        APPLYING = "applying", "Importing"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"  # by somebody, between two batches
        UNDONE = "undone", "Taken back"

    lead_list = models.ForeignKey(LeadList, on_delete=models.CASCADE, related_name="imports")
    source = models.CharField(max_length=20)  # csv, api, salesforce, hubspot
    source_label = models.CharField(max_length=200)  # file name, or "Campaign “Spring offer” in Salesforce"
    source_ref = models.CharField(max_length=200, blank=True)  # "<connection id>/<kind>/<list id in the CRM>"
    state = models.CharField(max_length=12, choices=State.choices, default=State.STAGING)
    failure = models.TextField(blank=True)  # for people: what failed and what to do
    file = models.ForeignKey(ImportFile, null=True, on_delete=models.SET_NULL, related_name="+")
    plan = models.JSONField(null=True)  # campaigns.importplan.Plan; null = the usual rules
    stop_asked_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    header = models.JSONField(default=list)  # the file's column names, in order; empty for CRM lists
    rows_in = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    progressed_at = models.DateTimeField()  # moved on by each batch; the sweeper resumes what stands still
    finished_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(
                    rows_in=models.F("created")
                    + models.F("updated")
                    + models.F("duplicate")
                    + models.F("refused")
                ),
                name="import_sums_are_exact",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed", "stopped", "undone"], finished_at__isnull=False)
                | Q(state__in=["staging", "applying"], finished_at__isnull=True),
                name="import_finished_when_final",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_label} ({self.state})"


class ImportRow(models.Model):
    """One row as it came, and what became of it."""

    class Outcome(models.TextChoices):
        WAITING = "", "Waiting"
        CREATED = "created", "Created"
        UPDATED = "updated", "Updated"
        DUPLICATE = "duplicate", "Duplicate"
        REFUSED = "refused", "Refused"

    list_import = models.ForeignKey(ListImport, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()  # line in the file (header = 1), or position in the CRM's list
    raw = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    before = models.JSONField(
        null=True
    )  # of a known person: what the row changed, so that it can be taken back

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list_import", "number"], name="import_row_once"),
            models.CheckConstraint(
                condition=~Q(outcome="refused") | ~Q(reason=""), name="refusal_has_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["list_import", "outcome", "number"], name="import_row_outcome")]

    def __str__(self) -> str:
        return f"row {self.number}: {self.outcome or 'waiting'}"
