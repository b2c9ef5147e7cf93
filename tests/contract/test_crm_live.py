"""Lists followed in both stand-ins: who joins, leaves, merges, is deleted or changes there does so here."""

from collections.abc import Iterable

import pytest
import requests

from campaigns.models import Campaign, CampaignLead, Contact, Lead, LeadList, ListImport
from campaigns.services import imports
from crm_sync import registry
from crm_sync.models import CrmConnection, ListPull, LiveList
from crm_sync.protocol import CrmConnector
from crm_sync.services import live, pulling
from sandbox.hubspot import search
from tests.contract.conftest import SECRETS
from tests.contract.test_crm_mishaps import Account, act, object_of, person, same_kind
from tests.factories import world
from tests.integration.crm_sync.conftest import NOW, Clock

pytestmark = pytest.mark.django_db(transaction=True)


def connector_of(connection: CrmConnection) -> CrmConnector:
    """Return a connector of the account."""
    return registry.connect(
        connection.kind,
        secrets=SECRETS[connection.kind],
        settings=connection.settings,
        ref_prefix=f"{connection.kind}:{connection.id}:",
    )


def follow(connection: CrmConnection, clock: Clock) -> LiveList:
    """Follow the account's outreach list, and read it once."""
    chosen = next(
        item
        for item in pulling.list_crm_lists(connection_id=connection.id, clock=clock)
        if item.name == "Autumn outreach"
    )
    live_id = live.follow(
        connection_id=connection.id,
        list_kind=chosen.kind,
        list_id=chosen.external_id,
        list_name=chosen.name,
        lead_list_name="Autumn",
        by_id=None,
        by_name="mia",
        now=clock(),
    )
    poll(clock)
    return LiveList.objects.get(id=live_id)


def poll(clock: Clock) -> None:
    """Ask a minute later, and have what was read applied."""
    live.poll_due(clock=clock)
    for import_id in ListPull.objects.filter(state="waiting").values_list("import_id", flat=True):
        pulling.import_list(import_id=import_id, clock=clock)
    for import_id in ListImport.objects.filter(state="applying").values_list("id", flat=True):
        while not imports.apply_import(import_id=import_id, now=clock()):
            pass
    clock.tick(60)


def on_list() -> set[str]:
    """Return the refs of who is on the list here."""
    found = Lead.objects.filter(lead_list__name="Autumn")
    return {str(ref) for ref in found.values_list("contact__external_ref", flat=True)}


def running_campaign() -> Campaign:
    """Start a campaign over the list, with all its people in it."""
    campaign = world.make_world(NOW).campaign
    campaign.lists.set([LeadList.objects.get(name="Autumn")])
    CampaignLead.objects.bulk_create(
        CampaignLead(campaign=campaign, contact_id=each, next_try_at=NOW, added_at=NOW)
        for each in Lead.objects.filter(lead_list__name="Autumn").values_list("contact_id", flat=True)
    )
    return campaign


def states(refs: Iterable[str]) -> set[str]:
    """Return where these people stand in the campaign."""
    return set(
        CampaignLead.objects.filter(contact__external_ref__in=list(refs)).values_list("state", flat=True)
    )


def test_who_is_deleted_in_the_crm_is_not_called_from_the_next_poll_on(
    account: Account, clock: Clock
) -> None:
    connection, url, people = account
    followed = follow(connection, clock)
    running_campaign()
    here = sorted(on_list() & set(people))
    assert len(here) > 5

    act(url, "delete", object=object_of(connection, here[0]), id=person(here[0]))
    poll(clock)

    assert here[0] not in on_list()
    assert states([here[0]]) == {"finished"}
    assert states(here[1:]) == {"ready"}
    lead = CampaignLead.objects.get(contact__external_ref=here[0])
    assert lead.reason.startswith("Left the list in the CRM: “Autumn outreach”")
    followed.refresh_from_db()
    assert (followed.left, followed.last_error) == (1, "")


def test_who_leaves_and_comes_back_is_called_again(account: Account, clock: Clock) -> None:
    connection, url, _ = account
    followed = follow(connection, clock)
    running_campaign()
    ref = sorted(on_list())[0]
    change_membership(connection, url, followed, person(ref), joins=False)
    poll(clock)
    assert states([ref]) == {"finished"}

    change_membership(connection, url, followed, person(ref), joins=True)
    poll(clock)
    poll(clock)

    assert ref in on_list()
    assert states([ref]) == {"ready"}


def test_who_is_merged_stays_one_person_under_the_new_id(account: Account, clock: Clock) -> None:
    connection, url, _ = account
    followed = follow(connection, clock)
    first, second = same_kind(connection, sorted(on_list()))
    change_membership(connection, url, followed, person(second), joins=False)
    poll(clock)
    Contact.objects.filter(external_ref=second).delete()
    known = Contact.objects.get(external_ref=first)

    act(url, "merge", object=object_of(connection, first), id=person(first), into=person(second))
    if connection.kind == "hubspot":
        change_membership(connection, url, followed, person(second), joins=True)
    poll(clock)

    known.refresh_from_db()
    assert known.external_ref == second
    assert second in on_list()


def test_what_changes_in_the_crm_changes_here(account: Account, clock: Clock) -> None:
    connection, url, _ = account
    follow(connection, clock)
    ref = sorted(on_list())[0]
    rename(connection, url, ref, "Newname")
    LiveList.objects.update(changes_since="2020-01-01T00:00:00Z")
    poll(clock)

    assert Contact.objects.get(external_ref=ref).last_name == "Newname"
    imported = ListImport.objects.count()
    clock.tick(400)
    poll(clock)
    assert ListImport.objects.count() <= imported + 1


def test_a_crm_that_is_away_changes_nobody_and_says_so(account: Account, clock: Clock) -> None:
    connection, url, _ = account
    followed = follow(connection, clock)
    before = on_list()
    requests.post(f"{url}/_sandbox/faults", json={"kind": "http_500"}, timeout=5)

    poll(clock)

    assert on_list() == before
    followed.refresh_from_db()
    assert followed.last_error
    requests.delete(f"{url}/_sandbox/faults", timeout=5)
    poll(clock)
    followed.refresh_from_db()
    assert followed.last_error == ""


def test_a_list_that_was_deleted_takes_nobody_along(account: Account, clock: Clock) -> None:
    connection, _, _ = account
    followed = follow(connection, clock)
    before = on_list()
    LiveList.objects.update(list_id="701Hs0000009999IAA" if connection.kind == "salesforce" else "99999")

    poll(clock)

    followed.refresh_from_db()
    assert on_list() == before
    assert followed.last_error


def test_changes_beyond_the_results_of_one_search_are_all_found(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, _, _ = account
    monkeypatch.setattr(search, "MAX_RESULTS", 400)
    monkeypatch.setattr("crm_sync.connectors.hubspot_changes.MOST", 400)
    monkeypatch.setattr("crm_sync.connectors.hubspot_changes.PAGE", 20)
    connector = connector_of(connection)

    found = [each for page in connector.changed_since(NOW.replace(year=2000)) for each, _ in page]

    assert len(set(found)) > 50


def change_membership(
    connection: CrmConnection, url: str, followed: LiveList, person_id: str, *, joins: bool
) -> None:
    """Put somebody on the list in the CRM, or take them off."""
    headers = api(connection, url)
    if connection.kind == "hubspot":
        verb = "add" if joins else "remove"
        address = f"{url}/crm/v3/lists/{followed.list_id}/memberships/{verb}"
        requests.put(address, json=[person_id], headers=headers, timeout=5).raise_for_status()
        return
    base = f"{url}/services/data/v66.0"
    column = "ContactId" if person_id.startswith("003") else "LeadId"
    if joins:
        body = {"CampaignId": followed.list_id, column: person_id}
        requests.post(
            f"{base}/sobjects/CampaignMember", json=body, headers=headers, timeout=5
        ).raise_for_status()
        return
    soql = (
        f"SELECT Id FROM CampaignMember WHERE CampaignId = '{followed.list_id}' AND {column} = '{person_id}'"
    )
    found = requests.get(f"{base}/query", params={"q": soql}, headers=headers, timeout=5).json()["records"]
    requests.delete(
        f"{base}/sobjects/CampaignMember/{found[0]['Id']}", headers=headers, timeout=5
    ).raise_for_status()


def rename(connection: CrmConnection, url: str, ref: str, last_name: str) -> None:
    """Have a user of the CRM change a name."""
    if connection.kind == "hubspot":
        address = f"{url}/crm/v3/objects/contacts/{person(ref)}"
        body: dict[str, object] = {"properties": {"lastname": last_name}}
    else:
        address = f"{url}/services/data/v66.0/sobjects/{object_of(connection, ref)}/{person(ref)}"
        body = {"LastName": last_name}
    requests.patch(address, json=body, headers=api(connection, url), timeout=5).raise_for_status()


def api(connection: CrmConnection, url: str) -> dict[str, str]:
    """Return the headers of somebody signed in."""
    if connection.kind == "hubspot":
        return {"Authorization": "Bearer pat-na1-sandbox"}
    form = {"grant_type": "client_credentials", **SECRETS["salesforce"]}
    token = requests.post(f"{url}/services/oauth2/token", data=form, timeout=5).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}
