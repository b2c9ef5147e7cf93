import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0020_segments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('add_to_list', 'Add to a list'), ('remove_from_list', 'Remove from a list'), ('tag', 'Tag'), ('untag', 'Remove a tag'), ('assign_owner', 'Assign an owner'), ('do_not_call', 'Do not call')], max_length=20)),
                ('argument', models.CharField(max_length=200)),
                ('said', models.CharField(max_length=400)),
                ('people', models.PositiveIntegerField(null=True)),
                ('job_id', models.BigIntegerField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('undone_by', models.CharField(blank=True, max_length=150)),
                ('started_at', models.DateTimeField()),
                ('started_by', models.CharField(max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ContactTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name='bulkaction',
            constraint=models.CheckConstraint(condition=models.Q(('verb__in', ['add_to_list', 'remove_from_list', 'tag', 'untag', 'assign_owner', 'do_not_call'])), name='bulk_action_verb_known'),
        ),
        migrations.AddConstraint(
            model_name='bulkaction',
            constraint=models.CheckConstraint(condition=models.Q(('undone_at__isnull', True), models.Q(('done_at__isnull', False), models.Q(('verb', 'do_not_call'), _negated=True)), _connector='OR'), name='bulk_action_undone_after_done'),
        ),
        migrations.AddConstraint(
            model_name='bulkaction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('people__isnull', True)), models.Q(('done_at__isnull', False), ('people__isnull', False)), _connector='OR'), name='bulk_action_counted_when_done'),
        ),
        migrations.AddField(
            model_name='bulkchange',
            name='action',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='campaigns.bulkaction'),
        ),
        migrations.AddField(
            model_name='bulkchange',
            name='contact',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.contact'),
        ),
        migrations.AddField(
            model_name='contacttag',
            name='contact',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_tags', to='campaigns.contact'),
        ),
        migrations.AddField(
            model_name='contacttag',
            name='tag',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_tags', to='campaigns.tag'),
        ),
        migrations.AddConstraint(
            model_name='bulkchange',
            constraint=models.UniqueConstraint(fields=('action', 'contact'), name='bulk_change_once'),
        ),
        migrations.AddConstraint(
            model_name='contacttag',
            constraint=models.UniqueConstraint(fields=('contact', 'tag'), name='contact_tag_once'),
        ),
    ]
