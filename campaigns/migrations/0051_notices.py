"""Notices to people that work they started has ended, and who wants them by e-mail."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0050_spare_indexes_of_people'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NoticeWish',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80)),
                ('tone', models.CharField(max_length=4)),
                ('text', models.CharField(max_length=500)),
                ('path', models.CharField(max_length=200)),
                ('created_at', models.DateTimeField()),
                ('shown_at', models.DateTimeField(null=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('mail', models.CharField(blank=True, choices=[('', 'Not wished'), ('due', 'To be sent'), ('sent', 'Sent'), ('failed', 'Failed')], default='', max_length=6)),
                ('mail_due_at', models.DateTimeField(null=True)),
                ('mail_tries', models.PositiveSmallIntegerField(default=0)),
                ('mail_said', models.CharField(blank=True, default='', max_length=300)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user', '-id'], name='notice_unread'), models.Index(condition=models.Q(('mail', 'due')), fields=['mail_due_at', 'id'], name='notice_mail_due')],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='notice_once'), models.CheckConstraint(condition=models.Q(('tone__in', ['good', 'warn', 'bad'])), name='notice_tone_known'), models.CheckConstraint(condition=models.Q(models.Q(('mail', 'due'), ('mail_due_at__isnull', False)), models.Q(('mail', 'due'), _negated=True), _connector='OR'), name='notice_mail_has_its_time')],
            },
        ),
    ]
