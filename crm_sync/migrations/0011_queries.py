"""Lists of people that are queries of ours."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('crm_sync', '0010_token_claim'),
    ]

    operations = [
        migrations.CreateModel(
            name='CrmQuery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('soql', 'SOQL query'), ('search', 'HubSpot search')], max_length=10)),
                ('name', models.CharField(max_length=120)),
                ('text', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='queries', to='crm_sync.crmconnection')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('connection', 'name'), name='crm_query_name_once'),
                    models.CheckConstraint(condition=models.Q(('kind__in', ['soql', 'search']), models.Q(('text', ''), _negated=True)), name='crm_query_kind_known'),
                ],
            },
        ),
    ]
