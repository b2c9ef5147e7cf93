"""Start-up checks: what must never be true in production."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

MIN_RETENTION_YEARS = 5


@register()
def production_is_not_a_demo(app_configs: Any, **_: Any) -> list[Error]:
    """Refuse demo mode, the sandbox's credentials and missing keys under production settings."""
    if not getattr(settings, "REQUIRE_REAL_CARRIER", False):
        return []
    problems = []
    if settings.DEMO_MODE:
        problems.append(
            Error("Demo mode cannot be switched on in production.", hint="Unset PARLEY_DEMO.", id="core.E001")
        )
    if settings.TWILIO_BASE_URL or settings.SALESFORCE_BASE_URL or settings.HUBSPOT_BASE_URL:
        problems.append(
            Error(
                "Production must talk to the real vendors.",
                hint="Unset TWILIO_BASE_URL, SALESFORCE_BASE_URL, HUBSPOT_BASE_URL.",
                id="core.E002",
            )
        )
    if "sandbox" in settings.TWILIO_AUTH_TOKEN:
        problems.append(
            Error(
                "The carrier's credentials are the sandbox's.",
                hint="Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.",
                id="core.E003",
            )
        )
    if not settings.ENCRYPTION_KEYS:
        problems.append(Error("CRM secrets need a key.", hint="Set PARLEY_ENCRYPTION_KEYS.", id="core.E004"))
    if not settings.PUBLIC_URL.startswith("https://"):
        problems.append(
            Error("Webhooks need https.", hint="Set PARLEY_PUBLIC_URL to your https address.", id="core.E005")
        )
    return problems


@register()
def verdicts_are_kept_long_enough(app_configs: Any, **_: Any) -> list[Error]:
    """Refuse a retention under the five years of 16 CFR 310.5(a)."""
    if settings.VERDICT_RETENTION_YEARS >= MIN_RETENTION_YEARS:
        return []
    return [
        Error(
            f"Verdicts would be kept for {settings.VERDICT_RETENTION_YEARS} years.",
            hint=f"Set PARLEY_VERDICT_RETENTION_YEARS to {MIN_RETENTION_YEARS} or more.",
            id="core.E006",
        )
    ]


@register()
def the_carrier_takes_calls(app_configs: Any, **_: Any) -> list[Error]:
    """Refuse limits under which no call could ever be placed."""
    if settings.CARRIER_CPS > 0 and settings.CARRIER_NUMBER_CPS >= 0 and settings.CARRIER_MAX_LINES >= 0:
        return []
    return [
        Error(
            "The carrier's limits let no call through.",
            hint="PARLEY_CARRIER_CPS must be above 0; the number's limit and the lines 0 (no limit) or above.",
            id="core.E007",
        )
    ]
