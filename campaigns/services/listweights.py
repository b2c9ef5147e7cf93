"""How much a list weighs beside the others of its campaigns, as it is said with an import into it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from campaigns import importplan, ordering
from campaigns.models import Campaign, ListImport
from campaigns.ordering import ListWeight
from campaigns.selectors import versions
from campaigns.selectors.attempts import digest
from campaigns.services import orders
from core.errors import AppError


@dataclass(frozen=True, slots=True)
class Weighed:
    """What became of a list's weight in one campaign."""

    campaign: str
    waits: bool = False  # for a second person's approval
    refused: str = ""  # why, in a sentence


def apply(*, import_id: int, by_name: str, now: datetime) -> Sequence[Weighed]:
    """Give the list of an import the weight its plan says, in each of the list's campaigns that is not stopped, as a new version.

    Nothing is said: nothing changes. A campaign that refuses keeps its order, and the others get theirs.
    """
    list_import = ListImport.objects.get(pk=import_id)
    weight = importplan.from_json(list_import.plan).list_weight
    if weight is None:
        return []
    found = Campaign.objects.filter(lists=list_import.lead_list_id).exclude(state=Campaign.State.STOPPED)
    return [
        _weigh(row.pk, row.name, list_import.lead_list_id, weight, by_name, now)
        for row in found.order_by("name", "id")
    ]


def _weigh(campaign_id: int, name: str, list_id: int, weight: int, by_name: str, now: datetime) -> Weighed:
    setup = versions.newest(campaign_id).setup
    order = ordering.read(setup["order_plan"])
    said = {each.list_id: each.weight for each in order.weights}
    if said.get(list_id, 1) == weight:
        return Weighed(name)
    wanted = {each: said.get(each, 1) for each in setup["list_ids"]} | {list_id: weight}
    weights = tuple(ListWeight(list_id=each, weight=of_it) for each, of_it in sorted(wanted.items()))
    try:
        saved = orders.save_order(
            campaign_id=campaign_id,
            order=replace(order, weights=weights),
            seen=digest(setup["order_plan"]),
            by_name=by_name,
            now=now,
        )
    except AppError as refusal:
        return Weighed(name, refused=refusal.public_message)
    return Weighed(name, waits=saved.waits)
