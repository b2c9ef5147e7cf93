"""People's pages in a CRM, after it moved."""

from datetime import datetime

import pytest

from campaigns.models import Contact
from campaigns.services import crm_links
from core import db

pytestmark = pytest.mark.django_db


def test_the_pages_of_one_crm_move_and_no_others(now: datetime) -> None:
    for ref in ("rest:1:c-1", "rest:1:c_2", "rest:11:c-1", "hubspot:1:9", None):
        Contact.objects.create(
            external_ref=ref, crm_url="https://old/x" if ref else "", created_at=now, changed_at=now
        )

    with db.use_case():
        moved = crm_links.move_pages(prefix="rest:1:", template="https://new/{person_id}?id={person_id}")
    with db.use_case():
        again = crm_links.move_pages(prefix="rest:1:", template="https://new/{person_id}?id={person_id}")

    found = dict(Contact.objects.values_list("external_ref", "crm_url"))
    assert (moved, again) == (2, 0)
    assert found == {
        "rest:1:c-1": "https://new/c-1?id=c-1",
        "rest:1:c_2": "https://new/c_2?id=c_2",
        "rest:11:c-1": "https://old/x",
        "hubspot:1:9": "https://old/x",
        None: "",
    }


def test_a_file_that_names_no_page_any_more_takes_the_links_away(now: datetime) -> None:
    Contact.objects.create(external_ref="rest:1:c-1", crm_url="https://old/x", created_at=now, changed_at=now)

    with db.use_case():
        crm_links.move_pages(prefix="rest:1:", template="")

    assert Contact.objects.get().crm_url == ""
