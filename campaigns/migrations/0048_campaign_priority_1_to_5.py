from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0047_campaign_priority"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('priority__gte', 1), ('priority__lte', 5)), name='campaign_priority_1_to_5'),
        ),
    ]
