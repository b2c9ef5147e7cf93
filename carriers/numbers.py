"""The account's numbers at the carrier beside ours: what differs, and putting it right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from carriers.models import CallerNumber
from carriers.protocol import Carrier, NumberSetup, OwnNumber
from compliance import services as gate
from core import audit, db
from core.types import as_phone

OURS = "it is one of our own numbers"
FIELDS = {
    "voice_url": "voice URL",
    "fallback_url": "fallback URL",
    "status_url": "status callback",
    "text_url": "text URL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing about one number that is not as we want it."""

    number: str
    what: str
    found: str
    wanted: str
    ref: str = ""  # of the number at the carrier, where it is to be set up there
    can_be_applied: bool = True


def inventory() -> dict[str, bool]:
    """Return our caller numbers and whether each is in use."""
    return dict(CallerNumber.objects.order_by("number").values_list("number", "active"))


def differences(
    found: Iterable[OwnNumber], *, wanted: NumberSetup, ours: Mapping[str, bool]
) -> list[Difference]:
    """Return what differs between the carrier's numbers and ours, in order of the numbers.

    A number taken out of use here by hand stays so; one that cannot make calls is none of ours.
    """
    theirs = {each.number: each for each in found if each.has_voice}
    rows: list[Difference] = []
    for number in sorted({*theirs, *(number for number, active in ours.items() if active)}):
        own = theirs.get(number)
        if own is None:
            rows.append(
                Difference(
                    number=number,
                    what="inventory",
                    found="in use",
                    wanted="retired: the account does not have it",
                )
            )
            continue
        if number not in ours:
            rows.append(Difference(number=number, what="inventory", found="not there", wanted="in use"))
        rows += _set_up_rows(own, wanted)
    return rows


def apply(
    rows: Sequence[Difference],
    *,
    carrier: Carrier,
    wanted: NumberSetup,
    labels: Mapping[str, str],
    actor: str,
    now: datetime,
) -> None:
    """Put right what can be: the carrier first, number by number, then our inventory in one transaction. Raises CarrierError."""
    for ref in dict.fromkeys(row.ref for row in rows if row.ref and row.can_be_applied):
        carrier.set_up_number(ref, wanted)
    with db.use_case():
        for row in rows:
            if row.what != "inventory":
                continue
            if row.wanted == "in use":
                CallerNumber.objects.get_or_create(
                    number=row.number, defaults={"label": labels.get(row.number, "")}
                )
                verb, protected = "carriers.number.added", OURS
            else:
                CallerNumber.objects.filter(number=row.number).update(active=False)
                verb, protected = "carriers.number.retired", ""
            # A list may hold it all the same: the gate never lets us call ourselves.
            gate.mark_line(number=as_phone(row.number), protected=protected, actor=actor, now=now)
            audit.record(actor=actor, verb=verb, target=f"number:{row.number}", now=now)


def _set_up_rows(own: OwnNumber, wanted: NumberSetup) -> list[Difference]:
    if own.handled_by:
        return [
            Difference(
                number=own.number,
                what="calls to it",
                found=f"taken by {own.handled_by}",
                wanted="our addresses: take it out of the application or trunk at the carrier first",
                can_be_applied=False,
            )
        ]
    rows = [
        Difference(number=own.number, what=words, found=is_now or "not set", wanted=should_be, ref=own.ref)
        for name, words in FIELDS.items()
        if (is_now := getattr(own.setup, name)) != (should_be := getattr(wanted, name))
        and (name != "text_url" or (own.has_texts and not own.texts_handled_by))
    ]
    if own.has_texts and own.texts_handled_by:
        taken = f"taken by {own.texts_handled_by}"
        by_hand = "our address: take it out of the application at the carrier first"
        rows.append(
            Difference(
                number=own.number, what="texts to it", found=taken, wanted=by_hand, can_be_applied=False
            )
        )
    return rows
