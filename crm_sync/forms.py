"""What people enter to connect a CRM and to import one of its lists."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings as conf

from crm_sync.forms_by_file import ByFileForm
from crm_sync.forms_common import ConnectionForm

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,99}")
_KEY_NAME = re.compile(r"-----BEGIN (RSA )?PRIVATE KEY-----")


class SalesforceForm(ConnectionForm):
    """Sign-in to one org: client credentials, or a signed assertion (JWT bearer)."""

    domain = forms.CharField(
        max_length=120,
        label="My Domain",
        help_text="The part before .salesforce.com in your Salesforce address, such as acme.my",
    )
    sign_in = forms.ChoiceField(
        label="Sign in with",
        choices=[("secret", "Consumer secret (client credentials)"), ("key", "Private key (JWT bearer)")],
        initial="secret",
    )
    client_id = forms.CharField(
        max_length=255,
        label="Consumer key",
        help_text="Setup, External Client App Manager, your app, OAuth settings.",
    )
    client_secret = forms.CharField(
        max_length=255,
        label="Consumer secret",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    username = forms.CharField(
        max_length=120,
        label="User name",
        required=False,
        help_text="The integration user; for a key only.",
    )
    private_key = forms.CharField(
        max_length=10_000,
        label="Private key",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="The PEM file whose certificate the app knows; for a private key only.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_key = self.data.get("sign_in") == "key"
        self.fields["client_secret"].required = not by_key
        self.fields["username"].required = self.fields["private_key"].required = by_key
        if conf.SALESFORCE_BASE_URL:
            self.fields["domain"].help_text += ". Stand-in: sandbox.my"
            self.fields["client_id"].help_text += " Stand-in: parley-sandbox"
            self.fields["client_secret"].help_text = "Stand-in: sandbox-secret"

    def clean_domain(self) -> str:
        """Return the host's part before .salesforce.com, whatever of the address was pasted."""
        text = str(self.cleaned_data["domain"]).strip().lower()
        text = text.removeprefix("https://").removeprefix("http://").split("/", 1)[0]
        text = text.removesuffix(".salesforce.com").removesuffix(".lightning.force.com")
        if not _HOST.fullmatch(text):
            raise forms.ValidationError("Copy the address from your browser, such as acme.my.salesforce.com.")
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse what the chosen way of signing in cannot use."""
        data = super().clean() or self.cleaned_data
        if (
            data.get("sign_in") == "key"
            and data.get("private_key")
            and not _KEY_NAME.search(data["private_key"])
        ):
            self.add_error("private_key", "Paste the whole PEM file, BEGIN and END lines too.")
        if data.get("sign_in") == "secret" and data.get("domain") in ("login", "test"):
            self.add_error("domain", "Client credentials need your own My Domain, not login or test.")
        return data

    def secrets(self) -> Mapping[str, str]:
        """Return the consumer key with the secret, or with user name and private key."""
        data = self.cleaned_data
        if data["sign_in"] == "key":
            return {name: data[name] for name in ("client_id", "username", "private_key")}
        return {name: data[name] for name in ("client_id", "client_secret")}

    def settings(self) -> Mapping[str, str]:
        """Return the domain."""
        return {"domain": self.cleaned_data["domain"]}


class HubSpotForm(ConnectionForm):
    """Sign-in to one account with a private app's token."""

    token = forms.CharField(
        max_length=255,
        label="Access token",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="HubSpot: Settings, Integrations, Private Apps, your app, Auth.",
    )
    client_secret = forms.CharField(
        max_length=255,
        label="Client secret",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Of the app, for webhooks: with them changes are here within seconds. The page of this CRM shows their address. "
        "Left empty, webhooks are refused.",
    )
    do_not_call_property = forms.CharField(
        max_length=100,
        label="Do-not-call property",
        required=False,
        initial="do_not_call",
        help_text="HubSpot has none of its own: the internal name of your contact checkbox. "
        "Left empty, nobody is imported as do not call.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if conf.HUBSPOT_BASE_URL:
            self.fields["token"].help_text += " Stand-in: pat-na1-sandbox"

    def clean_token(self) -> str:
        """Return the token; what cannot stand in a header is refused."""
        text = str(self.cleaned_data["token"]).strip()
        if not text.isascii() or not text.isprintable() or " " in text:
            raise forms.ValidationError("A token has letters, digits and dashes only. Copy it again.")
        return text

    def clean_do_not_call_property(self) -> str:
        """Return the property's internal name."""
        text = str(self.cleaned_data["do_not_call_property"]).strip()
        if text and not _PROPERTY.fullmatch(text):
            raise forms.ValidationError("Enter the internal name: small letters, digits and underscores.")
        return text

    def secrets(self) -> Mapping[str, str]:
        """Return the token, and the secret webhooks are signed with where there is one."""
        secret = self.cleaned_data["client_secret"].strip()
        return {"token": self.cleaned_data["token"]} | ({"client_secret": secret} if secret else {})

    def settings(self) -> Mapping[str, str]:
        """Return the property's name."""
        return {"do_not_call_property": self.cleaned_data["do_not_call_property"]}


class ImportForm(forms.Form):
    """The Parley list a CRM's list goes into."""

    list_kind = forms.SlugField(max_length=30, widget=forms.HiddenInput)
    list_id = forms.RegexField(r"^[A-Za-z0-9_-]{1,60}$", widget=forms.HiddenInput)
    crm_list_name = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    list_name = forms.CharField(
        max_length=120,
        label="Name of the list in Parley",
        help_text="A list of that name gets the people added.",
    )
    keep_up_to_date = forms.BooleanField(
        required=False,
        label="Keep up to date",
        help_text="Who joins the list in the CRM later is added; who leaves it is not called from it any more, within a minute.",
    )


class HeldCallForm(forms.Form):
    """A call the CRM refused, as it is to go there."""

    subject = forms.CharField(max_length=255, label="Subject")
    disposition_label = forms.CharField(
        max_length=255, required=False, label="Result", help_text="As the CRM's pick-list names it."
    )
    note = forms.CharField(
        max_length=32_000, required=False, label="Note", widget=forms.Textarea(attrs={"rows": 6})
    )
    person_id = forms.RegexField(
        r"^[A-Za-z0-9_-]{1,60}$",
        label="Record id of the person",
        help_text="The last part of their page's address in the CRM. Change it if the person is another record there now.",
        error_messages={
            "invalid": "An id has letters, digits, - and _ only; copy it from the record's address."
        },
    )


class HeldReasonForm(forms.Form):
    """All items of a connection that wait for one reason."""

    connection_id = forms.IntegerField(min_value=1, max_value=2**62)
    reason = forms.CharField(max_length=500, strip=False)


FORMS: Mapping[str, type[ConnectionForm]] = {
    "salesforce": SalesforceForm,
    "hubspot": HubSpotForm,
    "rest": ByFileForm,
}
