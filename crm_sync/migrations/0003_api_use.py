"""What the CRMs say of their limits on requests, and what each hour cost."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0002_do_not_call_flags")]

    operations = [
        migrations.CreateModel(
            name='ApiHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('requests', models.PositiveIntegerField(default=0)),
                ('activities', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='crmconnection',
            name='api_limit',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='crmconnection',
            name='api_read_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='crmconnection',
            name='api_used',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='crmconnection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('api_limit__isnull', True), ('api_read_at__isnull', True), ('api_used__isnull', True)), models.Q(('api_limit__isnull', False), ('api_read_at__isnull', False), ('api_used__isnull', False)), _connector='OR'), name='crm_connection_limit_read_as_a_whole'),
        ),
        migrations.AddField(
            model_name='apihour',
            name='connection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_hours', to='crm_sync.crmconnection'),
        ),
        migrations.AddConstraint(
            model_name='apihour',
            constraint=models.UniqueConstraint(fields=('connection', 'hour'), name='api_hour_once'),
        ),
    ]
