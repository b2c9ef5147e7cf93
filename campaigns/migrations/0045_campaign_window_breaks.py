from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0042_contact_notes"),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='window_breaks',
            field=models.CharField(blank=True, db_default='', default='', max_length=60),
        ),
    ]
