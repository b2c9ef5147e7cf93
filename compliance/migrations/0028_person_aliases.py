
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0027_asked_again_debt_wishes_received_texts'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_ref', models.CharField(max_length=80, unique=True)),
                ('survivor_ref', models.CharField(max_length=80)),
                ('numbers', models.JSONField(default=list)),
                ('since', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['survivor_ref'], name='person_alias_survivor')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('person_ref', ''), _negated=True), models.Q(('survivor_ref', ''), _negated=True), models.Q(('person_ref', models.F('survivor_ref')), _negated=True)), name='person_alias_of_another')],
            },
        ),
    ]
