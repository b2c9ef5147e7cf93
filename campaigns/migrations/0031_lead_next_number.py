from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0030_attempt_plan'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaignlead',
            name='next_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddConstraint(
            model_name='campaignlead',
            constraint=models.CheckConstraint(condition=models.Q(('next_number', ''), ('next_number__regex', '^\\+[1-9][0-9]{6,14}$'), _connector='OR'), name='lead_next_number_e164'),
        ),
    ]
