"""What can be in order, and what can go wrong, one thing at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random
from typing import Any

from compliance.rules.codes import CODES
from compliance.rules.facts import (
    CampaignFacts,
    CampaignWindow,
    Channel,
    DebtFacts,
    LineFacts,
    MessageFacts,
    Purpose,
)
from compliance.rules.records import (
    AbandonmentFacts,
    AttemptFact,
    EmergencyFact,
    OverrideFact,
    RegistrationFact,
    RegistryFacts,
    RegistryListing,
    RelationshipFact,
    SenderFacts,
)
from tests.oracle import places, wishes
from tests.oracle.draft import DAY, SECOND, SELLER, SISTER, VOICE, Draft, registrations

REFUSALS = sorted(CODES)
ABANDONED_MESSAGE = MessageFacts(ref="asset:9", has_toll_free_opt_out=True)


def strike(rng: Random, draft: Draft) -> None:
    """Let one thing go wrong, or nearly."""
    rng.choice(BAG)(rng, draft)


def campaign(rng: Random, purpose: Purpose, channel: Channel) -> CampaignFacts:
    """Return a campaign in good order for the purpose."""
    predictive = channel is Channel.LIVE_PREDICTIVE
    return CampaignFacts(
        subject="debt:7" if purpose is Purpose.DEBT else "offer:1",
        nonprofit=purpose is Purpose.CHARITY and rng.random() < 0.6,
        paid_fundraiser=purpose is Purpose.CHARITY and rng.random() < 0.3,
        to_businesses=rng.random() < 0.12,
        emergency="boil water" if purpose is Purpose.EMERGENCY else "",
        abandoned_message=ABANDONED_MESSAGE if predictive else MessageFacts(),
    )


def good_sender(rng: Random, purpose: Purpose) -> SenderFacts:
    """Return a registered sender."""
    return SenderFacts(
        kind=rng.choice(("long_code", "long_code", "long_code", "toll_free", "short_code")),
        brand_approved=True,
        campaign_approved=True,
        attached=True,
        in_pool=True,
        use_case=rng.choice(("marketing", "mixed")),
        toll_free_verified=True,
        political_token=True,
        free_to_end_user=purpose is Purpose.HEALTHCARE_HIPAA and rng.random() < 0.3,
        parts_today=rng.choice((0, 10, 1990)),
        daily_cap=2000,
    )


def list_number(rng: Random, draft: Draft) -> None:
    """Stand in a registry, often with something that may lift it."""
    copy: RegistryFacts = draft.values["registry"]
    states = sorted({s for e in draft.values["evidences"] for s in e.states} & set(places.LIST_STATES))
    name = rng.choice(("national", "national", "national", *(states or places.LIST_STATES)))
    listing = RegistryListing(name=name, as_of=copy.as_of or draft.at.date())
    draft.change("registry", listings=(*copy.listings, listing))
    if rng.random() < 0.6:
        relate(rng, draft)


def relate(rng: Random, draft: Draft) -> None:
    """Have bought, asked or known the caller, at the edges of the clocks."""
    today = draft.at.date()
    bought = today - rng.choice((1, 30, 364, 365, 366, 400, 539, 540, 541, 545, 548, 549, -1)) * DAY
    asked = today - rng.choice((1, 30, 88, 89, 90, 91, 92, 93)) * DAY
    kind = rng.random()
    draft.add(
        "relationships",
        RelationshipFact(
            seller=SELLER if rng.random() < 0.85 else SISTER,
            last_purchase_on=bought if kind < 0.45 else None,
            last_inquiry_on=asked if 0.35 < kind < 0.75 else None,
            customer=rng.random() < 0.3,
            personal=rng.random() < 0.15,
        ),
    )


def age_registry(rng: Random, draft: Draft) -> None:
    """Have copies of the lists that are old, missing or not the seller's."""
    day = draft.at.date() - rng.choice((30, 31, 32, 33, -1, -2)) * DAY
    copy: RegistryFacts = draft.values["registry"]
    own = copy.own_lists
    dropped = tuple(each for each in own if rng.random() < 0.8)
    stale = tuple(replace(each, as_of=day) for each in own)
    changes: dict[str, Any] = rng.choice(
        (
            {"as_of": day},
            {"as_of": day},
            {"as_of": None, "covers_number": False},
            {"seller_has_snapshot": False, "covers_number": False, "as_of": None},
            {"problem": "file damaged"},
            {"own_lists": dropped},
            {"own_lists": stale},
        )
    )
    draft.change("registry", **changes)


def age_line(rng: Random, draft: Draft) -> None:
    """Know the line type from long ago, or not at all."""
    limit = 15 * DAY
    checked = rng.choice((None, draft.at - limit, draft.at - limit - SECOND, draft.at + SECOND))
    draft.values["line"] = LineFacts(type=draft.line, checked_at=checked)


def break_line(rng: Random, draft: Draft) -> None:
    """Have a number that is invalid, abroad, protected or busy, or a clock one cannot trust."""
    chance = rng.randrange(5)
    if chance == 0:
        draft.values["number_problem"] = "area code does not exist"
    elif chance == 1:
        draft.change("line", protected="hospital room")
    elif chance == 2:
        draft.change("line", account="business:1")
        draft.values["account_calls_open"] = 1
    elif chance == 3:
        draft.values[rng.choice(("region", "country_stated"))] = rng.choice(("MX", "CA", "GB"))
    elif rng.random() < 0.3:
        draft.values["clock_problem"] = "the clock jumped"
    else:
        draft.values["crm_do_not_call"] = True


def lapse_registration(rng: Random, draft: Draft) -> None:
    """Lack a registration in a candidate state, or hold it by a day."""
    states = sorted({s for e in draft.values["evidences"] for s in e.states}) or ["TX"]
    state, today = rng.choice(states), draft.at.date()
    kept = tuple(r for r in registrations() if r.state != state)
    first, last = date(2024, 1, 1), today + rng.choice((-1, 0, 1)) * DAY
    entry = rng.choice(
        (
            None,
            RegistrationFact(state=state, certificate="X", valid_from=first, valid_to=last),
            RegistrationFact(state=state, certificate="X", valid_from=last),
            RegistrationFact(state=state, certificate="", valid_from=first),
            RegistrationFact(state=state, certificate="", valid_from=first, exemption="affidavit"),
            RegistrationFact(state=state, certificate="X", valid_from=first, covers_texts_only=True),
        )
    )
    draft.values["registrations"] = kept + ((entry,) if entry else ())


def wear_caller(rng: Random, draft: Draft) -> None:
    """Show a caller ID with a fault, or nearly."""
    today = draft.at.date()
    changes: dict[str, Any] = rng.choice(
        (
            {"known": False},
            {"active": False},
            {"seller": SISTER},
            {"seller": SELLER},
            {"authority": ""},
            {"takes_requests": False},
            {"tested_on": None},
            {"tested_on": today - rng.choice((89, 90, 91, 92, -1)) * DAY},
            {"dials_today": rng.choice((99, 149, 150, 151))},
        )
    )
    draft.change("caller", **changes)


def spoil_sender(rng: Random, draft: Draft) -> None:
    """Send from a number that is not quite registered, or a text that is not quite in order."""
    if "sender" not in draft.values:
        return
    changes: dict[str, Any] = rng.choice(
        (
            {"kind": ""},
            {"brand_approved": False},
            {"campaign_approved": False},
            {"attached": False},
            {"in_pool": False},
            {"use_case": rng.choice(("customer_care", "", "marketing", "mixed"))},
            {"toll_free_verified": False},
            {"political_token": False},
            {"parts_today": rng.choice((1998, 1999, 2000))},
            {"daily_cap": None},
        )
    )
    draft.change("sender", **changes)


def spoil_message(rng: Random, draft: Draft) -> None:
    """Play or send an asset with a fault."""
    if "message" not in draft.values:
        return
    changes: dict[str, Any] = rng.choice(
        (
            {"ref": ""},
            {"problems": ("no opt-out",)},
            {"marketing": True},
            {"parts": rng.choice((2, 10, 11))},
            {"has_toll_free_opt_out": False},
            {"limited_content": not draft.values["message"].limited_content},
            {"replies_to": draft.at - rng.choice((timedelta(minutes=10), 20 * DAY))},
        )
    )
    draft.change("message", **changes)


def bend_campaign(rng: Random, draft: Draft) -> None:
    """Declare something about the campaign that matters."""
    changes: dict[str, Any] = rng.choice(
        (
            {"generates_numbers": True},
            {"sells_later": True},
            {"to_businesses": True},
            {"to_businesses": True, "office_supplies": True},
            {"nonprofit": True},
            {"paid_fundraiser": True},
            {"emergency": ""},
            {"subject": ""},
            {"subject": "debt"},
            {"abandoned_message": MessageFacts()},
            {"abandoned_message": replace(ABANDONED_MESSAGE, problems=("no number",))},
        )
    )
    draft.change("campaign", **changes)


def abandon(rng: Random, draft: Draft) -> None:
    """Have abandoned calls, near three in a hundred."""
    live = rng.choice((0, 1, 33, 34, 100, 10_000))
    lost = min(live, max(0, live * 3 // 100 + rng.choice((-1, 0, 0, 1))))
    calm = AbandonmentFacts(period_live=500, period_abandoned=5, trailing_live=500, trailing_abandoned=5)
    parts = rng.choice(
        ({"period_live": live, "period_abandoned": lost}, {"trailing_live": live, "trailing_abandoned": lost})
    )
    draft.change("campaign", abandonment=replace(calm, **parts))


def try_often(rng: Random, draft: Draft) -> None:
    """Have tried before, near the caps of a day, a week and a month."""
    spans = rng.choice(
        (
            (timedelta(hours=24) - SECOND, timedelta(hours=24), timedelta(hours=7), timedelta(minutes=5)),
            (timedelta(hours=8), timedelta(hours=8) - SECOND, 2 * DAY),
            tuple(n * DAY - rng.choice((0, 1, 3600, -3600, 40_000)) * SECOND for n in range(1, 9)),
            tuple(n * DAY + rng.choice((0, 1, 3600, -3600)) * SECOND for n in (1, 7, 28, 29, 30)),
        )
    )
    channels = rng.choice(((Channel.PREREC,), (draft.channel,), (draft.channel,), (*VOICE, Channel.SMS)))
    odd = rng.random() < 0.3
    ref = draft.values.get("debt", DebtFacts()).ref
    subject = f"debt:{' '.join(ref.lower().split())}" if ref else draft.values["campaign"].subject
    attempts = []
    for span in spans:
        channel = rng.choice(channels)
        attempts.append(
            AttemptFact(
                at=draft.at - span,
                number=draft.values["number"] if rng.random() < 0.8 else "+14075550111",
                channel=channel,
                purpose=draft.purpose if rng.random() < 0.9 else Purpose.TELEMARKETING,
                seller=SISTER if odd and rng.random() < 0.3 else SELLER,
                campaign_ref="campaign:1",
                subject=subject if rng.random() < 0.9 else rng.choice(("debt:8", "debt", "")),
                connected=rng.random() < 0.9,
                conversation=rng.random() < 0.08,
                with_consent=channel is not Channel.PREREC or rng.random() < 0.4,
                left_on_call=channel is Channel.PREREC and rng.random() < 0.3,
            )
        )
    draft.values["attempts"] = tuple(sorted(attempts, key=lambda attempt: attempt.at))


def talk_about_debt(rng: Random, draft: Draft) -> None:
    """Have said when and where one may be called about the debt."""
    if draft.purpose is not Purpose.DEBT:
        try_often(rng, draft)
        return
    draft.values["debt"] = rng.choice(
        (
            DebtFacts(inconvenient=((time(9), time(17)),)),
            DebtFacts(inconvenient=((time(16), time(10)),)),
            DebtFacts(workplace=True),
            DebtFacts(ruled_out_here=True),
            DebtFacts(inconvenient_on=((rng.randrange(7), time(0), time(0)),)),
            DebtFacts(inconvenient_on=tuple((day, time(9), time(17)) for day in range(rng.randrange(7)))),
            DebtFacts(inconvenient_on=((rng.randrange(7), time(20), time(10)),)),
            DebtFacts(ref="Loan  8"),
            DebtFacts(ref="8"),
            DebtFacts(city="New York City"),
            DebtFacts(asked_to_be_called_at=draft.at - rng.choice((DAY, 7 * DAY, 7 * DAY - SECOND, -DAY))),
        )
    )
    try_often(rng, draft)


def declare(rng: Random, draft: Draft) -> None:
    """Have an emergency declared where the person may be."""
    draft.values["emergencies"] = (
        EmergencyFact(
            state=rng.choice(sorted({s for e in draft.values["evidences"] for s in e.states}) or ["NY"]),
            area="the county",
            since=draft.at - rng.choice((0 * DAY, DAY, -DAY)),
            until=rng.choice((None, draft.at, draft.at + SECOND)),
        ),
    )


def lift(rng: Random, draft: Draft) -> None:
    """Have a supervisor's overrides of some codes, in force or not."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        until = draft.at + rng.choice((DAY, DAY, DAY, 0 * DAY))
        override = OverrideFact(
            code=rng.choice(REFUSALS), by="Sam Lee", reason="spoke with them", at=draft.at - DAY, until=until
        )
        draft.add("overrides", override)


def narrow_window(rng: Random, draft: Draft) -> None:
    """Have a campaign with other hours and days."""
    days = frozenset(rng.sample(range(7), rng.choice((5, 6, 7))))
    opens, closes = rng.choice(((8, 21), (10, 16), (12, 20), (0, 23)))
    draft.values["window"] = CampaignWindow(opens=time(opens), closes=time(closes), days=days)


def ring_short(rng: Random, draft: Draft) -> None:
    """Ring for too short a time, or just long enough."""
    if draft.channel in VOICE:
        draft.values["ring_seconds"] = rng.choice((10, 14, 15, 60))


def lose_purpose(rng: Random, draft: Draft) -> None:
    """Not say the purpose, or another one."""
    draft.values["purpose"] = rng.choice((Purpose.UNKNOWN, *Purpose))


SHARES: tuple[tuple[Callable[[Random, Draft], None], int], ...] = (
    (wishes.spoil_consent, 6),
    (wishes.lose_consent, 3),
    (wishes.ask_database, 2),
    (wishes.suppress, 3),
    (wishes.come_back, 2),
    (list_number, 6),
    (relate, 2),
    (age_registry, 3),
    (age_line, 2),
    (break_line, 1),
    (lapse_registration, 3),
    (wear_caller, 3),
    (spoil_sender, 3),
    (spoil_message, 2),
    (bend_campaign, 4),
    (abandon, 2),
    (try_often, 5),
    (talk_about_debt, 3),
    (declare, 2),
    (lift, 4),
    (narrow_window, 2),
    (ring_short, 1),
    (lose_purpose, 1),
)
BAG = [mishap for mishap, share in SHARES for _ in range(share)]
