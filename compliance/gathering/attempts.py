"""Earlier contacts, whoever made them and on whatever channel: what the caps count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from compliance.gathering.merged import PERSONS
from compliance.models import ContactLedger, ContactOutcome, LineRecord, OpenClearance
from compliance.rules import frequency
from compliance.rules.facts import AttemptFact, Channel, ContactRequest, LineFacts

# An attempt whose clearance ran out unused never rang, so it does not count; the minute allows for servers' clocks to differ.
UNUSED_AFTER = timedelta(minutes=1)
# A call nobody reported the end of counts as under way for this long: longer than any call of ours.
OPEN_FOR = timedelta(hours=4)
# The day of counters ends when hardly anybody may be called, and when carriers end theirs (CID-003, A2P caps).
COUNTING_ZONE = ZoneInfo("America/Los_Angeles")
TEXTS = (Channel.SMS.value, Channel.MMS.value)


# As far back as any rule looks, oldest first. What became of a contact nobody has told yet is what AttemptFact takes for granted.
# Each look-up goes by its index, whatever the planner believes: OFFSET 0 keeps it from reading a table whole that was small when
# the statement was planned, and has grown since.
EARLIER = f"""
SELECT l.person_ref, l.attempt_ref,
    (SELECT f FROM (
        SELECT l.at, l.number, l.channel, l.purpose, l.seller, l.campaign_ref, l.subject, l.with_consent,
            coalesce(o.connected, true) AS connected, coalesce(o.conversation, false) AS conversation,
            coalesce(o.abandoned, false) AS abandoned, coalesce(o.machine, false) AS machine,
            l.channel = 'prerec' AND l.caller_id = '' AS left_on_call
    ) f) AS fact
FROM (
    SELECT mine.* FROM unnest(%(numbers)s) AS asked(number), LATERAL (
        SELECT * FROM compliance_contactledger l WHERE l.number = asked.number AND l.at > %(reach)s OFFSET 0
    ) mine
    UNION ALL
    SELECT mine.* FROM unnest({PERSONS}) AS asked(person_ref), LATERAL (
        SELECT * FROM compliance_contactledger l
        WHERE l.person_ref = asked.person_ref AND l.at > %(reach)s AND l.number <> ALL(%(numbers)s) OFFSET 0
    ) mine
) l LEFT JOIN LATERAL (
    SELECT * FROM compliance_contactoutcome o WHERE o.decision_id = l.decision_id OFFSET 0
) o ON true
WHERE NOT coalesce((
    SELECT c.voided_at IS NOT NULL OR c.consumed_at IS NULL AND c.expires_at <= %(unused)s
    FROM compliance_openclearance c WHERE c.decision_id = l.decision_id
), false) ORDER BY l.at, l.id
"""  # noqa: S608 - our own text
# How many calls each number was shown on today.
USED_TODAY = """
SELECT asked.caller_id, today.calls FROM unnest(%(callers)s) AS asked(caller_id), LATERAL (
    SELECT count(*) AS calls FROM compliance_contactledger l
    WHERE l.caller_id = asked.caller_id AND l.at >= %(midnight)s AND l.channel <> ALL(%(texts)s)
) today WHERE today.calls > 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An earlier contact and whom it was made to."""

    person_ref: str
    attempt_ref: str
    fact: AttemptFact

    def is_call_of(self, request: ContactRequest) -> bool:
        """Return whether it is the call that the request is a part of."""
        return request.on_call and self.attempt_ref == request.attempt_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How many calls a caller ID was shown on since midnight."""

    caller_id: str
    calls: int


def counted(at: datetime) -> "QuerySet[ContactLedger]":
    """Return the contacts that EARLIER would take, to anybody: for counting everybody at once."""
    found = ContactLedger.objects.filter(~_never_rang(at), at__gt=at - frequency.REACH)
    return found.annotate(left_on_call=Q(channel=Channel.PREREC, caller_id=""))


def midnight(at: datetime) -> datetime:
    """Return when the day of the counters began."""
    return at.astimezone(COUNTING_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def bounds(at: datetime) -> dict[str, Any]:
    """Return the parameters of EARLIER and USED_TODAY that follow from the instant."""
    return {
        "reach": at - frequency.REACH,
        "unused": at - UNUSED_AFTER,
        "midnight": midnight(at),
        "texts": frozenset(TEXTS),
    }


def open_to_accounts(lines: Mapping[str, LineFacts], at: datetime) -> dict[str, set[str]]:
    """Return the numbers under call now of each business account in `lines` (FED-032). No query where none has one."""
    accounts = {line.account for line in lines.values()} - {""}
    if not accounts:
        return {}
    of_account = LineRecord.objects.filter(account__in=accounts)
    is_over = ContactOutcome.objects.filter(decision_id=OuterRef("decision_id"))
    rows = (
        ContactLedger.objects.filter(number__in=of_account.values("number"), at__gt=at - OPEN_FOR, at__lte=at)
        .exclude(channel__in=TEXTS)
        .filter(~_never_rang(at), ~Exists(is_over))
        .annotate(account=Subquery(LineRecord.objects.filter(number=OuterRef("number")).values("account")))
        .order_by("id")
    )
    found: dict[str, set[str]] = {}
    for account, number in rows.values_list("account", "number"):
        found.setdefault(account, set()).add(number)
    return found


def _never_rang(at: datetime) -> Exists:
    return Exists(
        OpenClearance.objects.filter(decision_id=OuterRef("decision_id")).filter(
            Q(voided_at__isnull=False) | Q(consumed_at__isnull=True, expires_at__lte=at - UNUSED_AFTER)
        )
    )
