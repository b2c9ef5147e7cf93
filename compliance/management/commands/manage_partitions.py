"""Makes the months of the verdict table ahead of time."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.store import partitions
from core import clock


class Command(BaseCommand):
    """python manage.py manage_partitions"""

    help = "Make the tables of this month's and the next two months' verdicts, and list all. A daily task does the same."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, then say what stands."""
        made = partitions.manage_partitions(now=clock.now())
        for each in partitions.list_partitions():
            note = " (new)" if each.name in made else ""
            self.stdout.write(f"{each.name}: {each.total_bytes / 1_000_000:.1f} MB{note}")
