"""What people enter to connect a CRM by a mapping file."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings as conf
from django.http import QueryDict

from crm_sync.byfile import reading
from crm_sync.byfile.nodes import MOST_CHARACTERS, BadMapping
from crm_sync.forms_common import ConnectionForm

SHOWN_PROBLEMS = 30


class ByFileForm(ConnectionForm):
    """The file, pasted or uploaded, and what it signs in with."""

    upload = forms.FileField(
        label="Mapping file",
        required=False,
        allow_empty_file=True,
        help_text="YAML or JSON, UTF-8. Or paste it below.",
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.json"}),
    )
    mapping = forms.CharField(
        label="Or its text",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 14, "spellcheck": "false", "class": "mono", "autocomplete": "off"}
        ),
    )
    user = forms.CharField(
        max_length=255,
        label="User or client id",
        required=False,
        help_text="For auth of type basic, client_credentials and password only.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    client_id = forms.CharField(
        max_length=255,
        label="Client id",
        required=False,
        help_text="For auth of type password only, where the CRM wants one beside user and password.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    client_secret = forms.CharField(
        max_length=2000,
        label="Client secret",
        required=False,
        help_text="As above.",
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
    )
    # What was typed is given back, so that the file can be tried, and then connected, without entering it twice.
    secret = forms.CharField(
        max_length=2000,
        label="Secret",
        help_text="Token, API key, password or client secret, as the file’s auth says. It is kept encrypted, and never stands in the file.",
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "127.0.0.1:8104" in conf.CRM_PRIVATE_HOSTS:
            self.fields["secret"].help_text += " Stand-in: plain-sandbox"

    def clean_secret(self) -> str:
        """Return the secret; what cannot stand in a header is refused."""
        return self._plain("secret")

    def clean_client_secret(self) -> str:
        """Return the client's secret, likewise."""
        return self._plain("client_secret")

    def _plain(self, name: str) -> str:
        text = str(self.cleaned_data[name]).strip()
        if not text.isascii() or not text.isprintable():
            raise forms.ValidationError("A secret has plain letters, digits and signs only. Copy it again.")
        return text

    def clean(self) -> dict[str, Any]:
        """Read the file, and say everything that is wrong in it with its line."""
        data = super().clean() or self.cleaned_data
        text = self._text()
        if text is None:
            return data
        data["mapping"] = text
        # An uploaded file is shown, and mended, as text.
        shown = QueryDict(mutable=True)
        shown.update(self.data)
        shown["mapping"] = text
        self.data = shown
        try:
            file = reading.read(text)
        except BadMapping as error:
            found = [str(problem) for problem in error.problems]
            rest = len(found) - SHOWN_PROBLEMS
            more = [f"And {rest} more."] if rest > 0 else []
            self.add_error("mapping", [*found[:SHOWN_PROBLEMS], *more])
            return data
        if file.auth.kind in ("basic", "client_credentials", "password") and not data.get("user"):
            self.add_error("user", f"The file signs in with {file.auth.kind}: enter the user or client id.")
        return data

    def secrets(self) -> Mapping[str, str]:
        """Return the secret, and what else the file needs to sign in."""
        beside = {name: self.cleaned_data[name].strip() for name in ("user", "client_id", "client_secret")}
        return {
            "secret": self.cleaned_data["secret"],
            **{name: text for name, text in beside.items() if text},
        }

    def settings(self) -> Mapping[str, str]:
        """Return the file."""
        return {"mapping": self.cleaned_data["mapping"]}

    def _text(self) -> str | None:
        upload = self.cleaned_data.get("upload")
        if upload is None:
            text = str(self.cleaned_data.get("mapping") or "")
            if not text.strip():
                self.add_error(
                    "mapping", "Choose a file, or paste its text. The examples are a good beginning."
                )
                return None
        else:
            if upload.size > MOST_CHARACTERS * 4:
                self.add_error(
                    "upload",
                    f"A mapping file has at most {MOST_CHARACTERS:,} characters; this is another kind of file.",
                )
                return None
            try:
                text = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error(
                    "upload", "This is no text in UTF-8. Save the file as UTF-8, or paste its text."
                )
                return None
        return text.replace("\r\n", "\n")
