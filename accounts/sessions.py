"""Who is signed in, by two statements the ORM writes once: every request of a page asks for both."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from accounts.models import User
from core import kept

_session = kept.Query(lambda key: Session.objects.filter(session_key=key, expire_date__gt=Now()))
_user = kept.Query(lambda user: User.objects.filter(pk=user))


class SessionStore(db.SessionStore):
    """Django's sessions in the database."""

    def _get_session_from_db(self) -> Any:
        found = _session.first(self.session_key)
        if found is None:
            self._session_key = None
        return found


class People(ModelBackend):
    """Django's own sign-in."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session; None where they are gone, or may not sign in any more."""
        user = _user.first(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
