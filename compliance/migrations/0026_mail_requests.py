"""E-mails that ask not to be contacted, and what became of each; both are history."""

import django.db.models.deletion
from django.db import migrations, models


def _append_only(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION parley_append_only();",
        f"DROP TRIGGER append_only ON {table};",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0025_rule_failures'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(blank=True, max_length=254)),
                ('raw_words', models.TextField()),
                ('message_ref', models.CharField(blank=True, max_length=200)),
                ('meaning', models.CharField(max_length=20)),
                ('matched_by', models.CharField(blank=True, max_length=80)),
                ('tier', models.PositiveSmallIntegerField(default=0)),
                ('language', models.CharField(blank=True, max_length=2)),
                ('received_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=150)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('raw_words', ''), _negated=True), name='mail_request_has_words'), models.UniqueConstraint(condition=models.Q(('message_ref', ''), _negated=True), fields=('message_ref',), name='mail_request_once')],
            },
        ),
        migrations.CreateModel(
            name='MailSettlement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('revoked', 'Revoked'), ('nobody', 'Nobody here has the address'), ('no_request', 'Is no request')], max_length=12)),
                ('numbers', models.JSONField(default=list)),
                ('people', models.JSONField(default=list)),
                ('note', models.TextField(blank=True)),
                ('settled_by', models.CharField(max_length=150)),
                ('at', models.DateTimeField()),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='settlement', to='compliance.mailrequest')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'revoked'), models.Q(('numbers', []), _negated=True)), models.Q(('numbers', []), ('outcome__in', ['nobody', 'no_request']), models.Q(('note', ''), _negated=True)), _connector='OR'), name='mail_settlement_says_what')],
            },
        ),
        *map(_append_only, ("compliance_mailrequest", "compliance_mailsettlement")),
    ]
