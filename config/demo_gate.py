"""What the demo's gate knows beside the law: caller numbers, registrations, registry copies, lines, consents."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from compliance import services as gate
from compliance.models import CallerAuthority, LineRecord, ReassignedCheck, SellerRegistration
from compliance.rules.facts import ConsentKind, LineType, ReassignedAnswer
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from compliance.rules.packfile import shipped
from compliance.selectors import list_registry_imports
from core import db
from core.types import PhoneNumber, parse_phone

BY = "demo"
LISTED_EVERYWHERE = "0113"  # the demo's national registry holds 555-0113 of every area code
RENEWED_AFTER = timedelta(days=15)  # registry copies: 31 days count in the demo too
TESTED_AGAIN_AFTER = timedelta(days=5)
LOOKED_UP_AGAIN_AFTER = timedelta(days=5)  # a line's type is believed for 15 days (FED-031)
# Not registered here, so that the demo shows what that does: its lead is refused, and says which paper is missing.
UNREGISTERED = "KY"
ENDING = "MS"  # its paper ends soon, so that the demo shows the warning; no lead lives there
# State-run lists the demo has copies of, each with one number; Texas's is a lead's.
STATE_LISTS = {
    "CO": "3035550113", "FL": "4075550113", "IN": "3175550113", "LA": "5045550113", "MA": "6175550113", "MO": "3145550113",
    "OK": "4055550113", "PA": "2155550113", "TN": "6155550113", "TX": "7135550188", "WY": "3075550113",
}  # fmt: skip
# Lines of the demo's leads that were looked up; the others are not known and count as mobiles.
LINES = {
    "(407) 555-0181": LineType.WIRELESS,
    "(212) 555-0182": LineType.LANDLINE_BIZ,
    "(312) 555-0183": LineType.LANDLINE_BIZ,
    "(303) 555-0184": LineType.VOIP,
    "(404) 555-0185": LineType.WIRELESS,
    "(617) 555-0186": LineType.LANDLINE_BIZ,
    "(215) 555-0187": LineType.LANDLINE_RES,
    "(612) 555-0189": LineType.WIRELESS,
    "(928) 555-0194": LineType.WIRELESS,  # Arizona bars sales calls to mobiles without consent: refused
    "(504) 555-0197": LineType.WIRELESS,  # Louisiana too, but this person consented
    "(505) 555-0199": LineType.LANDLINE_RES,
}
CONSENTING = ["(407) 555-0181", "(504) 555-0197", "(404) 555-0185"]
CONSENTED_AT = datetime(2025, 9, 1, 15, tzinfo=UTC)  # the same at every start, so that it is one consent
CONSENT_TEXT = (
    "By typing my name I agree that {seller} may call and text me at this number about its offers, also with an autodialer and "
    "recorded messages. I need not agree in order to buy anything."
)


def seed_sellers_papers(now: datetime) -> None:
    """Store or renew the caller numbers' proofs and the seller's registrations; what is fresh is kept."""
    for number, label in settings.DEMO_CALLER_IDS:
        tested = CallerAuthority.objects.filter(
            number=number, tested_on__gt=_days_ago(now, TESTED_AGAIN_AFTER)
        )
        if not tested.exists():
            with db.use_case():
                gate.set_caller_authority(
                    number=PhoneNumber(number),
                    seller="",
                    authority=f"Demo: rented for {label}",
                    takes_requests=True,
                    tested_on=now.date(),
                    actor=BY,
                    now=now,
                )
    held = set(SellerRegistration.objects.filter(seller=settings.SELLER_NAME).values_list("state", flat=True))
    with db.use_case():
        for state in _states_to_register(now.date()):
            if state not in held and state != UNREGISTERED:
                gate.record_registration(
                    seller=settings.SELLER_NAME,
                    state=state,
                    certificate=f"DEMO-{state}-1",
                    valid_from=date(now.year - 1, 1, 1),
                    valid_to=now.date() + timedelta(days=20)
                    if state == ENDING
                    else date(now.year + 5, 12, 31),
                    actor=BY,
                    now=now,
                )


def seed_registries(now: datetime) -> None:
    """Load copies of the registries, and newer ones before the last turn stale."""
    newest = {
        row.name: row.as_of for row in reversed(list_registry_imports(now=now, limit=100)) if row.active
    }
    lists = {"national": [f"{area}555{LISTED_EVERYWHERE}" for area in range(201, 990) if area % 100 != 11]}
    lists |= {state: [number] for state, number in STATE_LISTS.items()}
    for name, lines in lists.items():
        if name in newest and newest[name] > _days_ago(now, RENEWED_AFTER):
            continue
        with db.use_case():
            gate.import_dnc(
                lines=lines,
                name=name,
                seller=settings.SELLER_NAME,
                san="demo-0001",
                as_of=now.date(),
                file_sha256=hashlib.sha256("\n".join([name, *lines]).encode()).hexdigest(),
                actor=BY,
                now=now,
            )


def seed_people(now: datetime) -> None:
    """Store what is known of the leads' lines, and the consents some gave; look-ups are renewed while they are believed."""
    fresh = set(
        LineRecord.objects.filter(checked_at__gt=now - LOOKED_UP_AGAIN_AFTER).values_list("number", flat=True)
    )
    with db.use_case():
        for text, kind in LINES.items():
            if (number := parse_phone(text)) not in fresh:
                gate.record_line(
                    number=number, type=kind, source="demo look-up", checked_at=now, actor=BY, now=now
                )
        asked = set(
            ReassignedCheck.objects.filter(checked_at__gt=now - LOOKED_UP_AGAIN_AFTER).values_list(
                "number", flat=True
            )
        )
        for number in map(parse_phone, CONSENTING):
            gate.grant_consent(_consent(number), recorded_by=BY, now=now)
            if number not in asked:
                gate.record_reassigned_check(
                    number=number,
                    since=CONSENTED_AT.date(),
                    answer=ReassignedAnswer.NO,
                    checked_at=now,
                    database_version="demo",
                    actor=BY,
                    now=now,
                )


def _consent(number: PhoneNumber) -> gate.NewConsent:
    return gate.NewConsent(
        number=number,
        kind=ConsentKind.PEWC,
        obtained_by=settings.SELLER_NAME,
        given_at=CONSENTED_AT,
        source=gate.Source.FORM,
        sellers=frozenset({settings.SELLER_NAME}),
        text_shown=CONSENT_TEXT.format(seller=settings.SELLER_NAME),
        page_url="https://northwind.example/energy-check",
        language="en",
        signature="typed name",
        authorises_automation=True,
        not_a_condition=True,
        agrees_to_be_called=True,
    )


def _states_to_register(on: date) -> Iterable[str]:
    return (state for state in STATE_NAMES if shipped().laws("registration", state, on))


def _days_ago(now: datetime, days: timedelta) -> date:
    return (now - days).date()
