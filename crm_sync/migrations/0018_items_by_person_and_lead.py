"""What goes beside calls is found by its person, a promise by its lead."""

import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0017_items_wait_for_a_match'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='syncqueueitem',
            index=models.Index(condition=models.Q(('kind__in', ['do_not_call', 'opt_out', 'text', 'member'])), fields=['connection', 'person_id', 'id'], name='sync_item_of_person'),
        ),
        migrations.AddIndex(
            model_name='syncqueueitem',
            index=models.Index(django.db.models.fields.json.KeyTransform('lead_id', 'payload'), condition=models.Q(('kind', 'callback')), name='sync_item_of_lead'),
        ),
    ]
