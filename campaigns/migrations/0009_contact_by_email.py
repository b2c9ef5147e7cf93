"""People are found by their e-mail address, upper and lower case alike."""

from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0008_lead_lacks_consent")]

    operations = [
        migrations.AddIndex(
            model_name="contact", index=models.Index(Upper("email"), name="contact_by_email")
        )
    ]
