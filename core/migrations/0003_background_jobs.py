"""Long work that a worker does while a page shows how far it is."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='BackgroundJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(max_length=80)),
                ('title', models.CharField(max_length=200)),
                ('arguments', models.JSONField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Under way'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=10)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(null=True)),
                ('unit', models.CharField(max_length=40)),
                ('said', models.TextField(blank=True)),
                ('result_ref', models.CharField(blank=True, max_length=120)),
                ('stop_asked_by', models.CharField(blank=True, max_length=150)),
                ('started_by', models.CharField(max_length=150)),
                ('created_at', models.DateTimeField()),
                ('began_at', models.DateTimeField(null=True)),
                ('progressed_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['progressed_at'], name='background_job_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('state__in', ['waiting', 'running'])), models.Q(('finished_at__isnull', False), ('state__in', ['done', 'failed']), models.Q(('said', ''), _negated=True)), _connector='OR'), name='background_job_ends_with_words')],
            },
        ),
    ]
