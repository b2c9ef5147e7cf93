"""Whether what a manager decides about a campaign can be, for any caller: form, API, an old version brought back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from accounts import roles
from accounts.models import User
from campaigns import breaks, daysoff, ordering, recycling
from campaigns.linter.recycling import is_loop
from campaigns.models import Campaign, Disposition, DispositionSet, LeadList, ScriptVersion, Segment
from campaigns.selectors import messages as recorded
from campaigns.services import readiness
from campaigns.services.moves import CampaignRefused
from campaigns.services.setups import Setup
from carriers import pools
from carriers import selectors as carriers
from compliance.gathering import policy_for
from compliance.rules.facts import Purpose

DETECTION = Campaign.MachineDetection
MIN_RING_SECONDS = 15  # rule FED-019
MAX_RING_SECONDS = 120
MAX_GOAL = 1_000_000_000
MIN_PREVIEW_SECONDS, MAX_PREVIEW_SECONDS = 5, 3600
MIN_GREETING_SECONDS, MAX_GREETING_SECONDS = (
    10,
    59,
)  # shorter, silence and a long greeting look alike; carriers listen no longer


def checked(setup: Setup, now: datetime) -> Setup:
    """Return the setup with its name trimmed; raise CampaignRefused with everything that is wrong, for any caller."""
    setup = replace(
        setup,
        name=setup.name.strip(),
        window_days="".join(sorted(set(setup.window_days))),
        order_plan=_of_own_lists(setup),
    )
    checks = (*_of_itself(setup), *_of_left_out(setup), *_of_others(setup, now))
    wrong = [sentence for is_wrong, sentence in checks if is_wrong]
    wrong += [*_of_plans(setup), *_of_breaks(setup), *_of_days_off(setup)]
    wrong += recorded.misfits(
        abandoned_id=setup.abandoned_message_id,
        voicemail_ids=(setup.voicemail_message_id, *setup.voicemail_variant_ids),
        purpose=setup.purpose,
    )
    if wrong:
        raise CampaignRefused(" ".join(wrong))
    return replace(
        setup,
        window_breaks=breaks.say(breaks.read(setup.window_breaks)),
        days_off=daysoff.say(daysoff.read(setup.days_off)),
    )


def _of_itself(setup: Setup) -> Iterator[tuple[bool, str]]:
    """Give for each setting whether it is wrong, and what to say then."""
    yield not setup.name or len(setup.name) > 120, "Give the campaign a name of at most 120 characters."
    yield setup.purpose not in set(Purpose) - {Purpose.UNKNOWN}, "Choose what the calls are for."
    yield setup.audience not in Campaign.Audience.values, "Choose who is called."
    yield setup.made_by not in Campaign.MadeBy.values, "Choose who makes the calls."
    yield setup.mode not in Campaign.Mode.values, "Choose how the campaign dials."
    yield not 1 <= setup.power_ratio <= 10, "Between 1 and 10 calls for each free agent."
    yield (
        setup.preview_seconds is not None
        and not MIN_PREVIEW_SECONDS <= setup.preview_seconds <= MAX_PREVIEW_SECONDS,
        f"Give between {MIN_PREVIEW_SECONDS} and {MAX_PREVIEW_SECONDS:,} seconds to decide on a card, or leave it empty.",
    )
    yield (
        setup.preview_then not in Campaign.PreviewThen.values,
        "Choose what happens to a card nobody decided on.",
    )
    yield (
        setup.machine_detection not in Campaign.MachineDetection.values,
        "Choose whether answering machines are detected.",
    )
    yield not 0 <= setup.machine_sample_percent <= 100, "Check between 0 and 100 % of the machines."
    yield (
        not MIN_GREETING_SECONDS <= setup.greeting_seconds <= MAX_GREETING_SECONDS,
        f"Wait between {MIN_GREETING_SECONDS} and {MAX_GREETING_SECONDS} seconds for the end of a greeting.",
    )
    yield (
        setup.voicemail_message_id is None
        and (bool(setup.voicemail_variant_ids) or setup.machine_detection == DETECTION.MESSAGE),
        "Choose the voicemail message that is left.",
    )
    yield setup.window_opens >= setup.window_closes, "The calling window must open before it closes."
    yield (
        not setup.window_days or not set(setup.window_days) <= set("0123456"),
        "Choose at least one day for calls.",
    )
    yield setup.priority not in Campaign.Priority.values, "Choose who dials first."
    yield not 1 <= setup.max_attempts <= 50, "Between 1 and 50 attempts a person."
    yield (
        not MIN_RING_SECONDS <= setup.ring_seconds <= MAX_RING_SECONDS,
        f"Let it ring between {MIN_RING_SECONDS} and {MAX_RING_SECONDS} seconds (rule FED-019).",
    )
    yield not 0 <= setup.wrap_up_seconds <= 3600, "Wrap-up may last up to 3,600 seconds."
    yield setup.goal is not None and not 1 <= setup.goal <= MAX_GOAL, f"Give a goal of 1 to {MAX_GOAL:,}."


def _of_own_lists(setup: Setup) -> Mapping[str, Any] | None:
    """Return the order without the weights of lists that the campaign does not have any more."""
    if not setup.order_plan or not setup.order_plan.get("weights"):
        return setup.order_plan
    own = [one for one in setup.order_plan["weights"] if one["list_id"] in setup.list_ids]
    left = {**setup.order_plan, "weights": own if any(one["weight"] for one in own) else []}
    return ordering.store(ordering.read(left))


def _of_breaks(setup: Setup) -> list[str]:
    try:
        return breaks.faults(breaks.read(setup.window_breaks), setup.window_opens, setup.window_closes)
    except breaks.NotBreaks as wrong:
        return [str(wrong)]


def _of_days_off(setup: Setup) -> list[str]:
    try:
        daysoff.read(setup.days_off)
    except daysoff.NotDays as wrong:
        return [str(wrong)]
    return []


def _of_plans(setup: Setup) -> list[str]:
    """Return what is wrong with the plan of further tries and the order of calls in themselves."""
    try:
        plan, order = recycling.read(setup.attempt_plan), ordering.read(setup.order_plan)
    except msgspec.ValidationError:
        return ["The plan of further tries or the order of calls cannot be read. Choose them anew."]
    wrong = [sentence for _, sentence in recycling.faults(plan)] if plan else []
    loops = [rule.code for rule in plan.rules if is_loop(rule)] if plan else []
    wrong += [
        f"After “{code}” the same number would be tried again at once. Wait at least some minutes."
        for code in loops
    ]
    return wrong + [sentence for _, sentence in ordering.faults(order)]


def _of_left_out(setup: Setup) -> Iterator[tuple[bool, str]]:
    """Give what is wrong with whom it leaves out, likewise."""
    yield (
        bool(
            set(setup.list_ids) & set(setup.excluded_list_ids)
            or set(setup.segment_ids) & set(setup.excluded_segment_ids)
        ),
        "A list or segment is both called and left out. Untick it in one of the two places.",
    )
    yield (
        LeadList.objects.filter(id__in=setup.excluded_list_ids).count() != len(set(setup.excluded_list_ids))
        or Segment.objects.filter(id__in=setup.excluded_segment_ids).count()
        != len(set(setup.excluded_segment_ids)),
        "A list or segment to leave out does not exist any more.",
    )


def _of_others(setup: Setup, now: datetime) -> Iterator[tuple[bool, str]]:
    """Give for each thing the campaign names whether it is not there, or above the law's limit, and what to say then."""
    limit = Decimal(policy_for(now).abandon_limit_basis_points) / 100
    yield (
        setup.abandon_percent is not None and not 0 <= setup.abandon_percent <= limit,
        f"At most {limit:f} % of the calls answered live may be abandoned (rule FED-016: 16 CFR 310.4(b)(4)(i), "
        "47 CFR 64.1200(a)(7)). Choose that or less.",
    )
    yield (
        setup.caller_id not in carriers.active_caller_numbers(),
        readiness.caller_id_sentence(setup.caller_id),
    )
    yield (
        setup.caller_pool_id is not None
        and not any(pool.id == setup.caller_pool_id and pool.numbers for pool in pools.list_choices()),
        "The pool of caller IDs has no numbers in use. Put one into it, or choose another.",
    )
    yield (
        LeadList.objects.filter(id__in=setup.list_ids).count() != len(set(setup.list_ids)),
        "One of the lists does not exist any more.",
    )
    yield (
        Segment.objects.filter(id__in=setup.segment_ids).count() != len(set(setup.segment_ids)),
        "One of the segments does not exist any more.",
    )
    yield (
        setup.script_version_id is not None
        and not ScriptVersion.objects.filter(id=setup.script_version_id).exists(),
        "The script does not exist any more.",
    )
    yield (
        setup.owner_id is not None
        and not any(user.may(roles.MANAGE_CAMPAIGNS) for user in User.objects.filter(id=setup.owner_id)),
        "The owner must be somebody who manages campaigns.",
    )
    yield (
        not DispositionSet.objects.filter(id=setup.disposition_set_id).exists(),
        "The set of results does not exist any more.",
    )
    offered = Disposition.objects.filter(
        disposition_set_id=setup.disposition_set_id, automatic=False, retired_at__isnull=True
    )
    yield (
        not offered.filter(category=Disposition.Category.DO_NOT_CALL).exists(),
        "The set of results has none that counts as “Do not call again”, which agents must always have (rule TSR-003). "
        "Add one to it, or choose another set.",
    )
