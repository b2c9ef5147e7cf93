"""What became of single fields, and by which rule."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0014_mapping_versions")]

    operations = [
        migrations.CreateModel(
            name='FieldDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.CharField(max_length=60)),
                ('person_name', models.CharField(blank=True, max_length=200)),
                ('way', models.CharField(choices=[('out', 'To the CRM'), ('in', 'From the CRM')], max_length=3)),
                ('field_name', models.CharField(max_length=120)),
                ('field_label', models.CharField(max_length=200)),
                ('ours', models.JSONField(null=True)),
                ('theirs', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('rule', models.CharField(max_length=200)),
                ('wrote', models.BooleanField()),
                ('is_conflict', models.BooleanField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='fielddecision',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='field_decisions', to='crm_sync.crmconnection'),
        ),
        migrations.AddIndex(
            model_name='fielddecision',
            index=models.Index(condition=models.Q(('way', 'out'), ('wrote', True)), fields=['connection', 'person_id', 'field_name', '-id'], name='field_last_written'),
        ),
        migrations.AddIndex(
            model_name='fielddecision',
            index=models.Index(condition=models.Q(('is_conflict', True)), fields=['connection', '-id'], name='field_conflicts'),
        ),
        migrations.AddIndex(
            model_name='fielddecision',
            index=models.Index(fields=['at'], name='field_decision_age'),
        ),
        migrations.AddConstraint(
            model_name='fielddecision',
            constraint=models.CheckConstraint(condition=models.Q(('way__in', ['out', 'in'])), name='field_decision_way_known'),
        ),
        migrations.AddConstraint(
            model_name='fielddecision',
            constraint=models.CheckConstraint(condition=models.Q(('rule', ''), _negated=True), name='field_decision_says_why'),
        ),
    ]
