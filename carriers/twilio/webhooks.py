"""Twilio's webhooks: genuine or not, the same as an earlier one or not, and what they say."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from carriers.events import CarrierEvent, CarrierNews, CarrierText, CarrierTextStatus, Detected
from carriers.twilio import statuses

BODY_HASH = "bodySHA256"  # in the URL of a webhook whose body is no form (Twilio: Webhooks security)
REPEAT_HEADER = "i-twilio-idempotency-token"


class _Form(dict[str, Sequence[str]]):
    """A form as the library's validator reads one: several values a name."""

    def getlist(self, name: str) -> Sequence[str]:
        """Return the values of a field."""
        return self[name]


class TwilioWebhooks:
    """The Webhooks protocol for Twilio (Twilio: Webhooks security; Call and Conference status callbacks)."""

    def is_genuine(
        self, *, url: str, form: Mapping[str, Sequence[str]], body: bytes, headers: Mapping[str, str]
    ) -> bool:
        """Check X-Twilio-Signature over the public URL, as configured, and the form's fields or the body's own hash.

        SHA-1, or SHA-256 where the header says so; with any of the secrets in force, of which a rotation has two.
        """
        folded = {name.lower(): value for name, value in headers.items()}
        signature = folded.get(SIGNATURE_HEADER.lower(), "")
        if not signature or not signature.isascii():
            return False
        hashes = parse_qs(urlsplit(url).query).get(BODY_HASH)
        if hashes is not None and not hmac.compare_digest(
            hashlib.sha256(body).hexdigest().encode(), hashes[0].lower().encode()
        ):
            return False
        if hashes is None and not form and body:
            return False  # a body that nothing signs
        signed = {} if hashes is not None else _Form(form)
        algorithm = get_signature_algorithm(folded.get(SIGNATURE_SETTINGS_HEADER.lower()))
        return any(
            RequestValidator(secret).validate(url, signed, signature, algorithm=algorithm)
            for secret in (
                settings.TWILIO_AUTH_TOKEN,
                settings.TWILIO_AUTH_TOKEN_SECONDARY,
                settings.TWILIO_SHARED_KEY_SECRET,
            )
            if secret
        )

    def token(self, *, headers: Mapping[str, str]) -> str:
        """Return I-Twilio-Idempotency-Token, the same on every try of one webhook."""
        folded = {name.lower(): value for name, value in headers.items()}
        return folded.get(REPEAT_HEADER, "").replace("\x00", "").strip()[:80]

    def key(self, *, kind: str, subject_ref: str, params: Mapping[str, str]) -> str:
        """Equal for a repeat: a try of the same webhook says the same in every field."""
        parts = [f"{name}\x1e{value}" for name, value in sorted(params.items())]
        digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
        return f"{kind}:{subject_ref}:{digest}"

    def events(self, *, kind: str, params: Mapping[str, str]) -> Sequence[CarrierEvent]:
        """Return what the webhook says in our words."""
        leg = params.get("CallSid", "")
        if kind in {"conference", "transfer_event"}:
            return [_conference_event(params)]
        if kind == "recording":
            return [_recording_event(params)]
        if kind == "call_detected":
            raw = params.get("AnsweredBy", "")
            return [
                CarrierEvent(
                    news=CarrierNews.DETECTED,
                    leg_ref=leg,
                    raw=raw,
                    detected=statuses.ANSWERED_BY.get(raw, Detected.UNKNOWN),
                    greeting_end=statuses.GREETING_END.get(raw),
                    after_ms=_number(params.get("MachineDetectionDuration")),
                )
            ]
        if kind == "call_keys":
            return [CarrierEvent(news=CarrierNews.KEYS, leg_ref=leg, raw=params.get("Digits", "")[:20])]
        raw = params.get("CallStatus", "")
        if kind == "call_message":
            # Asked for by the verb behind the one that plays, so the message has been heard to its end.
            return [CarrierEvent(news=CarrierNews.PLAYED, leg_ref=leg, raw=raw)]
        if kind in {"call_left", "transfer_left"}:
            # Also asked when the person has hung up, which the call's status tells with its length.
            is_there = raw == "in-progress"
            return [
                CarrierEvent(
                    news=CarrierNews.LEFT if is_there else CarrierNews.COMPLETED, leg_ref=leg, raw=raw
                )
            ]
        if kind in {"call_answer", "agent_answer", "transfer_answer"}:
            # The answer URL is fetched because somebody picked up; its CallStatus says in-progress.
            return [CarrierEvent(news=CarrierNews.ANSWERED, leg_ref=leg, raw=raw)]
        return [
            CarrierEvent(
                news=statuses.CALL_STATUS.get(raw, CarrierNews.UNKNOWN),
                leg_ref=leg,
                raw=raw,
                sequence=_number(params.get("SequenceNumber")),
                duration_seconds=_number(params.get("CallDuration")),
            )
        ]

    def text(self, *, params: Mapping[str, str]) -> CarrierText:
        """Return a text that came in (Twilio: Messaging webhooks; OptOutType is there with Advanced Opt-Out)."""
        return CarrierText(
            ref=params.get("MessageSid", ""),
            sender=_bare(params.get("From", "")),
            to=_bare(params.get("To", "")),
            words=params.get("Body", ""),
            is_answered=bool(params.get("OptOutType")),
        )

    def text_status(self, *, params: Mapping[str, str]) -> CarrierTextStatus:
        """Return what became of a text of ours (Twilio: Message status callback)."""
        return CarrierTextStatus(
            ref=params.get("MessageSid", ""),
            sender=_bare(params.get("From", "")),
            to=_bare(params.get("To", "")),
            status=params.get("MessageStatus", "")[:20],
            error_code=params.get("ErrorCode", "").strip()[:10],
        )


def _bare(address: str) -> str:
    """The number of an address; other channels write theirs before it ("whatsapp:+1407…")."""
    return address.rpartition(":")[2][:20]


def _conference_event(params: Mapping[str, str]) -> CarrierEvent:
    raw = params.get("StatusCallbackEvent", "")
    return CarrierEvent(
        news=statuses.CONFERENCE_EVENT.get(raw, CarrierNews.UNKNOWN),
        leg_ref=params.get("CallSid", ""),
        raw=raw,
        sequence=_number(params.get("SequenceNumber")),
        conference_name=params.get("FriendlyName", ""),
        conference_ref=params.get("ConferenceSid", "")[:40],
        announce_url=params.get("AnnounceUrl", ""),
    )


def _recording_event(params: Mapping[str, str]) -> CarrierEvent:
    raw = params.get("RecordingStatus", "")
    return CarrierEvent(
        news=statuses.RECORDING_EVENT.get(raw, CarrierNews.UNKNOWN),
        leg_ref=params.get("CallSid", ""),
        raw=raw,
        duration_seconds=_number(params.get("RecordingDuration")),
        recording_ref=params.get("RecordingSid", "")[:60],
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
