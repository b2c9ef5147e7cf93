"""What the demo's compliance officer finds to do: messages to read, a lift to approve, a limit to decide, a month of denials."""

from datetime import datetime, timedelta
from typing import cast

from django.conf import settings

from accounts.models import User
from compliance import services as gate
from compliance.mail import read_mail
from compliance.models import (
    ComplianceDecision,
    EmergencyArea,
    HouseLimitRequest,
    HouseLimitRow,
    Override,
    SenderRegistration,
    Suppression,
)
from compliance.rules.facts import Channel, ConsentKind, Purpose, SuppressionKind
from config.demo_gate import BY, CONSENT_TEXT
from core import db
from core.access import Person
from core.types import PhoneNumber, parse_phone

DAYS = 29
EIN = "12-3456789"
# Kept for fiction, and of no lead of the demo.
SAID = [
    ("(407) 555-0151", "phone", "Please take me off your list, I said so last year already."),
    ("(212) 555-0152", "voicemail", "This is the third call. Do not call here again."),
    ("(303) 555-0153", "letter", "We ask you not to contact our members, on any of their numbers, for any purpose. " * 3),
]  # fmt: skip
WROTE = [
    ("(312) 555-0154", "please stop texting me about solar"),
    ("(404) 555-0155", "I don't want any more of these messages"),
    ("(617) 555-0156", "wrong person, you have the wrong number"),
]
MAILED = b"""From: Robin Park <robin.park@example.net>
Subject: Re: your call last week
Message-ID: <demo-1@example.net>

Please take me off your list, and my wife too. We are with another supplier.

On Mon, 16 Nov 2026 Northwind Home Energy wrote:
> To hear no more from us, reply STOP.
"""
CHANGED_THEIR_MIND = "(415) 555-0157"
LIFTED_FOR = "(602) 555-0158"
# (number, ZIP, state, channel, purpose): asked about on every day of the past month.
ASKED = [
    ("(502) 555-0140", "40202", "KY", Channel.LIVE_PREVIEW, Purpose.TELEMARKETING),
    ("(407) 555-0151", "32801", "FL", Channel.LIVE_PREVIEW, Purpose.TELEMARKETING),
    ("(212) 555-0142", "10001", "NY", Channel.SMS, Purpose.TELEMARKETING),
    ("(312) 555-0143", "60601", "IL", Channel.PREREC, Purpose.TELEMARKETING),
    ("(303) 555-0144", "80202", "CO", Channel.LIVE_PREVIEW, Purpose.UNKNOWN),
    ("(713) 555-0145", "77002", "TX", Channel.LIVE_PREDICTIVE, Purpose.TELEMARKETING),
    ("(206) 555-0146", "98101", "WA", Channel.LIVE_PREVIEW, Purpose.SURVEY),
]


def seed_officer(now: datetime) -> None:
    """Store what the officer's pages show, once: acts of the day, then denials of the month before."""
    is_new = not ComplianceDecision.objects.exists()
    with db.use_case():
        _refusals(now)
        _house(now)
        _senders(now)
    if is_new:
        for days in range(DAYS, 0, -1):
            _denials(now - timedelta(days=days), days)


def _refusals(now: datetime) -> None:
    if Suppression.objects.filter(recorded_by=BY).exists():
        return
    seller = settings.SELLER_NAME
    for days, (text, heard_on, words) in enumerate(SAID, start=DAYS + 2):
        gate.revoke(
            number=parse_phone(text),
            seller=seller,
            raw_words=words,
            heard_on=heard_on,
            actor=BY,
            now=now - timedelta(days=days),
            kind=SuppressionKind.DO_NOT_CALL,
        )
    for hours, (text, words) in enumerate(WROTE, start=1):
        gate.revoke_in_words(
            words,
            number=parse_phone(text),
            seller=seller,
            heard_on="text message",
            actor=BY,
            now=now - timedelta(hours=hours),
            source_ref=f"demo:{hours}",
        )
    gate.take_mail(read_mail(MAILED), seller=seller, actor=BY, now=now - timedelta(hours=5))
    _changed_mind(parse_phone(CHANGED_THEIR_MIND), seller, now)


def _changed_mind(number: PhoneNumber, seller: str, now: datetime) -> None:
    asked_at = now - timedelta(days=20)
    gate.revoke(
        number=number, seller=seller, raw_words="Not interested, no more calls.", heard_on="phone", actor=BY, now=asked_at,
        kind=SuppressionKind.DO_NOT_CALL,
    )  # fmt: skip
    suppression = Suppression.objects.get(number=number)
    consent = gate.grant_consent(
        gate.NewConsent(
            number=number,
            kind=ConsentKind.PEWC,
            obtained_by=seller,
            given_at=now - timedelta(days=1),
            source=gate.Source.FORM,
            sellers=frozenset({seller}),
            text_shown=CONSENT_TEXT.format(seller=seller),
            page_url="https://northwind.example/call-me",
            language="en",
            signature="typed name",
            authorises_automation=True,
            not_a_condition=True,
            agrees_to_be_called=True,
            asked_how=gate.Asked.FORM,
            asked_words="Please call me about the rebate.",
            asked_at=now - timedelta(days=1),
        ),
        recorded_by=BY,
        now=now,
    )
    gate.request_lift(
        suppression_id=suppression.id,
        consent_id=consent.id,
        reason="Filled in “Call me” on our page yesterday and asks for a quote.",
        requested_by="ada",
        now=now,
    )


def _house(now: datetime) -> None:
    if not HouseLimitRow.objects.exists():
        gate.set_house_limit(
            name="registry_max_age_days",
            value=28,
            since=(now - timedelta(days=90)).date(),
            reason="Room for a failed download before the law's 31 days are over.",
            set_by="cora",
            now=now,
        )
    if not HouseLimitRequest.objects.exists():
        gate.request_house_limit(
            name="caller_dials_per_day",
            value=200,
            since=(now + timedelta(days=7)).date(),
            until=(now + timedelta(days=37)).date(),
            reason="Autumn campaign; the numbers are registered and answered.",
            requested_by="ada",
            now=now,
        )
    if not EmergencyArea.objects.exists():
        gate.declare_emergency(
            state="WA", area="Okanogan County", zips=["988"], since=now - timedelta(days=3),
            declared_by="Proclamation 26-11 (wildfire)", actor=BY, now=now,
        )  # fmt: skip
    if not Override.objects.exists():
        gate.lift_denial(
            code="CONSENT_SELLER",
            number=parse_phone(LIFTED_FOR),
            reason="The form names our brand by its former name; counsel has seen it.",
            by=cast(Person, User.objects.get(username="sol")),
            until=now + timedelta(days=14),
            now=now,
        )


def _senders(now: datetime) -> None:
    if SenderRegistration.objects.exists():
        return
    ready = {"brand_approved": True, "campaign_approved": True, "attached": True, "in_pool": True}
    first, second = (number for number, _ in settings.DEMO_CALLER_IDS[:2])
    gate.set_sender_registration(
        number=first,
        kind="long_code",
        brand=EIN,
        actor=BY,
        now=now,
        use_case="mixed",
        daily_cap=2000,
        **ready,
    )
    gate.set_sender_registration(
        number=second, kind="long_code", brand=EIN, actor=BY, now=now, brand_approved=True
    )


def _denials(at: datetime, days: int) -> None:
    """Ask the gate as it would have been asked that day; the busier days of the week ask about more people."""
    asked = ASKED[: 3 + (days * 3) % 5] if at.weekday() < 5 else ASKED[:2]
    requests = [
        gate.ContactRequest(
            number=parse_phone(text),
            channel=channel,
            purpose=purpose,
            seller=settings.SELLER_NAME,
            campaign_ref="",
            person_ref=f"demo:{index}",
            attempt_ref=f"demo:{at:%Y%m%d}:{index}:{again}",
            caller_id=PhoneNumber(settings.DEMO_CALLER_IDS[0][0]),
            ring_seconds=25,
            postal_code=postal_code,
            state=state,
        )
        for index, (text, postal_code, state, channel, purpose) in enumerate(asked)
        for again in range(1 + (days + index) % 4)
    ]
    with db.use_case():
        gate.screen(requests, now=at)
