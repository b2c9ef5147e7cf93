"""Reads for the compliance page: whether the verdicts are intact, and how far they are sealed."""

from dataclasses import dataclass
from datetime import date, datetime

from compliance.models import ChainCheck, ChainLane, DaySeal, DroppedMonth
from compliance.store.partitions import Partition, list_partitions


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStatus:
    """The state of the verdicts' evidence. `findings` are those of the newest check of every day that has problems."""

    checked_day: date | None  # of the newest check
    checked_at: datetime | None
    checked_verdicts: int
    broken_days: tuple[date, ...]
    findings: tuple[str, ...]
    sealed_to: date | None
    last_seal: str  # its hash in hex: written down elsewhere, it proves everything before it
    unsealed_days: tuple[date, ...]
    dropped_months: tuple[date, ...]
    partitions: tuple[Partition, ...]

    @property
    def is_intact(self) -> bool:
        """Return whether no check found anything; True as well when none was made yet."""
        return not self.broken_days


def chain_status() -> ChainStatus:
    """Return how the evidence stands. Hidden SQL: six queries."""
    newest = ChainCheck.objects.order_by("-id").first()
    last_of_each_day = ChainCheck.objects.order_by("day", "-id").distinct("day").values("id")
    broken = list(ChainCheck.objects.filter(id__in=last_of_each_day, problems__gt=0).order_by("day", "id"))
    seal = DaySeal.objects.order_by("-day", "-id").first()
    last = DaySeal.objects.order_by("-id").first()
    unsealed = ChainLane.objects.filter(seal=None).values_list("day", flat=True).distinct().order_by("day")
    return ChainStatus(
        checked_day=newest.day if newest else None,
        checked_at=newest.checked_at if newest else None,
        checked_verdicts=newest.verdicts if newest else 0,
        broken_days=tuple(check.day for check in broken),
        findings=tuple(f"{check.day}: {finding}" for check in broken for finding in check.findings),
        sealed_to=seal.day if seal else None,
        last_seal=bytes(last.seal_hash).hex() if last else "",
        unsealed_days=tuple(unsealed),
        dropped_months=tuple(DroppedMonth.objects.order_by("month").values_list("month", flat=True)),
        partitions=list_partitions(),
    )
