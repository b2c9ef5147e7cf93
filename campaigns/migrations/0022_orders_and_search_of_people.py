from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0021_tags_and_bulk_actions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['last_name', 'first_name', 'id'], name='contact_by_full_name'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['company', 'id'], name='contact_by_company'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['state', 'city', 'id'], name='contact_by_place'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['created_at', 'id'], name='contact_by_added'),
        ),
        migrations.RunSQL(
            """
            CREATE INDEX contact_search_words ON campaigns_contact USING gin (to_tsvector('simple'::regconfig, translate(
                first_name || ' ' || last_name || ' ' || company || ' ' || email || ' ' || coalesce(external_ref, ''),
                '.-/_@:+', '       ')))
            """,
            "DROP INDEX contact_search_words",
        ),
        migrations.RunSQL(
            "CREATE INDEX contact_phone_last_digits ON campaigns_contactphone (reverse(number) text_pattern_ops)",
            "DROP INDEX contact_phone_last_digits",
        ),
        # Comparisons do not heed upper and lower case: without these the planner takes each for one row in two hundred.
        *(
            migrations.RunSQL(
                f"CREATE STATISTICS contact_{name}_capitals ON (upper({name}::text)) FROM campaigns_contact",
                f"DROP STATISTICS contact_{name}_capitals",
            )
            for name in ("state", "city", "country", "owner_name", "postal_code", "title", "company", "last_name")
        ),
        migrations.RunSQL(
            "CREATE STATISTICS lead_result_capitals ON (upper(last_result::text)) FROM campaigns_campaignlead",
            "DROP STATISTICS lead_result_capitals",
        ),
    ]
