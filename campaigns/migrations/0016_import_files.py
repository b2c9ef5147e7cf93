"""Files are kept while their columns are named and tried out, and what was chosen is remembered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0015_custom_fields"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(max_length=8)),
                ('size', models.PositiveBigIntegerField()),
                ('list_name', models.CharField(max_length=120)),
                ('plan', models.JSONField()),
                ('header', models.JSONField(default=list)),
                ('row_count', models.PositiveIntegerField(default=0)),
                ("samples", models.JSONField(default=list)),
                ("notes", models.TextField(blank=True, default="")),
                ('trial', models.CharField(blank=True, choices=[('', 'Not tried'), ('waiting', 'Waiting for a worker'), ('running', 'Under way'), ('done', 'Done'), ('failed', 'Failed')], default='', max_length=8)),
                ('trial_at', models.DateTimeField(null=True)),
                ('trial_said', models.TextField(blank=True, default='')),
                ('trial_found', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ImportFilePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of', models.CharField(choices=[('source', 'The file'), ('report', 'What a trial found, row by row')], max_length=8)),
                ('position', models.PositiveIntegerField()),
                ('data', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='ImportTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('header_key', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('header', models.JSONField()),
                ('plan', models.JSONField()),
                ('used_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='importfile',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='importfilepart',
            name='file',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='campaigns.importfile'),
        ),
        migrations.AddConstraint(
            model_name='importfilepart',
            constraint=models.UniqueConstraint(fields=('file', 'of', 'position'), name='import_file_part_once'),
        ),
    ]
