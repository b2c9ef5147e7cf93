"""Earlier contacts, whoever made them and on whatever channel: what the caps count."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery

from compliance.models import ContactLedger, ContactOutcome, LineRecord, OpenClearance
from compliance.rules import frequency
from compliance.rules.facts import AttemptFact, Channel, ContactRequest, LineFacts, Purpose

# An attempt whose clearance ran out unused never rang, so it does not count; the minute allows for servers' clocks to differ.
UNUSED_AFTER = timedelta(minutes=1)
# A call nobody reported the end of counts as under way for this long: longer than any call of ours.
OPEN_FOR = timedelta(hours=4)
# The day of counters ends when hardly anybody may be called, and when carriers end theirs (CID-003, A2P caps).
COUNTING_ZONE = ZoneInfo("America/Los_Angeles")
TEXTS = (Channel.SMS.value, Channel.MMS.value)


EARLIER = """
SELECT l.*, o.connected, o.conversation, o.abandoned, o.machine
FROM (
    SELECT * FROM compliance_contactledger WHERE number = ANY(%(numbers)s) AND at > %(since)s
    UNION
    SELECT * FROM compliance_contactledger WHERE person_ref = ANY(%(persons)s) AND at > %(since)s
) l
LEFT JOIN compliance_contactoutcome o ON o.decision_id = l.decision_id
WHERE NOT EXISTS (
    SELECT 1 FROM compliance_openclearance c WHERE c.decision_id = l.decision_id
    AND (c.voided_at IS NOT NULL OR c.consumed_at IS NULL AND c.expires_at <= %(unused)s)
) ORDER BY l.at, l.id
"""
USED_TODAY = """
SELECT caller_id, count(*) FROM compliance_contactledger
WHERE caller_id = ANY(%(callers)s) AND at >= %(midnight)s AND channel <> ALL(%(texts)s) GROUP BY caller_id
"""
OUTCOME = ("connected", "conversation", "abandoned", "machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An earlier contact and whom it was made to."""

    person_ref: str
    attempt_ref: str
    fact: AttemptFact

    def concerns(self, request: ContactRequest) -> bool:
        """Return whether it was made to the request's person or number, before the call that the request is a part of."""
        if request.on_call and self.attempt_ref == request.attempt_ref:
            return False
        return self.fact.number == request.number or bool(
            request.person_ref and self.person_ref == request.person_ref
        )


def earlier(numbers: Set[str], persons: Set[str], at: datetime) -> list[Attempt]:
    """Return the contacts to the numbers and persons as far back as any rule looks, oldest first."""
    rows = ContactLedger.objects.raw(
        EARLIER,
        {
            "numbers": list(numbers),
            "persons": list(persons),
            "since": at - frequency.REACH,
            "unused": at - UNUSED_AFTER,
        },
    )
    return [
        Attempt(
            person_ref=row.person_ref,
            attempt_ref=row.attempt_ref,
            fact=AttemptFact(
                at=row.at,
                number=row.number,
                channel=Channel(row.channel),
                purpose=Purpose(row.purpose),
                seller=row.seller,
                campaign_ref=row.campaign_ref,
                subject=row.subject,
                with_consent=row.with_consent,
                left_on_call=row.channel == Channel.PREREC and not row.caller_id,
                **_told(row),
            ),
        )
        for row in rows
    ]


def _told(row: ContactLedger) -> dict[str, bool]:
    """What became of the contact; nothing as long as nobody has said."""
    return {name: told for name in OUTCOME if (told := getattr(row, name)) is not None}


def midnight(at: datetime) -> datetime:
    """Return when the day of the counters began."""
    return at.astimezone(COUNTING_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def used_today(caller_ids: Set[str], at: datetime) -> dict[str, int]:
    """Return how many calls each number was shown on today."""
    with connection.cursor() as cursor:
        cursor.execute(
            USED_TODAY, {"callers": list(caller_ids), "texts": list(TEXTS), "midnight": midnight(at)}
        )
        return dict(cursor.fetchall())


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
