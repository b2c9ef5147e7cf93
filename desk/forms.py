"""What an agent enters at the end of a call, and what a supervisor asks of an agent."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms

from dialer.services import supervision
from dialer.services.results import NOTE_LIMIT, ResultForm


class ResultEntry(forms.Form):
    """Result, note and callback; the callback's date and time are on the clock of the person's zone."""

    result = forms.SlugField(
        max_length=40,
        error_messages=dict.fromkeys(("required", "invalid", "max_length"), "Choose a result for this call."),
    )
    note = forms.CharField(required=False, max_length=NOTE_LIMIT, strip=False)
    callback_date = forms.DateField(required=False)
    callback_time = forms.TimeField(required=False)
    callback_zone = forms.CharField(required=False, max_length=60)
    callback_mine = forms.BooleanField(required=False)
    callback_hard = forms.BooleanField(required=False)
    then = forms.ChoiceField(choices=[("ready", "ready"), ("pause", "pause")], required=False)

    def clean(self) -> dict[str, Any]:
        """Turn date, time and zone into one instant; a time the clocks skip is an error, one they repeat is its first."""
        data: dict[str, Any] = super().clean() or {}
        day, at, zone_name = data.get("callback_date"), data.get("callback_time"), data.get("callback_zone")
        data["callback_at"] = None
        if (day is None) != (at is None):
            raise forms.ValidationError("A callback needs both a date and a time.")
        if day is None or at is None:
            return data
        try:
            zone = ZoneInfo(zone_name or "")
        except (ZoneInfoNotFoundError, ValueError):
            raise forms.ValidationError(
                "The person's time zone is not known; the callback cannot be set."
            ) from None
        local = datetime.combine(day, at, tzinfo=zone)
        instant = local.astimezone(UTC)
        if (
            instant.astimezone(zone).replace(fold=0) - local > timedelta(0)
            or instant.astimezone(zone).time() != at
        ):
            raise forms.ValidationError("The clocks go forward over this time: choose another.")
        data["callback_at"] = instant
        return data

    def as_result(self) -> ResultForm:
        """Return the valid form as the service takes it. A date left over from another result is not a callback."""
        data = self.cleaned_data
        return ResultForm(
            disposition_code=data["result"],
            note=data["note"],
            callback_at=data["callback_at"],
            callback_mine=data["callback_mine"],
            callback_hard=data["callback_hard"],
            then_ready=data["then"] != "pause",
            answers=self._answers(f"answer.{data['result']}."),
        )

    def _answers(self, prefix: str) -> dict[str, str]:
        """Return what was entered for the chosen result's questions; those of others stand in the page, too."""
        return {
            name.removeprefix(prefix): str(self.data[name]) for name in self.data if name.startswith(prefix)
        }


class Wish(forms.Form):
    """What a supervisor asks of an agent, with the reason the agent sees."""

    wish = forms.ChoiceField(
        label="What is to happen?",
        choices=[
            (supervision.NOT_READY, "Not ready: they stay signed on, and nothing new comes to them"),
            (supervision.OFFLINE, "Log out"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the agent is to do."},
    )
    reason = forms.CharField(
        label="Reason",
        max_length=supervision.REASON_LIMIT,
        help_text="The agent sees it, and it is on record with your name.",
        error_messages={"required": "Give a reason."},
    )
