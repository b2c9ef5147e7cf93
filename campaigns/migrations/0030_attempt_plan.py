from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0029_campaign_templates'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='attempt_plan',
            field=models.JSONField(null=True),
        ),
    ]
