from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0053_campaign_leaves_out"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaignlead",
            name="left_out",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
