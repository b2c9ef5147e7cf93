"""The mail server for notices that people want by e-mail. Without one nothing is sent, and the pages say so."""

from config import env

EMAIL_HOST = env.env_str("PARLEY_EMAIL_HOST", "")
EMAIL_PORT = env.env_int("PARLEY_EMAIL_PORT", 587)
EMAIL_HOST_USER = env.env_str("PARLEY_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.env_secret("PARLEY_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.env_bool("PARLEY_EMAIL_TLS", True)
DEFAULT_FROM_EMAIL = env.env_str("PARLEY_EMAIL_FROM", "parley@localhost")
EMAIL_TIMEOUT = 15
# Django's own default would look for a server on this machine, and fail where there is none.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
