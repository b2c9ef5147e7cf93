"""Consents the person came back for; hours, days and numbers ruled out for debts; texts people sent. All of it history."""

import django.db.models.deletion
from django.db import migrations, models


def _append_only(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION parley_append_only();",
        f"DROP TRIGGER append_only ON {table};",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0026_mail_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='DebtWish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=16)),
                ('person_ref', models.CharField(blank=True, max_length=80)),
                ('not_from', models.TimeField(null=True)),
                ('not_until', models.TimeField(null=True)),
                ('not_days', models.JSONField(default=list)),
                ('not_here', models.BooleanField(default=False)),
                ('raw_words', models.TextField()),
                ('heard_on', models.CharField(max_length=40)),
                ('recorded_by', models.CharField(max_length=150)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DebtWishEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('raw_words', models.TextField()),
                ('recorded_by', models.CharField(max_length=150)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ReceivedText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_ref', models.CharField(max_length=80, unique=True)),
                ('number', models.CharField(max_length=16)),
                ('our_number', models.CharField(max_length=20)),
                ('sellers', models.JSONField(default=list)),
                ('raw_words', models.TextField()),
                ('meaning', models.CharField(max_length=20)),
                ('matched_by', models.CharField(blank=True, max_length=80)),
                ('tier', models.PositiveSmallIntegerField(default=0)),
                ('language', models.CharField(blank=True, max_length=2)),
                ('answer', models.CharField(blank=True, max_length=500)),
                ('received_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='consentrecord',
            name='asked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='consentrecord',
            name='asked_how',
            field=models.CharField(blank=True, choices=[('form', 'Filled in a form of the seller'), ('call', 'Called the seller'), ('text', 'Sent a text'), ('email', 'Wrote an email'), ('in_person', 'Said so in person')], max_length=12),
        ),
        migrations.AddField(
            model_name='consentrecord',
            name='asked_words',
            field=models.CharField(blank=True, max_length=4000),
        ),
        migrations.AddConstraint(
            model_name='consentrecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asked_at', None), ('asked_how', ''), ('asked_words', '')), models.Q(models.Q(('asked_how', ''), _negated=True), models.Q(('asked_words', ''), _negated=True), ('asked_at__lte', models.F('given_at'))), _connector='OR'), name='consent_asked_for_in_words'),
        ),
        migrations.AddIndex(
            model_name='debtwish',
            index=models.Index(fields=['number'], name='debt_wish_number'),
        ),
        migrations.AddIndex(
            model_name='debtwish',
            index=models.Index(condition=models.Q(('person_ref', ''), _negated=True), fields=['person_ref'], name='debt_wish_person'),
        ),
        migrations.AddConstraint(
            model_name='debtwish',
            constraint=models.CheckConstraint(condition=models.Q(('number__regex', '^\\+[1-9][0-9]{6,14}$')), name='debt_wish_number_e164'),
        ),
        migrations.AddConstraint(
            model_name='debtwish',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('not_from', None), ('not_until', None)), models.Q(('not_from__isnull', False), ('not_until__isnull', False)), _connector='OR'), name='debt_wish_hours_have_both_ends'),
        ),
        migrations.AddConstraint(
            model_name='debtwish',
            constraint=models.CheckConstraint(condition=models.Q(('not_here', True), ('not_from__isnull', False), models.Q(('not_days', []), _negated=True), _connector='OR'), name='debt_wish_rules_something_out'),
        ),
        migrations.AddConstraint(
            model_name='debtwish',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('raw_words', ''), _negated=True), models.Q(('heard_on', ''), _negated=True)), name='debt_wish_has_words'),
        ),
        migrations.AddField(
            model_name='debtwishend',
            name='wish',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='end', to='compliance.debtwish'),
        ),
        migrations.AddIndex(
            model_name='receivedtext',
            index=models.Index(fields=['number', '-id'], name='received_text_number'),
        ),
        migrations.AddConstraint(
            model_name='receivedtext',
            constraint=models.CheckConstraint(condition=models.Q(('number__regex', '^\\+[1-9][0-9]{6,14}$')), name='received_text_number_e164'),
        ),
        migrations.AddConstraint(
            model_name='receivedtext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('raw_words', ''), _negated=True), models.Q(('message_ref', ''), _negated=True)), name='received_text_has_words'),
        ),
        migrations.AddConstraint(
            model_name='debtwishend',
            constraint=models.CheckConstraint(condition=models.Q(('raw_words', ''), _negated=True), name='debt_wish_end_has_words'),
        ),
        *map(_append_only, ("compliance_debtwish", "compliance_debtwishend", "compliance_receivedtext")),
    ]
