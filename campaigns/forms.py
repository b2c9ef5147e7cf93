"""Forms of lists, campaigns and scripts. What only the database knows is checked by the services."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, BinaryIO, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from campaigns import breaks, csvfile, daysoff
from campaigns.csvfile import CsvTable
from campaigns.forms_plan import PlanFields
from campaigns.models import Campaign
from campaigns.selectors.campaigns import DAYS, Choosable
from campaigns.selectors.lists import Named
from campaigns.selectors.messages import LEFT_ON_VOICEMAIL, Choice
from campaigns.selectors.scripts import ScriptFacts
from campaigns.selectors.versions import PURPOSE_NAMES
from campaigns.services.setup_checks import (
    MAX_GREETING_SECONDS,
    MAX_PREVIEW_SECONDS,
    MAX_RING_SECONDS,
    MIN_GREETING_SECONDS,
    MIN_PREVIEW_SECONDS,
    MIN_RING_SECONDS,
)
from campaigns.services.setups import Setup
from campaigns.versions.fields import BY_FORM, FIELDS, MOMENT_WORDS, Moment
from carriers.pools import PoolChoice
from compliance.rules.content.sounds import MessageKind
from core.types import format_phone

USUAL_RATIO = Decimal(2)
Stored = Mapping[str, Any] | None  # a plan as it is kept


class ImportForm(forms.Form):
    """A file, and the list it goes into. A valid form has `table`: what was found out about the file."""

    list_name = forms.CharField(
        label="Name of the list",
        max_length=120,
        help_text="An existing list of this name gets the new people added.",
    )
    file = forms.FileField(
        label="File",
        help_text="CSV, or what a spreadsheet saves with tabs; Excel workbooks (.xlsx) only by “Check the file”.",
    )
    table: CsvTable

    def clean_file(self) -> "UploadedFile[bytes]":
        """Run through the whole file, so that it is refused before a row is stored."""
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        try:
            self.table = csvfile.check(cast(BinaryIO, upload.file), max_rows=settings.IMPORT_MAX_ROWS)
        except csvfile.CsvRefused as refusal:
            raise forms.ValidationError(str(refusal), code="refused") from None
        return upload


class SourceForm(forms.Form):
    """A file or pasted rows that somebody wants to look at before they are imported."""

    list_name = ImportForm.base_fields["list_name"]
    file = forms.FileField(label="File", required=False)
    pasted = forms.CharField(
        label="Or paste rows",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="As copied from a spreadsheet, with the line of column names if there is one.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for exactly one of the two."""
        data = super().clean() or self.cleaned_data
        if bool(data.get("file")) == bool((data.get("pasted") or "").strip()) and "file" not in self.errors:
            self.add_error("file", "Choose a file, or paste rows: one of the two.")
        return data


class CampaignForm(PlanFields):
    """The settings of a campaign. A valid form has setup()."""

    name = forms.CharField(max_length=120)
    purpose = forms.ChoiceField(
        label="What the calls are for",
        choices=[("", "Choose…"), *((str(value), name) for value, name in PURPOSE_NAMES.items())],
        help_text="It decides which rules apply. If a call has two purposes and one is selling, choose sales.",
    )
    audience = forms.ChoiceField(
        label="Who is called",
        choices=Campaign.Audience.choices,
        initial=Campaign.Audience.PEOPLE,
        help_text="The landline of a business may be called though it is on the national do-not-call registry, in most states "
        "(rule FED-035). Mobiles, home lines and lines of unknown type count as people’s. Paper, toner, cleaners and other office or "
        "cleaning supplies lose the exemption.",
    )
    made_by = forms.ChoiceField(
        label="Who makes the calls",
        choices=Campaign.MadeBy.choices,
        initial=Campaign.MadeBy.COMPANY,
        help_text="A nonprofit that calls for itself is not bound by the national registry (rule FED-033). A paid fundraiser is bound. "
        "Charity calls by anybody else need the consents of sales calls.",
    )
    answers_never_sell = forms.BooleanField(
        label="Of a survey: its answers are never used to sell, and nobody is passed on to sales",
        required=False,
        help_text="Without this promise a survey is treated as sales, with the hours, registries and consents of sales (rule FED-034).",
    )
    lists = forms.TypedMultipleChoiceField(coerce=int, widget=forms.CheckboxSelectMultiple, required=False)
    segments = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Who fits a live segment joins while the campaign runs, and waits while they do not fit.",
    )
    caller_id = forms.ChoiceField(
        label="Caller ID", help_text="The number people see. Only active numbers of yours can be shown."
    )
    mode = forms.ChoiceField(
        label="Dialing",
        choices=[
            ("preview", "Preview: the agent sees the person, then dials"),
            ("progressive", "Progressive: a call is started for each free agent, who gets whoever answers"),
            ("power", "Power: so many calls for each free agent, within the cap"),
            ("predictive", "Predictive: calls are started before agents are free, within the cap"),
        ],
        initial="preview",
        help_text="Calls started by the dialer fall under stricter rules than those an agent dials. It can be changed while the "
        "campaign runs.",
    )
    power_ratio = forms.DecimalField(
        label="Calls for each free agent",
        required=False,
        initial=USUAL_RATIO,
        min_value=Decimal(1),
        max_value=Decimal(10),
        max_digits=3,
        decimal_places=1,
        help_text="In the mode power. Empty: 2.",
    )
    abandon_percent = forms.DecimalField(
        label="At most abandoned (%)",
        required=False,
        min_value=Decimal(0),
        max_digits=4,
        decimal_places=2,
        help_text="Of the calls answered live, in power and predictive. Empty: as much as the law allows; more is refused (rule "
        "FED-016).",
    )
    preview_seconds = forms.IntegerField(
        label="Time to decide on a card (seconds)",
        required=False,
        min_value=MIN_PREVIEW_SECONDS,
        max_value=MAX_PREVIEW_SECONDS,
        help_text="In the mode preview. Empty: as long as the agent likes. An agent can always take the same time again.",
    )
    preview_then = forms.ChoiceField(
        label="When that time is over",
        required=False,
        choices=Campaign.PreviewThen.choices,
        initial=Campaign.PreviewThen.NOT_READY,
        help_text="A call that starts by itself falls under the rules for calls of the dialer; where they refuse it the agent decides.",
    )
    machine_detection = forms.ChoiceField(
        label="Answering machines",
        choices=Campaign.MachineDetection.choices,
        initial=Campaign.MachineDetection.OFF,
        help_text="For calls the dialer starts. A person taken for a machine counts as abandoned (rule FED-020). A message left is a "
        "recorded call and needs its own leave from the rules for every number (rule FED-029).",
    )
    machine_sample_percent = forms.IntegerField(
        label="Machines to check (%)",
        initial=5,
        min_value=0,
        max_value=100,
        help_text="So many of the calls taken for machines go to an agent, who says what it was: the only way to know how many people "
        "are hung up on.",
    )
    greeting_seconds = forms.IntegerField(
        label="Wait for the end of a greeting (seconds)",
        initial=30,
        min_value=MIN_GREETING_SECONDS,
        max_value=MAX_GREETING_SECONDS,
        help_text="Before a message is left. A machine that still speaks then is hung up on: nothing is said into a greeting.",
    )
    window_opens = forms.TimeField(
        label="Call from", initial="09:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    window_closes = forms.TimeField(
        label="Call until",
        initial="20:00",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="In the zone of the person called. The law may allow less; the stricter counts.",
    )
    window_days = forms.MultipleChoiceField(
        label="Days",
        choices=[(str(number), name) for number, name in enumerate(DAYS)],
        initial=list("012345"),
        widget=forms.CheckboxSelectMultiple,
    )
    max_attempts = forms.IntegerField(label="Attempts a person", initial=6, min_value=1, max_value=50)
    ring_seconds = forms.IntegerField(
        label="Ring for (seconds)",
        initial=25,
        min_value=MIN_RING_SECONDS,
        max_value=MAX_RING_SECONDS,
        help_text="At least 15 seconds or four rings (rule FED-019).",
    )
    wrap_up_seconds = forms.IntegerField(label="Wrap-up (seconds)", initial=60, min_value=0, max_value=3600)
    script_version = forms.TypedChoiceField(label="Script", coerce=int, empty_value=None, required=False)

    abandoned_message = forms.TypedChoiceField(
        label="When a person answers and no agent is free",
        coerce=UUID,
        empty_value=None,
        required=False,
        help_text="The standard text names the business, says why we called, gives the caller ID and a key to opt out (rule FED-017).",
    )
    voicemail_message = forms.TypedChoiceField(
        label="Left on voicemail", coerce=UUID, empty_value=None, required=False
    )
    voicemail_variants = forms.TypedMultipleChoiceField(
        label="Left in turn with it",
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Variants of the message, to see which is heard to its end most often.",
    )
    personal_voicemail = forms.BooleanField(
        label="Agents may leave their own approved voicemail message instead", required=False
    )

    def __init__(
        self,
        *args: Any,
        lists: list[Named],
        segments: list[Named],
        callers: list[str],
        pools: list[PoolChoice],
        scripts: list[ScriptFacts],
        messages: list[Choice],
        owners: list[Choosable],
        sets: list[Named],
        is_started: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if is_started:
            self._say_moments()
        self._choose("owner", [("", "Nobody"), *((str(one.user_id), one.name) for one in owners)])
        self._choose("disposition_set", [("", "As it is"), *((str(one.id), one.name) for one in sets)])
        self._choose("lists", [(str(found.id), found.name) for found in lists])
        self._choose("segments", [(str(found.id), found.name) for found in segments])
        self._choose("excluded_lists", [(str(found.id), found.name) for found in lists])
        self._choose("excluded_segments", [(str(found.id), found.name) for found in segments])
        self._choose("caller_id", [("", "Choose…"), *((number, format_phone(number)) for number in callers)])
        numbers = [(str(pool.id), f"{pool.name}, {pool.numbers} in use") for pool in pools]
        self._choose("caller_pool", [("", "None: every call shows the caller ID"), *numbers])
        versions = [
            (
                script.name,
                [
                    (str(version.id), f"{script.name}, version {version.number}")
                    for version in script.versions
                ],
            )
            for script in scripts
        ]
        self._choose("script_version", [("", "No script"), *versions])
        answered = [(str(one.version_id), one.label) for one in messages if one.kind is MessageKind.ABANDONED]
        left = [(str(one.version_id), one.label) for one in messages if one.kind in LEFT_ON_VOICEMAIL]
        self._choose("abandoned_message", [("", "Standard text, read by the carrier’s voice"), *answered])
        self._choose("voicemail_message", [("", "Nothing"), *left])
        self._choose("voicemail_variants", left)

    def _say_moments(self) -> None:
        """Say beside each field of a started campaign what cannot be changed, before anybody tries."""
        for name, field in self.fields.items():
            if name in BY_FORM and BY_FORM[name].moment in (Moment.PAUSED, Moment.GROWS):
                field.help_text = f"{MOMENT_WORDS[BY_FORM[name].moment]} {field.help_text}".strip()

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Check that the window opens before it closes."""
        values = super().clean() or {}
        opens, closes = values.get("window_opens"), values.get("window_closes")
        if opens and closes and opens >= closes:
            self.add_error("window_closes", "The calling window must close after it opens.")
        elif opens and closes and "window_breaks" in values:
            try:
                found = breaks.read(values["window_breaks"])
            except breaks.NotBreaks as wrong:
                self.add_error("window_breaks", str(wrong))
            else:
                for sentence in breaks.faults(found, opens, closes):
                    self.add_error("window_breaks", sentence)
        try:
            daysoff.read(values.get("days_off", ""))
        except daysoff.NotDays as wrong:
            self.add_error("days_off", str(wrong))
        return values

    def setup(
        self, *, disposition_set_id: int, attempt_plan: Stored = None, order_plan: Stored = None
    ) -> Setup:
        """Return what the service takes; the plans have forms of their own."""
        values = self.cleaned_data
        return Setup(
            name=values["name"],
            purpose=values["purpose"],
            mode=values["mode"],
            power_ratio=USUAL_RATIO if values["power_ratio"] is None else values["power_ratio"],
            abandon_percent=values["abandon_percent"],
            preview_seconds=values["preview_seconds"],
            preview_then=values["preview_then"] or Campaign.PreviewThen.NOT_READY,
            machine_detection=values["machine_detection"],
            machine_sample_percent=values["machine_sample_percent"],
            greeting_seconds=values["greeting_seconds"],
            audience=values["audience"],
            made_by=values["made_by"],
            answers_never_sell=values["answers_never_sell"],
            caller_id=values["caller_id"],
            list_ids=tuple(values["lists"]),
            segment_ids=tuple(values["segments"]),
            excluded_list_ids=tuple(values["excluded_lists"]),
            excluded_segment_ids=tuple(values["excluded_segments"]),
            disposition_set_id=values["disposition_set"] or disposition_set_id,
            owner_id=values["owner"],
            goal=values["goal"],
            stops_at=values["stops_at"],
            needs_approval=values["needs_approval"],
            script_version_id=values["script_version"],
            window_opens=values["window_opens"],
            window_closes=values["window_closes"],
            window_days="".join(values["window_days"]),
            window_breaks=values["window_breaks"],
            days_off=values["days_off"],
            priority=values["priority"] or Campaign.Priority.NORMAL.value,
            max_attempts=values["max_attempts"],
            ring_seconds=values["ring_seconds"],
            wrap_up_seconds=values["wrap_up_seconds"],
            abandoned_message_id=values["abandoned_message"],
            voicemail_message_id=values["voicemail_message"],
            voicemail_variant_ids=tuple(
                each for each in values["voicemail_variants"] if each != values["voicemail_message"]
            ),
            personal_voicemail=values["personal_voicemail"],
            caller_pool_id=values["caller_pool"],
            attempt_plan=attempt_plan,
            order_plan=order_plan,
        )

    @staticmethod
    def initial_of(setup: Setup) -> dict[str, Any]:
        """Return the values a form over an existing setup begins with."""
        values = {one.form: getattr(setup, one.name) for one in FIELDS}
        return {**values, "window_days": list(setup.window_days)}


class ModeForm(forms.Form):
    """How a campaign dials, changed on its page."""

    mode = forms.ChoiceField(label="Mode", choices=Campaign.Mode.choices)


class AgentsForm(forms.Form):
    """Who works on a campaign: a list of people, by team."""

    agents = forms.TypedMultipleChoiceField(coerce=int, widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, people: list[Choosable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams: dict[str, list[tuple[str, str]]] = {}
        for agent in people:
            teams.setdefault(agent.team or "No team", []).append((str(agent.user_id), agent.name))
        field = self.fields["agents"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(teams.items())
