from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0054_campaignlead_left_out"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="campaignlead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("left_out", False),
                    models.Q(("left_segment", False), ("state", "finished")),
                    _connector="OR",
                ),
                name="only_finished_leads_are_left_out",
            ),
        ),
    ]
