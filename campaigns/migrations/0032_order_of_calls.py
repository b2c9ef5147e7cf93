from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0031_lead_next_number'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='order_plan',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='placed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='campaignlead',
            name='place',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='campaignlead',
            name='score',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='campaignlead',
            name='fresh_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='campaignlead',
            constraint=models.CheckConstraint(condition=models.Q(('score__isnull', True), models.Q(('score__gte', 0), ('score__lte', 1)), _connector='OR'), name='lead_score_is_a_chance'),
        ),
    ]
