"""Writes docs/compliance/ from the rule tables, and the index of rules and their test cases from the sources."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from compliance import rule_index, rulebook


class Command(BaseCommand):
    """python manage.py write_rule_docs"""

    help = "Write docs/compliance/ from the tables the rules use, and compliance/rule_index.json from the sources."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the pages and the index."""
        folder = Path(settings.BASE_DIR) / "docs" / "compliance"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in rulebook.documents().items():
            (folder / name).write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/compliance/{name}")
        index = rule_index.scanned(Path(settings.BASE_DIR))
        rule_index.FILE.write_text(rule_index.as_json(index), encoding="utf-8")
        self.stdout.write("compliance/rule_index.json")
