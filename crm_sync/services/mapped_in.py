"""What mappings read from the CRM: people on their way in get the mapped fields, field by field by the row's rule."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from campaigns.importing import RawPerson
from campaigns.selectors import crm_facts
from campaigns.selectors.people import people_with_numbers
from compliance import services as gate
from compliance.rules.facts import SuppressionKind
from compliance.rules.vocabulary import Channel
from core import db
from core.types import PhoneError, PhoneNumber, as_phone, parse_phone
from crm_sync import deciding, fieldmap, refs
from crm_sync.capabilities import CrmField, HasFields, Record
from crm_sync.fieldmap import Row, Source
from crm_sync.models import CrmConnection, FieldDecision
from crm_sync.protocol import CrmConnector
from crm_sync.selectors import facts, mappings
from crm_sync.selectors.facts import TEXT_OPT_OUT
from crm_sync.services import schemas

NO_TEXTS = frozenset({Channel.SMS, Channel.MMS})


class Incoming:
    """One connection's reader of mapped fields for as long as an import lasts."""

    def __init__(self, connection: CrmConnection, connector: CrmConnector, *, now: datetime) -> None:
        self._connection, self._connector, self._now = connection, connector, now
        self._rows: dict[str, list[Row]] = {}
        self._told: set[str] = set()  # people the gate has heard of
        if isinstance(connector, HasFields):
            for name, rows in mappings.in_force(connection.pk).items():
                if chosen := [row for row in rows if row.comes_in]:
                    self._rows[name] = chosen
        self._sources = facts.sources("person") if self._rows else {}

    def fill(self, people: Sequence[RawPerson]) -> Sequence[RawPerson]:
        """Return the people with what the mappings read; one or two requests more a page, none without a mapping. Raises SyncError.

        A row that cannot work, its field removed say, is left out: the mapping's page shows it, and what Parley knows stays.
        """
        if not self._rows or not isinstance(self._connector, HasFields):
            return people
        ids = {ref.person_id: person for person in people if (ref := refs.parse(person.external_ref))}
        known = crm_facts.facts_by_ref([person.external_ref for person in people])
        self._told = set(
            FieldDecision.objects.filter(
                connection=self._connection, person_id__in=list(ids), field_label=facts.NO_TEXTS, wrote=True
            ).values_list("person_id", flat=True)
        )
        filled: dict[str, RawPerson] = {}
        decided: list[FieldDecision] = []
        refusing: list[RawPerson] = []
        for name, rows in self._rows.items():
            mine = [each for each in ids if self._connector.object_of(each) == name]
            usable, fields = self._usable(self._connector, name, rows)
            if not mine or not usable:
                continue
            records = self._connector.read_records(name, mine, [row.theirs for row in usable])
            for person_id, record in records.items():
                person = ids[person_id]
                made, wants_no_texts = self._fill_one(
                    person, person_id, record, usable, fields, known.get(person.external_ref), decided
                )
                filled[person.external_ref] = made
                if wants_no_texts:
                    refusing.append(person)
        with db.use_case():
            FieldDecision.objects.bulk_create(decided)
            self._refuse_texts(refusing)
        return [filled.get(person.external_ref, person) for person in people]

    def _usable(
        self, connector: HasFields, name: str, rows: Sequence[Row]
    ) -> tuple[list[Row], Mapping[str, CrmField]]:
        fields = schemas.fields_of(self._connection.pk, connector, name, now=self._now)
        wrong = {each.row for each in fieldmap.problems(rows, self._sources, fields, holds="person")}
        return [row for number, row in enumerate(rows) if number not in wrong], fields

    def _fill_one(
        self,
        person: RawPerson,
        person_id: str,
        record: Record,
        rows: Sequence[Row],
        fields: Mapping[str, CrmField],
        known: crm_facts.PersonFacts | None,
        decided: list[FieldDecision],
    ) -> tuple[RawPerson, bool]:
        """Return the person filled, and whether the CRM says that they want no texts."""
        columns: dict[str, Any] = {}
        custom = dict(person.custom)
        wants_no_texts = False
        for row in rows:
            source = self._sources[row.ours]
            group, _, key = row.ours.partition(".")
            now = _now(known, group, key)
            newer = known is None or _is_newer(record, known.changed_at)
            one = deciding.decide_in(
                row, source, fields[row.theirs], record.values.get(row.theirs), now, theirs_newer=newer
            )
            if row.ours == TEXT_OPT_OUT:
                # Told the gate once: every change of the person would tell it again.
                if one.after == "true" and person_id not in self._told:
                    wants_no_texts = True
                    decided.append(self._kept(person_id, known.name if known else "", row, source, one))
            elif not deciding.is_empty(one.after):
                (custom if group == "custom" else columns)[key] = str(one.after)
            if known is not None and one.is_conflict:
                decided.append(self._kept(person_id, known.name, row, source, one))
        return dataclasses.replace(person, custom=custom, **columns), wants_no_texts

    def _kept(
        self, person_id: str, name: str, row: Row, source: Source, one: deciding.Decision
    ) -> FieldDecision:
        return FieldDecision(
            connection=self._connection,
            person_id=person_id,
            person_name=name,
            way=FieldDecision.Way.IN,
            field_name=row.theirs,
            field_label=source.label[:200],
            ours=one.ours,
            theirs=one.theirs,
            after=one.after,
            rule=one.rule[:200],
            wrote=one.writes,
            is_conflict=one.is_conflict,
            at=self._now,
        )

    def _refuse_texts(self, people: Sequence[RawPerson]) -> None:
        """Have the gate refuse texts to every number of the people, those of the CRM and those we have beside."""
        numbers = {number for person in people for _, raw in person.phones if (number := _e164(raw))}
        if not numbers:
            return
        refs_wanted = {person.external_ref for person in people}
        for known in people_with_numbers(sorted(numbers)):
            if known.external_ref in refs_wanted:
                numbers |= {as_phone(each) for each in known.numbers}
        gate.revoke_numbers(
            numbers=sorted(numbers),
            ground=gate.Ground(
                seller=settings.SELLER_NAME,
                reason="the CRM says no texts",
                raw_words=f"No-texts flag in {self._connection.name}",
                heard_on="CRM",
                kind=SuppressionKind.DO_NOT_CALL,
                channels=NO_TEXTS,
            ),
            actor=f"import:{self._connection.kind}",
            now=self._now,
        )


def _now(known: crm_facts.PersonFacts | None, group: str, key: str) -> Any:
    if known is None:
        return None
    return known.values.get(key) if group == "person" else known.custom.get(key)


def _is_newer(record: Record, changed_at: datetime) -> bool:
    try:
        at = datetime.fromisoformat(record.changed_at)
    except ValueError:
        return False
    return at.replace(tzinfo=at.tzinfo or UTC) > changed_at


def _e164(raw: str) -> PhoneNumber | None:
    try:
        return parse_phone(raw)
    except PhoneError:
        return None
