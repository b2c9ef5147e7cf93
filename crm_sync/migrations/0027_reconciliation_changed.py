"""How many people changed in the CRM since: they are left as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0026_reconciliation_by_kind'),
    ]

    operations = [
        migrations.AddField(
            model_name='reconciliation',
            name='changed',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
