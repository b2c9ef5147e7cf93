"""Programs sign in with a key: `Authorization: Bearer plk_…`."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from api.services import keys
from core import clock


class KeyAuthentication(BaseAuthentication):
    """Finds the program that has the key."""

    def authenticate(self, request: Request) -> tuple[keys.Program, None] | None:
        """Return the program; None without a key. Raises AuthenticationFailed for a wrong one."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        program = keys.program_with(key.strip(), now=clock.now()) if scheme.lower() == "bearer" else None
        if program is None:
            raise AuthenticationFailed(
                "The API key is wrong or was taken away. Send “Authorization: Bearer <key>”."
            )
        return program, None

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 says of how to sign in."""
        return "Bearer"


class RoleAllows(BasePermission):
    """Lets programs in whose key's role has the view's `permission`."""

    message = "The role of this API key does not include it."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the key's role includes what the view needs."""
        may = getattr(request.user, "may", None)
        return bool(may and may(view.permission))  # type: ignore[attr-defined]  # each view of ours says its permission
