"""What went wrong inside rules: counted, and told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from compliance.models import RuleFailure
from compliance.rules.decision import Decision
from compliance.rules.facts import ContactFacts
from core import audit, db

TOLD_AGAIN_AFTER = timedelta(hours=1)


def record_failures(decided: Sequence[tuple[ContactFacts, Decision]], *, now: datetime) -> None:
    """Count the contacts of a batch that a failing rule denied, and put each fault in the audit trail once an hour (ENG-001).

    Rows are added, none is changed: a rule that fails for everybody must not make the gate's transactions wait for each other.
    """
    db.require_atomic()
    found: dict[str, list[ContactFacts]] = {}
    for facts, decision in decided:
        for what in set(decision.failures):
            found.setdefault(what[:300], []).append(facts)
    for what, contacts in sorted(found.items()):
        is_told = RuleFailure.objects.filter(what=what, at__gt=now - TOLD_AGAIN_AFTER, at__lte=now).exists()
        RuleFailure.objects.create(
            at=now,
            what=what,
            contacts=len(contacts),
            attempt_ref=contacts[0].attempt_ref,
            campaign_ref=contacts[0].campaign_ref,
        )
        if not is_told:
            after = {
                "failure": what,
                "contacts": len(contacts),
                "attempt": contacts[0].attempt_ref,
                "campaign": contacts[0].campaign_ref,
            }
            audit.record(
                actor="gate", verb="compliance.gate.rule_failed", target="gate:rules", now=now, after=after
            )
