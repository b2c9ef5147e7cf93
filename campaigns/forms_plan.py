"""The settings of a campaign that say whose it is, what it is for and when it ends; and forms about its versions."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from campaigns.models import Campaign
from campaigns.services.changes import MAX_REASON
from campaigns.services.setup_checks import MAX_GOAL

EARLIEST, LATEST = 2000, 2100


class OfficeInstant(forms.DateTimeField):
    """A day and time on the office's clock; its value is aware."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        """Show an instant on the office's clock, and what was typed as it was typed."""
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(ZoneInfo(settings.OFFICE_ZONE)).replace(tzinfo=None)
        return value

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant; refuse years nobody means."""
        found: datetime | None = super().to_python(value)
        if found is None:
            return None
        if not EARLIEST <= found.year <= LATEST:
            raise forms.ValidationError(f"Give a day between {EARLIEST} and {LATEST}.")
        # Django read it on the clock of the process; what was typed is the office's.
        return found.replace(tzinfo=ZoneInfo(settings.OFFICE_ZONE))


class PlanFields(forms.Form):
    """What a campaign is for and who answers for it. Choices of people and sets are given by the form that holds it."""

    owner = forms.TypedChoiceField(
        label="Owner",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Who answers for the campaign.",
    )
    goal = forms.IntegerField(
        label="Goal (conversions)",
        required=False,
        min_value=1,
        max_value=MAX_GOAL,
        help_text="Shown beside what was reached. Nothing happens by itself when it is there.",
    )
    stops_at = OfficeInstant(
        label="Stops by itself at",
        required=False,
        help_text=f"On the office’s clock ({settings.OFFICE_ZONE.replace('_', ' ')}). It finishes what is begun "
        "and then pauses; to go on it needs a later time. Empty: never.",
    )
    needs_approval = forms.BooleanField(
        label="A second person must approve each version before it is started or applied", required=False
    )
    disposition_set = forms.TypedChoiceField(
        label="Results",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="What agents choose from after a call. Empty: the standard set, or the one it has.",
    )
    caller_pool = forms.TypedChoiceField(
        label="Pool of numbers",
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Calls to people show a number of it, near the person where it has one. Recorded messages name the caller ID above.",
    )
    excluded_lists = forms.TypedMultipleChoiceField(
        label="Except who is on",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Suppression lists: customers, complaints, another campaign’s people. Who comes onto one later is left out within "
        "half a minute; a callback promised to them stands.",
    )
    excluded_segments = forms.TypedMultipleChoiceField(
        label="Except who is in",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Who does not fit it any more is called again.",
    )
    window_breaks = forms.CharField(
        label="Breaks",
        max_length=60,
        required=False,
        help_text="Hours inside these in which nobody is called, like 12:00-14:00; several with a comma between.",
    )
    days_off = forms.CharField(
        label="Days off",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Holidays of the house, on which nobody is called, like 2026-11-26, 2026-12-25. The days on which a state’s law allows "
        "no calls are kept anyway.",
    )
    priority = forms.TypedChoiceField(
        label="Who dials first",
        coerce=int,
        choices=Campaign.Priority.choices,
        initial=Campaign.Priority.NORMAL.value,
        required=False,
        empty_value=None,
        help_text="Where campaigns share lines or calls a second. Campaigns of the same priority take turns.",
    )
    note = forms.CharField(
        label="Why this change",
        max_length=300,
        required=False,
        help_text="Kept with the version, for whoever asks later.",
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)


class DecisionForm(forms.Form):
    """What a second person says about a version."""

    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed to refuse: its author reads it.",
    )


class ScheduleForm(forms.Form):
    """When a campaign starts by itself."""

    starts_at = OfficeInstant(
        label="Start by itself at",
        help_text=f"On the office’s clock ({settings.OFFICE_ZONE.replace('_', ' ')}).",
    )


class NameForm(forms.Form):
    """The name of a copy or of a template."""

    name = forms.CharField(max_length=120)
