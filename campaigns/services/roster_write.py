"""What a batch of an import changes, written in a handful of statements: COPY for what is new, one UPDATE for what is not."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.events import ConsentsImported, ContactsRefused
from campaigns.importing import CleanPerson
from campaigns.models import ListImport
from campaigns.services.roster import Known
from campaigns.services.roster_read import COLUMNS
from core import db, outbox

CONSENTS_AN_EVENT = 500

_CONTACT = (
    "id",
    "external_ref",
    "crm_do_not_call",
    "custom",
    "stated_zone",
    "created_at",
    "changed_at",
    *COLUMNS,
)
# The sequence is looked up once, and the numbers come as one value: asked for row by row they took a twentieth of an import.
_NUMBER = """
SELECT array_agg(nextval(named.sequence))
  FROM (SELECT pg_get_serial_sequence('campaigns_contact', 'id')::regclass AS sequence OFFSET 0) AS named, generate_series(1, %s)
"""
_UPDATE = f"""
UPDATE campaigns_contact AS contact
   SET external_ref = given.external_ref, crm_do_not_call = given.crm_do_not_call, custom = given.custom,
       changed_at = %(now)s, {", ".join(f"{name} = given.{name}" for name in COLUMNS)}
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
       id bigint, external_ref text, crm_do_not_call boolean, custom jsonb, {", ".join(f"{name} text" for name in COLUMNS)})
 WHERE contact.id = given.id
"""  # noqa: S608 - names of our own code
_MOVE = """
UPDATE campaigns_contactphone AS phone SET position = given.position
  FROM unnest(%s::bigint[], %s::integer[]) AS given(id, position) WHERE phone.id = given.id
"""
_JOIN = """
INSERT INTO campaigns_lead (lead_list_id, contact_id, debt_ref, added_at)
SELECT %s, contact_id, debt_ref, %s FROM unnest(%s::bigint[], %s::text[]) AS given(contact_id, debt_ref)
    ON CONFLICT (lead_list_id, contact_id) DO NOTHING
"""
_NAME_DEBTS = """
UPDATE campaigns_lead AS lead SET debt_ref = given.debt_ref
  FROM unnest(%s::bigint[], %s::text[]) AS given(contact_id, debt_ref)
 WHERE lead.lead_list_id = %s AND lead.contact_id = given.contact_id AND lead.debt_ref = ''
"""


def write(
    list_import: ListImport,
    people: Sequence[Known],
    consenting: Sequence[tuple[Known, CleanPerson]],
    *,
    now: datetime,
) -> None:
    """Write what the batch changes of the people, in the open transaction; people who are new get their ids."""
    db.require_atomic()
    new = [known for known in people if known.id is None]
    _number(new)
    db.copy_rows("campaigns_contact", _CONTACT, _new_contacts(new, now))
    is_new = set(map(id, new))
    _update([known for known in people if known.changed and id(known) not in is_new], now)
    list_id = list_import.lead_list_id
    _hold_list(list_id)
    with db.references_held():  # people: new by this transaction, or locked by roster_read
        db.copy_rows(
            "campaigns_contactphone", ("contact_id", "number", "raw", "kind", "position"), _new_phones(people)
        )
        db.copy_rows(
            "campaigns_lead",
            ("lead_list_id", "contact_id", "debt_ref", "added_at"),
            ((list_id, known.id, known.debt_ref, now) for known in new),
        )
    _move_phones(people, is_new)
    _join(list_id, [known for known in people if known.joins and id(known) not in is_new], now)
    _name_debts(list_id, [known for known in people if known.names_debt])
    refusing = [known for known in people if known.refuses_newly or (id(known) in is_new and known.refused)]
    _publish_refusals(list_import, refusing, now)
    _publish_consents(list_import, consenting, now)


def _hold_list(list_id: int) -> None:
    """Lock the list as a foreign key's check does: it cannot go before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM campaigns_leadlist WHERE id = %s FOR KEY SHARE", [list_id])


def _number(new: Sequence[Known]) -> None:
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, [len(new)])
        for known, given in zip(new, cursor.fetchone()[0], strict=True):
            known.id = given


def _new_contacts(new: Sequence[Known], now: datetime) -> Iterator[Sequence[Any]]:
    for known in new:
        custom = json.dumps(known.custom) if known.custom else "{}"
        yield (
            known.id,
            known.external_ref,
            known.refused,
            custom,
            "",
            now,
            now,
            *(known.values.get(name, "") for name in COLUMNS),
        )


def _update(changed: Sequence[Known], now: datetime) -> None:
    if not changed:
        return
    rows = [
        {
            "id": known.id,
            "external_ref": known.external_ref,
            "crm_do_not_call": known.refused,
            "custom": known.custom,
            **known.values,
        }
        for known in changed
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, {"rows": json.dumps(rows), "now": now})


def _new_phones(people: Sequence[Known]) -> Iterator[Sequence[Any]]:
    for known in people:
        for position, phone in enumerate(known.phones):
            if phone.id is None:
                yield known.id, phone.number, phone.raw, phone.kind, position


def _move_phones(people: Sequence[Known], new: set[int]) -> None:
    moved = [
        (phone.id, position)
        for known in people
        if known.changed and id(known) not in new
        for position, phone in enumerate(known.phones)
        if phone.id is not None and phone.position != position
    ]
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, [list(column) for column in zip(*moved, strict=True)])


def _join(list_id: int, joining: Sequence[Known], now: datetime) -> None:
    if joining:
        with connection.cursor() as cursor:
            cursor.execute(
                _JOIN, [list_id, now, [known.id for known in joining], [known.debt_ref for known in joining]]
            )


def _name_debts(list_id: int, named: Sequence[Known]) -> None:
    if named:
        with connection.cursor() as cursor:
            cursor.execute(
                _NAME_DEBTS, [[known.id for known in named], [known.debt_ref for known in named], list_id]
            )


def _publish_refusals(list_import: ListImport, refusing: Sequence[Known], now: datetime) -> None:
    """Tell the gate by an event: its locks must not be waited for while these rows are held."""
    if refusing:
        event = ContactsRefused(
            contact_ids=[known.id for known in refusing if known.id is not None],
            source=list_import.source,
            source_label=list_import.source_label,
        )
        outbox.publish(event, key=f"import:{list_import.pk}", now=now)


def _publish_consents(
    list_import: ListImport, consenting: Sequence[tuple[Known, CleanPerson]], now: datetime
) -> None:
    """Tell the consent ledger by events, for the same reason; some hundred consents each."""
    kind = (list_import.plan or {}).get("consent_kind", "pec")
    given = [
        {
            "contact": known.id,
            "numbers": [phone.number for phone in person.phones],
            "name": f"{known.values.get('first_name', '')} {known.values.get('last_name', '')}".strip(),
            "given_on": person.consent.given_on.isoformat(),
            "source": person.consent.source,
            "wording": person.consent.wording,
            "row": person.raw.row_number,
        }
        for known, person in consenting
        if person.consent is not None
    ]
    for start in range(0, len(given), CONSENTS_AN_EVENT):
        event = ConsentsImported(
            import_id=list_import.pk,
            kind=kind,
            source_label=list_import.source_label,
            consents=given[start : start + CONSENTS_AN_EVENT],
        )
        outbox.publish(event, key=f"import:{list_import.pk}", now=now)
