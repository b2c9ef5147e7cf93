"""Who is still to leave an agent's conference; and how often a call was told to other apps."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dialer", "0010_call_asked_about")]

    operations = [
        # Calls from before were told twice at most; what is told of them later must be newer. A default alone: no row is written.
        migrations.AddField(
            model_name="call",
            name="times_logged",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AlterField(
            model_name="call",
            name="times_logged",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="LeavingLeg",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("leg_ref", models.CharField(max_length=60)),
                ("since", models.DateTimeField()),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="dialer.call"
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leaving",
                        to="dialer.agentsession",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["leg_ref"], name="leaving_leg")],
                "constraints": [
                    models.UniqueConstraint(fields=["session", "leg_ref"], name="one_row_per_leaving_leg")
                ],
            },
        ),
    ]
