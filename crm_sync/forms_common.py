"""What every form of a connection has."""

from collections.abc import Mapping

from django import forms

from crm_sync import ways


class ConnectionForm(forms.Form):
    """A connection's name, and whatever the CRM needs."""

    name = forms.CharField(max_length=80, label="Name", help_text="How your people call this CRM.")

    @property
    def signs_in_there(self) -> bool:
        """Return whether a person is to sign in at the CRM's own page."""
        return bool(self.cleaned_data.get("sign_in") == ways.PERSON)

    def show_only(self, kind: str, default: str) -> None:
        """Leave only the fields of the way chosen; a way there is not is refused as any wrong choice."""
        code = str(self.data.get("sign_in") or self.initial.get("sign_in") or default)
        asked = ways.FIELDS.get((kind, code), ())
        for name in [name for name in self.fields if name not in ("name", "sign_in", *asked)]:
            del self.fields[name]
        self.initial["sign_in"] = code

    def secrets(self) -> Mapping[str, str]:
        """Return what is to be sealed."""
        raise NotImplementedError

    def settings(self) -> Mapping[str, str]:
        """Return what may stand in the open."""
        raise NotImplementedError
