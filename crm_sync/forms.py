"""What people enter to connect a CRM and to import one of its lists."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings as conf

from crm_sync import held_fields, hubspot_filters, soql, ways
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
        choices=[(way.code, way.label) for way in ways.SALESFORCE], widget=forms.HiddenInput
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
        help_text="Of the integration user.",
    )
    private_key = forms.CharField(
        max_length=10_000,
        label="Private key",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="The PEM file whose certificate the app knows.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.show_only("salesforce", "secret")
        by_person = self.initial["sign_in"] == ways.PERSON
        if by_person:
            self.fields["domain"].help_text += "; login or test will do as well."
        for name in ("client_secret", "username", "private_key"):
            if name in self.fields:
                self.fields[name].required = not by_person
        if conf.SALESFORCE_BASE_URL:
            stand_in = {
                "domain": "sandbox.my",
                "client_id": "parley-sandbox",
                "client_secret": "sandbox-secret",
            }
            for name, value in stand_in.items():
                if name in self.fields:
                    self.fields[name].help_text = f"{self.fields[name].help_text} Stand-in: {value}".strip()

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
        """Return the domain, and how it is signed in to."""
        return {name: self.cleaned_data[name] for name in ("domain", "sign_in")}


class HubSpotForm(ConnectionForm):
    """Sign-in to one account: a private app's token, or an app that a person allows."""

    sign_in = forms.ChoiceField(
        choices=[(way.code, way.label) for way in ways.HUBSPOT], required=False, widget=forms.HiddenInput
    )
    client_id = forms.CharField(
        max_length=255, label="Client id", help_text="HubSpot: your app, Auth. Not the app's id."
    )
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
        self.show_only("hubspot", "token")
        if self.initial["sign_in"] == ways.PERSON:
            self.fields["client_secret"].required = True
            self.fields["client_secret"].help_text = "On the same page. Webhooks are signed with it, too."
        if conf.HUBSPOT_BASE_URL:
            stand_in = {
                "token": "pat-na1-sandbox",
                "client_id": "parley-sandbox",
                "client_secret": "sandbox-secret",
            }
            for name, value in stand_in.items():
                if name in self.fields:
                    self.fields[name].help_text = f"{self.fields[name].help_text} Stand-in: {value}".strip()

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
        if self.signs_in_there:
            return {"client_id": self.cleaned_data["client_id"].strip(), "client_secret": secret}
        return {"token": self.cleaned_data["token"]} | ({"client_secret": secret} if secret else {})

    def settings(self) -> Mapping[str, str]:
        """Return the property's name, and how the account is signed in to."""
        return {
            "do_not_call_property": self.cleaned_data["do_not_call_property"],
            "sign_in": self.cleaned_data["sign_in"] or "token",
        }


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


class SoqlForm(forms.Form):
    """A list that is a SOQL query."""

    name = forms.CharField(max_length=120, label="Name", help_text="How the list is called here.")
    text = forms.CharField(
        max_length=soql.LONGEST,
        label="Query",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text="Of leads or contacts, such as: SELECT Id FROM Contact WHERE Account.Industry = \u2019Energy\u2019 LIMIT 5000. "
        "Parley reads the fields it needs, whichever the query names.".replace("\u2019", "&#x27;"),
    )

    def clean_text(self) -> str:
        """Return the query; what cannot be a list of people is refused in words."""
        text = str(self.cleaned_data["text"]).replace("\x00", "")
        try:
            soql.check(text)
        except soql.BadQuery as error:
            raise forms.ValidationError(str(error)) from error
        return text.strip()

    def query_text(self) -> str:
        """Return the query as it is stored."""
        return str(self.cleaned_data["text"])


class SearchForm(forms.Form):
    """A list that is a HubSpot search: up to five conditions, all of which hold."""

    name = forms.CharField(max_length=120, label="Name", help_text="How the list is called here.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(hubspot_filters.OPERATORS.items())
        for number in range(1, hubspot_filters.MOST + 1):
            self.fields[f"property_{number}"] = forms.CharField(
                max_length=100, required=number == 1, label=f"Property {number}"
            )
            self.fields[f"operator_{number}"] = forms.ChoiceField(
                choices=choices, required=number == 1, label=f"Comparison {number}"
            )
            self.fields[f"value_{number}"] = forms.CharField(
                max_length=500, required=False, label=f"Value {number}"
            )
        self.fields[
            "property_1"
        ].help_text = "The internal name: HubSpot, Settings, Properties, the property, “&lt;/&gt;”."

    @property
    def conditions(self) -> list[list[forms.BoundField]]:
        """Return the fields of each condition: property, comparison, value."""
        parts = ("property", "operator", "value")
        return [[self[f"{part}_{number}"] for part in parts] for number in range(1, hubspot_filters.MOST + 1)]

    def clean(self) -> dict[str, Any]:
        """Refuse conditions HubSpot could not be asked."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.query_text()
            except hubspot_filters.BadFilter as error:
                raise forms.ValidationError(str(error)) from error
        return data

    def query_text(self) -> str:
        """Return the conditions as they are stored; raises BadFilter."""
        data = self.cleaned_data
        rows = range(1, hubspot_filters.MOST + 1)
        given = [
            hubspot_filters.Filter(
                *(str(data.get(f"{part}_{row}") or "").strip() for part in ("property", "operator", "value"))
            )
            for row in rows
            if data.get(f"property_{row}")
        ]
        return hubspot_filters.as_text(given)


QUERY_FORMS: Mapping[str, type[SoqlForm] | type[SearchForm]] = {"salesforce": SoqlForm, "hubspot": SearchForm}


class HeldCallForm(forms.Form):
    """An item the CRM refused, as it is to go there; `given` are its editable values by name."""

    person_id = forms.RegexField(
        r"^[A-Za-z0-9_-]{1,60}$",
        label="Record id of the person",
        help_text="The last part of their page's address in the CRM. Change it if the person is another record there now.",
        error_messages={
            "invalid": "An id has letters, digits, - and _ only; copy it from the record's address."
        },
    )

    def __init__(
        self, *args: Any, kind: str, given: Mapping[str, str], labels: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        names = [name for name in given if name != "person_id"]
        for name in names:
            is_long = name in held_fields.LONG or len(given[name]) > 120
            self.fields[name] = forms.CharField(
                max_length=32_000 if is_long else 255,
                required=name == "subject",
                label=held_fields.EDITABLE[kind].get(name)
                or labels.get(name, name.removeprefix(held_fields.FACT)),
                widget=forms.Textarea(attrs={"rows": 6}) if is_long else forms.TextInput(),
                help_text="As the CRM's pick-list names it." if name == "disposition_label" else "",
            )
        self.order_fields([*names, "person_id"])


class HeldReasonForm(forms.Form):
    """All items of a connection that wait for one reason."""

    connection_id = forms.IntegerField(min_value=1, max_value=2**62)
    reason = forms.CharField(max_length=500, strip=False)


FORMS: Mapping[str, type[ConnectionForm]] = {
    "salesforce": SalesforceForm,
    "hubspot": HubSpotForm,
    "rest": ByFileForm,
}
