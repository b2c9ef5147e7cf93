"""Which carrier: the one door to carriers/<vendor>."""

from functools import cache
from importlib import import_module
from typing import cast

from django.conf import settings

from carriers.protocol import Carrier, Webhooks

CARRIERS = {"twilio": ("carriers.twilio.client", "TwilioCarrier")}
WEBHOOKS = {"twilio": ("carriers.twilio.webhooks", "TwilioWebhooks")}


@cache
def carrier() -> Carrier:
    """Return the configured carrier; its library is loaded on first use."""
    module, name = CARRIERS[settings.CARRIER]
    return cast(Carrier, getattr(import_module(module), name)())


@cache
def webhooks() -> Webhooks:
    """Return the configured carrier's webhook reader."""
    module, name = WEBHOOKS[settings.CARRIER]
    return cast(Webhooks, getattr(import_module(module), name)())
