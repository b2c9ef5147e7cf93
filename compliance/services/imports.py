"""Consents and suppressions from CSV files: every row is accepted, a duplicate, or refused with its line and reason."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from django.db.models import Exists, OuterRef

from compliance.locks import lock_people
from compliance.models import Suppression, SuppressionLift
from compliance.rules.facts import Channel, ConsentKind, Purpose, SuppressionKind, SuppressionScope
from compliance.services import csv_rows
from compliance.services.consents import LIMITS, NewConsent, Source, add_consents, why_refused
from compliance.services.csv_rows import BadCell, ImportReport, RefusedRow, Row
from compliance.services.suppressions import Ground, new_row, publish, sameness, void_clearances
from core import audit, db
from core.types import PhoneNumber

Item = TypeVar("Item")
BATCH = 500  # rows a transaction: each number is an advisory lock, of which the server has a few thousand
CONSENT_FLAGS = frozenset(
    {"authorises_automation", "not_a_condition", "box_preticked", "agrees_to_be_called"}
)
CONSENT_NEEDS = frozenset({"number", "kind", "obtained_by", "given_at"})
CONSENT_COLUMNS = (
    CONSENT_NEEDS
    | CONSENT_FLAGS
    | frozenset(LIMITS)
    | {"sellers", "valid_until", "purposes", "channels", "text_shown", "asked_how", "asked_at"}
)
SUPPRESSION_NEEDS = frozenset({"number"})
SUPPRESSION_COLUMNS = SUPPRESSION_NEEDS | {
    "kind", "scope", "reason", "raw_words", "heard_on", "asked_at", "person_ref", "campaign_ref", "channels",
}  # fmt: skip


def import_consents(lines: Iterable[str], *, label: str, actor: str, now: datetime) -> ImportReport:
    """Keep the consents of a CSV file; run again, the same file brings nothing but duplicates.

    In transactions of 500 rows each. An import lifts no suppression (FED-006 T4). Raises FileRefused for what is no table.
    """
    rows = csv_rows.read_rows(lines, known=CONSENT_COLUMNS, needed=CONSENT_NEEDS)

    def store(batch: list[NewConsent]) -> list[bool]:
        return [is_new for _, is_new in add_consents(batch, recorded_by=actor, now=now)]

    report = _in_batches(rows, lambda row: _consent(row, now), store)
    _record("compliance.consents.imported", label, report, actor=actor, now=now)
    return report


def import_suppressions(
    lines: Iterable[str], *, seller: str, label: str, actor: str, now: datetime
) -> ImportReport:
    """Put the numbers of a CSV file on the seller's internal do-not-call list; effective batch by batch, at once.

    In transactions of 500 rows each. Raises FileRefused for what is no table.
    """
    rows = csv_rows.read_rows(lines, known=SUPPRESSION_COLUMNS, needed=SUPPRESSION_NEEDS)

    def store(batch: list[tuple[PhoneNumber, Ground]]) -> list[bool]:
        return _suppress(batch, actor=actor, now=now)

    report = _in_batches(rows, lambda row: _refusal(row, seller, label, now), store)
    _record("compliance.suppressions.imported", label, report, actor=actor, now=now)
    return report


def _in_batches(
    rows: Iterator[Row], read: Callable[[Row], Item], store: Callable[[list[Item]], list[bool]]
) -> ImportReport:
    accepted = duplicates = 0
    refused: list[RefusedRow] = []
    while batch := list(islice(rows, BATCH)):
        items: list[Item] = []
        for row in batch:
            try:
                if row.problem:
                    raise BadCell(row.problem)
                items.append(read(row))
            except BadCell as problem:
                refused.append(RefusedRow(line=row.line, shown=row.shown, reason=str(problem)))
        if items:
            with db.use_case():
                stored = store(items)
            accepted += sum(stored)
            duplicates += len(stored) - sum(stored)
    return ImportReport(accepted=accepted, duplicates=duplicates, refused=tuple(refused))


def _consent(row: Row, now: datetime) -> NewConsent:
    cells = row.cells
    given_at = csv_rows.instant(cells, "given_at")
    if given_at is None:
        raise BadCell("given_at is empty: a consent counts from the moment it was given.")
    consent = NewConsent(
        number=csv_rows.phone(cells),
        kind=csv_rows.word(cells, "kind", ConsentKind),
        given_at=given_at,
        valid_until=csv_rows.instant(cells, "valid_until"),
        source=Source.IMPORT,
        sellers=csv_rows.names(cells, "sellers"),
        purposes=csv_rows.words(cells, "purposes", Purpose),
        channels=csv_rows.words(cells, "channels", Channel),
        text_shown=cells.get("text_shown", ""),
        authorises_automation=csv_rows.yes(cells, "authorises_automation"),
        not_a_condition=csv_rows.yes(cells, "not_a_condition"),
        box_preticked=csv_rows.yes(cells, "box_preticked"),
        agrees_to_be_called=csv_rows.yes(cells, "agrees_to_be_called"),
        asked_how=cells.get("asked_how", "").strip().lower(),
        asked_at=csv_rows.instant(cells, "asked_at"),
        **{name: cells.get(name, "").strip() for name in LIMITS},
    )
    problem = why_refused(consent, now)
    if problem:
        raise BadCell(problem)
    return consent


def _refusal(row: Row, seller: str, label: str, now: datetime) -> tuple[PhoneNumber, Ground]:
    cells = row.cells
    kind = csv_rows.word(cells, "kind", SuppressionKind, SuppressionKind.DO_NOT_CALL)
    scope = csv_rows.word(cells, "scope", SuppressionScope, SuppressionScope.SELLER)
    campaign_ref = cells.get("campaign_ref", "").strip()
    asked_at = csv_rows.instant(cells, "asked_at")
    if asked_at is not None and asked_at > now:
        raise BadCell("asked_at lies in the future.")
    if (scope is SuppressionScope.CAMPAIGN) != bool(campaign_ref):
        raise BadCell("campaign_ref goes with the scope “campaign”, and that scope needs it.")
    ground = Ground(
        seller=seller,
        reason=cells.get("reason", "").strip() or kind.value.replace("_", " "),
        raw_words=cells.get("raw_words", ""),
        heard_on=cells.get("heard_on", "").strip() or f"import of {label}",
        kind=kind,
        scope=scope,
        channels=csv_rows.words(cells, "channels", Channel),
        campaign_ref=campaign_ref,
        person_ref=cells.get("person_ref", "").strip()[:80],
        asked_at=asked_at,
    )
    return csv_rows.phone(cells), ground


def _suppress(batch: list[tuple[PhoneNumber, Ground]], *, actor: str, now: datetime) -> list[bool]:
    """Store a batch in a handful of statements; return for each row whether it is new."""
    numbers = {number for number, _ in batch}
    lock_people(numbers=numbers)
    lifted = Exists(SuppressionLift.objects.filter(suppression_id=OuterRef("id")))
    standing: dict[tuple[object, ...], tuple[int, bool]] = {}
    found = Suppression.objects.filter(number__in=numbers).annotate(is_lifted=lifted).order_by("after_lifts")
    for row in found:
        standing[_key(row)] = (row.after_lifts, row.is_lifted)
    added: list[Suppression] = []
    answers = []
    for number, ground in batch:
        lifts, is_lifted = standing.get(_key_of(number, ground), (-1, True))
        answers.append(is_lifted)
        if is_lifted:
            added.append(new_row(number, ground, after_lifts=lifts + 1, actor=actor, now=now))
            standing[_key_of(number, ground)] = (lifts + 1, False)
    Suppression.objects.bulk_create(added)
    for reach, reached in _by_reach(batch).items():
        void_clearances(reached, reach, actor=actor, now=now)
        if not reach.person_ref:
            publish(reached, reach, actor=actor, now=now)
    return answers


def _by_reach(batch: list[tuple[PhoneNumber, Ground]]) -> dict[Ground, list[str]]:
    """The numbers of each group that has the same seller, scope, campaign and channels, whatever was said."""
    groups: dict[Ground, list[str]] = {}
    for number, ground in batch:
        reach = replace(ground, reason="on an imported list", raw_words="", heard_on="", asked_at=None)
        groups.setdefault(reach, []).append(number)
    return groups


def _key_of(number: str, ground: Ground) -> tuple[object, ...]:
    return _hashable(sameness(number, ground).values())


def _key(row: Suppression) -> tuple[object, ...]:
    names = ("number", "seller", "kind", "campaign_ref", "person_ref", "channels", "category")
    return _hashable(getattr(row, name) for name in names)


def _hashable(values: Iterable[object]) -> tuple[object, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _record(verb: str, label: str, report: ImportReport, *, actor: str, now: datetime) -> None:
    with db.use_case():
        audit.record(
            actor=actor,
            verb=verb,
            target=f"file:{label}"[:120],
            now=now,
            after={
                "rows": report.rows,
                "accepted": report.accepted,
                "duplicates": report.duplicates,
                "refused": len(report.refused),
            },
        )
