from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0046_campaign_breaks_are_spans"),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='priority',
            field=models.PositiveSmallIntegerField(choices=[(1, 'Before all others'), (2, 'Before most'), (3, 'Normal'), (4, 'After most'), (5, 'Only what the others leave')], db_default=3, default=3),
        ),
    ]
