"""Who somebody is in a CRM, and the rules it is decided by."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0015_field_decisions")]

    operations = [
        migrations.CreateModel(
            name='MatchRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seek', models.CharField(choices=[('nobody', 'Nobody: only people who came from this CRM go there'), ('inbound', 'People who call or write to us'), ('everybody', 'Also people we call who came from a file or another system')], default='nobody', max_length=10)),
                ('one', models.CharField(choices=[('link', 'Link it'), ('ask', 'Ask a person')], default='link', max_length=10)),
                ('many', models.CharField(choices=[('ask', 'Ask a person'), ('newest', 'Link the one changed last'), ('leave', 'Leave it')], default='ask', max_length=10)),
                ('nobody', models.CharField(choices=[('ask', 'Ask a person'), ('create', 'Create a new record'), ('leave', 'Leave it')], default='ask', max_length=10)),
                ('create_as', models.CharField(blank=True, max_length=60)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.CharField(max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name='PersonMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('contact_id', models.BigIntegerField(null=True)),
                ('number', models.CharField(max_length=16)),
                ('email', models.CharField(blank=True, max_length=254)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(choices=[('seeking', 'Being looked for'), ('undecided', 'Waiting for a person'), ('linked', 'Linked'), ('created', 'Created there'), ('left', 'Left alone')], default='seeking', max_length=10)),
                ('candidates', models.JSONField(default=list)),
                ('person_id', models.CharField(blank=True, max_length=60)),
                ('rule', models.CharField(blank=True, max_length=200)),
                ('last_error', models.TextField(blank=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.CharField(blank=True, max_length=150)),
            ],
        ),
        migrations.AddField(
            model_name='matchrules',
            name='connection',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='match_rules', to='crm_sync.crmconnection'),
        ),
        migrations.AddField(
            model_name='personmatch',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='crm_sync.crmconnection'),
        ),
        migrations.AddConstraint(
            model_name='matchrules',
            constraint=models.CheckConstraint(condition=models.Q(('many__in', ['ask', 'newest', 'leave']), ('nobody__in', ['ask', 'create', 'leave']), ('one__in', ['link', 'ask']), ('seek__in', ['nobody', 'inbound', 'everybody'])), name='match_rules_known'),
        ),
        migrations.AddIndex(
            model_name='personmatch',
            index=models.Index(condition=models.Q(('state', 'seeking')), fields=['due_at'], name='match_due'),
        ),
        migrations.AddIndex(
            model_name='personmatch',
            index=models.Index(condition=models.Q(('state', 'undecided')), fields=['id'], name='match_undecided'),
        ),
        migrations.AddConstraint(
            model_name='personmatch',
            constraint=models.UniqueConstraint(condition=models.Q(('contact_id__isnull', False)), fields=('connection', 'contact_id'), name='match_once_per_person'),
        ),
        migrations.AddConstraint(
            model_name='personmatch',
            constraint=models.UniqueConstraint(condition=models.Q(('contact_id__isnull', True)), fields=('connection', 'number'), name='match_once_per_number'),
        ),
        migrations.AddConstraint(
            model_name='personmatch',
            constraint=models.CheckConstraint(condition=models.Q(('number__regex', '^\\+[1-9][0-9]{6,14}$')), name='match_number_e164'),
        ),
        migrations.AddConstraint(
            model_name='personmatch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['seeking', 'undecided', 'linked', 'created', 'left'])), name='match_state_known'),
        ),
        migrations.AddConstraint(
            model_name='personmatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['linked', 'created']), models.Q(('person_id', ''), _negated=True)), models.Q(models.Q(('state__in', ['linked', 'created']), _negated=True), ('person_id', '')), _connector='OR'), name='match_linked_to_somebody'),
        ),
    ]
