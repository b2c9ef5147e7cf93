"""Why is this lead not dialing? One page: a search, and the ladder of whoever it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts import roles
from campaigns.selectors import campaigns as campaigns_read
from compliance.pages.rules import known_rules
from core import clock
from core.access import Person as Reader
from core.access import person_of, requires
from core.errors import NotFound
from dialer.why import counting, finding, reading
from dialer.why.ladder import Fix, Light, NumberLadder, Rung
from dialer.why.waterfall import StepCount

SHARED = 3  # people with one number shown at once; more are listed to choose from
TONES = {
    Light.PASSED: ("is-good", "Passed"),
    Light.NOT_BOUND: ("", "Not bound"),
    Light.WAITS: ("is-warn", "Waits"),
    Light.STOPS: ("is-bad", "Holds"),
}
# Where what a rule misses is supplied: code → (page, words). The rest is told by the rule's own page.
NUMBER = ("compliance-number", "All about this number")
REGISTRIES = ("compliance-registry", "Registry copies")
CALLERS = ("compliance-callers", "Caller IDs")
SENDERS = ("compliance-senders", "Messaging senders")
RULE = ("compliance-rule", "The rule")
CONTACT = ("contact", "The person’s record")
CAMPAIGN = ("campaign", "The campaign")
SETTINGS = ("campaign-edit", "The campaign’s settings")
SUPPLIED_AT = {
    **dict.fromkeys(
        ["DNC_INTERNAL", "REVOKED", "WRONG_NUMBER", "LITIGATOR", "LINE_PROTECTED", "RND_RISK"], NUMBER
    ),
    **dict.fromkeys(["CONSENT_PEC", "CONSENT_PEWC", "CONSENT_SELLER", "MOBILE_BAN"], NUMBER),
    **dict.fromkeys(["SCRUB_STALE", "DNC_NATIONAL", "DNC_STATE"], REGISTRIES),
    **dict.fromkeys(["NUMBER_INVALID", "JURISDICTION_UNKNOWN", "TZ_UNKNOWN"], CONTACT),
    **dict.fromkeys(["PURPOSE_UNKNOWN", "RING_SHORT"], SETTINGS),
    **dict.fromkeys(["CLI_INVALID", "CLI_WORN"], CALLERS),
    **dict.fromkeys(["A2P_UNREG", "A2P_CAP"], SENDERS),
    "REG_MISSING": ("compliance-registrations", "Registrations"),
    "SOE_STATE": ("compliance-emergencies", "Declared emergencies"),
}
PAGES = {
    Fix.CAMPAIGN: CAMPAIGN,
    Fix.SETTINGS: SETTINGS,
    Fix.CONTACT: CONTACT,
    Fix.POOLS: ("caller-pools", "Pools of caller IDs"),
    Fix.PLAN: ("campaign-attempts", "Further tries"),
}
OPENED_BY = {
    "contact": roles.MANAGE_LISTS,
    "campaign": roles.MANAGE_CAMPAIGNS,
    "campaign-edit": roles.MANAGE_CAMPAIGNS,
    "campaign-attempts": roles.MANAGE_CAMPAIGNS,
    "caller-pools": roles.MANAGE_CAMPAIGNS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RungLine:
    """One rung as the page shows it."""

    name: str
    rule_id: str
    tone: str
    word: str
    text: str
    passes_at: datetime | None
    url: str
    link: str
    is_quiet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPart:
    """One number's rules."""

    number: str
    kind: str
    tone: str
    summary: str
    lines: Sequence[RungLine]  # of the rules that bind
    unbound: Sequence[RungLine]
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderPart:
    """One campaign's ladder."""

    ladder: reading.Ladder
    tone: str
    lines: Sequence[RungLine]
    numbers: Sequence[NumberPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One step of the waterfall and how much of the whole it leaves."""

    step: StepCount
    percent: str


@require_GET
@requires(roles.VIEW_COMPLIANCE)
def why(request: HttpRequest) -> HttpResponse:
    """Find who is meant, and show every condition from the list to the gate for each of their campaigns."""
    text, now = request.GET.get("q", "").strip()[:100], clock.now()
    campaign_id, contact_id = _id(request, "campaign"), _id(request, "contact")
    matches = finding.get(contact_id) if contact_id else finding.find(text, campaign_id=campaign_id)
    campaign_id = campaign_id or matches.campaign_id
    chosen = matches.rows if len(matches.rows) <= (SHARED if matches.number else 1) else ()
    try:
        people = [reading.read_person(row.contact_id, campaign_id=campaign_id, now=now) for row in chosen]
    except NotFound as missing:
        raise Http404(missing.public_message) from None
    reader = person_of(request)
    context = {
        "q": text,
        "campaign_id": campaign_id,
        "campaigns": campaigns_read.list_names(),
        "asked": bool(text or contact_id),
        "matches": matches,
        "number": matches.number,
        "verdicts_url": f"{reverse('compliance')}?{urlencode({'number': matches.number})}",
        "people": [
            (person, [_part(one, person.contact_id, reader) for one in person.ladders]) for person in people
        ],
        "may_contact": reader.may(roles.MANAGE_LISTS),
        "may_campaign": reader.may(roles.MANAGE_CAMPAIGNS),
        "now": now,
    }
    return render(request, "desk/why.html", context)


@require_GET
@requires(roles.MANAGE_CAMPAIGNS)
def campaign_waterfall(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Return how many leads each condition leaves, as a part of the campaign's page; while it is counted, a part that asks again."""
    try:
        state = campaigns_read.get_campaign(campaign_id).state  # of now: the count may be older
        count = counting.latest(campaign_id, now=clock.now())
    except NotFound as missing:
        raise Http404(missing.public_message) from None
    steps = count.found.steps if count.found else ()
    total = max(count.found.total, 1) if count.found else 1
    context = {
        "count": count,
        "campaign_id": campaign_id,
        "is_running": state == "running",
        "bars": [Bar(step=step, percent=f"{100 * step.leads / total:.2f}") for step in steps],
    }
    return render(request, "desk/_waterfall.html", context)


def _part(ladder: reading.Ladder, contact_id: int, reader: Reader) -> LadderPart:
    def line(rung: Rung, number: str = "") -> RungLine:
        return _line(rung, ladder.campaign_id, contact_id, number, reader)

    def part(one: NumberLadder, *, is_open: bool) -> NumberPart:
        lines = [line(rung, one.number) for rung in one.rungs]
        return NumberPart(
            number=one.number,
            kind=one.kind,
            tone=_tone(one),
            summary=_summary(one),
            lines=[each for each in lines if not each.is_quiet],
            unbound=[each for each in lines if each.is_quiet],
            is_open=is_open,
        )

    held = next((one for one in ladder.numbers if one.denials), None)
    return LadderPart(
        ladder=ladder,
        tone=TONES[ladder.answer.tone][0],
        lines=[line(rung) for rung in ladder.rungs],
        numbers=[part(one, is_open=one is held) for one in ladder.numbers],
    )


def _line(rung: Rung, campaign_id: int, contact_id: int, number: str, reader: Reader) -> RungLine:
    tone, word = TONES[rung.light]
    url, link = _supplied_at(rung, campaign_id, contact_id, number, reader)
    text = rung.text + ("; a supervisor may lift it with a reason" if rung.by_override else "")
    return RungLine(
        name=rung.name,
        rule_id=rung.rule_id,
        tone=tone,
        word=word,
        text=text[:1].upper() + text[1:] + ".",
        passes_at=rung.passes_at,
        url=url,
        link=link,
        is_quiet=rung.light is Light.NOT_BOUND,
    )


def _supplied_at(
    rung: Rung, campaign_id: int, contact_id: int, number: str, reader: Reader
) -> tuple[str, str]:
    """Where what is missing is supplied; nothing for a page the reader may not open."""
    if rung.fix is Fix.NOWHERE:
        return "", ""
    name, words = PAGES[rung.fix] if rung.fix in PAGES else SUPPLIED_AT.get(rung.code, RULE)
    if name in OPENED_BY and not reader.may(OPENED_BY[name]):
        return "", ""
    if name == RULE[0] and rung.rule_id not in known_rules():
        return "", ""
    argument = {
        "contact": contact_id,
        "campaign": campaign_id,
        "campaign-edit": campaign_id,
        "campaign-attempts": campaign_id,
        "compliance-number": number,
        "compliance-rule": rung.rule_id,
    }.get(name)
    return reverse(name, args=[argument] if argument else []), words


def _tone(one: NumberLadder) -> str:
    return "is-good" if not one.denials else "is-warn" if one.next_at else "is-bad"


def _summary(one: NumberLadder) -> str:
    held = len(one.denials)
    bound = sum(rung.light is not Light.NOT_BOUND for rung in one.rungs)
    if not held:
        return f"passes all {bound} rules that bind it"
    return f"{held} of {bound} rules that bind it hold{'s' if held == 1 else ''} it"


def _id(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
