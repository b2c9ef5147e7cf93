"""Twilio's webhooks: genuine or not, the same as an earlier one or not, and what they say."""

import hashlib
from collections.abc import Mapping, Sequence

from django.conf import settings
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from carriers.events import CarrierEvent, CarrierNews, Detected
from carriers.twilio import statuses


class TwilioWebhooks:
    """The Webhooks protocol for Twilio (Twilio: Webhooks security; Call and Conference status callbacks)."""

    def is_genuine(self, *, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        """Check X-Twilio-Signature over the public URL, as configured, and the form parameters; SHA-1 or SHA-256."""
        folded = {name.lower(): value for name, value in headers.items()}
        signature = folded.get(SIGNATURE_HEADER.lower(), "")
        if not signature:
            return False
        try:
            algorithm = get_signature_algorithm(folded.get(SIGNATURE_SETTINGS_HEADER.lower()))
            return bool(
                RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(
                    url, dict(params), signature, algorithm=algorithm
                )
            )
        except (ValueError, KeyError):
            return False

    def key(self, *, kind: str, subject_ref: str, params: Mapping[str, str]) -> str:
        """Equal for a repeat: same leg, same news, same place in the carrier's order."""
        parts = [
            params.get("CallSid", ""),
            params.get("CallStatus", ""),
            params.get("StatusCallbackEvent", ""),
            params.get("SequenceNumber", ""),
            params.get("ConferenceSid", ""),
            params.get("AnsweredBy", ""),
            params.get("Digits", ""),
        ]
        digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
        return f"{kind}:{subject_ref}:{digest}"

    def events(self, *, kind: str, params: Mapping[str, str]) -> Sequence[CarrierEvent]:
        """Return what the webhook says in our words."""
        leg = params.get("CallSid", "")
        if kind == "conference":
            raw = params.get("StatusCallbackEvent", "")
            news = statuses.CONFERENCE_EVENT.get(raw, CarrierNews.UNKNOWN)
            return [
                CarrierEvent(
                    news=news,
                    leg_ref=leg,
                    raw=raw,
                    sequence=_number(params.get("SequenceNumber")),
                    conference_name=params.get("FriendlyName", ""),
                )
            ]
        if kind == "call_detected":
            raw = params.get("AnsweredBy", "")
            return [
                CarrierEvent(
                    news=CarrierNews.DETECTED,
                    leg_ref=leg,
                    raw=raw,
                    detected=statuses.ANSWERED_BY.get(raw, Detected.UNKNOWN),
                    after_ms=_number(params.get("MachineDetectionDuration")),
                )
            ]
        if kind == "call_keys":
            return [CarrierEvent(news=CarrierNews.KEYS, leg_ref=leg, raw=params.get("Digits", "")[:20])]
        raw = params.get("CallStatus", "")
        if kind in {"call_answer", "agent_answer"}:
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


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
