"""Calls counted here and in the CRMs, by day."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0005_followed_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('ran_at', models.DateTimeField()),
                ('ours', models.PositiveIntegerField(default=0)),
                ('theirs', models.PositiveIntegerField(default=0)),
                ('open', models.PositiveIntegerField(default=0)),
                ('sent_again', models.PositiveIntegerField(default=0)),
                ('deleted', models.PositiveIntegerField(default=0)),
                ('extra', models.PositiveIntegerField(default=0)),
                ('examples', models.JSONField(default=list)),
                ('error', models.TextField(blank=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='syncqueueitem',
            index=models.Index(fields=['connection', 'created_at'], name='sync_item_by_age'),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='connection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reconciliations', to='crm_sync.crmconnection'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.UniqueConstraint(fields=('connection', 'day'), name='reconciliation_once_a_day'),
        ),
    ]
