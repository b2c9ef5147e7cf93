"""Signatures of webhooks. Source: Twilio "Validating signatures from Twilio", and its library's request validator."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

# The identifier of the shared key, as the vendor writes it; nobody looks it up here.
SHARED_KEY_SID = "webhooks_sharedkey_5a4db0c5a4db0c5a4db0c5a4db0c5a4d"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with HMAC-SHA1 and the auth token, or with HMAC-SHA256 and a shared key, which it names in a header."""

    secret: str
    is_sha256: bool = False

    def headers(self, url: str, params: Mapping[str, str], *, is_spoilt: bool = False) -> dict[str, str]:
        """Return the headers for a request to `url` with these form parameters; spoilt: by another secret."""
        secret = self.secret + "-wrong" if is_spoilt else self.secret
        if not self.is_sha256:
            return {"X-Twilio-Signature": sign(secret, url, params)}
        return {
            "X-Twilio-Signature": sign(secret, url, params, algorithm="sha256"),
            "X-Twilio-Webhooks-Signature-Settings": f"key={SHARED_KEY_SID},algorithm=HMAC_SHA256",
        }


def sign(secret: str, url: str, params: Mapping[str, str], *, algorithm: str = "sha1") -> str:
    """Return X-Twilio-Signature of a form: over the address and every name and value, in the order of the names."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), algorithm)).decode()
