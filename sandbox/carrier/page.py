"""The page for people: the latest calls and webhook deliveries."""

from html import escape
from itertools import islice

from aiohttp import web

from sandbox.carrier.exchange import Exchange
from sandbox.carrier.model import Call
from sandbox.carrier.webhooks import Delivery

CALL_ROWS, DELIVERY_ROWS = 25, 40
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;
max-width:76rem;padding:0 1rem;color:#1c2430;background:#fff}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem 0;color:#4a5563}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .8rem .35rem 0;
border-bottom:1px solid #dde3ea;vertical-align:top}th{font-weight:600}td{font-variant-numeric:tabular-nums}
.bad{color:#a3200d;font-weight:600}.live{color:#0b6b3a;font-weight:600}.wrap{overflow-x:auto}
"""


def render(exchange: Exchange) -> web.Response:
    """Return the page; it loads itself again every three seconds."""
    world = exchange.world
    calls = list(islice(reversed(world.calls.values()), CALL_ROWS))
    deliveries = list(islice(reversed(exchange.webhooks.log), DELIVERY_ROWS))
    live = sum(call.is_live for call in world.calls.values())
    rooms = [room for room in world.conferences.values() if room.status != "completed"]
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=3>"
        "<meta name=viewport content='width=device-width'><title>Sandbox carrier</title>"
        f"<style>{STYLE}</style><h1>Sandbox carrier</h1>"
        f"<p>{len(world.calls)} calls, {live} live; {len(rooms)} open conferences; "
        f"clock {world.clock.now():%Y-%m-%d %H:%M:%S} UTC, speed {world.settings.speed:g}. "
        "No real telephone rings.</p>"
        f"<h2>Calls, newest first</h2>{_calls(exchange, calls)}"
        f"<h2>Webhooks, newest first</h2>{_deliveries(deliveries)}</html>"
    )
    return web.Response(text=body, content_type="text/html")


def _calls(exchange: Exchange, calls: list[Call]) -> str:
    if not calls:
        return "<p>No call yet. Create one over the REST API and it shows up here.</p>"
    rows = []
    for call in calls:
        names = [exchange.world.conferences[sid].name for sid in call.conference_sids]
        rows.append(
            [
                f"{call.created_at:%H:%M:%S}",
                escape(call.options.to),
                escape(call.options.sender),
                f"<span class={'live' if call.is_live else 'over'}>{escape(call.status)}</span>",
                escape(call.behaviour.kind if call.behaviour else "not dialed yet"),
                f"{call.duration_seconds} s" if call.answered_at and not call.is_live else "",
                escape(", ".join(names)),
                f"<span class=bad>{escape('; '.join(call.notes))}</span>",
            ]
        )
    return _table(["Created", "To", "From", "Status", "Callee", "Talked", "Conference", "Trouble"], rows)


def _deliveries(deliveries: list[Delivery]) -> str:
    if not deliveries:
        return "<p>No webhook yet.</p>"
    rows = []
    for each in deliveries:
        result = f"{each.outcome} {each.status or ''}".strip()
        kind = "bad" if each.outcome in ("failed", "lost") else "over"
        fault = f" ({each.fault})" if each.fault else ""
        rows.append(
            [
                f"{each.created_at[11:19]}",
                escape(each.event),
                escape(each.params.get("CallStatus", "")),
                escape(each.params.get("To", "") or each.params.get("FriendlyName", "")),
                f"<span class={kind}>{escape(result + fault)}</span>",
                f"{each.took_ms} ms",
                escape(each.url),
                escape(each.problem),
            ]
        )
    return _table(["Posted", "Event", "Status", "About", "Result", "Took", "Address", "Trouble"], rows)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class=wrap><table><tr>{head}</tr>{body}</table></div>"
