"""The seller's papers: registrations, caller IDs, messaging senders."""

from dataclasses import dataclass
from datetime import date, datetime

from compliance.models import CallerAuthority, SellerRegistration, SenderRegistration
from core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRow:
    """A registration, licence or filed exemption."""

    id: int
    seller: str
    state: str
    certificate: str
    exemption: str
    valid_from: date
    valid_to: date | None  # its last day
    covers_texts_only: bool
    document: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRow:
    """A number that may be shown as caller ID."""

    id: int
    number: str
    seller: str  # empty = every seller
    authority: str
    takes_requests: bool
    tested_on: date | None
    active: bool
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRow:
    """A messaging sender and how far its registration got."""

    id: int
    number: str
    kind: str
    brand: str
    brand_approved: bool
    campaign_approved: bool
    attached: bool
    in_pool: bool
    use_case: str
    toll_free_verified: bool
    political_token: bool
    free_to_end_user: bool
    daily_cap: int | None
    recorded_by: str
    recorded_at: datetime


def registrations_by_state(seller: str) -> dict[str, tuple[RegistrationRow, ...]]:
    """Return the seller's papers by state, the newest first. Hidden SQL: one query."""
    found: dict[str, list[RegistrationRow]] = {}
    for row in SellerRegistration.objects.filter(seller=seller).order_by("-valid_from", "-id"):
        found.setdefault(row.state, []).append(
            RegistrationRow(
                id=row.id,
                seller=row.seller,
                state=row.state,
                certificate=row.certificate,
                exemption=row.exemption,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                covers_texts_only=row.covers_texts_only,
                document=row.document,
                recorded_by=row.recorded_by,
                recorded_at=row.recorded_at,
            )
        )
    return {state: tuple(rows) for state, rows in found.items()}


def list_callers() -> tuple[CallerRow, ...]:
    """Return the inventory of caller IDs, those in use first. Hidden SQL: one query."""
    return tuple(map(_caller, CallerAuthority.objects.order_by("-active", "number", "id")[:1000]))


def get_caller(caller_id: int) -> CallerRow:
    """Return one caller ID; raises NotFound. Hidden SQL: one query."""
    row = CallerAuthority.objects.filter(id=caller_id).first()
    if row is None:
        raise NotFound("There is no such caller ID.")
    return _caller(row)


def list_senders() -> tuple[SenderRow, ...]:
    """Return the messaging senders. Hidden SQL: one query."""
    return tuple(map(_sender, SenderRegistration.objects.order_by("number", "id")[:1000]))


def get_sender(sender_id: int) -> SenderRow:
    """Return one messaging sender; raises NotFound. Hidden SQL: one query."""
    row = SenderRegistration.objects.filter(id=sender_id).first()
    if row is None:
        raise NotFound("There is no such sender.")
    return _sender(row)


def _caller(row: CallerAuthority) -> CallerRow:
    return CallerRow(
        id=row.id,
        number=row.number,
        seller=row.seller,
        authority=row.authority,
        takes_requests=row.takes_requests,
        tested_on=row.tested_on,
        active=row.active,
        recorded_by=row.recorded_by,
    )


def _sender(row: SenderRegistration) -> SenderRow:
    return SenderRow(
        id=row.id,
        number=row.number,
        kind=row.kind,
        brand_approved=row.brand_approved,
        campaign_approved=row.campaign_approved,
        attached=row.attached,
        in_pool=row.in_pool,
        use_case=row.use_case,
        toll_free_verified=row.toll_free_verified,
        political_token=row.political_token,
        free_to_end_user=row.free_to_end_user,
        brand=row.brand,
        daily_cap=row.daily_cap,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )
