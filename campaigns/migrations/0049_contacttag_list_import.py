from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0048_campaign_priority_1_to_5"),
    ]

    operations = [
        migrations.AddField(
            model_name="contacttag",
            name="list_import",
            field=models.ForeignKey(
                null=True,
                on_delete=models.deletion.SET_NULL,
                related_name="+",
                to="campaigns.listimport",
            ),
        ),
    ]
