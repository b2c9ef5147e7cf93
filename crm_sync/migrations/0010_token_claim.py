"""One process renews a connection's access for all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0009_sign_in_attempts'),
    ]

    operations = [
        migrations.AddField('crmconnection', 'token_claimed_until', models.DateTimeField(null=True)),
    ]
