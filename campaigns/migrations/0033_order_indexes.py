from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0032_order_of_calls'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='campaignlead',
            index=models.Index(condition=models.Q(('state', 'ready')), fields=['campaign', 'place', 'next_try_at', 'id'], name='campaign_lead_placed'),
        ),
        migrations.AddIndex(
            model_name='campaignlead',
            index=models.Index(condition=models.Q(('state', 'ready'), models.Q(('is_callback', True), ('fresh_until__isnull', False), _connector='OR')), fields=['campaign', 'next_try_at', 'id'], name='campaign_lead_first'),
        ),
    ]
