"""People who sign in, and their teams."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from accounts import roles


class Team(models.Model):
    """Agents who are assigned to campaigns together."""

    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person with exactly one role. Custom from the first migration, because it cannot be swapped in later."""

    role = models.CharField(
        max_length=20,
        choices=[(role.value, name) for role, name in roles.ROLE_NAMES.items()],
        default=roles.Role.AGENT,
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in roles.Role]), name="user_role_known"
            ),
        ]

    @property
    def display_name(self) -> str:
        """Return the name colleagues see."""
        return self.get_full_name() or self.username

    def may(self, permission: str) -> bool:
        """Return whether the person's role includes the permission."""
        return self.is_active and roles.may(self.role, permission)
