"""What somebody typed into the builder, as forms, and forms as what a browser would send."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from campaigns import ordering, recycling
from campaigns.attempt_form import TriesForm
from campaigns.forms import AgentsForm, CampaignForm
from campaigns.order_form import OrderFields
from campaigns.selectors import attempts as attempts_read
from campaigns.selectors import campaigns as read
from campaigns.selectors import orders as orders_read
from campaigns.services.drafts import Draft, Texts
from campaigns.services.setups import Setup
from campaigns.versions.fields import Step, fields_of
from campaigns.views.making import campaign_form

FIELDS = {step: tuple(one.form for one in fields_of(step) if one.parts is None) for step in Step}
FIELDS[Step.REVIEW] = ("note",)
AGENTS = "agents"
PLAN_FIELDS = (*TriesForm.base_fields, *OrderFields.base_fields)
MADE = ("wait_", "then_", "max_", "limit_", "weight_")  # begin the names of fields made for results and lists
MOST_FIELDS = 600  # of the plans, of any set of results and any lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """The forms of a draft: the settings, the plans of tries and order, and who works on it."""

    settings: CampaignForm
    agents: AgentsForm
    tries: TriesForm
    order: OrderFields

    def wrong(self, step: Step) -> list[str]:
        """Return the fields of a step that need mending."""
        wrong = [name for name in FIELDS[step] if name in self.settings.errors]
        if step is Step.ATTEMPTS:
            planned = list(self.tries.errors) if self.tries.is_wanted else []
            return [*wrong, *self.order.errors, *planned]
        return [*wrong, AGENTS] if step is Step.AGENTS and self.agents.errors else wrong

    def mend(self, step: Step) -> list[dict[str, Any]]:
        """Return label, address and errors of each field of a step that needs mending."""
        return [self._found(name) for name in self.wrong(step)]

    def setup(self, *, disposition_set_id: int) -> Setup | None:
        """Return the setup typed, None while a field needs mending."""
        wanted = self.tries.is_wanted
        if not (self.settings.is_valid() and self.order.is_valid() and (self.tries.is_valid() or not wanted)):
            return None
        return self.settings.setup(
            disposition_set_id=disposition_set_id,
            attempt_plan=recycling.store(self.tries.plan()) if wanted else None,
            order_plan=ordering.store(self.order.order()),
        )

    def _found(self, name: str) -> dict[str, Any]:
        for form in (self.settings, self.agents, self.order, self.tries):
            if name in form.fields:
                field: BoundField = form[name]
                return {"label": field.label, "auto_id": field.auto_id, "errors": field.errors}
        said = [*self.tries.non_field_errors(), *self.order.non_field_errors()]
        return {"label": "Further tries", "auto_id": "id_planned", "errors": said}


def forms_of(draft: Draft, *, usual_set: int) -> Both:
    """Return the forms bound to what is kept, checked; `usual_set` is that of a draft that names no set of results."""
    data = _data(draft.values)
    state = read.get_campaign(draft.campaign_id).state if draft.campaign_id else ""
    tries, order = _plans(draft, usual_set)
    both = Both(
        settings=campaign_form(data, state=state),
        agents=AgentsForm(data, people=read.list_agents()),
        tries=tries,
        order=order,
    )
    for form in (both.settings, both.agents, both.tries, both.order):
        form.is_valid()
    return both


def numbers_in(draft: Draft, name: str) -> list[int]:
    """Return the numbers chosen in a field of a draft, whatever else was sent with them."""
    return plain_numbers(draft.values.get(name, ()))


def plain_numbers(texts: Iterable[str]) -> list[int]:
    """Return those of the texts that are ids."""
    return [int(one) for one in texts if one.isascii() and one.isdigit() and len(one) < 19]


def _plans(draft: Draft, usual_set: int) -> tuple[TriesForm, OrderFields]:
    """Return the forms of the plans; results and lists chosen since they were typed have what is usual."""
    chosen = numbers_in(draft, "disposition_set")
    rows = attempts_read.rows_of(chosen[0] if chosen else usual_set, None)
    lists = orders_read.lists_of(numbers_in(draft, "lists"))
    blank_tries = TriesForm(plan=None, rows=rows)
    blank_order = OrderFields(order=ordering.Order(), lists=lists)
    return (
        TriesForm(_data({**_initial_texts(blank_tries), **draft.values}), plan=None, rows=rows),
        OrderFields(
            _data({**_initial_texts(blank_order), **draft.values}), order=ordering.Order(), lists=lists
        ),
    )


def _data(values: Texts) -> MultiValueDict[str, str]:
    return MultiValueDict({name: list(texts) for name, texts in values.items()})


def unbound(draft: Draft) -> CampaignForm:
    """Return the form with what is kept, without errors: the step was not sent yet."""
    several = (
        "lists", "segments", "excluded_lists", "excluded_segments", "window_days", "voicemail_variants",
    )  # fmt: skip
    initial = {
        name: list(texts) if name in several else (texts[0] if texts else None)
        for name, texts in draft.values.items()
    }
    state = read.get_campaign(draft.campaign_id).state if draft.campaign_id else ""
    return campaign_form(initial=initial, state=state)


def unbound_agents(draft: Draft) -> AgentsForm:
    """Return the form of agents likewise."""
    return AgentsForm(people=read.list_agents(), initial={AGENTS: list(draft.values.get(AGENTS, ()))})


def texts_of(setup: Setup) -> dict[str, list[str]]:
    """Return a setup as the texts a browser would send for it."""
    plan = recycling.read(setup.attempt_plan)
    rows = attempts_read.rows_of(setup.disposition_set_id, plan)
    tries = TriesForm(plan=plan, rows=rows, planned=plan is not None)
    order = OrderFields(
        order=ordering.read(setup.order_plan), lists=orders_read.lists_of(list(setup.list_ids))
    )
    settings = campaign_form(initial=CampaignForm.initial_of(setup))
    return {**_initial_texts(tries), **_initial_texts(order), **_initial_texts(settings)}


def blank() -> dict[str, list[str]]:
    """Return what an empty form would send."""
    return _initial_texts(campaign_form())


def _initial_texts(form: forms.Form) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for bound in form:
        value = bound.field.prepare_value(bound.initial)
        if isinstance(value, bool):
            found[bound.name] = ["on"] if value else []
        elif isinstance(value, list | tuple):
            found[bound.name] = [str(one) for one in value]
        else:
            shown = bound.field.widget.format_value(value)
            first = next(iter(shown), None) if isinstance(shown, list) else shown
            found[bound.name] = [] if first in (None, "") else [str(first)]
    return found


def sent_in(post: QueryDict, step: Step) -> dict[str, list[str]]:
    """Return what was sent for the fields of one step."""
    names: Sequence[str] = (*FIELDS[step], AGENTS) if step is Step.AGENTS else FIELDS[step]
    found = {name: post.getlist(name) for name in names}
    if step is Step.ATTEMPTS and "kind" in post:
        # A box that is not ticked is not sent: without it the plan would keep what was ticked before.
        found |= {name: post.getlist(name) for name in PLAN_FIELDS}
        made = [name for name in post if name.startswith(MADE) and len(name) <= 120][:MOST_FIELDS]
        found |= {name: post.getlist(name) for name in made}
    return found
