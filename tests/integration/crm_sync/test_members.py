"""Members of a followed list, kept while the list is read."""

import pytest

from core import db
from crm_sync.models import CrmConnection, LiveList, LiveMember
from crm_sync.services import members
from tests.integration.crm_sync.conftest import NOW

pytestmark = pytest.mark.django_db


def test_who_is_read_again_keeps_what_was_known_of_their_last_change(connection: CrmConnection) -> None:
    live = LiveList.objects.create(
        connection=connection,
        list_kind="list",
        list_id="1",
        list_name="Autumn",
        lead_list_name="Autumn",
        lead_list_id=1,
        due_at=NOW,
        changes_since=NOW,
        created_at=NOW,
    )
    LiveMember.objects.create(live_list=live, person_id="a", stamp="2026-03-01T10:00:00Z", left_at=NOW)
    LiveMember.objects.create(live_list=live, person_id="b", stamp="old")

    with db.use_case():
        members.keep_read(live.pk, ["a", "b", "c", "a"], {"b": "new"})

    kept = LiveMember.objects.order_by("person_id").values_list("person_id", "stamp", "left_at")
    assert list(kept) == [("a", "2026-03-01T10:00:00Z", None), ("b", "new", None), ("c", "", None)]
