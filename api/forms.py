"""Forms of the API's keys."""

from django import forms

from accounts import roles


class KeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(
        label="What will use it", max_length=80, help_text="For example: website form, nightly export."
    )
    role = forms.ChoiceField(
        label="With the rights of",
        choices=[
            (role.value, name)
            for role, name in roles.ROLE_NAMES.items()
            if roles.may(role, roles.MANAGE_LISTS)
        ],
    )
