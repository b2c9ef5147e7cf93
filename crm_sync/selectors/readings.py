"""How the reading of a CRM's list stands."""

from dataclasses import dataclass
from datetime import datetime

from core.errors import NotFound
from crm_sync.models import ListPull

State = ListPull.State
FEW_SECONDS = 3.0  # before them a rate says nothing


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading, with its rate and what is left of it."""

    import_id: int
    connection_id: int
    connection_name: str
    kind_label: str
    state: str
    state_label: str
    rows_read: int
    left_out: int
    rows_total: int | None
    rate: int | None  # records a second since it began
    seconds_left: int | None
    waits_until: datetime | None  # the CRM could not answer, or is gathering
    why_it_waits: str
    is_stopping: bool
    is_followed: bool

    @property
    def done(self) -> int:
        """Return how many of the list's records are read, people or not."""
        return self.rows_read + self.left_out

    @property
    def is_open(self) -> bool:
        """Return whether it goes on."""
        return self.state in (State.WAITING, State.READING)

    @property
    def is_gathering(self) -> bool:
        """Return whether the CRM puts the records together before it gives the first."""
        return self.is_open and not self.done and self.waits_until is not None and not self.why_it_waits


def get_reading(import_id: int) -> Reading:
    """Return the reading of an import; raises NotFound for an import that is not read from a CRM. One query."""
    pull = ListPull.objects.select_related("connection").filter(import_id=import_id).first()
    if pull is None:
        raise NotFound("This import is not read from a CRM.")
    return _reading(pull)


def list_open(connection_id: int | None = None) -> list[Reading]:
    """Return the readings under way, the oldest first. One query."""
    pulls = ListPull.objects.select_related("connection").filter(state__in=[State.WAITING, State.READING])
    if connection_id is not None:
        pulls = pulls.filter(connection_id=connection_id)
    return [_reading(pull) for pull in pulls.order_by("id")[:50]]


def _reading(pull: ListPull) -> Reading:
    done = pull.rows_read + pull.left_out
    seconds = (pull.progressed_at - pull.began_at).total_seconds() if pull.began_at else 0.0
    rate = round(done / seconds) if seconds >= FEW_SECONDS and done else None
    left = None
    if rate and pull.rows_total is not None:
        left = max(round((pull.rows_total - done) / rate), 0)
    waits = pull.due_at if pull.state == State.WAITING else None
    return Reading(
        import_id=pull.import_id,
        connection_id=pull.connection_id,
        connection_name=pull.connection.name,
        kind_label=pull.connection.get_kind_display(),
        state=pull.state,
        state_label=pull.get_state_display(),
        rows_read=pull.rows_read,
        left_out=pull.left_out,
        rows_total=pull.rows_total,
        rate=rate,
        seconds_left=left,
        waits_until=waits,
        why_it_waits=pull.last_error if waits else "",
        is_stopping=bool(pull.stop_asked_by),
        is_followed=pull.live_list_id is not None,
    )
