"""All that is known about a number, asked of each app in turn and written down. Reads only."""

from collections.abc import Iterator

import compliance.evidence
import crm_sync.evidence
import dialer.evidence
from campaigns.selectors import evidence as campaigns
from core import audit
from core.evidence import Asked, Row, Section
from dialer.services import offers
from evidence import spread, story
from evidence.spool import Spool

NO_TEXTS = "This installation sends no texts but answers; those that came in stand here with what they were answered with."


def gather(spool: Spool, asked: Asked) -> Row:
    """Write every section into the spool; return the figures and the sentence of the cover.

    Run it in core.db.snapshot(), so that all sections tell of the same instant.
    """
    persons = {offers.person_ref(contact_id) for contact_id in campaigns.contact_ids(asked)}
    persons |= compliance.evidence.persons(asked)
    calls, refs = dialer.evidence.call_ids(asked), campaigns.external_refs(asked)
    for section in (
        *campaigns.sections(asked),
        *compliance.evidence.sections(asked, persons=persons),
        *dialer.evidence.sections(asked),
        Section(name="texts", rows=compliance.evidence.texts(asked), note=NO_TEXTS),
        *crm_sync.evidence.sections(calls, refs),
    ):
        spool.add(section)
    found = spread.opt_outs(spool.rows("revocations"), spool.rows("suppressions"), spool.rows("lifts"))
    spread.follow_calls(found, spool.rows("attempts"))
    spread.follow_crm(found, spool.rows("crm"))
    spool.add(Section(name="opt_outs", rows=spread.rows(found)))
    spool.add(Section(name="audit", rows=_audit(asked, persons, calls, refs)))
    return story.told(spool.rows("verdicts"), spool.rows("attempts"), found)


def _audit(asked: Asked, persons: set[str], calls: list[int], refs: list[str]) -> Iterator[Row]:
    """What people and processes did about the number, its people, its calls and the imports that brought it."""
    targets = {f"number:{asked.number}"} | persons
    targets |= {f"call:{each}" for each in calls}
    targets |= {f"recording:{each}" for each in dialer.evidence.recording_ids(asked)}
    targets |= {f"sync_item:{each}" for each in crm_sync.evidence.item_ids(calls, refs)}
    targets |= {f"import:{each}" for each in campaigns.import_ids(asked)}
    yield from audit.events_about(targets)
