"""Who speaks from inside a frame of another site, where the browser keeps our cookie away.

A person signs in in a window of their own; the token they take into the frame lives in its memory alone, names their session
encrypted, and ends with it: signing out, another password or another role counts at once.
"""

from django.contrib import auth
from django.http import HttpRequest

from accounts.models import User
from accounts.sessions import SessionStore
from core import crypto

SCHEME = "Phone "


def issue(request: HttpRequest, *, purpose: str) -> str:
    """Return a token for the person signed in, good for `purpose` alone."""
    return crypto.seal({"session": str(request.session.session_key), "purpose": purpose})


def person_of(header: str, *, purpose: str) -> User | None:
    """Return whose token an Authorization header carries, or None: none, of another purpose, or signed out since."""
    if not header.startswith(SCHEME) or len(header) > 1000:
        return None
    try:
        told = crypto.unseal(header.removeprefix(SCHEME))
    except (crypto.SecretUnreadable, ValueError):
        return None
    if told.get("purpose") != purpose:
        return None
    request = HttpRequest()
    request.session = SessionStore(told.get("session"))
    person = auth.get_user(request)
    return person if isinstance(person, User) and person.is_active else None
