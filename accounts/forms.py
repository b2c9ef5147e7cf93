"""Forms about people."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator

from accounts import roles, selectors


class PersonChange(forms.Form):
    """What an administrator may change of a person."""

    role = forms.ChoiceField(choices=[(role.value, name) for role, name in roles.ROLE_NAMES.items()])
    team = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    is_active = forms.BooleanField(required=False, initial=True, label="May sign in")

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
    field_order = ["username", "first_name", "last_name", "email", "password", "role", "team", "is_active"]

    def clean_password(self) -> str:
        """Refuse what the password rules refuse."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
