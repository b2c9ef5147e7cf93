"""Writes docs/compliance/ from the rule tables."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from compliance import rulebook


class Command(BaseCommand):
    """python manage.py write_rule_docs"""

    help = "Write docs/compliance/ from the tables the rules use."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the pages."""
        folder = Path(settings.BASE_DIR) / "docs" / "compliance"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in rulebook.documents().items():
            (folder / name).write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/compliance/{name}")
