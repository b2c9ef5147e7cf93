"""A person may edit what a CRM refuses, or set it aside."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0003_api_use")]

    operations = [
        migrations.RemoveConstraint(
            model_name='syncqueueitem',
            name='sync_item_state_known',
        ),
        migrations.AddField(
            model_name='syncqueueitem',
            name='edits',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name='syncqueueitem',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('in_flight', 'Being sent'), ('done', 'In the CRM'), ('held', 'Held for a person'), ('set_aside', 'Set aside')], default='waiting', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='syncqueueitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'in_flight', 'done', 'held', 'set_aside'])), name='sync_item_state_known'),
        ),
    ]
