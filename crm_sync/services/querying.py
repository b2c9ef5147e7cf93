"""Queries of ours as lists of people: tried in the CRM before they are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core import audit, db
from core.errors import AppError, NotFound
from crm_sync import registry, soql
from crm_sync.models import CrmQuery, ListPull, LiveList
from crm_sync.protocol import CrmList, SyncError
from crm_sync.registry import Connect
from crm_sync.services import pulling, tokens

Clock = Callable[[], datetime]
KIND_OF = {"salesforce": CrmQuery.Kind.SOQL, "hubspot": CrmQuery.Kind.SEARCH}


@dataclass(frozen=True, slots=True)
class Kept:
    """A query that is kept, and how many records it finds."""

    id: int
    kind: str
    count: int


class QueryRefused(AppError):
    """The query cannot be a list of people, or the CRM refuses it; the text says why, with the CRM's words."""


def save_query(
    *,
    connection_id: int,
    name: str,
    text: str,
    by_id: int,
    by_name: str,
    clock: Clock,
    connect: Connect = registry.connect,
) -> Kept:
    """Try a query in the CRM, and keep it if the CRM answers.

    Raises NotFound, AppError while the CRM is disconnected, and QueryRefused, with nothing kept.
    """
    connection = pulling.connected(connection_id)
    kind = KIND_OF.get(connection.kind)
    if kind is None:
        raise QueryRefused("This CRM is not asked by queries.")
    taken = QueryRefused(f"There is a query named “{name}” already; choose another name.")
    if CrmQuery.objects.filter(connection=connection, name=name).exists():
        raise taken
    try:
        if kind == CrmQuery.Kind.SOQL:
            soql.check(text)
        connector = tokens.opened(connection, clock=clock, connect=connect)
        count = connector.count_people(CrmList(kind=kind, external_id="", name=name, size=None, query=text))
    except (soql.BadQuery, SyncError) as error:
        raise QueryRefused(str(error)) from error
    now = clock()
    with db.use_case():
        with db.free_or(taken):
            made = CrmQuery.objects.create(
                connection=connection, kind=kind, name=name, text=text, created_at=now, created_by_id=by_id
            )
        audit.record(
            actor=by_name,
            verb="crm_sync.query.saved",
            target=f"crm_query:{made.id}",
            now=now,
            after={"connection": connection.name, "name": name, "text": text[:500], "finds": count},
        )
    return Kept(id=made.id, kind=kind, count=count)


def remove_query(*, connection_id: int, query_id: int, by_name: str, now: datetime) -> None:
    """Forget a query nobody follows or reads; who was imported by it stays. Raises NotFound, and QueryRefused."""
    with db.use_case():
        query = CrmQuery.objects.select_for_update().filter(id=query_id, connection_id=connection_id).first()
        if query is None:
            raise NotFound("This query does not exist.")
        same = {"connection_id": connection_id, "list_kind": query.kind, "list_id": str(query.id)}
        if LiveList.objects.filter(is_on=True, **same).exists():
            raise QueryRefused("The query is followed: stop following it first.")
        if ListPull.objects.filter(state__in=["waiting", "reading"], **same).exists():
            raise QueryRefused("The query is being read: wait for its end, or stop it first.")
        audit.record(
            actor=by_name,
            verb="crm_sync.query.removed",
            target=f"crm_query:{query.id}",
            now=now,
            before={"name": query.name, "text": query.text[:500]},
        )
        query.delete()
