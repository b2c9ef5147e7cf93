"""A CRM can be connected by a mapping file."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm_sync", "0018_items_by_person_and_lead")]

    operations = [
        migrations.AlterField(
            model_name="crmconnection",
            name="kind",
            field=models.CharField(
                choices=[("salesforce", "Salesforce"), ("hubspot", "HubSpot"), ("rest", "Another CRM")],
                max_length=12,
            ),
        ),
        migrations.RemoveConstraint(model_name="crmconnection", name="crm_connection_words_known"),
        migrations.AddConstraint(
            model_name="crmconnection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["salesforce", "hubspot", "rest"]),
                    ("state__in", ["connected", "failing", "disconnected"]),
                ),
                name="crm_connection_words_known",
            ),
        ),
    ]
