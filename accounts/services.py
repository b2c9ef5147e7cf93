"""Adding people, changing what they may do, and locking them out."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Team, User
from accounts.roles import Role
from core import audit, db
from core.errors import AppError, NotFound


class NameTaken(AppError):
    """Another person has this user name."""


class LastAdministrator(AppError):
    """The change would leave nobody who can manage people."""


def add_person(
    *,
    username: str,
    password: str,
    first_name: str,
    last_name: str,
    email: str,
    role: str,
    team_id: int | None,
    by: str,
    now: datetime,
) -> int:
    """Add a person who can sign in at once; returns their id. The password has been validated by the form."""
    with db.use_case():
        try:
            with transaction.atomic():
                user = User.objects.create_user(
                    username=username,
                    password=password,
                    email=email,
                    first_name=first_name,
                    last_name=last_name,
                    role=role,
                    team_id=team_id,
                    date_joined=now,
                )
        except IntegrityError as error:
            raise NameTaken(f"The user name “{username}” is taken. Choose another one.") from error
        audit.record(
            actor=by,
            verb="accounts.person.added",
            target=f"user:{user.pk}",
            now=now,
            after={"username": username, "role": role},
        )
    return int(user.pk)


def change_person(
    *, user_id: int, role: str, team_id: int | None, is_active: bool, by: str, now: datetime
) -> None:
    """Change a person's role, team, or whether they may sign in; raises LastAdministrator rather than lock everybody out."""
    with db.use_case():
        # All administrators are locked, so that two cannot each remove the other.
        admins = list(User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk"))
        user = User.objects.select_for_update().filter(pk=user_id).first()
        if user is None:
            raise NotFound("This person is not here any more.")
        stays_admin = role == Role.ADMIN and is_active
        if [admin.pk for admin in admins] == [user.pk] and not stays_admin:
            raise LastAdministrator(
                "This is the only administrator. Make somebody else an administrator first."
            )
        before = {"role": user.role, "team": user.team_id, "is_active": user.is_active}
        user.role, user.team_id, user.is_active = role, team_id, is_active
        user.save(update_fields=["role", "team", "is_active"])
        after = {"role": role, "team": team_id, "is_active": is_active}
        audit.record(
            actor=by,
            verb="accounts.person.changed",
            target=f"user:{user_id}",
            now=now,
            before=before,
            after=after,
        )


def ensure_team(*, name: str) -> int:
    """Return the team of this name, made if it is not there."""
    team, _ = Team.objects.get_or_create(name=name)
    return int(team.pk)
