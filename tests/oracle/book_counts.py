"""Steps 12 to 14 of ENG-001: frequency, debts (Regulation F), abandonment, assets, ring."""

from datetime import date, datetime, time, timedelta

from compliance.rules.records import AttemptFact, MessageFacts
from compliance.rules.vocabulary import Channel, LineType, Purpose
from tests.oracle.book_consent import usable_consents
from tests.oracle.book_hours import is_open
from tests.oracle.case import TEXT, VOICE, Case, Refusal, Refusals

MACHINE = {Channel.PREREC, Channel.LIVE_PREDICTIVE}
NEW_YORK_CITY_FROM = date(2027, 1, 1)  # REGF-006: reported moved to this day


def frequency(case: Case) -> Refusals:
    """ST-003: three in any 24 hours, everywhere, whatever the subject and channel; Maine's machines one in 8 hours."""
    if case.emergency:
        return
    # whoever called: the cap is the person's; a recording left on a call of ours came with that call (FED-029)
    earlier = [a for a in case.facts.attempts if not a.left_on_call]
    if sum(is_within(a, case, timedelta(hours=24)) for a in earlier) >= 3:
        yield Refusal("ST-003", "FREQ_STATE", "three attempts in 24 hours")
    maine = case.telemarketing and "ME" in case.states and case.facts.channel in MACHINE
    if maine and any(is_within(a, case, timedelta(hours=8)) for a in earlier):
        yield Refusal("ST-003", "FREQ_STATE", "Maine: one automated call in 8 hours")


def is_within(attempt: AttemptFact, case: Case, span: timedelta) -> bool:
    """Return whether the attempt lies in the span that ends now; one exactly that long ago is out."""
    return timedelta(0) <= case.facts.at - attempt.at < span


def debt(case: Case) -> Refusals:
    """REGF-001, -002, -003, -006: how often, how soon, when and where a collector may call."""
    facts = case.facts
    if facts.purpose is not Purpose.DEBT:
        return
    if not facts.campaign.subject and not facts.debt.ref:
        yield Refusal("REGF-001", "REGF_7IN7", "not said which debt, so nothing can be counted")
    same = [a for a in facts.attempts if is_same_debt(a, case)]
    # REGF-001 counts calls that "go to voicemail": what is left there is that call. What was talked was talked (REGF-002).
    counted = [a for a in same if not a.left_on_call]
    if facts.channel in VOICE:
        calls = [a for a in counted if a.channel in VOICE and a.connected]
        rolling = sum(is_within(a, case, timedelta(hours=168)) for a in calls)
        by_date = sum(days_ago(a, case) < 7 for a in calls)
        if max(rolling, by_date) >= 7:
            yield Refusal("REGF-001", "REGF_7IN7", "seven calls in seven days")
        talks = [a for a in same if a.conversation and a.channel in VOICE and not is_invited(a, case)]
        if any(days_ago(a, case) < 7 for a in talks):
            yield Refusal("REGF-002", "REGF_COOLDOWN", "a conversation within seven days, its day the first")
    yield from local_caps(case, counted)
    yield from inconvenient(case)


def is_invited(talk: AttemptFact, case: Case) -> bool:
    """Return whether they asked, in that talk or since, to be called: REGF-002 T2, "prior consent <= 7 days".

    REGF-001: "7 consecutive days; implement as rolling 168 h and 7 calendar days local, take stricter". Its own exception for calls
    with consent is marked M, "from memory", and what is marked M "needs counsel before it is relied on": the count has none.
    """
    asked = case.facts.debt.asked_to_be_called_at
    if asked is None or asked < talk.at or not timedelta(0) <= case.facts.at - asked < timedelta(hours=168):
        return False
    return all((c.date() - asked.astimezone(c.tzinfo).date()).days < 7 for c in case.clocks)


def is_same_debt(attempt: AttemptFact, case: Case) -> bool:
    """Return whether it was about this debt, whoever called for whom; a debt call that does not say is taken to be."""
    if attempt.at > case.facts.at:
        return False
    known = case.facts.debt.ref or case.facts.campaign.subject
    mine = plain(f"debt:{known}" if case.facts.debt.ref else known)
    theirs = plain(attempt.subject)
    if theirs in {"", "debt"} or mine == "debt":  # one of the two is some debt, nobody knows which
        return attempt.purpose is Purpose.DEBT
    return mine == theirs


def plain(subject: str) -> str:
    """Return it as people would read it out: capitals and spaces make no other debt."""
    return " ".join(subject.lower().split())


def days_ago(attempt: AttemptFact, case: Case) -> int:
    """Return how many local dates ago it was, the fewest of the candidate clocks."""
    return min(
        ((c.date() - attempt.at.astimezone(c.tzinfo).date()).days for c in case.clocks),
        default=(case.facts.at - attempt.at).days,
    )


def local_caps(case: Case, same: list[AttemptFact]) -> Refusals:
    """REGF-006: New York City 3 contacts on any channel, Massachusetts 2, Washington 3, in 7 days, per debt."""
    reached = [a for a in same if a.connected]
    contacts = sum(days_ago(a, case) < 7 or is_within(a, case, timedelta(hours=168)) for a in reached)
    where = case.facts.debt.city
    city = where == "New York City" or (not where and "NY" in case.states)  # no city said: it may be
    city = city and case.last_date >= NEW_YORK_CITY_FROM
    if city and contacts >= 3:
        yield Refusal("REGF-006", "REGF_7IN7", "New York City: three contacts in seven days")
    if ("MA" in case.states or case.state_is_guess) and contacts >= 2:
        yield Refusal("REGF-006", "REGF_7IN7", "Massachusetts: two in seven days")
    if "WA" in case.states and contacts >= 3:
        yield Refusal("REGF-006", "REGF_7IN7", "Washington: three a week")


def inconvenient(case: Case) -> Refusals:
    """REGF-003: from 8 to 21 on every clock, not when and where the person said."""
    facts = case.facts
    if facts.debt.workplace or facts.debt.ruled_out_here:
        yield Refusal("REGF-003", "REGF_TIME", "workplace, or a number they do not want to be called on")
    for clock in case.clocks:
        if not is_open(clock, 8, 21, facts.ring_seconds):
            yield Refusal("REGF-003", "REGF_TIME", f"{clock:%H:%M:%S} in {clock.tzinfo}")
        for begin, end in facts.debt.inconvenient:
            last = clock + timedelta(seconds=facts.ring_seconds + 30)
            if is_between(clock, begin, end) or is_between(last, begin, end):
                yield Refusal("REGF-003", "REGF_TIME", f"they said not from {begin} to {end}")
        for day, begin, end in facts.debt.inconvenient_on:
            last = clock + timedelta(seconds=facts.ring_seconds + 30)
            if is_on_day(clock, day, begin, end) or is_on_day(last, day, begin, end):
                yield Refusal("REGF-003", "REGF_TIME", f"they said not on day {day} from {begin} to {end}")


def is_on_day(clock: datetime, day: int, begin: time, end: time) -> bool:
    """Return whether it is that weekday between the two, or what is left over of it after midnight; begin = end is 24 hours."""
    midnight = clock.replace(hour=0, minute=0, second=0, microsecond=0)
    since_midnight = (clock.replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds()
    start, stop = begin.hour * 3600 + begin.minute * 60, end.hour * 3600 + end.minute * 60
    if stop <= start:
        stop += 24 * 3600
    today = clock.weekday() == day and start <= since_midnight < stop
    yesterday = (clock.weekday() - 1) % 7 == day and start <= since_midnight + 24 * 3600 < stop
    return today or yesterday


def is_between(clock: datetime, begin: time, end: time) -> bool:
    """Return whether the local time lies in [begin, end), over midnight if it ends before it begins."""
    now = clock.time()
    if begin <= end:
        return begin <= now < end
    return now >= begin or now < end


def abandonment(case: Case) -> Refusals:
    """FED-016: at most 3 % of the calls answered by people, in the fixed period and in the last 30 days."""
    if case.facts.channel is not Channel.LIVE_PREDICTIVE:
        return
    count = case.facts.campaign.abandonment
    for live, abandoned in (
        (count.period_live, count.period_abandoned),
        (count.trailing_live, count.trailing_abandoned),
    ):
        if abandoned * 100 > live * 3:
            yield Refusal("FED-016", "ABANDON_CAP", f"{abandoned} of {live}")


def assets(case: Case) -> Refusals:
    """Step 14: what is to be played or sent is there and in order."""
    facts, message = case.facts, case.facts.message
    fundraiser = facts.purpose is Purpose.CHARITY and facts.campaign.paid_fundraiser
    sales = case.telemarketing or fundraiser  # the message speaks of telemarketing
    predictive = facts.channel is Channel.LIVE_PREDICTIVE
    if predictive and sales and not is_in_order(facts.campaign.abandoned_message):
        yield Refusal("FED-017", "MSG_MISSING", "no message for abandoned calls")
    if facts.channel in TEXT and not is_in_order(message):
        yield Refusal("ENG-001", "MSG_MISSING", "no published text")
    if facts.channel is not Channel.PREREC:
        return
    if not is_in_order(message):
        yield Refusal("FED-021", "MSG_MISSING", "no published recording")
    exempt = not case.emergency and not usable_consents(case, written=False)
    exempt = exempt and case.line is not LineType.LANDLINE_BIZ
    if (case.telemarketing or exempt) and not message.has_toll_free_opt_out:
        yield Refusal("FED-021", "MSG_MISSING", "no toll-free opt-out for voicemail")
    if facts.purpose is Purpose.DEBT and not message.limited_content:
        yield Refusal("REGF-004", "MSG_MISSING", "not a limited-content message")


def is_in_order(message: MessageFacts) -> bool:
    """Return whether the asset exists and its publication lacks nothing."""
    return bool(message.ref) and not message.problems


def ring(case: Case) -> Refusals:
    """FED-019: a sales call rings at least 15 seconds; the TSR binds a paid fundraiser too."""
    facts = case.facts
    fundraiser = facts.purpose is Purpose.CHARITY and facts.campaign.paid_fundraiser
    if (case.telemarketing or fundraiser) and facts.channel in VOICE and facts.ring_seconds < 15:
        yield Refusal("FED-019", "RING_SHORT", f"{facts.ring_seconds} s")
