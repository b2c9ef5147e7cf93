from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0014_drain_and_time_to_decide'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='attempt_plan',
            field=models.JSONField(null=True),
        ),
    ]
