from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dialer', '0013_drain_and_time_to_decide'),
    ]

    operations = [
        migrations.AddField(
            model_name='dialattempt',
            name='score',
            field=models.FloatField(null=True),
        ),
    ]
