"""Whose a campaign is, what it is for, when it starts and stops by itself, and whether a second person must approve it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0024_fill_last_called"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("campaign", "version", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField(
            "campaign",
            "owner",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("campaign", "goal", models.PositiveIntegerField(null=True)),
        migrations.AddField("campaign", "starts_at", models.DateTimeField(null=True)),
        migrations.AddField("campaign", "stops_at", models.DateTimeField(null=True)),
        migrations.AddField("campaign", "needs_approval", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("campaign", "archived_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "campaign",
            "state",
            models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("scheduled", "Scheduled"),
                    ("running", "Running"),
                    ("draining", "Draining"),
                    ("paused", "Paused"),
                    ("stopped", "Stopped"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            "campaign",
            models.CheckConstraint(
                condition=~models.Q(state="scheduled") | models.Q(starts_at__isnull=False),
                name="campaign_scheduled_for_a_time",
            ),
        ),
        migrations.AddConstraint(
            "campaign",
            models.CheckConstraint(
                condition=models.Q(archived_at__isnull=True) | models.Q(state__in=["draft", "stopped"]),
                name="campaign_archived_calls_nobody",
            ),
        ),
        migrations.AddConstraint(
            "campaign",
            models.CheckConstraint(
                condition=models.Q(goal__isnull=True) | models.Q(goal__gte=1),
                name="campaign_goal_of_one_or_more",
            ),
        ),
    ]
