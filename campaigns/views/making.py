"""The form of a campaign with everything it lets one choose from."""

from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from campaigns.forms import CampaignForm
from campaigns.selectors import campaigns as read
from campaigns.selectors import messages as messages_read
from campaigns.selectors import scripts as scripts_read
from campaigns.selectors import segments as segments_read
from carriers import pools
from carriers import selectors as carriers

STARTED = ("running", "draining", "paused")


def campaign_form(
    data: "QueryDict | MultiValueDict[str, str] | None" = None,
    *,
    initial: dict[str, Any] | None = None,
    state: str = "",
) -> CampaignForm:
    """Return the form, bound to `data` where there is some; `state` is that of the campaign it is about."""
    lists, sets = read.list_choices()
    return CampaignForm(
        data,
        initial=initial,
        lists=lists,
        segments=segments_read.segment_choices(),
        sets=sets,
        callers=carriers.active_caller_numbers(),
        pools=pools.list_choices(),
        scripts=scripts_read.list_scripts(),
        messages=messages_read.list_choices(),
        owners=read.list_managers(),
        is_started=state in STARTED,
    )
