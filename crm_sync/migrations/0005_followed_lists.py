"""CRM lists whose members are followed, and what CRMs tell by webhook."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0004_edited_and_set_aside'),
    ]

    operations = [
        migrations.CreateModel(
            name='LiveList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list_kind', models.CharField(max_length=30)),
                ('list_id', models.CharField(max_length=60)),
                ('list_name', models.CharField(max_length=200)),
                ('lead_list_name', models.CharField(max_length=120)),
                ('lead_list_id', models.BigIntegerField()),
                ('is_on', models.BooleanField(default=True)),
                ('due_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(null=True)),
                ('changes_since', models.DateTimeField()),
                ('changes_read_at', models.DateTimeField(null=True)),
                ('last_error', models.TextField(blank=True)),
                ('joined', models.PositiveIntegerField(default=0)),
                ('left', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='live_lists', to='crm_sync.crmconnection')),
            ],
        ),
        migrations.CreateModel(
            name='LiveMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.CharField(max_length=60)),
                ('stamp', models.CharField(blank=True, max_length=40)),
                ('left_at', models.DateTimeField(null=True)),
                ('came_back_at', models.DateTimeField(null=True)),
                ('live_list', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='crm_sync.livelist')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=60)),
                ('is_known', models.BooleanField()),
                ('body', models.JSONField()),
                ('received_at', models.DateTimeField()),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhook_events', to='crm_sync.crmconnection')),
            ],
        ),
        migrations.AddIndex(
            model_name='livelist',
            index=models.Index(condition=models.Q(('is_on', True)), fields=['due_at'], name='live_list_due'),
        ),
        migrations.AddConstraint(
            model_name='livelist',
            constraint=models.UniqueConstraint(fields=('connection', 'list_kind', 'list_id', 'lead_list_id'), name='live_list_once'),
        ),
        migrations.AddConstraint(
            model_name='livemember',
            constraint=models.UniqueConstraint(fields=('live_list', 'person_id'), name='live_member_once'),
        ),
        migrations.AddIndex(
            model_name='webhookevent',
            index=models.Index(fields=['received_at'], name='crm_webhook_event_age'),
        ),
        migrations.AddConstraint(
            model_name='webhookevent',
            constraint=models.UniqueConstraint(fields=('connection', 'key'), name='crm_webhook_event_once'),
        ),
    ]
