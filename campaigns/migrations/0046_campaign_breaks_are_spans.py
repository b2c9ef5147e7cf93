from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0045_campaign_window_breaks"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('window_breaks__regex', '^$|^([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d(, ([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d){0,3}$')), name='campaign_breaks_are_spans'),
        ),
    ]
