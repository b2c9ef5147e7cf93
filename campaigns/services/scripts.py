"""What agents say. A text is never changed: each edit is a new version."""

from datetime import datetime

from campaigns.models import Script, ScriptVersion
from campaigns.scripting import render
from core import audit, db
from core.errors import AppError, NotFound, Stale

MAX_CHARACTERS = 20_000


class ScriptRefused(AppError):
    """The text or name cannot be stored as it is."""


def create_script(*, name: str, body: str, by_name: str, now: datetime) -> int:
    """Store a new script with its first version and return the version's id. Raises ScriptRefused."""
    name = name.strip()
    if not name or len(name) > 120:
        raise ScriptRefused("Give the script a name of at most 120 characters.")
    _check(body)
    with db.use_case():
        script, is_new = Script.objects.get_or_create(name=name)
        if not is_new:
            raise ScriptRefused(f"There is a script “{name}” already. Open it to write its next version.")
        return _append(script.id, 1, body, by_name, now)


def save_version(*, script_id: int, based_on: int, body: str, by_name: str, now: datetime) -> int:
    """Store the text as the next version and return its id.

    `based_on` is the number of the version the writer saw. Raises Stale if there is a newer one, ScriptRefused, NotFound.
    """
    _check(body)
    with db.use_case():
        if not Script.objects.select_for_update().filter(id=script_id).exists():
            raise NotFound("This script does not exist.")
        latest = ScriptVersion.objects.filter(script_id=script_id).order_by("-number").first()
        number = latest.number if latest else 0
        if number != based_on:
            raise Stale(
                f"Version {number} was saved meanwhile. Your text is kept below: compare it, then save again."
            )
        if latest and latest.body == body:
            raise ScriptRefused(f"Nothing changed: the text is the same as version {number}.")
        return _append(script_id, number + 1, body, by_name, now)


def _check(body: str) -> None:
    if not body.strip():
        raise ScriptRefused("The script is empty. Write what the agent says.")
    if len(body) > MAX_CHARACTERS:
        raise ScriptRefused(f"The script is longer than {MAX_CHARACTERS:,} characters.")
    if unknown := render.unknown_fields(body):
        names = ", ".join(f"{{{name}}}" for name in unknown)
        raise ScriptRefused(
            f"There is no merge field {names}. The fields that exist are listed beside the text."
        )


def _append(script_id: int, number: int, body: str, by_name: str, now: datetime) -> int:
    version = ScriptVersion.objects.create(
        script_id=script_id, number=number, body=body, created_at=now, created_by=by_name
    )
    audit.record(
        actor=by_name,
        verb="campaigns.script.saved",
        target=f"script:{script_id}",
        now=now,
        after={"version": number},
    )
    return version.id
