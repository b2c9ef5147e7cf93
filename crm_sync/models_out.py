"""What goes where in a CRM, what was decided of single fields, and who somebody is there."""

from django.db import models
from django.db.models import Q

from core.models import AppendOnlyModel
from core.types import E164_PATTERN


class MappingVersion(AppendOnlyModel):
    """The mapping of one object of one CRM, from the moment it was saved; the highest number is in force."""

    connection = models.ForeignKey(
        "crm_sync.CrmConnection", on_delete=models.PROTECT, related_name="mapping_versions", db_index=False
    )
    object_name = models.CharField(max_length=60)  # the CRM's: Lead, contacts
    number = models.PositiveIntegerField()  # from 1
    rows = models.JSONField()  # crm_sync.fieldmap.Row as dicts
    note = models.CharField(max_length=200, blank=True)  # the author's
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "object_name", "number"], name="mapping_version_once"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="mapping_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.object_name} version {self.number}"


class ObjectFields(models.Model):
    """The fields of an object as the CRM last described them."""

    connection = models.ForeignKey(
        "crm_sync.CrmConnection", on_delete=models.CASCADE, related_name="object_fields", db_index=False
    )
    object_name = models.CharField(max_length=60)
    fields = models.JSONField()  # capabilities.CrmField as dicts
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "object_name"], name="object_fields_once")
        ]

    def __str__(self) -> str:
        return f"fields of {self.object_name}"


class FieldDecision(models.Model):
    """What became of one field of one person on the way to the CRM or from it, and by which rule. Kept for some months."""

    class Way(models.TextChoices):
        OUT = "out", "To the CRM"
        IN = "in", "From the CRM"

    connection = models.ForeignKey(
        "crm_sync.CrmConnection", on_delete=models.CASCADE, related_name="field_decisions", db_index=False
    )
    person_id = models.CharField(max_length=60)  # the CRM's
    person_name = models.CharField(max_length=200, blank=True)
    way = models.CharField(max_length=3, choices=Way.choices)
    field_name = models.CharField(max_length=120)  # the CRM's
    field_label = models.CharField(max_length=200)
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    after = models.JSONField(null=True)
    rule = models.CharField(max_length=200)
    wrote = models.BooleanField()
    is_conflict = models.BooleanField()  # both sides had a value, and another
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way__in=["out", "in"]), name="field_decision_way_known"),
            models.CheckConstraint(condition=~Q(rule=""), name="field_decision_says_why"),
        ]
        indexes = [
            models.Index(
                fields=["connection", "person_id", "field_name", "-id"],
                condition=Q(wrote=True, way="out"),
                name="field_last_written",
            ),
            models.Index(fields=["connection", "-id"], condition=Q(is_conflict=True), name="field_conflicts"),
            models.Index(fields=["at"], name="field_decision_age"),
        ]

    def __str__(self) -> str:
        return f"{self.field_name} of {self.person_id}"


class MatchRules(models.Model):
    """Whom a connection is asked for, and what happens where it knows one, many or nobody."""

    class Seek(models.TextChoices):
        NOBODY = "nobody", "Nobody: only people who came from this CRM go there"
        INBOUND = "inbound", "People who call or write to us"
        EVERYBODY = "everybody", "Also people we call who came from a file or another system"

    class One(models.TextChoices):
        LINK = "link", "Link it"
        ASK = "ask", "Ask a person"

    class Many(models.TextChoices):
        ASK = "ask", "Ask a person"
        NEWEST = "newest", "Link the one changed last"
        LEAVE = "leave", "Leave it"

    class Nobody(models.TextChoices):
        ASK = "ask", "Ask a person"
        CREATE = "create", "Create a new record"
        LEAVE = "leave", "Leave it"

    connection = models.OneToOneField(
        "crm_sync.CrmConnection", on_delete=models.CASCADE, related_name="match_rules"
    )
    seek = models.CharField(max_length=10, choices=Seek.choices, default=Seek.NOBODY)
    one = models.CharField(max_length=10, choices=One.choices, default=One.LINK)
    many = models.CharField(max_length=10, choices=Many.choices, default=Many.ASK)
    nobody = models.CharField(max_length=10, choices=Nobody.choices, default=Nobody.ASK)
    create_as = models.CharField(max_length=60, blank=True)  # the CRM's object; empty: its first
    # A number of ours (a fact of people, as in mappings) that stands in a field of the CRM, asked before all else; both or none.
    id_ours = models.CharField(max_length=80, blank=True, default="", db_default="")
    id_theirs = models.CharField(max_length=120, blank=True, default="", db_default="")
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    seek__in=["nobody", "inbound", "everybody"],
                    one__in=["link", "ask"],
                    many__in=["ask", "newest", "leave"],
                    nobody__in=["ask", "create", "leave"],
                ),
                name="match_rules_known",
            ),
            models.CheckConstraint(
                condition=Q(id_ours="", id_theirs="") | (~Q(id_ours="") & ~Q(id_theirs="")),
                name="match_rules_number_on_both_sides",
            ),
        ]

    def __str__(self) -> str:
        return f"match rules of {self.connection_id}"


class PersonMatch(models.Model):
    """Somebody to be found in a CRM: by our person or by a number alone. Their activities wait for it."""

    class State(models.TextChoices):
        SEEKING = "seeking", "Being looked for"
        UNDECIDED = "undecided", "Waiting for a person"
        LINKED = "linked", "Linked"
        CREATED = "created", "Created there"
        LEFT = "left", "Left alone"

    connection = models.ForeignKey(
        "crm_sync.CrmConnection", on_delete=models.PROTECT, related_name="matches", db_index=False
    )
    contact_id = models.BigIntegerField(null=True)  # campaigns.Contact; null: only the number is known
    number = models.CharField(max_length=16)
    email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SEEKING)
    candidates = models.JSONField(default=list)  # capabilities.Candidate as dicts
    person_id = models.CharField(max_length=60, blank=True)  # the CRM's, once linked or created
    rule = models.CharField(max_length=200, blank=True)  # why it stands so, for people
    last_error = models.TextField(blank=True)  # for people; why it could not be looked for
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)  # empty: the rule

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "contact_id"],
                condition=Q(contact_id__isnull=False),
                name="match_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["connection", "number"],
                condition=Q(contact_id__isnull=True),
                name="match_once_per_number",
            ),
            models.CheckConstraint(condition=Q(number__regex=E164_PATTERN), name="match_number_e164"),
            models.CheckConstraint(
                condition=Q(state__in=["seeking", "undecided", "linked", "created", "left"]),
                name="match_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["linked", "created"]) & ~Q(person_id="")
                | ~Q(state__in=["linked", "created"]) & Q(person_id=""),
                name="match_linked_to_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="seeking"), name="match_due"),
            models.Index(fields=["id"], condition=Q(state="undecided"), name="match_undecided"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.number[-4:]}: {self.state}"
