"""Rows a program sends → an import, done before it is answered, with a result for each row."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from api.models import KeptAnswer
from api.services.keys import Program
from campaigns.importing import RawPerson
from campaigns.importplan import Plan
from campaigns.selectors import imports as imports_read
from campaigns.selectors import lists
from campaigns.services import imports
from core import db
from core.errors import AppError, Stale

MAX_ROWS = 1_000
ANSWERS_KEPT_FOR = timedelta(days=1)
UNDER_WAY_FOR = timedelta(minutes=1)  # a request without an answer is one under way, or one that died


class KeyReused(AppError):
    """The Idempotency-Key came before with another request."""


@dataclass(frozen=True, slots=True)
class Given:
    """One row of the request: a person, or why it is none."""

    person: RawPerson | None
    problem: str = ""


def add_leads(
    *,
    list_id: int,
    rows: Sequence[Given],
    plan: Plan,
    request: Any,
    idempotency_key: str,
    program: Program,
    now: datetime,
) -> tuple[Mapping[str, Any], bool]:
    """Import the rows into the list; return the answer, and whether it is that of an earlier, equal request.

    Raises NotFound for the list, KeyReused, and Stale while the first request with the key is under way.
    """
    list_name = lists.get_list(list_id).name
    digest = hashlib.sha256(json.dumps([list_id, request], sort_keys=True).encode()).hexdigest()
    kept = _kept(program, idempotency_key, digest, now)
    if kept.body is not None:
        return kept.body, True
    if kept.import_id is None:
        kept.import_id = _begun(list_name, rows, plan, program, now)
        KeptAnswer.objects.filter(pk=kept.pk).update(import_id=kept.import_id)
    if not imports.apply_import(import_id=kept.import_id, now=now):
        raise Stale(
            "The rows are being imported by another process. Send the same request again in a few seconds."
        )
    body = _answer(kept.import_id, rows)
    KeptAnswer.objects.filter(pk=kept.pk).update(body=body)
    return body, False


def _kept(program: Program, idempotency_key: str, digest: str, now: datetime) -> KeptAnswer:
    """Return the row of this request, new or of the same one before."""
    with db.use_case():
        KeptAnswer.objects.filter(created_at__lt=now - ANSWERS_KEPT_FOR).delete()
        try:
            with transaction.atomic():
                return KeptAnswer.objects.create(
                    api_key_id=program.key_id,
                    idempotency_key=idempotency_key,
                    request_sha256=digest,
                    created_at=now,
                )
        except IntegrityError:
            kept = KeptAnswer.objects.select_for_update().get(
                api_key_id=program.key_id, idempotency_key=idempotency_key
            )
        if kept.request_sha256 != digest:
            raise KeyReused(
                "This Idempotency-Key came before with another request. Use a new key for new rows."
            )
        if kept.body is None and kept.import_id is None:
            if kept.created_at > now - UNDER_WAY_FOR:
                raise Stale(
                    "The first request with this Idempotency-Key is under way. Send it again in a minute."
                )
            KeptAnswer.objects.filter(pk=kept.pk).update(created_at=now)
        return kept


def _begun(list_name: str, rows: Sequence[Given], plan: Plan, program: Program, now: datetime) -> int:
    import_id = imports.start_import(
        list_name=list_name,
        source="api",
        source_label=f"API key “{program.name}”",
        source_ref="",
        by_id=None,
        by_name=program.actor,
        now=now,
        plan=plan,
    )
    people = [row.person for row in rows if row.person is not None]
    if people:
        imports.stage_rows(import_id=import_id, rows=people, now=now)
    imports.begin_apply(import_id=import_id, now=now, hints=False)
    return import_id


def _answer(import_id: int, rows: Sequence[Given]) -> dict[str, Any]:
    placed = imports_read.results_of(import_id)
    results = []
    for number, row in enumerate(rows, start=1):
        if row.person is None:
            results.append(
                {
                    "row": number,
                    "outcome": "refused",
                    "code": "invalid",
                    "reason": row.problem,
                    "contact_id": None,
                }
            )
        else:
            found = placed[number]
            results.append(
                {
                    "row": number,
                    "outcome": found.outcome,
                    "code": found.code,
                    "reason": found.reason,
                    "contact_id": found.contact_id,
                }
            )
    sums = {str(name): sum(result["outcome"] == name for result in results) for name in imports_read.OUTCOMES}
    return {"import_id": import_id, "rows_in": len(rows), **sums, "results": results}
