"""Whether a webhook comes from HubSpot: its signature of version 3, and not older than five minutes. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final

SIGNATURE: Final = "x-hubspot-signature-v3"
TIMESTAMP: Final = "x-hubspot-request-timestamp"
OLDEST_SECONDS: Final = 300  # HubSpot: "Validating requests"; nothing from the future either


def why_refused(
    *, secret: str, method: str, uri: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> str:
    """Return why a request is not HubSpot's, or "" if it is. `uri` is the whole public address with its query."""
    given = {name.lower(): value for name, value in headers.items()}
    stamp, signature = given.get(TIMESTAMP, ""), given.get(SIGNATURE, "")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 16:
        return "The request has no timestamp of HubSpot's."
    if abs(now.timestamp() - int(stamp) / 1000) > OLDEST_SECONDS:
        return "The request is more than five minutes old, or from the future; check the server's clock."
    if not hmac.compare_digest(sign(secret, method, uri, body, stamp).encode(), signature.encode()):
        return "The signature is not HubSpot's; check the client secret on the connection's page."
    return ""


def sign(secret: str, method: str, uri: str, body: bytes, stamp: str) -> str:
    """Return the signature of version 3: HMAC-SHA256 of method, address, body and timestamp, in Base64."""
    signed = method.encode() + uri.encode() + body + stamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
