"""Recordings as the desk, the floor and the list of them show them. Dataclasses out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.roles import Role
from campaigns.models import Campaign
from campaigns.recordings import waveform
from core import kept, prepared
from core.errors import NotFound
from core.types import PhoneError, PhoneNumber, parse_phone
from dialer import recordflow
from dialer.callflow import CallState
from dialer.models import Call, CallRecording, RecordingHold, RecordingRule
from dialer.recordflow import Notice, RecordState, Standing

K = TypeVar("K")
PAGE = 50
S = RecordState
LISTENERS = RecordingRule.Listeners
STATE_WORDS = {
    S.WAITING: ("Not recorded: ask first", "info"),
    S.NOT_RECORDED: ("Not recorded", "info"),
    S.ASKED: ("Recording asked…", "info"),
    S.RECORDING: ("Recording", "good"),
    S.PAUSING: ("Pause asked: take no card data yet", "bad"),
    S.PAUSED: ("Paused", "warn"),
    S.RESUMING: ("Paused: going on is asked…", "warn"),
    S.STOPPING: ("Recording: stop asked…", "bad"),
    S.STOPPED: ("Recording ended", "info"),
    S.FAILED: ("Not recorded", "bad"),
    S.SKIPPED: ("No audio is kept", "info"),
}
RECORDED_BY_RULE = LISTENERS.choices
_of_call = kept.Query(lambda call: CallRecording.objects.select_related("call").filter(call_id=call))
SOUND_WORDS = dict(CallRecording.Sound.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRecording:
    """What the desk shows of the recording of its call: only what the carrier confirmed, and what is asked of it."""

    id: UUID
    state: str
    word: str
    tone: str
    detail: str
    may_pause: bool
    may_resume: bool
    may_agree: bool
    may_object: bool
    may_skip: bool
    card_step_open: bool
    card_data_may_be_taken: bool
    paused_since: datetime | None
    pause_is_long: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LongPause:
    """A pause that a supervisor should know of."""

    agent_name: str
    contact_name: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What the list is narrowed to; empty or None: not at all."""

    number: str = ""
    agent_id: int | None = None
    campaign_id: int | None = None
    since: date | None = None
    until: date | None = None  # that day included
    disposition: str = ""  # its code
    least_seconds: int | None = None
    shown: str = ""  # held, missing, deleted, without; else those with sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One recording in the list."""

    id: UUID
    call_id: int
    began_at: datetime
    contact_name: str
    number: str
    agent_name: str
    campaign_name: str
    disposition: str
    seconds: int | None
    sound: str
    sound_word: str
    reason: str
    is_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One line of a recording's history."""

    at: datetime
    what: str
    by: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One recording with everything that is known of it."""

    row: Row
    state_word: str
    notice: str
    notice_at: datetime | None
    notice_text: str
    strictest: str
    places: str
    sha256: str
    size_bytes: int | None
    channels: Sequence[tuple[str, str]]  # (whose voice, path of its picture)
    gone_at_carrier_at: datetime | None
    history: Sequence[Happened]
    hold_reason: str  # of the open hold
    hold_by: str


def standing_of(recording: CallRecording) -> Standing:
    """Return what the next request to the carrier depends on."""
    return Standing(
        state=RecordState(recording.state),
        has_ref=recording.carrier_ref is not None,
        was_tried=recording.tried_at is not None,
        notice=Notice(recording.notice),
        call_is_live=recording.call.state != CallState.ENDED,
        is_gone=recording.gone_at_carrier_at is not None,
    )


def desk_recording(call_id: int, *, now: datetime) -> DeskRecording | None:
    """Return the recording of the call on an agent's desk; None while nothing is decided. One query."""
    recording = _of_call.first(call_id)
    if recording is None:
        return None
    state = RecordState(recording.state)
    is_live = recording.call.state != CallState.ENDED
    nothing = recordflow.records_nothing(standing_of(recording))
    word, tone = STATE_WORDS[state]
    return DeskRecording(
        id=recording.pk,
        state=state,
        word=word,
        tone=tone,
        detail=_detail(recording, state, nothing),
        may_pause=is_live and state in (S.ASKED, S.RECORDING, S.RESUMING),
        may_resume=is_live and state in (S.PAUSING, S.PAUSED) and recording.card_step_since is None,
        may_agree=is_live and state is S.WAITING and recording.card_step_since is None,
        may_object=is_live and state in (S.WAITING, S.ASKED, S.RECORDING, S.PAUSING, S.PAUSED, S.RESUMING),
        may_skip=state not in recordflow.FINAL and recording.sound != CallRecording.Sound.DELETED,
        card_step_open=recording.card_step_since is not None,
        card_data_may_be_taken=recording.card_step_since is not None and nothing,
        paused_since=recording.paused_since,
        pause_is_long=is_live and is_long(recording, now=now),
    )


def asked_of_recording(call_id: int) -> list[prepared.Asked]:
    """Return what desk_recording asks, for prepared.ahead."""
    return [_of_call.asks(call_id)]


def _detail(recording: CallRecording, state: RecordState, nothing: bool) -> str:
    if state is S.RECORDING:
        return "" if recording.notice == Notice.HEARD else "The notice is being played: wait for its end."
    if state is S.PAUSED:
        return "Card data may be taken. Recording goes on only when you press the key."
    if state is S.WAITING:
        return "Ask whether the call may be recorded, and note a yes."
    if state is S.SKIPPED and not nothing:
        return "It is being stopped and deleted at the carrier…"
    return recording.reason


def is_long(recording: CallRecording, *, now: datetime) -> bool:
    """Return whether a pause has lasted so long that somebody should look; nothing but a person ends it."""
    since = recording.paused_since
    return since is not None and (now - since).total_seconds() >= settings.RECORDING_PAUSE_WARN_SECONDS


def long_pauses(*, now: datetime) -> list[LongPause]:
    """Return the pauses of live calls that have lasted long, the longest first. One query."""
    before = now - timedelta(seconds=settings.RECORDING_PAUSE_WARN_SECONDS)
    rows = CallRecording.objects.filter(state__in=[S.PAUSING, S.PAUSED], paused_since__lte=before).exclude(
        call__state=CallState.ENDED
    )
    return [
        LongPause(
            agent_name=each.call.agent.display_name if each.call.agent else "",
            contact_name=each.call.contact.full_name,
            since=each.paused_since,
        )
        for each in rows.select_related("call__agent", "call__contact").order_by("paused_since", "pk")
        if each.paused_since is not None
    ]


def found(search: Search, *, user_id: int, role: str, before: int, now: datetime) -> tuple[list[Row], int]:
    """Return a page of the recordings that the person may listen to, newest first, and where the next page begins (0: none)."""
    rows = _heard_by(user_id, role, now).filter(_narrowed(search))
    if before:
        rows = rows.filter(call_id__lt=before)
    page = list(_with_names(rows).order_by("-call_id")[: PAGE + 1])
    return [_row(each) for each in page[:PAGE]], page[PAGE - 1].call_id if len(page) > PAGE else 0


def one(recording_id: UUID, *, user_id: int, role: str, now: datetime) -> Detail:
    """Return a recording that the person may listen to. Raises NotFound for any other."""
    each = _with_names(_heard_by(user_id, role, now)).filter(pk=recording_id).first()
    if each is None:
        raise NotFound("There is no such recording, or it is not for you to hear.")
    held = each.holds.filter(lifted_at__isnull=True).first()
    voices = ("The person", "What the person heard: us") if len(each.peaks or ()) == 2 else ("Both",)
    return Detail(
        row=_row(each),
        state_word=STATE_WORDS[RecordState(each.state)][0],
        notice=each.notice,
        notice_at=each.notice_at,
        notice_text=each.notice_text,
        strictest=each.strictest.replace("_", "-"),
        places=each.places,
        sha256=each.sha256,
        size_bytes=each.size_bytes,
        channels=[
            (voice, waveform.path(peaks)) for voice, peaks in zip(voices, each.peaks or (), strict=False)
        ],
        gone_at_carrier_at=each.gone_at_carrier_at,
        history=[
            Happened(at=event.at, what=event.event.replace("_", " "), by=event.source, detail=event.detail)
            for event in each.events.filter(ignored=False).order_by("id")
        ],
        hold_reason=held.reason if held else "",
        hold_by=held.placed_by if held else "",
    )


def file_of(recording_id: UUID, *, user_id: int, role: str, now: datetime) -> tuple[str, str]:
    """Return name below RECORDINGS_DIR and hash of a stored sound that the person may listen to. Raises NotFound."""
    rows = _heard_by(user_id, role, now).filter(pk=recording_id, sound=CallRecording.Sound.HERE)
    name = rows.values_list("file_name", "sha256").first()
    if name is None:
        raise NotFound("There is no such sound, or it is not for you to hear.")
    return name


def choices() -> tuple[list[tuple[int, str]], list[tuple[int, str]], list[tuple[str, str]]]:
    """Return what recordings can be narrowed to: agents, campaigns and results, each (key, name). Three queries."""
    every = CallRecording.objects.order_by()
    people = every.filter(call__agent__isnull=False).values_list(
        "call__agent_id", "call__agent__first_name", "call__agent__last_name"
    )
    agents = [(pk or 0, f"{first} {last}".strip() or f"Agent {pk}") for pk, first, last in people.distinct()]
    campaigns = list(every.values_list("call__campaign_id", "call__campaign__name").distinct())
    results = every.filter(call__disposition__isnull=False).values_list(
        "call__disposition__code", "call__disposition__label"
    )
    return (
        _by_name(agents),
        _by_name(campaigns),
        _by_name([(code or "", label or "") for code, label in results.distinct()]),
    )


def _by_name(pairs: "list[tuple[K, str]]") -> "list[tuple[K, str]]":
    return sorted(pairs, key=lambda pair: (pair[1], str(pair[0])))


def _heard_by(user_id: int, role: str, now: datetime) -> "QuerySet[CallRecording]":
    """Return the recordings that a person of the role may hear, by the rules in force now. One query."""
    every = CallRecording.objects.all()
    if role == Role.COMPLIANCE:
        return every
    open_to = {LISTENERS.AGENTS} if role == Role.AGENT else {LISTENERS.AGENTS, LISTENERS.SUPERVISORS}
    latest = RecordingRule.objects.filter(begins_at__lte=now).order_by("campaign_id", "-begins_at", "-id")
    rules: dict[int | None, str] = dict(
        latest.distinct("campaign_id").values_list("campaign_id", "listeners")
    )
    house = rules.pop(None, LISTENERS.SUPERVISORS.value)
    allowed = Q(call__campaign_id__in=[pk for pk, listeners in rules.items() if listeners in open_to])
    if house in open_to:
        allowed |= ~Q(call__campaign_id__in=list(rules))
    return every.filter(allowed, call__agent_id=user_id) if role == Role.AGENT else every.filter(allowed)


def _narrowed(search: Search) -> Q:
    sound = CallRecording.Sound
    which = {
        "held": Q(Exists(_open_holds())),
        "missing": Q(sound=sound.MISSING),
        "deleted": Q(sound=sound.DELETED),
        "without": Q(sound=sound.NONE),
    }.get(search.shown, Q(sound__in=[sound.HERE, sound.WAITING, sound.MISSING]))
    if search.number:
        which &= Q(call__number=_number(search.number))
    if search.agent_id:
        which &= Q(call__agent_id=search.agent_id)
    if search.campaign_id:
        which &= Q(call__campaign_id=search.campaign_id)
    if search.since:
        which &= Q(created_at__gte=_begin(search.since))
    if search.until:
        which &= Q(created_at__lt=_begin(search.until + timedelta(days=1)))
    if search.disposition:
        which &= Q(call__disposition__code=search.disposition)
    if search.least_seconds:
        which &= Q(duration_seconds__gte=search.least_seconds)
    return which


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(settings.OFFICE_ZONE))


def _number(text: str) -> PhoneNumber:
    try:
        return parse_phone(text)
    except PhoneError:
        return PhoneNumber("")  # nobody has it


def _open_holds() -> "QuerySet[RecordingHold]":
    return RecordingHold.objects.filter(recording=OuterRef("pk"), lifted_at__isnull=True)


def _with_names(rows: "QuerySet[CallRecording]") -> "QuerySet[CallRecording]":
    return rows.select_related(
        "call__contact", "call__agent", "call__campaign", "call__disposition"
    ).annotate(is_held=Exists(_open_holds()))


def _row(each: CallRecording) -> Row:
    call: Call = each.call
    return Row(
        id=each.pk,
        call_id=call.pk,
        began_at=each.began_at or each.created_at,
        contact_name=call.contact.full_name,
        number=call.number,
        agent_name=call.agent.display_name if call.agent else "",
        campaign_name=call.campaign.name,
        disposition=call.disposition.label if call.disposition else "",
        seconds=each.duration_seconds,
        sound=each.sound,
        sound_word=SOUND_WORDS[each.sound],
        reason=each.reason,
        is_held=bool(getattr(each, "is_held", False)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """The rule in force for a campaign, or the house's, and those before it."""

    name: str
    is_own: bool  # false: the campaign has none, the house's counts
    initial: dict[str, object]
    history: Sequence[RecordingRule]


def rules_of(campaign_id: int | None, *, now: datetime) -> RuleView | None:
    """Return what counts for a campaign (None: the house); None where there is no such campaign. Three queries."""
    name = (
        Campaign.objects.filter(pk=campaign_id).values_list("name", flat=True).first()
        if campaign_id
        else "All campaigns"
    )
    if name is None:
        return None
    begun = RecordingRule.objects.filter(begins_at__lte=now).order_by("-begins_at", "-id")
    own = list(
        begun.filter(campaign_id=campaign_id)[:50]
        if campaign_id
        else begun.filter(campaign__isnull=True)[:50]
    )
    rule = own[0] if own else begun.filter(campaign__isnull=True).first() or RecordingRule()
    return RuleView(
        name=name,
        is_own=bool(own),
        initial={name: getattr(rule, name) for name in ("percent", "asks_first", "listeners", "keep_days")},
        history=own,
    )
