"""What every form of a connection has."""

from collections.abc import Mapping

from django import forms


class ConnectionForm(forms.Form):
    """A connection's name, and whatever the CRM needs."""

    name = forms.CharField(max_length=80, label="Name", help_text="How your people call this CRM.")

    def secrets(self) -> Mapping[str, str]:
        """Return what is to be sealed."""
        raise NotImplementedError

    def settings(self) -> Mapping[str, str]:
        """Return what may stand in the open."""
        raise NotImplementedError
