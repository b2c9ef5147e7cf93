"""Which of our facts goes into which field of the CRM, version by version; and the fields as the CRM describes them."""

import django.db.models.deletion
from django.db import migrations, models

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON crm_sync_mappingversion
    FOR EACH ROW EXECUTE FUNCTION parley_append_only();
"""



class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0013_more_kinds"), ("core", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name='MappingVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_name', models.CharField(max_length=60)),
                ('number', models.PositiveIntegerField()),
                ('rows', models.JSONField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name='ObjectFields',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_name', models.CharField(max_length=60)),
                ('fields', models.JSONField()),
                ('read_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='mappingversion',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='mapping_versions', to='crm_sync.crmconnection'),
        ),
        migrations.AddField(
            model_name='objectfields',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='object_fields', to='crm_sync.crmconnection'),
        ),
        migrations.AddConstraint(
            model_name='mappingversion',
            constraint=models.UniqueConstraint(fields=('connection', 'object_name', 'number'), name='mapping_version_once'),
        ),
        migrations.AddConstraint(
            model_name='mappingversion',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='mapping_version_from_one'),
        ),
        migrations.AddConstraint(
            model_name='objectfields',
            constraint=models.UniqueConstraint(fields=('connection', 'object_name'), name='object_fields_once'),
        ),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON crm_sync_mappingversion;"),
    ]
