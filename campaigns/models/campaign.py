"""Campaigns, who works on them, and the people they are to reach."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns import breaks, daysoff
from compliance.rules.facts import Purpose
from core.types import E164_PATTERN


class Campaign(models.Model):
    """Rules + lists + agents to reach a goal."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"  # a draft that starts by itself at `starts_at`
        RUNNING = "running", "Running"
        DRAINING = "draining", "Draining"  # finishes what is begun, then pauses by itself
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"

    class Mode(models.TextChoices):
        PREVIEW = "preview", "Preview"  # the agent sees the card first and dials
        PROGRESSIVE = "progressive", "Progressive"  # one call is started for each free agent
        POWER = "power", "Power"  # so many for each free agent, within the cap on abandoned calls
        PREDICTIVE = "predictive", "Predictive"  # ahead of agents becoming free, within the cap

    class PreviewThen(models.TextChoices):
        """What happens to a card that its agent has not decided on in time."""

        NOT_READY = "not_ready", "The card goes back and the agent is not ready"
        DIAL = "dial", "It is dialed by itself"  # nobody pressed Dial: a call of the dialer in law

    class MachineDetection(models.TextChoices):
        OFF = "off", "Off: everybody who answers goes to an agent"
        HANG_UP = "hang_up", "On: machines are hung up on"
        MESSAGE = "message", "On: a message is left on machines that beep"

    class Priority(models.IntegerChoices):
        """Who dials first; campaigns of the same priority take turns."""

        FIRST = 1, "Before all others"
        EARLY = 2, "Before most"
        NORMAL = 3, "Normal"
        LATE = 4, "After most"
        LAST = 5, "Only what the others leave"

    class Audience(models.TextChoices):
        """Whom it calls; the first is the strictest in law, and what counts while nobody said."""

        PEOPLE = "people", "People, or not known"
        BUSINESSES = "businesses", "Businesses only"
        SUPPLIES = "supplies", "Businesses only, about office or cleaning supplies"

    class MadeBy(models.TextChoices):
        """Who calls; the first is the strictest in law, and what counts while nobody said."""

        COMPANY = "company", "A company, or not known"
        NONPROFIT = "nonprofit", "A tax-exempt nonprofit, for itself"
        FUNDRAISER = "fundraiser", "A paid fundraiser for a charity"

    name = models.CharField(max_length=120, unique=True)
    purpose = models.CharField(max_length=20)  # compliance.rules.facts.Purpose; it drives the rules
    audience = models.CharField(max_length=12, choices=Audience.choices, default=Audience.PEOPLE)  # FED-035
    made_by = models.CharField(max_length=12, choices=MadeBy.choices, default=MadeBy.COMPANY)  # FED-033
    answers_never_sell = models.BooleanField(
        default=False
    )  # promised of a survey; without it, it is a sale (FED-034)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.PREVIEW)
    mode_changed_at = models.DateTimeField(null=True)  # by a person, since it was made
    power_ratio = models.DecimalField(
        max_digits=3, decimal_places=1, default=2, db_default=2
    )  # calls for each free agent
    abandon_percent = models.DecimalField(
        max_digits=4, decimal_places=2, null=True
    )  # of the calls answered live; null: what the law allows, which no choice can pass (FED-016)
    preview_seconds = models.PositiveSmallIntegerField(
        null=True
    )  # an agent has to decide on a card, in the mode preview; null: as long as they like
    preview_then = models.CharField(
        max_length=10,
        choices=PreviewThen.choices,
        default=PreviewThen.NOT_READY,
        db_default=PreviewThen.NOT_READY,
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    state_changed_at = models.DateTimeField()
    started_at = models.DateTimeField(
        null=True
    )  # the first time; abandonment is counted in 30-day periods from here
    version = models.PositiveIntegerField(default=0, db_default=0)  # number of the CampaignVersion in force
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # who answers for it
    goal = models.PositiveIntegerField(
        null=True
    )  # conversions it is for; nothing happens by itself when there
    starts_at = models.DateTimeField(null=True)  # of a scheduled campaign
    stops_at = models.DateTimeField(null=True)  # it drains by itself then, and cannot be resumed
    needs_approval = models.BooleanField(
        default=False, db_default=False
    )  # of each version by a second person, before it is started or applied
    archived_at = models.DateTimeField(null=True)  # hidden from lists, as it was
    seller = models.CharField(max_length=120)  # on whose behalf; do-not-call lists are kept per seller
    caller_id = models.CharField(max_length=16)  # named in messages, and shown where there is no pool
    caller_pool = models.ForeignKey(
        "carriers.CallerPool", null=True, on_delete=models.PROTECT, related_name="+"
    )  # calls to people show a number drawn from it
    lists = models.ManyToManyField("campaigns.LeadList", related_name="campaigns")
    segments = models.ManyToManyField("campaigns.Segment", related_name="campaigns")
    excluded_lists = models.ManyToManyField(
        "campaigns.LeadList", related_name="left_out_of"
    )  # who is on one is not called here, whatever else they are on
    excluded_segments = models.ManyToManyField("campaigns.Segment", related_name="left_out_of")
    script_version = models.ForeignKey(
        "campaigns.ScriptVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    disposition_set = models.ForeignKey(
        "campaigns.DispositionSet", on_delete=models.PROTECT, related_name="+"
    )
    abandoned_message = models.ForeignKey(
        "campaigns.MessageVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )  # null: the standard text of its seller and caller ID
    voicemail_message = models.ForeignKey(
        "campaigns.MessageVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    voicemail_variants = models.ManyToManyField(
        "campaigns.MessageVersion", related_name="+"
    )  # left in turn with voicemail_message
    personal_voicemail = models.BooleanField(
        default=False
    )  # a rep's own message, where there is one, goes first
    window_opens = models.TimeField()  # in the person's own zone, like the next two
    window_closes = models.TimeField()
    window_days = models.CharField(max_length=7, default="0123456")  # Monday = 0
    window_breaks = models.CharField(
        max_length=60, blank=True, default="", db_default=""
    )  # of each of these days, inside the window: “12:00-14:00, 16:00-16:15” (campaigns.breaks)
    days_off = models.CharField(
        max_length=daysoff.LONGEST, blank=True, default="", db_default=""
    )  # of the person's calendar: “2026-11-26, 2026-12-25” (campaigns.daysoff)
    max_attempts = models.PositiveSmallIntegerField(default=6)
    attempt_plan = models.JSONField(null=True)  # campaigns.recycling.Plan; null: the plain rule
    order_plan = models.JSONField(null=True)  # campaigns.ordering.Order; null: as they fall due
    placed_at = models.DateTimeField(null=True)  # since when its leads' places hold; null: they must be given
    machine_detection = models.CharField(
        max_length=10, choices=MachineDetection.choices, default=MachineDetection.OFF
    )  # for calls the dialer starts
    machine_sample_percent = models.PositiveSmallIntegerField(
        default=5
    )  # of calls taken for machines, to an agent all the same
    greeting_seconds = models.PositiveSmallIntegerField(
        default=30
    )  # a greeting longer than this is hung up on: nothing is said into it
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices, default=Priority.NORMAL, db_default=Priority.NORMAL
    )  # who dials first where campaigns share agents, lines or calls a second
    ring_seconds = models.PositiveSmallIntegerField(default=25)  # never under 15 (rule FED-019)
    wrap_up_seconds = models.PositiveSmallIntegerField(default=60)
    callback_anyone_minutes = models.PositiveSmallIntegerField(
        null=True
    )  # a callback its agent did not make by then is anyone's; null: it waits for the agent
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(window_opens__lt=models.F("window_closes")),
                name="campaign_window_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(window_breaks__regex=breaks.PATTERN), name="campaign_breaks_are_spans"
            ),
            models.CheckConstraint(
                condition=Q(days_off__regex=daysoff.PATTERN), name="campaign_days_off_are_days"
            ),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=5), name="campaign_priority_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(ring_seconds__gte=15, ring_seconds__lte=120),
                name="campaign_rings_15_seconds_or_more",
            ),
            models.CheckConstraint(
                condition=Q(machine_sample_percent__lte=100), name="campaign_machine_sample_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(power_ratio__gte=1, power_ratio__lte=10), name="campaign_power_ratio_1_to_10"
            ),
            models.CheckConstraint(
                condition=Q(abandon_percent__isnull=True)
                | Q(abandon_percent__gte=0, abandon_percent__lte=100),
                name="campaign_abandon_percent_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(preview_seconds__isnull=True)
                | Q(preview_seconds__gte=5, preview_seconds__lte=3600),
                name="campaign_preview_of_5_seconds_or_more",
            ),
            models.CheckConstraint(
                condition=Q(callback_anyone_minutes__isnull=True)
                | Q(callback_anyone_minutes__gte=1, callback_anyone_minutes__lte=10_080),
                name="campaign_callback_anyones_within_a_week",
            ),
            models.CheckConstraint(
                condition=Q(greeting_seconds__gte=10, greeting_seconds__lte=59),
                name="campaign_greeting_within_detection",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(starts_at__isnull=False),
                name="campaign_scheduled_for_a_time",
            ),
            models.CheckConstraint(
                condition=Q(archived_at__isnull=True) | Q(state__in=["draft", "stopped"]),
                name="campaign_archived_calls_nobody",
            ),
            models.CheckConstraint(
                condition=Q(goal__isnull=True) | Q(goal__gte=1), name="campaign_goal_of_one_or_more"
            ),
            models.CheckConstraint(
                condition=Q(caller_id__regex=E164_PATTERN), name="campaign_caller_id_e164"
            ),
            models.CheckConstraint(
                condition=Q(audience__in=["people", "businesses", "supplies"])
                & Q(made_by__in=["company", "nonprofit", "fundraiser"]),
                name="campaign_declares_known_words",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def leaves_messages(self) -> bool:
        """Return whether a machine that beeps is left a message on calls the dialer starts."""
        return self.machine_detection == self.MachineDetection.MESSAGE

    @property
    def purpose_in_law(self) -> Purpose:
        """Return what the calls are for as the law sees it."""
        return Purpose.TELEMARKETING if self.answers_may_sell else Purpose(self.purpose)

    @property
    def answers_may_sell(self) -> bool:
        """Return whether it is a survey whose answers nobody promised to keep out of sales: it counts as a sale (FED-034)."""
        return self.purpose == Purpose.SURVEY and not self.answers_never_sell


class CampaignAgent(models.Model):
    """An agent assigned to a campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "user"], name="agent_once_per_campaign")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.campaign_id}"


class CampaignLead(models.Model):
    """Where one person stands in one campaign. The dialer's unit of work: handed to one agent at a time."""

    class State(models.TextChoices):
        READY = "ready", "Ready"  # may be offered from next_try_at on
        HELD = "held", "With an agent"  # card, call or wrap-up; or with the dialer, until somebody answers
        FINISHED = "finished", "Finished"  # nothing more to do; `reason` says why

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="campaign_leads")
    contact = models.ForeignKey("campaigns.Contact", on_delete=models.CASCADE, related_name="campaign_leads")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    next_try_at = models.DateTimeField()
    callback_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_callback = models.BooleanField(default=False)  # next_try_at was promised to the person
    callback_hard = models.BooleanField(
        default=False, db_default=False
    )  # of a callback: by callback_for alone, however late; else it falls to anyone in time
    callback_asked_at = models.DateTimeField(null=True)  # when they asked for it (REGF-002)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    held_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_result = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # why it waits or is finished, for people
    # The gate's code, where want of consent finished it: a consent recorded later brings it back.
    lacks_consent = models.CharField(max_length=30, blank=True, default="", db_default="")
    # Which number the plan tries next; empty: in the order they are stored.
    next_number = models.CharField(max_length=16, blank=True, default="", db_default="")
    # Its place in the campaign's order, the smallest first; null: none was given yet, after all that have one.
    place = models.FloatField(null=True)
    score = models.FloatField(null=True)  # the chance of an answer now, where the campaign's model is used
    fresh_until = models.DateTimeField(null=True)  # came just now: before all others until then
    # Which debt a campaign about debts calls for; empty = not known, or lists that differ (REGF-001).
    debt_ref = models.CharField(max_length=80, blank=True, default="", db_default="")
    added_at = models.DateTimeField()
    last_called_at = models.DateTimeField(
        null=True
    )  # when the last call placed here was over, or was passed on
    # Came through a segment, not a list: leaves the campaign when no segment of it holds the person any more …
    by_segment = models.BooleanField(default=False, db_default=False)
    # … and is finished for that alone: one that fits again is ready again.
    left_segment = models.BooleanField(default=False, db_default=False)
    # Finished only since a list or segment that the campaign leaves out has the person: ready again once none does.
    left_out = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact"], name="contact_once_per_campaign"),
            models.CheckConstraint(
                condition=Q(left_segment=False) | Q(state="finished", by_segment=True),
                name="only_finished_leads_left_a_segment",
            ),
            models.CheckConstraint(
                condition=Q(left_out=False) | Q(state="finished", left_segment=False),
                name="only_finished_leads_are_left_out",
            ),
            models.CheckConstraint(
                condition=Q(state="held", held_at__isnull=False)
                | Q(~Q(state="held"), held_by__isnull=True, held_at__isnull=True),
                name="free_lead_has_no_holder",
            ),
            models.CheckConstraint(
                condition=Q(lacks_consent="") | Q(state="finished"), name="only_finished_leads_lack_consent"
            ),
            models.CheckConstraint(
                condition=Q(next_number="") | Q(next_number__regex=E164_PATTERN), name="lead_next_number_e164"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1), name="lead_score_is_a_chance"
            ),
            models.UniqueConstraint(
                fields=["held_by"], condition=Q(held_by__isnull=False), name="agent_holds_one_lead"
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "next_try_at", "id"],
                condition=Q(state="ready"),
                name="campaign_lead_next",
            ),
            models.Index(
                fields=["campaign", "place", "next_try_at", "id"],
                condition=Q(state="ready"),
                name="campaign_lead_placed",
            ),
            models.Index(
                fields=["campaign", "next_try_at", "id"],
                condition=Q(state="ready") & (Q(is_callback=True) | Q(fresh_until__isnull=False)),
                name="campaign_lead_first",
            ),
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(state="ready", is_callback=True),
                name="campaign_lead_callbacks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.campaign_id}: {self.state}"
