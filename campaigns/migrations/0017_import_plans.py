"""An import knows its file and its rules, can be stopped, and can be taken back as a unit."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0016_import_files"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='listimport',
            name='import_finished_when_final',
        ),
        migrations.AddField(
            model_name='importrow',
            name='before',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='listimport',
            name='plan',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='listimport',
            name='stop_asked_by',
            field=models.CharField(blank=True, db_default='', default='', max_length=150),
        ),
        migrations.AlterField(
            model_name='listimport',
            name='state',
            field=models.CharField(choices=[('staging', 'Reading'), ('applying', 'Importing'), ('done', 'Done'), ('failed', 'Failed'), ('stopped', 'Stopped'), ('undone', 'Taken back')], default='staging', max_length=12),
        ),
        migrations.AddField(
            model_name='listimport',
            name='file',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='campaigns.importfile'),
        ),
        migrations.AddConstraint(
            model_name='listimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state__in', ['done', 'failed', 'stopped', 'undone'])), models.Q(('finished_at__isnull', True), ('state__in', ['staging', 'applying'])), _connector='OR'), name='import_finished_when_final'),
        ),
    ]
