"""Remember which leads want of consent finished, so that a consent recorded later brings them back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_campaign_recorded_messages")]

    operations = [
        migrations.AddField(
            model_name="campaignlead",
            name="lacks_consent",
            field=models.CharField(blank=True, db_default="", default="", max_length=30),
        ),
        migrations.AddConstraint(
            model_name="campaignlead",
            constraint=models.CheckConstraint(
                condition=models.Q(("lacks_consent", ""), ("state", "finished"), _connector="OR"),
                name="only_finished_leads_lack_consent",
            ),
        ),
    ]
