"""All that `make run` needs before the processes start, in one process: tables, static files, demo data."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Repeating it does only what is missing."""

    help = "Migrate, collect static files if they changed, load the demo data."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        call_command("migrate", verbosity=0)
        if self._static_files_changed():
            call_command("collectstatic", interactive=False, verbosity=0)
        call_command("seed_demo")

    def _static_files_changed(self) -> bool:
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        if not manifest.exists():
            return True
        collected_at = manifest.stat().st_mtime
        return any(
            path.stat().st_mtime > collected_at
            for folder in settings.STATICFILES_DIRS
            for path in Path(folder).rglob("*")
            if path.is_file()
        )
