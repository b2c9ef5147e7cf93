"""The tags an import puts on its people, once all its rows are placed."""

from datetime import datetime

from django.db import connection

from campaigns import importplan
from campaigns.models import ListImport, Tag
from core import db

# Whoever has a tag already keeps it as theirs: taking the import back does not take it off.
_TAG = """
INSERT INTO campaigns_contacttag (contact_id, tag_id, added_at, list_import_id)
SELECT DISTINCT row.contact_id, %(tag)s::bigint, %(now)s::timestamptz, %(import)s::bigint
  FROM campaigns_importrow AS row
 WHERE row.list_import_id = %(import)s AND row.outcome IN ('created', 'updated') AND row.contact_id IS NOT NULL
    ON CONFLICT (contact_id, tag_id) DO NOTHING
"""


def tag_people(list_import: ListImport, *, now: datetime) -> int:
    """Put the import's tags on whom it created or changed; return how many marks were made. No query without tags."""
    db.require_atomic()
    made = 0
    for name in importplan.from_json(list_import.plan).tags:
        tag, _ = Tag.objects.get_or_create(name=name, defaults={"created_at": now})
        with connection.cursor() as cursor:
            cursor.execute(_TAG, {"tag": tag.pk, "now": now, "import": list_import.pk})
            made += cursor.rowcount
    return made
