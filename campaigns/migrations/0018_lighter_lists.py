"""No index where a unique constraint begins with the same column: a fifth of the time of an import."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0017_import_plans"),
    ]

    operations = [
        migrations.AlterField(
            model_name='contactphone',
            name='contact',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='phones', to='campaigns.contact'),
        ),
        migrations.AlterField(
            model_name='contactphone',
            name='number',
            field=models.CharField(max_length=16),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='list_import',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='campaigns.listimport'),
        ),
        migrations.AlterField(
            model_name='lead',
            name='lead_list',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='leads', to='campaigns.leadlist'),
        ),
        migrations.AddIndex(
            model_name='contactphone',
            index=models.Index(fields=['number'], name='contact_phone_number'),
        ),
    ]
