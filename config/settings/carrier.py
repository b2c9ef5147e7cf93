"""The telephone carrier. With no credentials set the sandbox's are used in development, and start-up fails in production."""

from config import env

CARRIER = env.env_str("PARLEY_CARRIER", "twilio")
TWILIO_ACCOUNT_SID = env.env_str("TWILIO_ACCOUNT_SID", "AC5a4db0c5a4db0c5a4db0c5a4db0c5a4d")
TWILIO_AUTH_TOKEN = env.env_secret("TWILIO_AUTH_TOKEN", "sandboxsandboxsandboxsandbox0000")
# While a token is rotated, webhooks may be signed with either (docs/how-to/carrier.md).
TWILIO_AUTH_TOKEN_SECONDARY = env.env_secret("TWILIO_AUTH_TOKEN_SECONDARY", "")
# Where the account signs webhooks with a shared key (SHA-256) instead of its token.
TWILIO_SHARED_KEY_SECRET = env.env_secret("TWILIO_SHARED_KEY_SECRET", "")
# For the browser softphone's access tokens; without them no audio is offered (the sandbox needs none).
TWILIO_API_KEY = env.env_str("TWILIO_API_KEY", "")
TWILIO_API_SECRET = env.env_secret("TWILIO_API_SECRET", "")
# Set: https://SUB.twilio.com/path goes to BASE/SUB/path (the sandbox). Empty: the real Twilio.
TWILIO_BASE_URL = env.env_str("TWILIO_BASE_URL", "")
CARRIER_TIMEOUT_SECONDS = env.env_float("PARLEY_CARRIER_TIMEOUT_SECONDS", 10.0)
# Where the browser's softphone connects to: the carrier's own hosts, none for the sandbox, which has no audio.
BROWSER_PHONE_HOSTS = env.env_list(
    "PARLEY_CONNECT_SRC", "" if TWILIO_BASE_URL else "https://*.twilio.com,wss://*.twilio.com"
)
# Webhooks are kept so many days after they were applied.
CARRIER_INBOX_DAYS = env.env_int("PARLEY_CARRIER_INBOX_DAYS", 30)
# What the account may do: calls created a second, in all and for one caller number (0: no limit of its own), and lines in use
# at once, agents' own among them (0: no limit). Twilio's default is one a second; what comes faster it queues and rings late.
CARRIER_CPS = env.env_float("PARLEY_CARRIER_CPS", 10.0 if TWILIO_BASE_URL else 1.0)
CARRIER_NUMBER_CPS = env.env_float("PARLEY_CARRIER_NUMBER_CPS", 0.0)
CARRIER_MAX_LINES = env.env_int("PARLEY_CARRIER_MAX_LINES", 0)
# A call the carrier has not begun to ring after this is withdrawn: it would ring when nobody waits for it any more.
CARRIER_RING_WITHIN_SECONDS = env.env_float("PARLEY_CARRIER_RING_WITHIN_SECONDS", 10.0)
# What a question about a number is taken to cost, shown before it is asked; the bill is the carrier's own.
LOOKUP_LINE_PRICE = env.env_decimal("PARLEY_LOOKUP_LINE_PRICE", "0.008")
LOOKUP_REASSIGNED_PRICE = env.env_decimal("PARLEY_LOOKUP_REASSIGNED_PRICE", "0.02")
LOOKUP_CURRENCY = env.env_str("PARLEY_LOOKUP_CURRENCY", "USD")
