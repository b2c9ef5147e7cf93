"""Codes for what the stores hold about each line of a crowd: 0 for nothing, else alike for the rules means the same code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Subquery, TextField, Value, When

from compliance.crowd import clocks
from compliance.crowd.clocks import NEVER, micros, passed
from compliance.crowd.debts import whose_debt
from compliance.crowd.matching import NO_NUMBER, NO_PERSON, NUMBER, Matcher, combined, read
from compliance.crowd.people import Crowd, Ints, joined, own_code
from compliance.gathering import attempts
from compliance.models import (
    ConsentRecord,
    ContactLedger,
    ContactOutcome,
    LineRecord,
    Override,
    PersonAlias,
    ReassignedCheck,
    RelationshipRecord,
    Suppression,
    SuppressionLift,
)
from compliance.rules.debt import NAMED
from compliance.rules.facts import Channel, ContactFacts, ContactRequest, Purpose
from compliance.rules.policy import Policy

SEVERAL = -1  # requests not to be called
LIVE = frozenset({Channel.LIVE_MANUAL, Channel.LIVE_PREVIEW, Channel.LIVE_PREDICTIVE})
DAY = 86_400_000_000  # microseconds
UNIX_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One code a line for each store."""

    suppressions: Ints
    consents: Ints
    relationships: Ints
    lines: Ints
    reassigned: Ints
    attempts: Ints
    overrides: Ints


def held(crowd: Crowd, policy: Policy, request: ContactRequest, now: datetime) -> Held:
    """Return the codes; reads each store once, whole. `request` says purpose and channel, which are the same for all."""
    matcher = Matcher(crowd)
    suppressions, asked_at = _suppressions(matcher)
    reassigned, since = _reassigned(matcher, policy, now)
    consents = _consents(matcher, asked_at, since, now)
    # Several requests and a consent: their order is like no other's.
    consents = own_code(consents, (consents > 0) & (asked_at == SEVERAL))
    # For which numbers of a merged person a permission counts is looked up for each by itself.
    merged = matcher.is_merged(_permitted_survivors())
    consents = own_code(consents, merged)
    return Held(
        suppressions=suppressions,
        consents=consents,
        relationships=own_code(_relationships(matcher, policy, now), merged),
        lines=_lines(matcher, policy, now),
        reassigned=reassigned,
        attempts=_attempts(matcher, policy, request, now),
        overrides=_overrides(matcher, now),
    )


def _permitted_survivors() -> list[str]:
    """People with merged records of whom a permission stands under one of their names."""
    found = Q()
    for name in ("person_ref", "survivor_ref"):
        for store in (ConsentRecord, RelationshipRecord):
            found |= Q(Exists(store._default_manager.filter(person_ref=OuterRef(name))))
    return sorted(set(PersonAlias.objects.filter(found).order_by().values_list("survivor_ref", flat=True)))


def _suppressions(matcher: Matcher) -> tuple[Ints, Ints]:
    """The codes, and when the request was made: 0 for none, SEVERAL for more than one."""
    lifts = SuppressionLift.objects.filter(suppression_id=OuterRef("id"))
    told = ("seller", "scope", "kind", "channels", "campaign_ref", "category", "lifted_on")
    store = Suppression.objects.annotate(lifted_on=Subquery(lifts.values("consent_id")))
    rows = matcher.read(store, told=told, instants=["at"])
    pairs = matcher.same_number(rows)
    named = rows.persons[pairs.rows]
    # What names another person does not bind, but lifted it still ends the consents from before it.
    whose = np.where(named == 0, 0, np.where(named == matcher.crowd.persons[pairs.lines], 1, 2))
    asked_at = np.zeros(len(matcher.crowd), np.int64)
    asked_at[pairs.lines] = rows.times["at"][pairs.rows]
    asked_at[np.bincount(pairs.lines, minlength=len(asked_at)) > 1] = SEVERAL
    return combined(pairs.lines, rows.told[pairs.rows] * 3 + whose, len(matcher.crowd)), asked_at


def _consents(matcher: Matcher, asked_at: Ints, since: Ints, now: datetime) -> Ints:
    told = (
        "kind", "sellers", "obtained_by", "purposes", "channels", "has_text", "signature", "authorises_automation",
        "not_a_condition", "box_preticked", "agrees_to_be_called",
    )  # fmt: skip
    store = ConsentRecord.objects.annotate(
        has_text=Case(
            When(text_sha256="", then=Value(False)), default=Value(True), output_field=BooleanField()
        )
    )
    rows = matcher.read(store, told=told, instants=["given_at", "valid_until"])
    given, until = rows.times["given_at"], rows.times["valid_until"]
    # One that ends within the day is like no other that does not end at the same instant.
    ends = np.where((until == NEVER) | (until > micros(now + clocks.SOON)), 0, np.maximum(until, micros(now)))
    classes = joined(rows.told, passed(given, now, (), looks_ahead=True), ends)
    here, elsewhere = matcher.of_pair(rows), matcher.other_numbers(rows)
    lines, which = np.r_[here.lines, elsewhere.lines], np.r_[here.rows, elsewhere.rows]
    is_elsewhere = np.arange(len(lines)) >= len(here.lines)
    # A request not to be called ends what was given before it; a question put to the Reassigned Numbers Database must reach
    # back to the day of the consent.
    is_ended = asked_at[lines] >= given[which]
    is_covered = (since[lines] > 0) & (since[lines] <= given[which] // DAY + UNIX_DAY)
    flags = is_elsewhere * 4 + is_ended * 2 + is_covered
    return combined(lines, joined(classes[which], flags.astype(np.int64)), len(matcher.crowd))


def _relationships(matcher: Matcher, policy: Policy, now: datetime) -> Ints:
    newest = RelationshipRecord.objects.order_by("person_ref", "seller", "source", "-id").distinct(
        "person_ref", "seller", "source"
    )
    days = ("last_purchase_on", "last_inquiry_on")
    rows = matcher.read(newest, told=("seller", "customer", "personal"), number=NO_NUMBER, days=days)
    months, since = clocks.relationship_clocks(policy)
    of_days = (clocks.near_days(rows.times[day], now.date(), months=months, since=since) for day in days)
    pairs = matcher.same_person(rows)
    return combined(pairs.lines, joined(rows.told, *of_days)[pairs.rows], len(matcher.crowd))


def _lines(matcher: Matcher, policy: Policy, now: datetime) -> Ints:
    under_call = ContactLedger.objects.filter(at__gt=now - attempts.OPEN_FOR).values("number")
    busy = LineRecord.objects.filter(number__in=under_call).exclude(account="").values("account")
    store = LineRecord.objects.annotate(
        is_ported=Case(
            When(
                Q(ported_at__isnull=False) & (Q(checked_at=None) | Q(ported_at__gt=F("checked_at"))),
                then=True,
            ),
            default=False,
            output_field=BooleanField(),
        ),
        has_account=Case(When(account="", then=False), default=True, output_field=BooleanField()),
        # Calls to other lines of one account are counted for each line by itself.
        alone=Case(When(account__in=busy, then=F("number")), default=Value(""), output_field=TextField()),
    )
    told = ("type", "is_ported", "protected", "has_account", "alone")
    rows = matcher.read(store, told=told, person=NO_PERSON, instants=["checked_at"])
    classes = joined(rows.told, _line_ages(rows.times["checked_at"], policy, now))
    pairs = matcher.same_number(rows)
    return combined(pairs.lines, classes[pairs.rows], len(matcher.crowd))


def line_age(policy: Policy, now: datetime) -> Callable[[ContactFacts], object]:
    """Return what tells lines apart by when their type was looked up."""

    def told(facts: ContactFacts) -> object:
        checked = facts.line.checked_at
        instant = np.array([NEVER if checked is None else micros(checked)], np.int64)
        return int(_line_ages(instant, policy, now)[0])

    return told


def _line_ages(checked: Ints, policy: Policy, now: datetime) -> Ints:
    return passed(checked, now, [timedelta(days=policy.line_type_max_age_days)], looks_ahead=True)


def _reassigned(matcher: Matcher, policy: Policy, now: datetime) -> tuple[Ints, Ints]:
    """The codes, and the day asked about as an ordinal; 0 where it was never asked."""
    newest = ReassignedCheck.objects.order_by("number", "-checked_at", "-id").distinct("number")
    rows = matcher.read(newest, told=("answer",), person=NO_PERSON, instants=["checked_at"], days=["since"])
    ages = [timedelta(days=policy.reassigned_max_age_days)]
    classes = joined(rows.told, passed(rows.times["checked_at"], now, ages, looks_ahead=True))
    pairs = matcher.same_number(rows)
    since = np.zeros(len(matcher.crowd), np.int64)
    since[pairs.lines] = rows.times["since"][pairs.rows]
    return combined(pairs.lines, classes[pairs.rows], len(matcher.crowd)), since


def _attempts(matcher: Matcher, policy: Policy, request: ContactRequest, now: datetime) -> Ints:
    # Only what is about debts, recorded or written is counted over days; a person's call over hours.
    by_days = request.purpose is Purpose.DEBT or request.channel not in LIVE
    ages = clocks.attempt_ages(policy, by_days=by_days)
    store = attempts.counted(now)
    if not by_days:
        store = store.filter(at__gte=now - max(ages))
    # Of a debt by its reference it only matters whether it is the line's own.
    is_of_debt = Case(When(subject__startswith=NAMED, then=Value(NAMED)), default="subject")
    store = store.annotate(about=is_of_debt if request.purpose is Purpose.DEBT else F("subject"))
    told = ("channel", "purpose", "seller", "campaign_ref", "about", "with_consent", "left_on_call")
    rows = matcher.read(store, told=told, ids=["decision_id"], instants=["at"])
    at, endings = rows.times["at"], _endings(rows.times["decision_id"])
    # Regulation F counts by the calendar too, so there each instant is like no other.
    of_time = at if request.purpose is Purpose.DEBT else passed(at, now, ages, looks_ahead=False)
    classes = joined(rows.told, of_time, endings)
    here, elsewhere = matcher.same_number(rows), matcher.other_numbers(rows)
    both = np.r_[classes[here.rows] * 2, classes[elsewhere.rows] * 2 + 1]
    lines = np.r_[here.lines, elsewhere.lines]
    if request.purpose is Purpose.DEBT:
        named = dict(store.filter(subject__startswith=NAMED).order_by().values_list("decision_id", "subject"))
        subjects = [named.get(decision, "") for decision in rows.times["decision_id"].tolist()]
        both = joined(both, whose_debt(matcher.crowd, subjects, np.r_[here.rows, elsewhere.rows], lines))
    return combined(lines, both, len(matcher.crowd))


def _endings(decisions: Ints) -> Ints:
    """What became of each decision's contact: 0 where nobody has said."""
    told = ("connected", "conversation", "abandoned", "machine")
    rows = read(
        ContactOutcome.objects.all(), told=told, number=NO_NUMBER, person=NO_PERSON, ids=["decision_id"]
    )
    order = rows.times["decision_id"].argsort()
    known = np.r_[rows.times["decision_id"][order], -1]  # -1: what is found for a decision after all of them
    at = known[:-1].searchsorted(decisions)
    return np.where(known[at] == decisions, np.r_[rows.told[order] + 1, 0][at], 0)


def _overrides(matcher: Matcher, now: datetime) -> Ints:
    """Each line an override names is like no other; those of whole campaigns are the same for all."""
    store = Override.objects.filter(at__lte=now, until__gt=now).exclude(number="", person_ref="")
    number = Case(When(number="", then=Value(0)), default=NUMBER, output_field=NO_NUMBER.output_field)
    rows = matcher.read(store, told=("code",), number=number)
    named = np.zeros(len(matcher.crowd), bool)
    named[matcher.same_number(rows).lines] = True
    named[matcher.same_person(rows).lines] = True
    return own_code(np.zeros(len(matcher.crowd), np.int64), named)
