"""Signing in at a CRM's own page (OAuth): what is kept while the person is there, and what becomes of their answer.

The state that comes back works once, for half an hour, and for the person who left; its code and the verifier never meet in a browser.
"""

import hashlib
import secrets as random_secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core import crypto, db
from core.errors import AppError
from crm_sync import oauth, registry
from crm_sync.models import SignInAttempt
from crm_sync.protocol import SyncError
from crm_sync.registry import Connect
from crm_sync.services import connections, tokens

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
GOOD_FOR = timedelta(minutes=30)
KEPT_FOR = timedelta(days=1)


class SignInRefused(AppError):
    """The way back from the CRM's page does not lead in; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Back:
    """What the CRM sent the person back with."""

    state: str
    code: str
    error: str
    description: str


def begin(
    *,
    kind: str,
    name: str,
    secrets: Mapping[str, str],
    settings: Mapping[str, str],
    redirect_uri: str,
    by_id: int,
    now: datetime,
    connection_id: int | None = None,
) -> str:
    """Keep what the person entered and return the address of the CRM's page to send them to.

    Raises connections.NameTakenError for a new connection whose name is taken.
    """
    if connection_id is None:
        connections.check_name(name)
    state, verifier = random_secrets.token_urlsafe(32), random_secrets.token_urlsafe(48)
    kept = {**secrets, "verifier": verifier, "redirect_uri": redirect_uri}
    with db.use_case():
        SignInAttempt.objects.filter(created_at__lt=now - KEPT_FOR).delete()
        SignInAttempt.objects.create(
            state_hash=_hash(state),
            kind=kind,
            name=name,
            secrets=crypto.seal(kept),
            settings=dict(settings),
            connection_id=connection_id,
            user_id=by_id,
            created_at=now,
        )
    return oauth.authorize_url(
        kind,
        settings,
        registry.base_url(kind),
        client_id=secrets["client_id"],
        redirect_uri=redirect_uri,
        state=state,
        verifier=verifier,
    )


def finish(back: Back, *, by_id: int, by_name: str, clock: Clock, connect: Connect = registry.connect) -> int:
    """Turn the CRM's answer into a connection, new or renewed, and return its id.

    Raises SignInRefused, and what connecting raises, with nothing stored.
    """
    attempt = _use(back.state, by_id, clock())
    if back.error:
        raise SignInRefused(oauth.why_denied(back.error, back.description))
    if not back.code:
        raise SignInRefused("The CRM sent no code. Begin to connect it again.")
    kept = crypto.unseal(attempt.secrets)
    verifier, redirect_uri = kept.pop("verifier"), kept.pop("redirect_uri")
    try:
        grant = registry.token_endpoint(attempt.kind).redeem(
            kept, attempt.settings, code=back.code, redirect_uri=redirect_uri, verifier=verifier
        )
    except SyncError as error:
        raise SignInRefused(f"{error} Nothing was stored; begin to connect it again.") from error
    secrets = {
        **kept,
        "token": grant.access_token,
        "refresh_token": grant.refresh_token,
        "token_until": tokens.until(grant.seconds, clock()),
    }
    settings = {**attempt.settings} | ({"instance": grant.instance} if grant.instance else {})
    if attempt.connection_id is not None:
        connections.renew(
            connection_id=attempt.connection_id,
            secrets=secrets,
            settings=settings,
            by_name=by_name,
            clock=clock,
            connect=connect,
        )
        return attempt.connection_id
    return connections.connect_crm(
        kind=attempt.kind,
        name=attempt.name,
        secrets=secrets,
        settings=settings,
        by_id=by_id,
        by_name=by_name,
        clock=clock,
        connect=connect,
    )


def _use(state: str, by_id: int, now: datetime) -> SignInAttempt:
    """Return the attempt the state is of, used up by this."""
    attempt = SignInAttempt.objects.filter(state_hash=_hash(state)).first()
    if attempt is None or attempt.created_at < now - GOOD_FOR:
        raise SignInRefused(
            "This sign-in is not one begun here in the last half hour. Begin to connect the CRM again."
        )
    if attempt.user_id != by_id:
        log.warning("crm_sync.sign_in.other_person", attempt_id=attempt.id)
        raise SignInRefused("Somebody else began this sign-in. Begin to connect the CRM yourself.")
    with db.use_case():
        used = SignInAttempt.objects.filter(id=attempt.id, used_at__isnull=True).update(
            used_at=now, secrets=""
        )
    if not used:
        raise SignInRefused("This sign-in was used already. Look at the CRM's card, or begin again.")
    return attempt


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()
