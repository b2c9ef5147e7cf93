"""People of a CRM are found by a number that stands on both sides."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm_sync', '0027_reconciliation_changed'),
    ]

    operations = [
        migrations.AddField(
            model_name='matchrules',
            name='id_ours',
            field=models.CharField(blank=True, db_default='', default='', max_length=80),
        ),
        migrations.AddField(
            model_name='matchrules',
            name='id_theirs',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddConstraint(
            model_name='matchrules',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('id_ours', ''), ('id_theirs', '')), models.Q(models.Q(('id_ours', ''), _negated=True), models.Q(('id_theirs', ''), _negated=True)), _connector='OR'), name='match_rules_number_on_both_sides'),
        ),
    ]
