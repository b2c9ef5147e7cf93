"""Forms about people."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator

from accounts import roles, selectors, services


class PersonChange(forms.Form):
    """What an administrator may change of a person."""

    role = forms.ChoiceField(choices=[(role.value, name) for role, name in roles.ROLE_NAMES.items()])
    team = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    new_team = forms.CharField(
        required=False,
        max_length=80,
        label="Or a new team",
        help_text="A team of this name is made if there is none.",
    )
    is_active = forms.BooleanField(required=False, initial=True, label="May sign in")

    def team_id(self) -> int | None:
        """Return the team of a valid form; a name that is typed counts before the one chosen."""
        name = self.cleaned_data["new_team"].strip()
        chosen: int | None = self.cleaned_data["team"]
        return services.ensure_team(name=name) if name else chosen

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.fields["team"]
        assert isinstance(team, forms.TypedChoiceField)
        team.choices = [("", "No team"), *selectors.team_choices()]


class NewPerson(PersonChange):
    """A person to add."""

    username = forms.CharField(max_length=150, label="User name", validators=[UnicodeUsernameValidator()])
    first_name = forms.CharField(max_length=150, label="First name")
    last_name = forms.CharField(max_length=150, label="Last name")
    email = forms.EmailField(label="E-mail", help_text="Matches the person to their user in the CRM.")
    password = forms.CharField(
        widget=forms.PasswordInput(render_value=False), help_text="At least 12 characters."
    )
    field_order = [
        "username",
        "first_name",
        "last_name",
        "email",
        "password",
        "role",
        "team",
        "new_team",
        "is_active",
    ]

    def clean_password(self) -> str:
        """Refuse what the password rules refuse."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
