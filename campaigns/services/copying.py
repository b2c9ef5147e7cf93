"""Campaigns from campaigns: a copy as a draft, a setup kept as a template."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import ordering
from campaigns.models import Campaign, CampaignTemplate
from campaigns.services import campaigns
from campaigns.services.campaigns import Setup
from campaigns.services.moves import CampaignRefused
from core import audit, db
from core.errors import NotFound


def copy_campaign(*, campaign_id: int, name: str, by_id: int | None, by_name: str, now: datetime) -> int:
    """Store a draft of the same settings and agents under another name; return its id. Raises CampaignRefused, NotFound."""
    row = _get(campaign_id)
    setup = replace(campaigns.setup_of(row), name=name)
    if setup.stops_at is not None and setup.stops_at <= now:
        setup = replace(setup, stops_at=None)  # of the campaign it was copied from
    made = campaigns.create_campaign(
        setup=setup,
        by_id=by_id,
        by_name=by_name,
        now=now,
        note=f"A copy of “{row.name}”, version {row.version}.",
    )
    agents = list(
        row.assignments.filter(user__is_active=True).order_by("id").values_list("user_id", flat=True)
    )
    if agents:
        campaigns.assign_agents(campaign_id=made, user_ids=agents, by_name=by_name, now=now)
    return made


def save_template(*, campaign_id: int, name: str, by_name: str, now: datetime) -> int:
    """Keep the settings in force as a template; its lists, name and stop are of the campaign alone. Return its id.

    Raises CampaignRefused, NotFound.
    """
    name = name.strip()
    if not name or len(name) > 120:
        raise CampaignRefused("Give the template a name of at most 120 characters.")
    row = _get(campaign_id)
    setup = replace(
        campaigns.setup_of(row),
        name=name,
        list_ids=(),
        excluded_list_ids=(),
        stops_at=None,
        order_plan=ordering.without_lists(row.order_plan),
    )
    with db.use_case():
        try:
            with transaction.atomic():
                made = CampaignTemplate.objects.create(
                    name=name, setup=campaigns.frozen(setup), created_at=now, created_by=by_name
                )
        except IntegrityError:
            raise CampaignRefused(f"There is a template “{name}” already. Choose another name.") from None
        _record("saved", made.pk, by_name, now, {"name": name, "campaign": campaign_id})
    return made.pk


def remove_template(*, template_id: int, by_name: str, now: datetime) -> None:
    """Take a template away; campaigns made from it stay. Raises NotFound."""
    with db.use_case():
        row = CampaignTemplate.objects.select_for_update().filter(pk=template_id).first()
        if row is None:
            raise NotFound("This template does not exist.")
        _record("removed", row.pk, by_name, now, {"name": row.name})
        row.delete()


def setup_from(*, template_id: int | None = None, campaign_id: int | None = None) -> Setup:
    """Return what a new campaign begins with: the settings of a template or of a campaign, with no name. Raises NotFound."""
    if campaign_id is not None:
        found = campaigns.setup_of(_get(campaign_id))
    else:
        template = CampaignTemplate.objects.filter(pk=template_id or 0).first()
        if template is None:
            raise NotFound("This template does not exist.")
        found = campaigns.thawed(template.setup)
    return replace(found, name="", stops_at=None)


def _get(campaign_id: int) -> Campaign:
    row = Campaign.objects.filter(pk=campaign_id).first()
    if row is None:
        raise NotFound("This campaign does not exist.")
    return row


def _record(verb: str, template_id: int, by_name: str, now: datetime, after: Mapping[str, Any]) -> None:
    target = f"campaign_template:{template_id}"
    audit.record(actor=by_name, verb=f"campaigns.template.{verb}", target=target, now=now, after=after)
