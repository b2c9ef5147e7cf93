"""A person may stop a reading; a followed list has one open reading at most."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0007_resumable_readings'),
    ]

    operations = [
        migrations.RemoveConstraint('listpull', 'list_pull_state_known'),
        migrations.AlterField('listpull', 'state', models.CharField(choices=[('waiting', 'Waiting'), ('reading', 'Reading'), ('done', 'Read'), ('failed', 'Failed'), ('stopped', 'Stopped')], default='waiting', max_length=10)),
        migrations.AddConstraint('listpull', models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'reading', 'done', 'failed', 'stopped'])), name='list_pull_state_known')),
        migrations.AddConstraint('listpull', models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'reading'])), fields=('live_list',), name='list_pull_one_open_for_a_followed_list')),
    ]
