"""Hold the rows to what they say about their files."""

from django.db import migrations, models
from django.db.models import Q


def _check(name: str, condition: Q) -> migrations.AddConstraint:
    return migrations.AddConstraint(
        model_name="dnclistimport", constraint=models.CheckConstraint(condition=condition, name=name)
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0005_registry_rows_to_files")]

    operations = [
        migrations.RemoveConstraint(model_name="dnclistimport", name="dnc_import_once"),
        migrations.AddConstraint(
            model_name="dnclistimport",
            constraint=models.UniqueConstraint(
                fields=["name", "seller", "as_of", "file_sha256"],
                condition=Q(("active", True), ("needs_person", True), _connector="OR"),
                name="dnc_import_once",
            ),
        ),
        _check(
            "dnc_import_has_file",
            Q(active=False, needs_person=False) | (~Q(file="") & ~Q(content_sha256="")),
        ),
        _check(
            "dnc_import_active_or_waiting",
            Q(active=False) | Q(needs_person=False, activated_at__isnull=False),
        ),
        _check(
            "dnc_import_activated_pair",
            Q(activated_at=None, activated_by="") | (Q(activated_at__isnull=False) & ~Q(activated_by="")),
        ),
        _check("dnc_import_base_of_change", Q(kind="full", base=None) | Q(kind="change", base__isnull=False)),
    ]
