import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0038_campaign_caller_pool'),
    ]

    operations = [
        migrations.CreateModel(
            name='DuplicateGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ground', models.CharField(choices=[('external_id', 'The same ID in a file’s system'), ('email_name', 'The same e-mail address and name'), ('phone_name', 'The same number and name'), ('email', 'The same e-mail address'), ('phone', 'The same number'), ('name_postal', 'The same name and postal code'), ('name_company', 'The same name and company')], max_length=12)),
                ('key', models.CharField(max_length=400)),
                ('members', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('is_sure', models.BooleanField(default=False)),
                ('found_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['ground', 'id'], name='duplicate_group_ground')],
                'constraints': [models.UniqueConstraint(fields=('members',), name='duplicate_group_once'), models.CheckConstraint(condition=models.Q(('members__len__gte', 2)), name='duplicate_group_of_several')],
            },
        ),
    ]
