"""Encrypt the CRMs' secrets with the first of PARLEY_ENCRYPTION_KEYS, so that the old key can be taken away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from crm_sync.services import connections


class Command(BaseCommand):
    """Repeating it changes nothing but the ciphers."""

    help = "Encrypt the CRMs' secrets anew with the first of PARLEY_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and name what no configured key reads."""
        done, unreadable = connections.reseal_all(now=clock.now())
        self.stdout.write(f"{done} CRM secrets are encrypted with the first key.")
        if unreadable:
            raise CommandError(
                f"No configured key reads the secrets of: {', '.join(unreadable)}. Put their old key back at the end of "
                "PARLEY_ENCRYPTION_KEYS and run this again, or enter those secrets anew on the CRM page."
            )
