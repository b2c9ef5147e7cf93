import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0018_lighter_lists'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('kind', models.CharField(choices=[('live', 'Live'), ('snapshot', 'Snapshot')], default='live', max_length=10)),
                ('rule', models.JSONField()),
                ('people', models.PositiveIntegerField(null=True)),
                ('counted_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=400)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SegmentMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.AddField(
            model_name='campaignlead',
            name='by_segment',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='campaignlead',
            name='left_segment',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name='campaignlead',
            constraint=models.CheckConstraint(condition=models.Q(('left_segment', False), models.Q(('by_segment', True), ('state', 'finished')), _connector='OR'), name='only_finished_leads_left_a_segment'),
        ),
        migrations.AddField(
            model_name='segment',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='campaign',
            name='segments',
            field=models.ManyToManyField(related_name='campaigns', to='campaigns.segment'),
        ),
        migrations.AddField(
            model_name='segmentmember',
            name='contact',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.contact'),
        ),
        migrations.AddField(
            model_name='segmentmember',
            name='segment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='campaigns.segment'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['live', 'snapshot'])), name='segment_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('counted_at__isnull', True), ('people__isnull', True)), models.Q(('counted_at__isnull', False), ('people__isnull', False)), _connector='OR'), name='segment_counted_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'live'), ('counted_at__isnull', False), _connector='OR'), name='snapshot_was_taken'),
        ),
        migrations.AddConstraint(
            model_name='segmentmember',
            constraint=models.UniqueConstraint(fields=('segment', 'contact'), name='segment_member_once'),
        ),
    ]
