"""The queue to the CRMs carries people's do-not-call flags beside calls."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="syncqueueitem",
            name="kind",
            field=models.CharField(
                choices=[("call", "Call"), ("do_not_call", "Do-not-call flag")],
                db_default="call",
                default="call",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="syncqueueitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["call", "do_not_call"])), name="sync_item_kind_known"
            ),
        ),
    ]
