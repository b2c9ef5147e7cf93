"""Each day is compared once of each kind."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0025_reconciliation_kind'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reconciliation',
            name='reconciliation_once_a_day',
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.UniqueConstraint(fields=('connection', 'day', 'kind'), name='reconciliation_once_a_day'),
        ),
    ]
