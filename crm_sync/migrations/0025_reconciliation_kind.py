"""What kind of record was compared: until now, calls."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0024_more_kinds_sign_in'),
    ]

    operations = [
        migrations.AddField(
            model_name='reconciliation',
            name='kind',
            field=models.CharField(choices=[('call', 'Calls'), ('result', 'Results and notes'), ('text', 'Texts'), ('callback', 'Callbacks'), ('field', 'Mapped fields'), ('member', 'Campaign members')], db_default='call', default='call', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['call', 'result', 'text', 'callback', 'field', 'member'])), name='reconciliation_kind_known'),
        ),
    ]
