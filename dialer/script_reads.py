"""Reads of scripts on calls: where one stands, and how a version fares. Dataclasses out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from campaigns.models import ScriptVersion
from campaigns.scripting.flow import KIND_NAMES, Flow, Kind
from core import kept
from core.errors import NotFound
from dialer.intervals import Share, share
from dialer.models import ScriptRun, ScriptStep

_steps = kept.Query(
    lambda call: (
        ScriptStep.objects.select_related("run__version").filter(run__call_id=call).order_by("number")
    )
)


@dataclass(frozen=True, slots=True)
class RunView:
    """Where the script of a call stands."""

    number: int  # of the step shown
    node: str
    flow: Flow
    trail: Sequence[tuple[str, str]]  # (step, answer) on the way here; what was gone back over is left out


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """How one step fared."""

    code: str
    title: str
    kind_text: str
    reached: Share  # of the calls the script began on
    left: Share  # of those that reached it, how many ended there though it is no end
    median_seconds: float | None
    slow_seconds: float | None  # nine in ten were quicker
    answers: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """How one version of a script fared on calls whose result is saved."""

    number: int
    script_name: str
    calls: int
    ended_well: Share
    nodes: Sequence[NodeFigures]


FIGURES = """
SELECT s.node, count(DISTINCT s.run_id),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.left_at - s.entered_at)),
  percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM s.left_at - s.entered_at)),
  count(DISTINCT s.run_id) FILTER (
    WHERE s.answer = '' AND NOT s.went_back AND NOT r.reached_end
    AND s.number = (SELECT max(last.number) FROM dialer_scriptstep last WHERE last.run_id = s.run_id)
  )
FROM dialer_scriptstep s JOIN dialer_scriptrun r ON r.id = s.run_id
WHERE r.version_id = %(version)s AND r.ended_at IS NOT NULL
GROUP BY s.node
"""


def run_of(call_id: int) -> RunView | None:
    """Return where the call's script stands, None before the first answer. One query."""
    rows = _steps.rows(call_id)
    if not rows:
        return None
    trail: list[tuple[str, str]] = []
    flow = rows[0].run.version.flow
    for step in rows[:-1]:
        if step.went_back:
            del trail[-1:]
        else:
            node = flow.node(step.node)
            trail.append((node.title if node else step.node, step.answer))
    return RunView(rows[-1].number, rows[-1].node, flow, trail)


def figures_of(version_id: int) -> VersionFigures:
    """Return how a version fared, in four queries. Raises NotFound."""
    version = ScriptVersion.objects.select_related("script").filter(pk=version_id).first()
    if version is None:
        raise NotFound("There is no such version.")
    runs = ScriptRun.objects.filter(version=version, ended_at__isnull=False)
    calls = runs.count()
    found: dict[str, tuple[int, float | None, float | None, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"version": version_id})
        for node, reached, median, slow, left in cursor.fetchall():
            found[node] = (reached, median, slow, left)
    chosen = _answers(version_id)
    nodes = []
    for node in version.flow.nodes:
        if node.kind is Kind.CONDITION:
            continue
        reached, median, slow, left = found.get(node.code, (0, None, None, 0))
        nodes.append(
            NodeFigures(
                code=node.code,
                title=node.title,
                kind_text=KIND_NAMES[node.kind],
                reached=share(reached, calls),
                left=share(0 if node.kind is Kind.END else left, reached),
                median_seconds=None if median is None else float(median),
                slow_seconds=None if slow is None else float(slow),
                answers=chosen.get(node.code, ()),
            )
        )
    ended = runs.filter(reached_end=True).count()
    return VersionFigures(version.number, version.script.name, calls, share(ended, calls), nodes)


def _answers(version_id: int) -> Mapping[str, Sequence[tuple[str, int]]]:
    rows = (
        ScriptStep.objects.filter(run__version_id=version_id, run__ended_at__isnull=False)
        .exclude(answer="")
        .order_by()
        .values_list("node", "answer")
        .annotate(many=Count("id"))
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for node, answer, many in sorted(rows, key=lambda row: (-row[2], row[1])):
        found.setdefault(node, []).append((answer, many))
    return found
