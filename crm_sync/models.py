"""Connections to CRMs, the calls on their way there, and the lists on their way here."""

from django.conf import settings as conf
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTransform

from crm_sync.models_compared import FlagComparison as FlagComparison
from crm_sync.models_compared import Reconciliation as Reconciliation
from crm_sync.models_out import FieldDecision as FieldDecision
from crm_sync.models_out import MappingVersion as MappingVersion
from crm_sync.models_out import MatchRules as MatchRules
from crm_sync.models_out import ObjectFields as ObjectFields
from crm_sync.models_out import PersonMatch as PersonMatch


class CrmConnection(models.Model):
    """One account in one CRM. `secrets` is sealed by core.crypto; empty once disconnected."""

    class Kind(models.TextChoices):
        SALESFORCE = "salesforce", "Salesforce"
        HUBSPOT = "hubspot", "HubSpot"
        BY_FILE = "rest", "Another CRM"  # described by a mapping file, see crm_sync.byfile

    class State(models.TextChoices):
        CONNECTED = "connected", "Connected"
        FAILING = "failing", "Failing"  # refused or set up wrongly: calls wait until it works again
        DISCONNECTED = "disconnected", "Disconnected"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=80, unique=True)
    secrets = models.TextField(blank=True)
    settings = models.JSONField(
        default=dict
    )  # what was entered beside secrets, and what the CRM says of itself
    # Goes into every external call id, so that two installations writing into one CRM never meet.
    install_key = models.CharField(max_length=16, unique=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CONNECTED)
    checks = models.JSONField(default=list)  # protocol.Check as dicts, from the last test
    last_error = models.TextField(blank=True)  # for people: which call failed and what to do
    checked_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # whole pushes failed in a row
    paused_until = models.DateTimeField(null=True)  # nothing is sent before
    # What the CRM last said of its limit on requests (Salesforce: of 24 hours, HubSpot: of the day); null where it never did.
    api_used = models.PositiveIntegerField(null=True)
    api_limit = models.PositiveIntegerField(null=True)
    api_read_at = models.DateTimeField(null=True)
    token_claimed_until = models.DateTimeField(null=True)  # one process renews access for all of them
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        conf.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["salesforce", "hubspot", "rest"],
                    state__in=["connected", "failing", "disconnected"],
                ),
                name="crm_connection_words_known",
            ),
            models.CheckConstraint(
                condition=Q(state="disconnected", secrets="") | (~Q(state="disconnected") & ~Q(secrets="")),
                name="crm_connection_secret_until_disconnected",
            ),
            models.CheckConstraint(
                condition=~Q(state="failing") | ~Q(last_error=""), name="crm_connection_failing_says_why"
            ),
            models.CheckConstraint(
                condition=Q(api_used__isnull=True, api_limit__isnull=True, api_read_at__isnull=True)
                | Q(api_used__isnull=False, api_limit__isnull=False, api_read_at__isnull=False),
                name="crm_connection_limit_read_as_a_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SignInAttempt(models.Model):
    """Somebody is at a CRM's page to allow us in: what they entered here. `secrets` is sealed, and empty once they are back."""

    state_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of what goes there and comes back
    kind = models.CharField(max_length=12, choices=CrmConnection.Kind.choices)
    name = models.CharField(max_length=80)
    secrets = models.TextField(blank=True)
    settings = models.JSONField(default=dict)
    connection = models.ForeignKey(  # null: a new one is to be made
        CrmConnection, null=True, on_delete=models.CASCADE, related_name="sign_ins"
    )
    user = models.ForeignKey(conf.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(secrets=""), name="sign_in_secret_until_used"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class SyncQueueItem(models.Model):
    """One call, text, callback, person's flag or fields on its way to one CRM: ten changes before the push are one push."""

    class Kind(models.TextChoices):
        CALL = "call", "Call"
        DO_NOT_CALL = "do_not_call", "Do-not-call flag"
        TEXT = "text", "Text message"
        CALLBACK = "callback", "Callback"
        FIELDS = "fields", "Fields of the person"
        OPT_OUT = "opt_out", "Opt-out flag"
        MEMBER = "member", "Campaign member status"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        IN_FLIGHT = "in_flight", "Being sent"
        DONE = "done", "In the CRM"
        HELD = "held", "Held for a person"  # the CRM will not take it as it is; `reason` says why
        SET_ASIDE = "set_aside", "Set aside"  # a person decided that it need not go; it can be sent again
        UNMATCHED = "unmatched", "Waiting to know who it is"  # `match` decides

    connection = models.ForeignKey(CrmConnection, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.CALL, db_default=Kind.CALL)
    external_call_id = models.CharField(max_length=64)  # of the other kinds: see mapping and naming
    person_id = models.CharField(max_length=60)  # the CRM's id; empty while unmatched
    person_name = models.CharField(max_length=200, blank=True)
    payload = models.JSONField()  # protocol.CallActivity or DoNotCall, or what services.outgoing writes
    match = models.ForeignKey(
        PersonMatch, null=True, on_delete=models.SET_NULL, related_name="items", db_index=False
    )
    # Held for the mapping's or the CRM's set-up: sent again by itself once the mapping is saved or the connection tested.
    held_for_setup = models.BooleanField(default=False, db_default=False)
    edits = models.JSONField(
        default=dict, db_default={}
    )  # fields of the payload that a person, or a merge in the CRM, changed
    payload_version = models.PositiveIntegerField()
    sent_version = models.PositiveIntegerField(default=0)  # what the CRM has confirmed
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)  # since the payload last changed or a person retried
    due_at = models.DateTimeField()
    in_flight_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()  # we first heard of the call
    changed_at = models.DateTimeField()  # we last heard something new; lag is counted from here
    first_sent_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    crm_id = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "external_call_id"], name="sync_item_once_per_call"
            ),
            models.CheckConstraint(
                condition=Q(state="in_flight", in_flight_since__isnull=False)
                | (~Q(state="in_flight") & Q(in_flight_since__isnull=True)),
                name="sync_item_in_flight_since",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | ~Q(reason=""), name="sync_item_held_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | (~Q(crm_id="") & Q(acknowledged_at__isnull=False, sent_version=F("payload_version"))),
                name="sync_item_done_is_acknowledged",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["call", "do_not_call", "text", "callback", "fields", "opt_out", "member"]
                ),
                name="sync_item_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(person_id="", state__in=["unmatched", "set_aside"]) | ~Q(person_id=""),
                name="sync_item_goes_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(sent_version__lte=F("payload_version")), name="sync_item_sent_not_ahead"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "in_flight", "done", "held", "set_aside", "unmatched"]),
                name="sync_item_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "due_at"], condition=Q(state="waiting"), name="sync_item_due"),
            models.Index(
                fields=["connection", "person_id", "id"],
                condition=Q(state__in=["waiting", "in_flight"]),
                name="sync_item_person",
            ),
            models.Index(fields=["in_flight_since"], condition=Q(state="in_flight"), name="sync_item_stuck"),
            models.Index(fields=["connection", "acknowledged_at"], name="sync_item_lag"),
            models.Index(fields=["state", "-id"], name="sync_item_by_state"),
            models.Index(fields=["connection", "created_at"], name="sync_item_by_age"),
            # What goes beside calls, for evidence of a person; and a promise's lead, for the call that keeps it.
            models.Index(
                fields=["connection", "person_id", "id"],
                condition=Q(kind__in=["do_not_call", "opt_out", "text", "member"]),
                name="sync_item_of_person",
            ),
            models.Index(
                KeyTransform("lead_id", "payload"), condition=Q(kind="callback"), name="sync_item_of_lead"
            ),
            models.Index(fields=["match"], condition=Q(match__isnull=False), name="sync_item_of_match"),
        ]

    def __str__(self) -> str:
        return f"{self.external_call_id}: {self.state}"


class ApiHour(models.Model):
    """What an hour cost of a CRM's API, and what it brought there."""

    connection = models.ForeignKey(CrmConnection, on_delete=models.CASCADE, related_name="api_hours")
    hour = models.DateTimeField()  # its beginning
    requests = models.PositiveIntegerField(default=0)
    activities = models.PositiveIntegerField(default=0)  # confirmed by the CRM

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "hour"], name="api_hour_once")]

    def __str__(self) -> str:
        return f"{self.connection_id} at {self.hour}"


class CrmQuery(models.Model):
    """A list of people that the CRM itself does not keep: a query of ours, asked anew each time."""

    class Kind(models.TextChoices):
        SOQL = "soql", "SOQL query"
        SEARCH = "search", "HubSpot search"

    connection = models.ForeignKey(CrmConnection, on_delete=models.CASCADE, related_name="queries")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=120)
    text = models.TextField()  # checked by soql or hubspot_filters
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        conf.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="crm_query_name_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["soql", "search"]) & ~Q(text=""), name="crm_query_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LiveList(models.Model):
    """A CRM list whose members are followed: who joins is imported, who leaves is not called from it any more."""

    connection = models.ForeignKey(CrmConnection, on_delete=models.PROTECT, related_name="live_lists")
    list_kind = models.CharField(max_length=30)
    list_id = models.CharField(max_length=60)
    list_name = models.CharField(max_length=200)
    lead_list_name = models.CharField(max_length=120)  # campaigns.LeadList
    lead_list_id = models.BigIntegerField()
    is_on = models.BooleanField(default=True)
    due_at = models.DateTimeField()  # asked next
    checked_at = models.DateTimeField(null=True)  # its members were last read in full
    changes_since = models.DateTimeField()  # changes of its people are read from here on
    changes_read_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)  # for people; empty while it goes well
    joined = models.PositiveIntegerField(default=0)  # sums since it is followed
    left = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "list_kind", "list_id", "lead_list_id"], name="live_list_once"
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(is_on=True), name="live_list_due")]

    def __str__(self) -> str:
        return f"{self.list_name} to {self.lead_list_name}"


class LiveMember(models.Model):
    """A person who is, or was, on a followed list."""

    live_list = models.ForeignKey(LiveList, on_delete=models.CASCADE, related_name="members")
    person_id = models.CharField(max_length=60)  # the CRM's id
    stamp = models.CharField(max_length=40, blank=True)  # the CRM's time of the change we have read
    left_at = models.DateTimeField(null=True)  # null while on the list
    came_back_at = models.DateTimeField(null=True)  # after having left

    class Meta:
        constraints = [models.UniqueConstraint(fields=["live_list", "person_id"], name="live_member_once")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.live_list_id}"


class WebhookEvent(models.Model):
    """One event a CRM told us of by webhook, as it came; unknown kinds too."""

    connection = models.ForeignKey(CrmConnection, on_delete=models.CASCADE, related_name="webhook_events")
    key = models.CharField(max_length=120)  # the CRM's own id of the event: a repeat is known by it
    kind = models.CharField(max_length=60)
    is_known = models.BooleanField()
    body = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "key"], name="crm_webhook_event_once")]
        indexes = [models.Index(fields=["received_at"], name="crm_webhook_event_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class ListPull(models.Model):
    """The duty to read one CRM list into one import; what is read is staged in campaigns."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        READING = "reading", "Reading"
        DONE = "done", "Read"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"  # by a person

    connection = models.ForeignKey(CrmConnection, on_delete=models.PROTECT, related_name="pulls")
    import_id = models.BigIntegerField(unique=True)  # campaigns.ListImport
    list_kind = models.CharField(max_length=30)
    list_id = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # A followed list's first reading: who is read is kept as its member.
    live_list = models.ForeignKey(LiveList, null=True, on_delete=models.SET_NULL, related_name="pulls")
    cursor = models.TextField(blank=True, default="", db_default="")  # the connector's: where to go on
    rows_read = models.PositiveIntegerField(default=0, db_default=0)  # people staged
    left_out = models.PositiveIntegerField(default=0, db_default=0)  # converted or deleted meanwhile
    rows_total = models.PositiveIntegerField(null=True)  # records on the list; null until the CRM said
    lease = models.PositiveIntegerField(default=0, db_default=0)  # raised by each worker that takes it up
    attempts = models.PositiveIntegerField(default=0, db_default=0)  # failed in a row
    due_at = models.DateTimeField(null=True)  # not read on before
    began_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="", db_default="")  # for people: why it waits
    stop_asked_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    progressed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "reading", "done", "failed", "stopped"]),
                name="list_pull_state_known",
            ),
            models.UniqueConstraint(
                fields=["live_list"],
                condition=Q(state__in=["waiting", "reading"]),
                name="list_pull_one_open_for_a_followed_list",
            ),
        ]
        indexes = [
            models.Index(
                fields=["progressed_at"], condition=Q(state__in=["waiting", "reading"]), name="list_pull_open"
            )
        ]

    def __str__(self) -> str:
        return f"import {self.import_id}: {self.state}"


class WrittenCall(models.Model):
    """An activity or person written, or begun to be written, into a CRM that keeps no id of ours; see crm_sync.ledger."""

    connection = models.ForeignKey(CrmConnection, on_delete=models.CASCADE, related_name="written_calls")
    external_call_id = models.CharField(max_length=64)
    crm_id = models.CharField(max_length=60, blank=True)  # empty: the CRM's answer was not kept yet
    begun_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_call_id"], name="written_call_once")
        ]

    def __str__(self) -> str:
        return f"{self.external_call_id}: {self.crm_id or 'begun'}"
