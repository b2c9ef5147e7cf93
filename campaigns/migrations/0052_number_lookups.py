"""Asking the carrier about the numbers of an import."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0051_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NumberLookup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('running', 'Under way'), ('held', 'Held up'), ('stopped', 'Stopped'), ('done', 'Done')], default='running', max_length=8)),
                ('wants_line', models.BooleanField()),
                ('wants_holder', models.BooleanField()),
                ('price_line', models.DecimalField(decimal_places=4, max_digits=8)),
                ('price_holder', models.DecimalField(decimal_places=4, max_digits=8)),
                ('currency', models.CharField(max_length=3)),
                ('budget', models.DecimalField(decimal_places=2, max_digits=10)),
                ('total', models.PositiveIntegerField(null=True)),
                ('asked_line', models.PositiveIntegerField(default=0)),
                ('asked_holder', models.PositiveIntegerField(default=0)),
                ('answered', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0)),
                ('trouble', models.CharField(blank=True, default='', max_length=300)),
                ('troubles', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('stop_asked_by', models.CharField(blank=True, default='', max_length=150)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('list_import', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lookups', to='campaigns.listimport')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='NumberLookupItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=16)),
                ('wants_line', models.BooleanField()),
                ('held_since', models.DateField(null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('failed', 'Failed')], db_default='waiting', default='waiting', max_length=8)),
                ('tries', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('said', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('lookup', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='campaigns.numberlookup')),
            ],
        ),
        migrations.AddIndex(
            model_name='numberlookup',
            index=models.Index(fields=['list_import', '-id'], name='lookup_newest'),
        ),
        migrations.AddIndex(
            model_name='numberlookup',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['due_at', 'id'], name='lookup_due'),
        ),
        migrations.AddConstraint(
            model_name='numberlookup',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('list_import',), name='lookup_one_open_per_import'),
        ),
        migrations.AddConstraint(
            model_name='numberlookup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state__in', ['done', 'stopped'])), models.Q(('finished_at__isnull', True), ('state__in', ['running', 'held'])), _connector='OR'), name='lookup_finished_when_final'),
        ),
        migrations.AddConstraint(
            model_name='numberlookup',
            constraint=models.CheckConstraint(condition=models.Q(('wants_line', True), ('wants_holder', True), _connector='OR'), name='lookup_asks_something'),
        ),
        migrations.AddConstraint(
            model_name='numberlookup',
            constraint=models.CheckConstraint(condition=models.Q(('budget__gte', models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('asked_line'), '*', models.F('price_line')), '+', django.db.models.expressions.CombinedExpression(models.F('asked_holder'), '*', models.F('price_holder'))), output_field=models.DecimalField()))), name='lookup_within_budget'),
        ),
        migrations.AddIndex(
            model_name='numberlookupitem',
            index=models.Index(fields=['lookup', 'state', 'number'], name='lookup_items_by_state'),
        ),
        migrations.AddConstraint(
            model_name='numberlookupitem',
            constraint=models.UniqueConstraint(fields=('lookup', 'number'), name='lookup_number_once'),
        ),
        migrations.AddConstraint(
            model_name='numberlookupitem',
            constraint=models.CheckConstraint(condition=models.Q(('wants_line', True), ('held_since__isnull', False), _connector='OR'), name='lookup_item_asks_something'),
        ),
    ]
