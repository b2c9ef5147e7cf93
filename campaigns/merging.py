"""Several records of one person → one: which stays, which value of each field, and where they stand in a campaign. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

# Why people are taken for one, the strongest first.
GROUNDS: Final = (
    ("external_id", "The same ID in a file’s system"),
    ("email_name", "The same e-mail address and name"),
    ("phone_name", "The same number and name"),
    ("email", "The same e-mail address"),
    ("phone", "The same number"),
    ("name_postal", "The same name and postal code"),
    ("name_company", "The same name and company"),
)
FIELDS: Final[Mapping[str, str]] = {
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "title": "Title",
    "email": "E-mail",
    "city": "City",
    "state": "State",
    "postal_code": "ZIP or postal code",
    "country": "Country",
    "stated_zone": "Time zone, as stated",
    "owner_name": "Owner in the CRM",
}
OWN: Final = "own:"  # before the key of a field of the house's own
MOST: Final = 20  # records merged at once; a number that more people share is a switchboard
FINISHED, READY = "finished", "ready"
MAX_ATTEMPTS: Final = 32_767  # what the column holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One of the records."""

    id: int
    values: Mapping[str, str]
    own: Mapping[str, Any]
    external_ref: str
    consents: int  # that name the record
    attempts: int
    created_at: datetime

    def value(self, name: str) -> Any:
        """Return a field's value, of the usual ones or of the house's own; empty for none."""
        if name.startswith(OWN):
            return self.own.get(name.removeprefix(OWN), "")
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which records become one, which of them stays, and of which record each field is taken (none named: the survivor's)."""

    survivor: int
    merged: Sequence[int]
    values: Mapping[str, int]  # field, or "own:" and its key → record
    ground: str = ""
    seen: str = ""  # what the page showed (Comparison.seen); empty: nobody looked


def survivor_of(records: Sequence[Record]) -> Record:
    """Return the record that had best stay: of a CRM, with consents that name it, most called, fullest, oldest."""
    return min(
        records,
        key=lambda each: (
            not each.external_ref,
            -each.consents,
            -each.attempts,
            -sum(1 for value in (*each.values.values(), *each.own.values()) if value not in ("", None)),
            each.created_at,
            each.id,
        ),
    )


def source_of(name: str, survivor: Record, records: Sequence[Record]) -> Record:
    """Return whose value of the field had best stay: the survivor's; where it has none, the first that there is."""
    return next((each for each in (survivor, *records) if each.value(name) not in ("", None)), survivor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a record stands in one campaign: columns of CampaignLead."""

    state: str
    next_try_at: datetime
    is_callback: bool = False
    callback_hard: bool = False
    callback_for_id: int | None = None
    callback_asked_at: datetime | None = None
    attempts: int = 0
    last_result: str = ""
    last_called_at: datetime | None = None
    reason: str = ""
    lacks_consent: str = ""
    next_number: str = ""
    debt_ref: str = ""
    by_segment: bool = False
    left_segment: bool = False
    left_out: bool = False
    added_at: datetime
    fresh_until: datetime | None = None
    left_list: bool = field(default=False)  # finished only since they left a list

    @property
    def is_done(self) -> bool:
        """Return whether a result or a rule finished it, and not merely where the record stood."""
        return self.state == FINISHED and not (
            self.lacks_consent or self.left_segment or self.left_list or self.left_out
        )


def one_standing(ours: Standing, theirs: Standing) -> Standing:
    """Return where the person stands once both are one: tries add up, what is finished stays so, a promise is kept.

    Of two that may be tried, the later time counts; of two promises, the earlier.
    """
    newest = max(
        (ours, theirs),
        key=lambda each: (each.last_called_at is not None, each.last_called_at or each.added_at),
    )
    leads = _leading(ours, theirs)
    waits = [each for each in (ours, theirs) if each.state == READY]
    promised = sorted((each for each in waits if each.is_callback), key=lambda each: each.next_try_at)
    promise = promised[0] if promised and leads.state == READY else None
    timed = promise or max(waits if leads.state == READY else [leads], key=lambda each: each.next_try_at)
    attempts = min(ours.attempts + theirs.attempts, MAX_ATTEMPTS)
    return Standing(
        state=leads.state,
        next_try_at=timed.next_try_at,
        is_callback=promise is not None,
        callback_hard=promise.callback_hard if promise else False,
        callback_for_id=promise.callback_for_id if promise else None,
        callback_asked_at=promise.callback_asked_at if promise else None,
        attempts=attempts,
        last_result=newest.last_result or ours.last_result or theirs.last_result,
        last_called_at=newest.last_called_at,
        reason=leads.reason,
        lacks_consent=leads.lacks_consent,
        next_number=ours.next_number or theirs.next_number,
        debt_ref=ours.debt_ref or theirs.debt_ref,
        by_segment=(ours.by_segment and theirs.by_segment) or leads.left_segment,
        left_segment=leads.left_segment,
        left_out=leads.left_out,
        added_at=min(ours.added_at, theirs.added_at),
        fresh_until=ours.fresh_until if not attempts else None,
    )


def _leading(ours: Standing, theirs: Standing) -> Standing:
    """The one whose state counts: a result that finished one finishes both; else a promise, else who is left out, else who may be tried."""
    both = (ours, theirs)
    ranks: tuple[Callable[[Standing], bool], ...] = (
        lambda each: each.is_done,
        lambda each: each.state == READY and each.is_callback,
        lambda each: each.left_out,
        lambda each: each.state == READY,
    )
    return next((each for holds in ranks for each in both if holds(each)), ours)
