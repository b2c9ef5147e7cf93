import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0039_duplicate_groups'),
    ]

    operations = [
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('survivor_was', models.BigIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('ground', models.CharField(blank=True, choices=[('external_id', 'The same ID in a file’s system'), ('email_name', 'The same e-mail address and name'), ('phone_name', 'The same number and name'), ('email', 'The same e-mail address'), ('phone', 'The same number'), ('name_postal', 'The same name and postal code'), ('name_company', 'The same name and company')], max_length=12)),
                ('taken', models.JSONField()),
                ('told', models.JSONField()),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=150)),
                ('undone_at', models.DateTimeField(null=True)),
                ('undone_by', models.CharField(blank=True, max_length=150)),
                ('survivor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='campaigns.contact')),
            ],
        ),
        migrations.CreateModel(
            name='MergedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('was', models.BigIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('external_ref', models.CharField(blank=True, max_length=120)),
                ('external_id', models.CharField(blank=True, max_length=120)),
                ('in_force', models.BooleanField(default=True)),
                ('merge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='campaigns.merge')),
            ],
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by', '')), models.Q(('undone_at__isnull', False), models.Q(('undone_by', ''), _negated=True)), _connector='OR'), name='merge_undone_by_somebody'),
        ),
        migrations.AddIndex(
            model_name='mergedperson',
            index=models.Index(condition=models.Q(('in_force', True), models.Q(('external_id', ''), _negated=True)), fields=['external_id'], name='merged_person_external_id'),
        ),
        migrations.AddConstraint(
            model_name='mergedperson',
            constraint=models.UniqueConstraint(condition=models.Q(('in_force', True)), fields=('was',), name='merged_person_once'),
        ),
        migrations.AddConstraint(
            model_name='mergedperson',
            constraint=models.UniqueConstraint(condition=models.Q(('in_force', True), models.Q(('external_ref', ''), _negated=True)), fields=('external_ref',), name='merged_person_ref_once'),
        ),
    ]
