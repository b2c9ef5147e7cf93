"""Numbers as conditions of other queries: on which a request stands, for which a consent is on record. Nothing is read here."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from compliance.models import ComplianceDecision, ConsentRecord, Suppression
from compliance.rules.facts import Channel
from compliance.rules.records import ConsentKind
from compliance.selectors import means_calls

# Of a channel that means calls by compliance.selectors.means_calls, so that both say the same.
_CALLS = [channel.value for channel in Channel if means_calls([channel.value])]


def refused() -> "QuerySet[Suppression]":
    """Return the requests that compliance.selectors.refused_numbers reads, for a subquery on `number`."""
    about_calls = reduce(or_, (Q(channels__contains=[channel]) for channel in _CALLS), Q(channels=[]))
    return Suppression.objects.filter(about_calls, lift=None, person_ref="", campaign_ref="")


def consented(kind: ConsentKind | None, *, now: datetime) -> "QuerySet[ConsentRecord]":
    """Return the consents on record, of one kind or any, that have not run out; whether one is enough, the gate says."""
    rows = ConsentRecord.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), given_at__lte=now)
    return rows if kind is None else rows.filter(kind=kind.value)


def denials_of(*, since: datetime) -> "QuerySet[ComplianceDecision]":
    """Return the gate's refusals since then, to be counted."""
    return ComplianceDecision.objects.filter(outcome="deny", decided_at__gte=since)
