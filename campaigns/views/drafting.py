"""What somebody typed into the builder, as forms, and forms as what a browser would send."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from campaigns.forms import AgentsForm, CampaignForm
from campaigns.selectors import campaigns as read
from campaigns.services.campaigns import Setup
from campaigns.services.drafts import Draft
from campaigns.versions.fields import Step, fields_of
from campaigns.views.making import campaign_form

FIELDS = {step: tuple(one.form for one in fields_of(step)) for step in Step}
FIELDS[Step.REVIEW] = ("note",)
AGENTS = "agents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """The two forms of a draft: the settings, and who works on it."""

    settings: CampaignForm
    agents: AgentsForm

    def wrong(self, step: Step) -> list[str]:
        """Return the fields of a step that need mending."""
        wrong = [name for name in FIELDS[step] if name in self.settings.errors]
        return [*wrong, AGENTS] if step is Step.AGENTS and self.agents.errors else wrong


def forms_of(draft: Draft) -> Both:
    """Return the forms bound to what is kept, checked."""
    data = MultiValueDict({name: list(texts) for name, texts in draft.values.items()})
    state = read.get_campaign(draft.campaign_id).state if draft.campaign_id else ""
    both = Both(settings=campaign_form(data, state=state), agents=AgentsForm(data, people=read.list_agents()))
    both.settings.is_valid()
    both.agents.is_valid()
    return both


def unbound(draft: Draft) -> CampaignForm:
    """Return the form with what is kept, without errors: the step was not sent yet."""
    several = ("lists", "segments", "window_days", "voicemail_variants")
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
    form = campaign_form(initial=CampaignForm.initial_of(setup))
    return _initial_texts(form)


def blank() -> dict[str, list[str]]:
    """Return what an empty form would send."""
    return _initial_texts(campaign_form())


def _initial_texts(form: CampaignForm) -> dict[str, list[str]]:
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
    names = (*FIELDS[step], AGENTS) if step is Step.AGENTS else FIELDS[step]
    return {name: post.getlist(name) for name in names}
