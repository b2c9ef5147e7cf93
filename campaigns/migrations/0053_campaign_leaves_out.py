from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0052_number_lookups"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="excluded_lists",
            field=models.ManyToManyField(related_name="left_out_of", to="campaigns.leadlist"),
        ),
        migrations.AddField(
            model_name="campaign",
            name="excluded_segments",
            field=models.ManyToManyField(related_name="left_out_of", to="campaigns.segment"),
        ),
    ]
