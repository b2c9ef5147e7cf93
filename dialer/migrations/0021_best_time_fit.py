from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dialer', '0020_attempt_score'),
    ]

    operations = [
        migrations.CreateModel(
            name='BestTimeFit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fitted_at', models.DateTimeField()),
                ('since', models.DateTimeField()),
                ('calls', models.PositiveIntegerField()),
                ('answers', models.PositiveIntegerField()),
                ('held_out', models.PositiveIntegerField()),
                ('brier', models.FloatField()),
                ('brier_average', models.FloatField()),
                ('z', models.FloatField()),
                ('is_better', models.BooleanField()),
                ('model', models.JSONField()),
                ('bins', models.JSONField()),
            ],
            options={
                'indexes': [models.Index(fields=['-fitted_at', '-id'], name='best_time_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('answers__lte', models.F('calls')), ('held_out__lte', models.F('calls'))), name='best_time_counts_agree')],
            },
        ),
    ]
