"""A question and what is known of it as one JSON object: for the command and the API."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from dialer.forecasts.asking import Ask, Side, Wrong
from dialer.forecasts.running import Progress
from dialer.whatif.fields import FIELDS
from dialer.whatif.forecast import Band, Forecast
from dialer.whatif.plan import Plan, hours_of
from dialer.whatif.words import differences, remarks

Json = Mapping[str, Any]


def answer(ask: Ask, made: Progress) -> dict[str, Any]:
    """Return everything: inputs with their basis, the list as the gate sees it, the figures with bands, and the differences in words."""
    found: dict[str, Any] = {"state": "done", "a": _side(ask.a, made.a), "b": None, "differences": []}
    if ask.b:
        found["b"] = _side(ask.b, made.b)
    if ask.b and made.a and made.b:
        found["differences"] = differences(made.a, made.b)
    return found


def problems(wrong: Sequence[Wrong]) -> dict[str, Any]:
    """Return what is wrong with a question."""
    rows = [
        {"scenario": each.scenario, "field": each.problem.field, "text": each.problem.text} for each in wrong
    ]
    return {"state": "refused", "problems": rows}


def _side(side: Side, made: Forecast | None) -> dict[str, Any]:
    standing = side.own.standing
    return {
        "campaign": side.own.campaign_id,
        "name": side.own.name,
        "inputs": {
            field.name: {"value": field.show(side.plan), "unit": field.unit, "basis": side.source(field.name)}
            for field in FIELDS
        },
        "list": {
            "as_of": standing.as_of.isoformat(),
            "people": standing.total,
            "to_do": standing.to_do,
            "callable_now": standing.now,
            "later_today": standing.today,
            "later_days": standing.later,
            "held_back": standing.held_back,
            "held": [asdict(row) for row in standing.held],
        },
        "answers_by_hour_percent": {
            f"{hour:02}": round(side.plan.answers_at(hour) * 100, 2) for hour in hours_of(side.plan)
        },
        "problem": side.nobody,
        "forecast": None if made is None else _forecast(side.plan, made),
    }


def _forecast(plan: Plan, made: Forecast) -> dict[str, Any]:
    return {
        "basis": f"{made.runs} runs of {made.span_seconds / 60:.0f} minutes of a day each, carried forward; bands hold 19 of 20 runs",
        "finish": {
            "early": _iso(made.finish.early),
            "mid": _iso(made.finish.mid),
            "late": _iso(made.finish.late),
        },
        "open_hours": _band(made.open_hours),
        "talk_minutes_per_agent_hour": _band(made.talk_minutes),
        "idle_wait_seconds": _band(made.idle_wait),
        "abandonment_percent": _band(made.abandonment, 100) if made.abandonment else None,
        "calls_per_hour": _band(made.calls_an_hour),
        "people_reached": _band(made.reached),
        "calls": _band(made.calls),
        "time_without_leads_percent": round(made.short * 100, 1),
        "agents_needed": made.needed,
        "other_teams": [
            {
                "agents": team.agents, "early": _iso(team.finish.early), "mid": _iso(team.finish.mid),
                "late": _iso(team.finish.late),
            }
            for team in made.teams
        ],
        "days": [
            {"day": day.on.isoformat(), "calls": round(day.calls), "reached": round(day.reached), "left": _band(day.left)}
            for day in made.days
        ],
        "remarks": remarks(plan, made),
    }  # fmt: skip


def _band(each: Band, factor: float = 1.0) -> dict[str, float]:
    return {name: round(getattr(each, name) * factor, 2) for name in ("low", "mid", "high")}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
