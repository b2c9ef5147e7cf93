"""Reads of people and teams. Dataclasses out."""

from dataclasses import dataclass
from datetime import datetime

from accounts import roles
from accounts.models import Team, User


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in the list of people."""

    id: int
    username: str
    name: str
    email: str
    role: str
    role_name: str
    team_id: int | None
    team_name: str
    is_active: bool
    last_login: datetime | None


def list_people() -> list[PersonRow]:
    """Return everybody, by user name; one query."""
    return [_row(user) for user in User.objects.select_related("team").order_by("username", "pk")]


def get_person(user_id: int) -> PersonRow | None:
    """Return one person, None if they are not there."""
    user = User.objects.select_related("team").filter(pk=user_id).first()
    return None if user is None else _row(user)


def list_agents() -> list[PersonRow]:
    """Return the people who can work at the desk, by team and name."""
    desk_roles = [role for role, permissions in roles.PERMISSIONS.items() if roles.WORK_DESK in permissions]
    rows = (
        User.objects.select_related("team")
        .filter(is_active=True, role__in=desk_roles)
        .order_by("team__name", "username", "pk")
    )
    return [_row(user) for user in rows]


def team_choices() -> list[tuple[int, str]]:
    """Return (id, name) of all teams, by name."""
    return list(Team.objects.order_by("name", "pk").values_list("pk", "name"))


def _row(user: User) -> PersonRow:
    return PersonRow(
        id=user.pk,
        username=user.username,
        name=user.display_name,
        email=user.email,
        role=user.role,
        role_name=roles.ROLE_NAMES[roles.Role(user.role)],
        team_id=user.team_id,
        team_name=user.team.name if user.team else "",
        is_active=user.is_active,
        last_login=user.last_login,
    )
