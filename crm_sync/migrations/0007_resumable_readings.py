"""A list's reading knows where it stands, so another worker goes on with it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0006_reconciliation'),
    ]

    operations = [
        migrations.AddField('listpull', 'live_list', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='pulls', to='crm_sync.livelist')),
        migrations.AddField('listpull', 'cursor', models.TextField(blank=True, db_default='', default='')),
        migrations.AddField('listpull', 'rows_read', models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField('listpull', 'left_out', models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField('listpull', 'rows_total', models.PositiveIntegerField(null=True)),
        migrations.AddField('listpull', 'lease', models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField('listpull', 'attempts', models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField('listpull', 'due_at', models.DateTimeField(null=True)),
        migrations.AddField('listpull', 'began_at', models.DateTimeField(null=True)),
        migrations.AddField('listpull', 'last_error', models.TextField(blank=True, db_default='', default='')),
        migrations.AddField('listpull', 'stop_asked_by', models.CharField(blank=True, db_default='', default='', max_length=150)),
    ]
