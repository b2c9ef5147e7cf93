"""The form of a recorded message: its sound, its words, and the facts the rules ask for."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile

from campaigns.models import MessageVersion
from campaigns.recordings.declared import Declared
from campaigns.recordings.decoding import MAX_SECONDS
from campaigns.recordings.sniffing import MAX_BYTES, SoundRefused
from campaigns.recordings.sound import Sound, read_sound
from campaigns.selectors.versions import PURPOSE_NAMES
from campaigns.services.messages import MAX_TRANSCRIPT, NewVersion
from compliance.fields import ReasonField
from compliance.rules.content.sounds import MessageKind
from compliance.rules.facts import Purpose
from core.types import PhoneError, PhoneNumber, parse_phone

SOURCE = MessageVersion.Source
FROM_BROWSER = "recorded-here.wav"  # the name static/js/recorder.js gives
KEYS = [("", "No key"), *((key, key) for key in "1234567890*#")]


class MessageForm(forms.Form):
    """A new message or a new version of one. A valid form has new_version()."""

    name = forms.CharField(max_length=120, help_text="For you and your team; nobody hears it.")
    kind = forms.ChoiceField(
        label="Played",
        choices=[
            (MessageKind.ABANDONED, "When a person answers and no agent is free"),
            (MessageKind.VOICEMAIL, "On voicemail"),
            (MessageKind.LIMITED_CONTENT, "On voicemail, about a debt (limited content)"),
        ],
    )
    purpose = forms.ChoiceField(
        label="What the calls are for",
        choices=[(str(value), name) for value, name in PURPOSE_NAMES.items()],
        help_text="Campaigns of this purpose alone can use it.",
    )
    sound = forms.ChoiceField(
        label="What is played",
        choices=[
            ("file", "A recording"),
            ("text", "No recording: the carrier’s voice reads the words"),
            ("keep", "The recording of the version before; I correct words or facts"),
        ],
        widget=forms.RadioSelect,
        initial="file",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        widget=forms.FileInput(attrs={"accept": "audio/*,.wav,.mp3,.flac,.ogg"}),
        error_messages={"empty": "The file is empty (0 bytes). Save the recording again, or record it here."},
        help_text=f"WAV, MP3, FLAC or Ogg, up to {MAX_SECONDS} seconds and {MAX_BYTES // 1024 // 1024} MB.",
    )
    trim = forms.BooleanField(label="Cut off silence before and after", required=False, initial=True)
    transcript = forms.CharField(
        label="Every word of it",
        max_length=MAX_TRANSCRIPT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="As it is spoken, telephone numbers in digits. The rules are checked against these words.",
    )
    business_name = forms.CharField(label="Business, as registered", max_length=160)
    goods = forms.CharField(
        label="What is sold",
        max_length=120,
        required=False,
        help_text="In the words of the message: “heat pumps”.",
    )
    contact_name = forms.CharField(label="Whom to ask for", max_length=80, required=False)
    callback_number = forms.CharField(label="Callback number", max_length=40)
    callback_takes_requests = forms.BooleanField(
        label="Somebody called it: a person or menu takes do-not-call requests in business hours",
        required=False,
    )
    callback_is_kept = forms.BooleanField(
        label="It stays in service as long as campaigns use this message", required=False
    )
    opt_out_key = forms.ChoiceField(
        label="Key that opts out",
        choices=KEYS,
        required=False,
        initial="9",
        help_text="Works during the whole message: first the number goes on the do-not-call list, then the call ends.",
    )
    tollfree_number = forms.CharField(
        label="Toll-free number to opt out",
        max_length=40,
        required=False,
        help_text="Needed on voicemail when it sells.",
    )
    tollfree_opts_out = forms.BooleanField(
        label="Somebody called it: it reaches the opt-out at once", required=False
    )
    identity_ends_at = forms.DecimalField(
        label="The name ends at (seconds)",
        required=False,
        min_value=0,
        max_value=MAX_SECONDS,
        decimal_places=2,
    )
    opt_out_at = forms.DecimalField(
        label="The opt-out begins at (seconds)",
        required=False,
        min_value=0,
        max_value=MAX_SECONDS,
        decimal_places=2,
    )
    artificial_voice = forms.BooleanField(label="The voice is synthesised or cloned", required=False)
    based_on = forms.IntegerField(widget=forms.HiddenInput, initial=0, min_value=0)
    _sound: Sound | None = None

    def __init__(self, *args: Any, fixed: Sequence[str] = (), can_keep: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in fixed:
            self.fields[name].disabled = True
        if not can_keep:
            field = cast(forms.ChoiceField, self.fields["sound"])
            field.choices = [
                choice for choice in cast(list[tuple[str, str]], field.choices) if choice[0] != "keep"
            ]

    def clean_callback_number(self) -> str:
        """Return the number in E.164."""
        return _e164(self.cleaned_data["callback_number"])

    def clean_tollfree_number(self) -> str:
        """Return the number in E.164, or nothing."""
        return _e164(self.cleaned_data["tollfree_number"]) if self.cleaned_data["tollfree_number"] else ""

    def clean(self) -> dict[str, Any]:
        """Read the recording, where there is to be one; its refusal stands beside the field."""
        values = super().clean() or {}
        if values.get("sound") == "file" and "file" not in self.errors:
            upload: UploadedFile[bytes] | None = values.get("file")
            try:
                self._sound = _read(upload, trim_silence=values.get("trim", True))
            except SoundRefused as refusal:
                self.add_error("file", forms.ValidationError(str(refusal), code=refusal.code))
        return values

    def new_version(self) -> NewVersion:
        """Return what the service takes."""
        values = self.cleaned_data
        upload: UploadedFile[bytes] | None = values["file"]
        file_name = str(upload.name) if upload and self._sound else ""
        source = SOURCE.TEXT
        if self._sound:
            source = SOURCE.BROWSER if file_name == FROM_BROWSER else SOURCE.UPLOAD
        return NewVersion(
            declared=self._declared(),
            sound=self._sound,
            keeps_audio=values["sound"] == "keep",
            source=source,
            file_name=file_name,
        )

    def _declared(self) -> Declared:
        values = self.cleaned_data
        cut = self._sound.cut_seconds if self._sound else 0.0
        kind = MessageKind(values["kind"])
        is_limited = kind is MessageKind.LIMITED_CONTENT
        return Declared(
            purpose=Purpose.DEBT if is_limited else Purpose(values["purpose"]),
            transcript=values["transcript"].strip(),
            business_name=values["business_name"].strip(),
            goods=values["goods"].strip(),
            contact_name=values["contact_name"].strip(),
            callback_number=values["callback_number"],
            callback_takes_requests=values["callback_takes_requests"],
            callback_is_kept=values["callback_is_kept"],
            tollfree_number=values["tollfree_number"],
            tollfree_opts_out=values["tollfree_opts_out"],
            opt_out_key="" if is_limited else values["opt_out_key"],
            identity_ends_at=_earlier(values["identity_ends_at"], cut),
            opt_out_at=_earlier(values["opt_out_at"], cut),
            artificial_voice=values["artificial_voice"],
        )

    @staticmethod
    def initial_of(declared: Declared) -> dict[str, Any]:
        """Return the values a form of the next version begins with."""
        return {name: getattr(declared, name) for name in Declared.__dataclass_fields__}


class DecisionForm(forms.Form):
    """Why a version is approved with something left, or retired."""

    note = ReasonField(label="Reason", max_length=400, required=False)


def _read(upload: "UploadedFile[bytes] | None", *, trim_silence: bool) -> Sound:
    if upload is None:
        raise SoundRefused(
            "missing", "Record the message or choose a file, or let the carrier’s voice read the words."
        )
    if (upload.size or 0) > MAX_BYTES:
        raise SoundRefused(
            "too_large",
            f"The file is larger than {MAX_BYTES // 1024 // 1024} MB. Save it as MP3 or FLAC, or in mono.",
        )
    return read_sound(upload.read(), trim_silence=trim_silence)


def _e164(raw: str) -> PhoneNumber:
    try:
        return parse_phone(raw)
    except PhoneError as error:
        raise forms.ValidationError(str(error), code=error.code) from None


def _earlier(noted: Decimal | None, cut: float) -> float | None:
    """Return an instant noted while listening to the whole file, in the recording without the silence before it."""
    return None if noted is None else round(max(0.0, float(noted) - cut), 2)
