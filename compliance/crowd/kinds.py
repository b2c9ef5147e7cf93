"""Kinds of lines: lines alike in all facts are one kind, and its facts can be put together to ask rules about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import numpy as np

from compliance.crowd import registries, stores
from compliance.crowd.clocks import same_clocks
from compliance.crowd.debts import about, debts
from compliance.crowd.people import Crowd, Ints, coded, joined
from compliance.crowd.places import Where, locate
from compliance.gathering import load_facts
from compliance.models import EmergencyArea
from compliance.registry_facts import copies_in_force
from compliance.rules import places
from compliance.rules.facts import (
    ContactFacts,
    ContactRequest,
    DebtFacts,
    Evidence,
    LineFacts,
    Purpose,
    RegistryFacts,
)
from compliance.rules.policy import Policy
from core import db

BATCH = 800  # loaded at once

# Every fact is the same for a whole campaign, or has a code here, by the part of the stores it comes from. Facts of one part
# are taken from one and the same line: a consent is older or younger than the request not to be called beside it.
SAME: Final = frozenset(
    {
        "at", "utc_day", "channel", "purpose", "seller", "campaign_ref", "person_ref", "attempt_ref", "caller_id", "ring_seconds",
        "window", "caller", "sender", "message", "campaign", "clock_problem",
    }
)  # fmt: skip
PART_OF: Final[Mapping[str, str]] = {
    "number": "number",
    "number_problem": "number",
    "region": "number",
    "country_stated": "country",
    "evidences": "place",
    "zones": "place",
    "states": "place",
    "days": "place",
    "has_address": "place",
    "registrations": "place",
    "emergencies": "place",
    "crm_do_not_call": "flagged",
    "line": "line",
    "account_calls_open": "line",
    "suppressions": "proofs",
    "consents": "proofs",
    "reassigned": "proofs",
    "relationships": "relationships",
    "registry": "registry",
    "attempts": "attempts",
    "overrides": "overrides",
    "debt": "debt",
}
# What facts say in so many words is compared as it is: often fewer things than the part has codes.
PLAIN: Final = (
    "number_problem", "region", "country_stated", "states", "days", "has_address", "registrations", "emergencies",
    "account_calls_open", "crm_do_not_call",
)  # fmt: skip
# Rules look at parts of these.
WATCHED_PARTS: Final[Mapping[str, type]] = {"registry": RegistryFacts, "line": LineFacts, "debt": DebtFacts}
NUMBERED: Final = ("consents", "attempts")  # each names the number it is about, the line's own or another


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The kinds of a crowd: for each line its kind, and for each kind a line of it and the codes of its facts."""

    of_line: Ints
    samples: Ints  # a line of each kind
    codes: Mapping[str, Ints]  # fact that differs between kinds → a code of it for each kind
    where: Where
    same: Mapping[str, Any]  # the facts that are the same for all
    _parts: Mapping[str, Sequence[int]]  # part → a code for each kind
    _numbered: Mapping[
        str, Sequence[int]
    ]  # part of NUMBERED → a code of it and of the number (and debt) for each kind
    _samples: Mapping[str, Mapping[int, ContactFacts]]  # part → code → facts of a line that has it
    _known: dict[str, dict[int, Any]] = field(  # fact → code → what `fact` has put together
        default_factory=lambda: {name: {} for name in PART_OF}
    )

    def __len__(self) -> int:
        """Return how many kinds there are."""
        return len(self.samples)

    def fact(self, name: str, kind: int) -> Any:
        """Return one fact of the kind, taken from a line that is alike in the fact's part."""
        part = PART_OF[name]
        own, known = self._parts[part][kind], self._known[name]
        code = self._numbered[part][kind] if name in NUMBERED else own
        if code not in known:
            sample = self._samples[part][own]
            known[code] = self._own(getattr(sample, name), name, sample, kind)
        return known[code]

    def _own(self, value: Any, name: str, sample: ContactFacts, kind: int) -> Any:
        """The sample's fact as it would be for the kind: about its number and its person."""
        if name in NUMBERED:
            number = self.fact("number", kind)
            mine = tuple(
                replace(each, number=number if each.number == sample.number else "") for each in value
            )
            if name == "attempts" and self.same["purpose"] is Purpose.DEBT:
                debt = self.fact("debt", kind)
                return tuple(
                    replace(each, subject=about(each, told_of=sample.debt, kind=debt)) for each in mine
                )
            return mine
        if name == "suppressions":
            person = self.same["person_ref"]
            return tuple(replace(each, person_ref=person if each.person_ref else "") for each in value)
        return value

    def facts(self, kind: int) -> ContactFacts:
        """Return all facts of the kind."""
        own = {
            each.name: self.fact(each.name, kind)
            for each in fields(ContactFacts)
            if each.init and each.name in PART_OF
        }
        same = {name: value for name, value in self.same.items() if name != "utc_day"}  # which `at` tells
        return ContactFacts(**same, **own)


def sort_into_kinds(
    crowd: Crowd, request_of: Callable[[int], ContactRequest], policy: Policy, now: datetime
) -> Kinds:
    """Return the kinds of a crowd that is not empty; `request_of` gives what the gate would be asked about a line."""
    sample = request_of(0)
    emergencies = EmergencyArea.objects.filter(since__lte=now).exclude(until__lte=now).order_by("id")
    touching, copies = list(emergencies), copies_in_force({sample.seller})
    with db.beside(lambda: stores.held(crowd, policy, sample, now)) as reading:
        where = locate(crowd, touching)
        listed = registries.listings(crowd, copies)
        held = reading.result()
    each_line = {
        # The number the calls would come from is not called itself.
        "numbers": joined(where.numbers, (crowd.numbers == int(sample.caller_id)).astype(np.int64)),
        "addresses": where.addresses,
        "country": where.countries,
        "flagged": crowd.flagged.astype(np.int64),
        "line": held.lines,
        "suppressions": held.suppressions,
        "consents": held.consents,
        "reassigned": held.reassigned,
        "relationships": held.relationships,
        "registry": listed,
        "attempts": held.attempts,
        "overrides": held.overrides,
        "debt": debts(crowd, policy, sample.purpose),
    }
    _, samples, of_line = np.unique(joined(*each_line.values()), return_index=True, return_inverse=True)
    kind = {name: codes[samples] for name, codes in each_line.items()}
    parts = _parts(kind)
    samples_of = _load(parts, samples, request_of, now)
    anybody = next(iter(samples_of["number"].values()))
    return Kinds(
        of_line=of_line.astype(np.int64),
        samples=samples,
        codes=_codes(kind, parts, samples_of, policy, now),
        where=where,
        same={name: getattr(anybody, name) for name in SAME},
        _parts={name: codes.tolist() for name, codes in parts.items()},
        # What an attempt was about is told by the debt as well.
        _numbered={
            "proofs": joined(parts["proofs"], parts["number"]).tolist(),
            "attempts": joined(parts["attempts"], parts["number"], parts["debt"]).tolist(),
        },
        _samples=samples_of,
    )


def _parts(kind: Mapping[str, Ints]) -> dict[str, Ints]:
    """The codes of each part of the facts, out of those of each store."""
    of_several = {
        "number": kind["numbers"],
        "place": joined(kind["numbers"], kind["addresses"]),
        "proofs": joined(kind["suppressions"], kind["consents"], kind["reassigned"]),
    }
    return of_several | {name: kind[name] for name in set(PART_OF.values()) - set(of_several)}


def _load(
    parts: Mapping[str, Ints], samples: Ints, request_of: Callable[[int], ContactRequest], now: datetime
) -> dict[str, dict[int, ContactFacts]]:
    """Load the facts of a line for each code of each part; a line that stands for one stands for others too."""
    wanted: dict[str, dict[int, int]] = {}
    for part, codes in parts.items():
        values, first = np.unique(codes, return_index=True)
        wanted[part] = dict(zip(values.tolist(), samples[first].tolist(), strict=True))
    lines = sorted({line for of_code in wanted.values() for line in of_code.values()})
    of_registry = set(wanted["registry"].values())
    loaded: dict[int, ContactFacts] = {}
    for with_registries in (
        True,
        False,
    ):  # to ask every copy takes a third of the time, and is for this part alone
        some = [line for line in lines if (line in of_registry) is with_registries]
        for start in range(0, len(some), BATCH):
            batch = some[start : start + BATCH]
            found = load_facts([request_of(line) for line in batch], now, with_registries=with_registries)
            loaded.update(zip(batch, found, strict=True))
    return {part: {code: loaded[line] for code, line in of_code.items()} for part, of_code in wanted.items()}


def _codes(
    kind: Mapping[str, Ints],
    parts: Mapping[str, Ints],
    samples: Mapping[str, Mapping[int, ContactFacts]],
    policy: Policy,
    now: datetime,
) -> dict[str, Ints]:
    """A code of each fact for each kind. The number is left out: what its digits tell is a fact of its own."""
    coded_by_part = ("relationships", "attempts", "overrides")
    found = {name: parts[PART_OF[name]] for name in coded_by_part}
    found |= {name: kind[name] for name in ("suppressions", "reassigned")}
    # What a consent is worth depends on the requests and answers beside it.
    found["consents"] = joined(kind["consents"], np.where(kind["consents"] > 0, parts["proofs"], 0))
    for name in PLAIN:
        part = PART_OF[name]
        found[name] = _told(parts[part], samples[part], attrgetter(name))
    for name, kind_of in WATCHED_PARTS.items():
        for each in fields(kind_of):
            path = f"{name}.{each.name}"
            found[path] = _told(parts[name], samples[name], attrgetter(path))
    found["line.checked_at"] = _told(parts["line"], samples["line"], stores.line_age(policy, now))
    found["zones"] = _told(parts["place"], samples["place"], lambda facts: same_clocks(facts.zones, now))
    found["evidences"] = _told(
        parts["place"], samples["place"], lambda facts: _clocks_of(facts.evidences, now)
    )
    return {name: codes for name, codes in found.items() if len(codes) and codes.min() != codes.max()}


def _clocks_of(evidences: Sequence[Evidence], now: datetime) -> object:
    """What evidence says, without its words, and with the clocks of its zones for their names."""
    likely = places.likely_zone(tuple(evidences))
    return same_clocks([likely] if likely else [], now), tuple(
        (each.kind, each.states, same_clocks(sorted(each.zones), now)) for each in evidences
    )


def _told(codes: Ints, samples: Mapping[int, ContactFacts], told: Callable[[ContactFacts], object]) -> Ints:
    """A code of what the samples say, coarser than theirs."""
    known = sorted(samples)
    return coded([told(samples[code]) for code in known])[np.searchsorted(known, codes)]
