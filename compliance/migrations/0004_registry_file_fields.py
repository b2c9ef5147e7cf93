"""Registry copies become files: what a row says about its file. Safe with old code."""

import django.db.models.deletion
from django.db import migrations, models


def _add(name: str, field: models.Field) -> migrations.AddField:
    return migrations.AddField(model_name="dnclistimport", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_ledger_person_index")]

    operations = [
        _add(
            "kind",
            models.CharField(
                choices=[("full", "Full list"), ("change", "Changes since the last one")],
                default="full",
                max_length=10,
            ),
        ),
        _add(
            "base",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changed_copies",
                to="compliance.dnclistimport",
            ),
        ),
        _add("file", models.CharField(blank=True, max_length=120)),
        _add("content_sha256", models.CharField(blank=True, max_length=64)),
        _add("numbers", models.PositiveBigIntegerField(default=0)),
        _add("removed", models.PositiveBigIntegerField(default=0)),
        _add("refused_file", models.CharField(blank=True, max_length=120)),
        _add("needs_person", models.BooleanField(default=False)),
        _add("activated_by", models.CharField(blank=True, max_length=150)),
        _add("activated_at", models.DateTimeField(null=True)),
    ]
