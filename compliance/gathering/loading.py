"""One request and all the stores → the facts of one contact."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache

from compliance.gathering import attempts, debts, numbers, surroundings
from compliance.gathering.grouping import Grouped, who
from compliance.gathering.merged import Merged
from compliance.gathering.stores import Stores, ask
from compliance.registry_facts import registry_facts
from compliance.rules import places
from compliance.rules.facts import (
    NO_LINE,
    NO_SENDER,
    AttemptFact,
    CampaignWindow,
    Channel,
    ContactFacts,
    ContactRequest,
    Evidence,
    LineFacts,
    ReassignedFact,
    RegistryFacts,
    SenderFacts,
)

TEXTS = frozenset({Channel.SMS, Channel.MMS})
OURSELVES = "it is the number the call would come from"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the request's number and person may be."""

    number: places.NumberInfo
    evidences: tuple[Evidence, ...]
    states: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What the stores hold, to be found by whom or what it is about."""

    merged: Merged
    refusals: Grouped[numbers.Refusal]
    consents: Grouped[numbers.Given]
    relationships: Grouped[numbers.Relationship]
    lines: dict[str, LineFacts]
    reassigned: dict[str, ReassignedFact]
    overrides: tuple[numbers.Override, ...]
    earlier: Grouped[attempts.Attempt]
    used_today: dict[str, int]
    open_to_accounts: dict[str, set[str]]
    callers: Grouped[surroundings.Caller]
    senders: dict[str, SenderFacts]
    registrations: Grouped[surroundings.Registration]
    emergencies: tuple[surroundings.Emergency, ...]
    wishes: tuple[debts.Wish, ...]
    clock_problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The evidence for a batch, as it was at `at`; facts are made of it one request at a time."""

    at: datetime
    requests: tuple[ContactRequest, ...]
    places: tuple[_Place, ...]
    registries: tuple[RegistryFacts, ...]
    held: _Held

    def facts(self, index: int, *, since: Sequence[AttemptFact] = (), dials_since: int = 0) -> ContactFacts:
        """Return the facts of one request; `since`: attempts, and calls its caller ID was shown on, that no store holds yet."""
        return _facts(self, index, tuple(since), dials_since)


def ask_for_evidence(
    requests: Sequence[ContactRequest], at: datetime, *, with_registries: bool = True
) -> Callable[[], Gathered]:
    """Ask for the evidence for a batch of requests; what is returned takes it. Without the registries it is none to decide by.

    Hidden SQL: one query, however many requests; when it is taken, one more where a text is among them, one where a debt is, and
    one where a line belongs to a business account.
    """
    found = tuple(_place(request) for request in requests)
    take = ask(
        {
            "at": at,
            "numbers": {str(request.number) for request in requests},
            "persons": {request.person_ref for request in requests} - {""},
            "campaigns": {request.campaign_ref for request in requests} - {""},
            "callers": {str(request.caller_id) for request in requests},
            "sellers": {request.seller for request in requests},
            "states": {state for place in found for state in place.states},
            **attempts.bounds(at),
        }
    )

    def gathered() -> Gathered:
        stores = take()
        return Gathered(
            at=at,
            requests=tuple(requests),
            places=found,
            registries=tuple(
                registry_facts(requests, stores.copies)
                if with_registries
                else (RegistryFacts() for _ in requests)
            ),
            held=_held(requests, stores, at),
        )

    return gathered


def load_facts(
    requests: Sequence[ContactRequest], at: datetime, *, with_registries: bool = True
) -> list[ContactFacts]:
    """Gather the evidence for each request, in order. Hidden SQL: that of ask_for_evidence."""
    gathered = ask_for_evidence(requests, at, with_registries=with_registries)()
    return [gathered.facts(index) for index in range(len(requests))]


@lru_cache(maxsize=256)
def _window(
    opens: time,
    closes: time,
    days: frozenset[int],
    breaks: tuple[tuple[time, time], ...],
    off: tuple[date, ...],
) -> CampaignWindow:
    return CampaignWindow(opens=opens, closes=closes, days=days, breaks=breaks, off=off)


def _place(request: ContactRequest) -> _Place:
    number = places.describe_number(request.number)
    address = places.address_evidences(
        postal_code=request.postal_code,
        state=request.state,
        city=request.city,
        stated_zone=request.stated_zone,
    )
    evidences = ((number.evidence,) if number.evidence else ()) + address
    states = frozenset(state for evidence in evidences for state in evidence.states)
    return _Place(number=number, evidences=evidences, states=states)


def _held(requests: Sequence[ContactRequest], stores: Stores, at: datetime) -> _Held:
    lines = {row.number: row.fact for row in stores.lines}
    merged = Merged(stores.aliases)
    now_named = merged.survivor
    return _Held(
        merged=merged,
        refusals=Grouped([_renamed(row, merged) for row in stores.refusals], lambda row: [row.number]),
        consents=Grouped(stores.consents, lambda row: who(row.fact.number, now_named(row.person_ref))),
        relationships=Grouped(stores.relationships, lambda row: [now_named(row.person_ref)]),
        lines=lines,
        reassigned={row.number: row.fact for row in stores.reassigned},
        overrides=stores.overrides,
        earlier=Grouped(stores.earlier, lambda row: who(row.fact.number, now_named(row.person_ref))),
        used_today={row.caller_id: row.calls for row in stores.used_today},
        open_to_accounts=attempts.open_to_accounts(lines, at),
        callers=Grouped(stores.callers, lambda row: [row.number]),
        senders=surroundings.senders(
            {str(request.caller_id) for request in requests if request.channel in TEXTS}, at
        ),
        registrations=Grouped(stores.registrations, lambda row: [(row.seller, row.fact.state)]),
        emergencies=stores.emergencies,
        wishes=debts.wishes_about(requests, merged),
        clock_problem=surroundings.clock_problem(at, database_now=stores.database_now, newest=stores.newest),
    )


def _renamed(refusal: numbers.Refusal, merged: Merged) -> numbers.Refusal:
    """The refusal of a merged record's pair, as one of the survivor's."""
    name = merged.survivor(refusal.fact.person_ref)
    if name == refusal.fact.person_ref:
        return refusal
    return replace(refusal, fact=replace(refusal.fact, person_ref=name))


def _window_of(request: ContactRequest) -> CampaignWindow:
    hours = request.window_opens, request.window_closes
    return _window(*hours, request.window_days, request.window_breaks, request.days_off)


def _facts(gathered: Gathered, index: int, since: tuple[AttemptFact, ...], dials_since: int) -> ContactFacts:
    request, place, held = gathered.requests[index], gathered.places[index], gathered.held
    keys = who(request.number, request.person_ref)
    refusals = held.refusals.of(request.number)
    line = held.lines.get(request.number, NO_LINE)
    dials_today = held.used_today.get(request.caller_id, 0) + dials_since
    return ContactFacts(
        at=gathered.at,
        number=request.number,
        channel=request.channel,
        purpose=request.purpose,
        seller=request.seller,
        campaign_ref=request.campaign_ref,
        person_ref=request.person_ref,
        attempt_ref=request.attempt_ref,
        caller_id=request.caller_id,
        ring_seconds=request.ring_seconds,
        number_problem=place.number.problem or (OURSELVES if request.number == request.caller_id else ""),
        region=place.number.region,
        country_stated=places.country_outside_us(request.country),
        line=line,
        evidences=place.evidences,
        window=_window_of(request),
        suppressions=tuple(refusal.fact for refusal in refusals if refusal.concerns(request)),
        crm_do_not_call=request.crm_do_not_call,
        consents=numbers.consents_of(request, held.consents.of(*keys), refusals, held.merged),
        relationships=tuple(
            row.fact
            for row in held.relationships.of(request.person_ref)
            if held.merged.may_speak(row.person_ref, request, row.at)
        ),
        reassigned=held.reassigned.get(request.number),
        registry=gathered.registries[index],
        caller=surroundings.caller_of(request, held.callers.of(request.caller_id), dials_today),
        registrations=tuple(
            row.fact
            for state in sorted(place.states)
            for row in held.registrations.of((request.seller, state))
        ),
        emergencies=surroundings.emergencies_of(request, place.evidences, held.emergencies),
        sender=held.senders.get(request.caller_id, NO_SENDER),
        message=request.message,
        campaign=request.campaign,
        debt=debts.debt_facts(request, held.wishes),
        attempts=(*(row.fact for row in held.earlier.of(*keys) if not row.is_call_of(request)), *since),
        account_calls_open=len(held.open_to_accounts.get(line.account, set()) - {request.number}),
        overrides=tuple(row.fact for row in held.overrides if row.fits(request, held.merged)),
        clock_problem=held.clock_problem,
    )
