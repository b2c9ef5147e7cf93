"""What came of a list: its people called and reached, results, refusals of the gate, day by day. Of campaigns over the list alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from campaigns.models import ContactPhone, Disposition, Lead
from compliance.reads.subsets import denials_of
from dialer.intervals import Share, share
from dialer.models import Call

DAYS = 30
_CATEGORY = Disposition.Category
SPOKE = (_CATEGORY.CONVERSION, _CATEGORY.CONTACT, _CATEGORY.CALLBACK, _CATEGORY.DO_NOT_CALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDay:
    """One day (UTC): calls that began, and how many of them an agent spoke with the person on."""

    day: date
    calls: int
    reached: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOutcomes:
    """What came of a list. Shares are of people, each once, with the interval behind them; results are of calls."""

    people: int
    calls: int
    called: Share  # of the people
    reached: Share  # of the people called
    converted: Share  # of the people reached
    results: Sequence[tuple[str, int]]
    refused: Sequence[tuple[str, int]]  # code of the gate → verdicts of the last 30 days
    days: Sequence[OutcomeDay]


def list_outcomes(list_id: int, *, now: datetime) -> ListOutcomes:
    """Return what came of the list. Hidden SQL: five queries, however many people and calls."""
    people = Lead.objects.filter(lead_list_id=list_id).count()
    spoke = Q(disposition__category__in=SPOKE)
    calls = Call.objects.filter(campaign__lists=list_id, contact__leads__lead_list_id=list_id, state="ended")
    totals = calls.aggregate(
        calls=Count("id"),
        called=Count("contact_id", distinct=True),
        reached=Count("contact_id", distinct=True, filter=spoke),
        converted=Count(
            "contact_id", distinct=True, filter=Q(disposition__category=_CATEGORY.CONVERSION.value)
        ),
    )
    results = calls.order_by().values_list("disposition__label", "outcome").annotate(number=Count("id"))
    labelled: dict[str, int] = {}
    for label, outcome, number in results:
        words = label or f"no result: {outcome.replace('_', ' ')}"
        labelled[words] = labelled.get(words, 0) + number
    return ListOutcomes(
        people=people,
        calls=totals["calls"],
        called=share(totals["called"], max(people, totals["called"])),
        reached=share(totals["reached"], totals["called"]),
        converted=share(totals["converted"], totals["reached"]),
        results=sorted(labelled.items(), key=lambda each: (-each[1], each[0])),
        refused=_refused(list_id, now),
        days=_days(calls.filter(created_at__gte=_since(now)), now),
    )


def _since(now: datetime) -> datetime:
    first = now.astimezone(UTC).date() - timedelta(days=DAYS - 1)
    return datetime(first.year, first.month, first.day, tzinfo=UTC)


def _refused(list_id: int, now: datetime) -> list[tuple[str, int]]:
    numbers = ContactPhone.objects.filter(contact__leads__lead_list_id=list_id).values("number")
    rows = denials_of(since=_since(now)).filter(number__in=numbers).order_by()
    found = rows.values_list("code").annotate(number_of=Count("id")).order_by("-number_of", "code")
    return [(code, number) for code, number in found]


def _days(calls: "QuerySet[Call]", now: datetime) -> list[OutcomeDay]:
    spoke = Count("id", filter=Q(disposition__category__in=SPOKE))
    rows = (
        calls.order_by()
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day")
        .annotate(number=Count("id"), spoke=spoke)
    )
    counted = {day: (number, reached) for day, number, reached in rows}
    first = _since(now).date()
    found = []
    for offset in range(DAYS):
        day = first + timedelta(days=offset)
        number, reached = counted.get(day, (0, 0))
        found.append(OutcomeDay(day=day, calls=number, reached=share(reached, number)))
    return found
