"""What agents say: written as a draft, step by step, and published as a version that never changes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.conf import settings

from campaigns.models import Script, ScriptDraft, ScriptVersion
from campaigns.scripting import checking, disclosing, flow
from campaigns.scripting.flow import Flow, Kind, Node
from campaigns.selectors import customfields
from compliance.rules.content import packaged
from compliance.rules.content.problems import Problem
from compliance.rules.facts import Purpose
from compliance.rules.jurisdictions.us_states import STATE_NAMES
from core import audit, db
from core.errors import AppError, NotFound, Stale

NEW_STEP: Final = "new"  # as the step that follows: one is made
OPENING: Final = "Hello {first_name}, my name is {agent_name}, calling on behalf of {seller}. You can reach us at {caller_id}."
PURPOSES: Final = frozenset(Purpose) - {Purpose.UNKNOWN}


class ScriptRefused(AppError):
    """The script cannot be stored or published as it is; the text says why."""


def create_script(*, name: str, purpose: str, by_name: str, now: datetime) -> int:
    """Store a new script with a draft that says who calls, and return its id. Raises ScriptRefused."""
    name = " ".join(name.split())
    if not name or len(name) > 120:
        raise ScriptRefused("Give the script a name of at most 120 characters.")
    _check_place(purpose, ())
    first = Node(code="n1", title="Opening", text=OPENING, kind=Kind.SAY, next="n2")
    last = Node(code="n2", title="Goodbye", text="Thank you for your time. Goodbye.", kind=Kind.END)
    with db.use_case():
        script, is_new = Script.objects.get_or_create(name=name)
        if not is_new:
            raise ScriptRefused(f"There is a script “{name}” already. Open it to write its next version.")
        stored = flow.as_stored(Flow(nodes=(first, last)))
        ScriptDraft.objects.create(
            script=script, nodes=stored, purpose=purpose, changed_at=now, changed_by=by_name
        )
        _record(script.pk, "created", by_name, now, {"name": name, "purpose": purpose})
    return script.pk


def open_draft(*, script_id: int, by_name: str, now: datetime) -> None:
    """See that the script has a draft: its newest version, to go on from. Raises NotFound."""
    with db.use_case():
        if not Script.objects.select_for_update().filter(pk=script_id).exists():
            raise NotFound("This script does not exist.")
        if ScriptDraft.objects.filter(script_id=script_id).exists():
            return
        latest = ScriptVersion.objects.filter(script_id=script_id).order_by("-number").first()
        if latest is None:
            raise NotFound("This script has nothing in it.")
        ScriptDraft.objects.create(
            script_id=script_id,
            nodes=flow.as_stored(latest.flow),
            purpose=latest.purpose,
            states=latest.states,
            changed_at=now,
            changed_by=by_name,
        )


def save_settings(
    *, script_id: int, revision: int, purpose: str, states: Sequence[str], by_name: str, now: datetime
) -> None:
    """Say what the script's calls are for and where they go. Raises ScriptRefused, Stale, NotFound."""
    _check_place(purpose, states)
    with db.use_case():
        draft = _lock(script_id, revision)
        draft.purpose, draft.states = purpose, sorted(set(states))
        _save(draft, by_name, now, "purpose", "states")


def save_node(*, script_id: int, revision: int, node: Node, by_name: str, now: datetime) -> None:
    """Store a step of the draft; a way on that names NEW_STEP makes one. What is wrong with it is told, and kept for publishing.

    Raises ScriptRefused only for what cannot be kept at all, Stale, NotFound.
    """
    if len(node.text) > flow.TEXT_LIMIT:
        raise ScriptRefused(f"A step has at most {flow.TEXT_LIMIT:,} characters. Make two of it.")
    if not node.title.strip() or len(node.title) > 80:
        raise ScriptRefused("Give the step a name of at most 80 characters.")
    node = replace(node, title=" ".join(node.title.split()), text=node.text.replace("\x00", ""))

    def change(found: Flow) -> Flow:
        if found.node(node.code) is None:
            raise NotFound("This step is not in the script any more.")
        if any(
            one.title.casefold() == node.title.casefold() and one.code != node.code for one in found.nodes
        ):
            raise ScriptRefused(f"Another step is called “{node.title}”. Give each its own name.")
        return _with_new_steps(found, node)

    _change(script_id, revision, change, by_name, now)


def add_node(*, script_id: int, revision: int, kind: str, after: str, by_name: str, now: datetime) -> str:
    """Add an empty step behind another and return its name. Raises ScriptRefused, Stale, NotFound."""
    if kind not in list(Kind):
        raise ScriptRefused("Choose what the step is to do.")
    made: list[str] = []

    def change(found: Flow) -> Flow:
        node = _empty(found, Kind(kind))
        made.append(node.code)
        at = next((index for index, one in enumerate(found.nodes) if one.code == after), len(found.nodes) - 1)
        return Flow(nodes=(*found.nodes[: at + 1], node, *found.nodes[at + 1 :]))

    _change(script_id, revision, change, by_name, now)
    return made[0]


def remove_node(*, script_id: int, revision: int, code: str, by_name: str, now: datetime) -> None:
    """Take a step out; ways that led to it lead nowhere until another is chosen. Raises Stale, NotFound, ScriptRefused."""

    def change(found: Flow) -> Flow:
        if found.node(code) is None:
            raise NotFound("This step is not in the script any more.")
        if len(found.nodes) == 1:
            raise ScriptRefused("A script has at least one step. Change this one.")
        return Flow(nodes=tuple(_without_ways_to(one, code) for one in found.nodes if one.code != code))

    _change(script_id, revision, change, by_name, now)


def move_node(*, script_id: int, revision: int, code: str, up: bool, by_name: str, now: datetime) -> None:
    """Move a step one place in the outline; the first one is where the script begins. Raises Stale, NotFound."""

    def change(found: Flow) -> Flow:
        codes = [one.code for one in found.nodes]
        if code not in codes:
            raise NotFound("This step is not in the script any more.")
        at = codes.index(code)
        nodes = list(found.nodes)
        nodes.insert(max(0, at - 1) if up else at + 1, nodes.pop(at))
        return Flow(nodes=tuple(nodes))

    _change(script_id, revision, change, by_name, now)


def publish(*, script_id: int, revision: int, by_name: str, now: datetime) -> int:
    """Store the draft as the next version and return its id.

    Raises ScriptRefused with everything that stands against it, Stale, NotFound. What counsel should look at does not stand
    against it, and is on record with who published it.
    """
    with db.use_case():
        draft = _lock(script_id, revision)
        wrong = [problem.message for problem in checking.problems(draft.flow, customfields.names())]
        if draft.purpose not in PURPOSES:
            wrong.append("Say what the calls are for: what must be disclosed depends on it.")
        judged = judge(draft.flow, purpose=draft.purpose, states=draft.states, now=now)
        wrong += [f"{problem.message} ({problem.rule_id})" for problem in judged if not problem.needs_review]
        if wrong:
            raise ScriptRefused(" ".join(["It cannot be published yet.", *dict.fromkeys(wrong)]))
        latest = ScriptVersion.objects.filter(script_id=script_id).order_by("-number").first()
        is_same = latest is not None and (latest.nodes, latest.purpose, latest.states) == (
            draft.nodes,
            draft.purpose,
            draft.states,
        )
        if is_same and latest is not None:
            raise ScriptRefused(f"Nothing changed: the draft is the same as version {latest.number}.")
        version = ScriptVersion.objects.create(
            script_id=script_id,
            number=latest.number + 1 if latest else 1,
            body=draft.flow.body,
            nodes=draft.nodes,
            purpose=draft.purpose,
            states=draft.states,
            created_at=now,
            created_by=by_name,
        )
        told = [f"{problem.rule_id} {problem.code}" for problem in judged]
        _record(script_id, "published", by_name, now, {"version": version.number, "to_review": told})
    return version.pk


def judge(found: Flow, *, purpose: str, states: Collection[str], now: datetime) -> tuple[Problem, ...]:
    """Return what the script lacks or may not say for its calls; one whose purpose nobody said is judged as selling."""
    return disclosing.problems(
        found,
        purpose=Purpose(purpose) if purpose in PURPOSES else Purpose.UNKNOWN,
        seller=settings.SELLER_NAME,
        states=states,
        numbers=packaged.in_force(now.date()),
    )


def _change(
    script_id: int, revision: int, change: Callable[[Flow], Flow], by_name: str, now: datetime
) -> None:
    with db.use_case():
        draft = _lock(script_id, revision)
        changed = change(draft.flow)
        if len(changed.nodes) > flow.MAX_NODES:
            raise ScriptRefused(f"A script has at most {flow.MAX_NODES} steps. Make two scripts of it.")
        draft.nodes = flow.as_stored(changed)
        _save(draft, by_name, now, "nodes")


def _with_new_steps(found: Flow, node: Node) -> Flow:
    """Put the step in the place of the one with its name; where it leads to NEW_STEP, to one that is made behind it."""
    made: list[Node] = []

    def target(code: str) -> str:
        if code == NEW_STEP:
            made.append(_empty(Flow(nodes=(*found.nodes, *made)), Kind.SAY))
            return made[-1].code
        return code if found.node(code) else ""

    node = replace(
        node,
        next=target(node.next),
        answers=tuple(replace(one, next=target(one.next)) for one in node.answers),
        rules=tuple(replace(one, next=target(one.next)) for one in node.rules),
    )
    nodes: list[Node] = []
    for one in found.nodes:
        nodes += [node, *made] if one.code == node.code else [one]
    return Flow(nodes=tuple(nodes))


def _without_ways_to(node: Node, code: str) -> Node:
    return replace(
        node,
        next="" if node.next == code else node.next,
        answers=tuple(replace(one, next="") if one.next == code else one for one in node.answers),
        rules=tuple(replace(one, next="") if one.next == code else one for one in node.rules),
    )


def _empty(found: Flow, kind: Kind) -> Node:
    code = flow.new_code(found)
    titles = {one.title.casefold() for one in found.nodes}
    number = int(code[1:])
    while f"step {number}" in titles:
        number += 1
    return Node(code=code, title=f"Step {number}", kind=kind)


def _check_place(purpose: str, states: Sequence[str]) -> None:
    if purpose not in PURPOSES:
        raise ScriptRefused("Say what the calls are for: what must be disclosed depends on it.")
    if unknown := [state for state in states if state not in STATE_NAMES]:
        raise ScriptRefused(f"There is no state {', '.join(unknown)[:40]}.")


def _lock(script_id: int, revision: int) -> ScriptDraft:
    draft = ScriptDraft.objects.select_for_update().filter(script_id=script_id).first()
    if draft is None:
        raise NotFound("This script does not exist.")
    if draft.revision != revision:
        raise Stale(
            f"{draft.changed_by} changed the script meanwhile. It is shown as it is now; look, then save again."
        )
    return draft


def _save(draft: ScriptDraft, by_name: str, now: datetime, *fields: str) -> None:
    draft.revision += 1
    draft.changed_at, draft.changed_by = now, by_name
    draft.save(update_fields=[*fields, "revision", "changed_at", "changed_by"])


def _record(script_id: int, verb: str, by_name: str, now: datetime, after: dict[str, object]) -> None:
    audit.record(
        actor=by_name, verb=f"campaigns.script.{verb}", target=f"script:{script_id}", now=now, after=after
    )
