"""A forecast in sentences: what to know of one, and how two differ. Pure."""

from collections.abc import Iterator
from datetime import date

from dialer.whatif.forecast import Band, Forecast
from dialer.whatif.hours import idle_hours
from dialer.whatif.plan import OVER_DIALS, Plan

SHORT = 0.25  # share of the team's time without a lead worth a word


def remarks(plan: Plan, made: Forecast) -> list[str]:
    """Return what a manager must know of a forecast beside its figures."""
    return list(_remarks(plan, made))


def _remarks(plan: Plan, made: Forecast) -> Iterator[str]:
    tries = f"{plan.attempts} time{'s' if plan.attempts != 1 else ''}"
    if made.nobody_answers:
        last = made.days[-1].on if made.days else None
        until = f" by {_day(last)}" if last and made.days[-1].left.mid < 1 else ""
        yield (
            f"Nobody answers at this rate: it never finishes. Each person would be tried {tries}{until} and nobody reached. "
            "Enter a rate above 0.2 %, or look at the list and the caller ID."
        )
        return
    if made.finish.mid is None:
        yield (
            "The list is not done within two years. Plan more agents, more hours or fewer attempts a person."
        )
    elif made.finish.late is None:
        yield "Some of the runs are not done within two years: the latest day is open."
    if made.short > SHORT:
        yield (
            f"For {made.short:.0%} of the team’s time no lead is ready: most wait for their next try. Fewer agents would do, or more leads."
        )
    if (idle := idle_hours(plan)) > 0:
        yield (
            f"For {idle:.3g} of the team’s hours of a day nobody’s hours are open, and nobody is called. Move the team’s hours, or call "
            "people of other zones."
        )
    if plan.mode in OVER_DIALS and made.abandonment and made.abandonment.high > plan.cap:
        yield (
            f"The guard holds the share over 30 days at {plan.cap:.1%}; some hours may lie above it. Where the budget is spent "
            "it dials one to one."
        )
    if not plan.has_learned and plan.mode in OVER_DIALS:
        yield "The campaign has no calls to learn from: its first hours are slower than these figures, until it has learned."
    if plan.finish_by is not None:
        if made.needed is None:
            yield (
                f"No team of up to 2,000 agents is done by {_day(plan.finish_by)}: people wait longer than that between tries. Choose a "
                "later day or fewer attempts."
            )
        else:
            yield (
                f"{made.needed:,} agent{'s' if made.needed != 1 else ''} would be done by {_day(plan.finish_by)}, in the runs’ middle; "
                f"{plan.agents:,} are planned."
            )


def differences(made: Forecast, other: Forecast) -> list[str]:
    """Return how B differs from A, figure by figure; where the bands hold each other's middle, that no difference is seen."""
    found = [_finishes(made, other)]
    found.append(_figure("talks", made.talk_minutes, other.talk_minutes, "minutes an hour for each agent"))
    found.append(_figure("waits", made.idle_wait, other.idle_wait, "seconds for a call"))
    found.append(_figure("reaches", made.reached, other.reached, "people"))
    if made.abandonment and other.abandonment:
        a, b = (_times(each, 100) for each in (made.abandonment, other.abandonment))
        found.append(_figure("abandons", a, b, "% of the calls people answer"))
    return found


def _finishes(made: Forecast, other: Forecast) -> str:
    a, b = made.finish.mid, other.finish.mid
    if a is None or b is None:
        if a == b:
            return "Neither finishes within two years."
        return f"Only {'A' if b is None else 'B'} finishes within two years."
    if a == b:
        return f"Both finish on {_day(a)}."
    days = abs((b - a).days)
    return f"B finishes {days} day{'s' if days != 1 else ''} {'later' if b > a else 'earlier'}: {_day(b)} against {_day(a)}."


def _figure(verb: str, a: Band, b: Band, unit: str) -> str:
    values = f"{_amount(b.mid)} against {_amount(a.mid)} {unit}"
    if (a.low <= b.mid <= a.high) or (b.low <= a.mid <= b.high):
        return f"B {verb} about the same: {values}; the bands overlap."
    return f"B {verb} {'more' if b.mid > a.mid else 'less'}: {values}."


def _times(each: Band, factor: float) -> Band:
    return Band(low=each.low * factor, mid=each.mid * factor, high=each.high * factor)


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
