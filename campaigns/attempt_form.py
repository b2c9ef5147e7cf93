"""What a manager says about further tries: a row for each result, and the limits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from campaigns import waits
from campaigns.recycling import AtLimit, OutcomeRule, Plan, Then, faults
from campaigns.selectors.attempts import ResultRow

THEN = [(Then.SAME.value, "Same number"), (Then.NEXT.value, "Next number")]
AT_LIMIT = [(AtLimit.LEAD.value, "The person is done"), (AtLimit.NUMBER.value, "That number is out")]


class WaitField(forms.CharField):
    """A length of time as people write it; minutes when it is clean."""

    def clean(self, value: Any) -> Any:
        """Return the minutes."""
        text = super().clean(value)
        try:
            return waits.read(text) if text else None
        except waits.NotAWait as error:
            raise forms.ValidationError(str(error)) from None


@dataclass(frozen=True, slots=True)
class FormRow:
    """The fields of one result."""

    result: ResultRow
    wait: forms.BoundField
    then: forms.BoundField
    most: forms.BoundField
    at_limit: forms.BoundField


class TriesFields(forms.Form):
    """A plan of further tries. A valid form has plan()."""

    max_per_number = forms.IntegerField(
        label="Tries of one number", required=False, help_text="In this campaign. Empty: no limit of its own."
    )
    max_per_day = forms.IntegerField(
        label="Tries of one person on one day",
        required=False,
        help_text="In this campaign, by the person’s own day. Empty: as many as the rules allow.",
    )
    max_per_person = forms.IntegerField(
        label="Tries of one person over all campaigns",
        required=False,
        help_text="Empty: only the rules’ own limits count.",
    )
    person_days = forms.IntegerField(label="… in how many days", initial=7)
    other_number_minutes = WaitField(
        label="Wait before another number of the same person",
        max_length=20,
        initial="60 min",
        help_text="Like 30 min, 4 h or 2 days.",
    )
    wrong_number_goes_on = forms.BooleanField(
        label="After a wrong number, go on with the person’s other numbers",
        required=False,
        initial=True,
        help_text="The wrong number itself is never tried again.",
    )
    spread = forms.BooleanField(
        label="Spread tries over the parts of the day",
        required=False,
        help_text="Weekday morning, afternoon, evening and weekend, in the person’s zone: the next try falls into the part tried least.",
    )
    spread_days = forms.IntegerField(label="Put a try off for that by at most (days)", initial=3)

    def __init__(
        self, data: Any = None, *, plan: Plan | None, rows: Sequence[ResultRow], **more: object
    ) -> None:
        plan = plan or Plan()
        names = [name for name in Plan.__dataclass_fields__ if name != "rules"]
        initial: dict[str, Any] = {name: getattr(plan, name) for name in names}
        initial["other_number_minutes"] = waits.say(plan.other_number_minutes)
        super().__init__(data, initial={**initial, **more})
        self._results = rows
        for row in rows:
            self._add(row)

    def _add(self, row: ResultRow) -> None:
        name, rule = row.code, row.rule
        self.fields[f"wait_{name}"] = WaitField(
            label=f"Wait after {row.label}", max_length=20, initial=waits.say(rule.wait_minutes)
        )
        self.fields[f"then_{name}"] = forms.ChoiceField(
            label=f"Number after {row.label}", choices=THEN, initial=rule.then.value
        )
        self.fields[f"max_{name}"] = forms.IntegerField(
            label=f"Most calls that may end as {row.label}", required=False, initial=rule.max_tries
        )
        self.fields[f"limit_{name}"] = forms.ChoiceField(
            label=f"When {row.label} came as often as it may", choices=AT_LIMIT, initial=rule.at_limit.value
        )

    def rows(self) -> Iterator[FormRow]:
        """Give the fields of each result, in order."""
        for result in self._results:
            fields = (self[f"{name}_{result.code}"] for name in ("wait", "then", "max", "limit"))
            yield FormRow(result, *fields)

    def clean(self) -> dict[str, Any]:
        """Say at its field what is out of range."""
        if not self.errors:
            for name, sentence in faults(self.plan()):
                self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data

    def plan(self) -> Plan:
        """Return the valid form as a plan."""
        said = self.cleaned_data
        names = [name for name in Plan.__dataclass_fields__ if name != "rules"]
        return Plan(
            rules=tuple(
                OutcomeRule(
                    code=row.code,
                    wait_minutes=said[f"wait_{row.code}"],
                    max_tries=said[f"max_{row.code}"],
                    then=Then(said[f"then_{row.code}"]),
                    at_limit=AtLimit(said[f"limit_{row.code}"]),
                )
                for row in self._results
            ),
            **{name: said[name] for name in names},
        )


class AttemptForm(TriesFields):
    """The plan on its own page."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)


class TriesForm(TriesFields):
    """The plan in the builder, where there need not be one."""

    planned = forms.BooleanField(
        label="Plan further tries in detail",
        required=False,
        help_text="Otherwise people wait as each result says, and their numbers are tried in the order they are stored.",
    )

    @property
    def is_wanted(self) -> bool:
        """Return whether a plan was asked for."""
        return bool(self["planned"].value())
