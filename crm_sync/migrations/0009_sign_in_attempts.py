"""What people entered before they went to a CRM's page to sign in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('crm_sync', '0008_stopped_readings'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignInAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state_hash', models.CharField(max_length=64, unique=True)),
                ('kind', models.CharField(choices=[('salesforce', 'Salesforce'), ('hubspot', 'HubSpot')], max_length=12)),
                ('name', models.CharField(max_length=80)),
                ('secrets', models.TextField(blank=True)),
                ('settings', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('connection', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to='crm_sync.crmconnection')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('used_at__isnull', True), ('secrets', ''), _connector='OR'), name='sign_in_secret_until_used')],
            },
        ),
    ]
