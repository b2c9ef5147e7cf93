"""Development and the demo: safe defaults, the sandbox as carrier and CRMs."""

import os

os.environ.setdefault("PARLEY_SECRET_KEY", "development-only-key-not-for-production-use-0123456789")
os.environ.setdefault("PARLEY_ENCRYPTION_KEYS", "dGhpcy1rZXktaXMtZm9yLWRldmVsb3BtZW50LW9ubHk=")
os.environ.setdefault("PARLEY_LOG_FORMAT", "console")
os.environ.setdefault("TWILIO_BASE_URL", "http://127.0.0.1:8101")
os.environ.setdefault("SALESFORCE_BASE_URL", "http://127.0.0.1:8102")
os.environ.setdefault("HUBSPOT_BASE_URL", "http://127.0.0.1:8103")
os.environ.setdefault("PARLEY_CRM_PRIVATE_HOSTS", "127.0.0.1:8104")

from config.settings.base import *  # noqa: F403 - the defaults above must stand first

DEBUG = False
