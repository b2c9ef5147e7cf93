"""Texts, callbacks, fields, opt-outs and member statuses go to the CRM as calls do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0011_queries")]

    operations = [
        migrations.RemoveConstraint(
            model_name='syncqueueitem',
            name='sync_item_kind_known',
        ),
        migrations.AddField(
            model_name='syncqueueitem',
            name='held_for_setup',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name='syncqueueitem',
            name='kind',
            field=models.CharField(choices=[('call', 'Call'), ('do_not_call', 'Do-not-call flag'), ('text', 'Text message'), ('callback', 'Callback'), ('fields', 'Fields of the person'), ('opt_out', 'Opt-out flag'), ('member', 'Campaign member status')], db_default='call', default='call', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='syncqueueitem',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['call', 'do_not_call', 'text', 'callback', 'fields', 'opt_out', 'member'])), name='sync_item_kind_known'),
        ),
    ]
