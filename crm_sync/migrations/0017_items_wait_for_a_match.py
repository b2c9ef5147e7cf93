"""What is to go to the CRM waits until it is known to whom."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0016_people_matched")]

    operations = [
        migrations.RemoveConstraint(
            model_name='syncqueueitem',
            name='sync_item_state_known',
        ),
        migrations.AlterField(
            model_name='syncqueueitem',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('in_flight', 'Being sent'), ('done', 'In the CRM'), ('held', 'Held for a person'), ('set_aside', 'Set aside'), ('unmatched', 'Waiting to know who it is')], default='waiting', max_length=10),
        ),
        migrations.AddField(
            model_name='syncqueueitem',
            name='match',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='items', to='crm_sync.personmatch'),
        ),
        migrations.AddIndex(
            model_name='syncqueueitem',
            index=models.Index(condition=models.Q(('match__isnull', False)), fields=['match'], name='sync_item_of_match'),
        ),
        migrations.AddConstraint(
            model_name='syncqueueitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person_id', ''), ('state__in', ['unmatched', 'set_aside'])), models.Q(('person_id', ''), _negated=True), _connector='OR'), name='sync_item_goes_to_somebody'),
        ),
        migrations.AddConstraint(
            model_name='syncqueueitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'in_flight', 'done', 'held', 'set_aside', 'unmatched'])), name='sync_item_state_known'),
        ),
    ]
