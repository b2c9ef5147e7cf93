"""What a manager enters about scripts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms

from campaigns.scripting.disclosing import TAG_NAMES
from campaigns.scripting.flow import (
    FACTS,
    KIND_NAMES,
    MAX_ANSWERS,
    OP_NAMES,
    TEXT_LIMIT,
    Answer,
    Flow,
    Kind,
    Node,
    Op,
    Rule,
)
from campaigns.selectors.versions import PURPOSE_NAMES
from campaigns.services.scripts import NEW_STEP
from compliance.rules.jurisdictions.us_states import STATE_NAMES

SHOWN_RULES: Final = 5
_STATES = sorted(STATE_NAMES.items(), key=lambda each: each[1])
_PURPOSES = [("", "Choose…"), *((str(value), name) for value, name in PURPOSE_NAMES.items())]


class NewScriptForm(forms.Form):
    """The name of a script and what its calls are for."""

    name = forms.CharField(label="Name", max_length=120)
    purpose = forms.ChoiceField(
        label="What the calls are for",
        choices=_PURPOSES,
        help_text="What must be said, and what may not, depends on it (rules FED-026, TSR-001, ST-007).",
    )


class SettingsForm(forms.Form):
    """What the script's calls are for, and where they go."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    purpose = forms.ChoiceField(label="What the calls are for", choices=_PURPOSES)
    states = forms.MultipleChoiceField(
        label="States it is used in",
        required=False,
        choices=_STATES,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text="None chosen: it may be used anywhere, so every state’s rule counts.",
    )


class NodeForm(forms.Form):
    """One step. Which fields are shown follows what kind of step it is."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    title = forms.CharField(label="Name of the step", max_length=80)
    kind = forms.ChoiceField(label="What it does", choices=[(kind.value, KIND_NAMES[kind]) for kind in Kind])
    text = forms.CharField(
        label="What the agent says",
        required=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text="An empty line begins a new paragraph. Merge fields stand in braces: {first_name}.",
    )
    tags = forms.MultipleChoiceField(
        label="What is done here",
        required=False,
        choices=[(tag.value, words) for tag, words in TAG_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,
        flow: Flow,
        code: str,
        results: Sequence[tuple[str, str]],
        own: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        steps = [
            ("", "Nowhere yet"),
            *((node.code, node.title) for node in flow.nodes),
            (NEW_STEP, "A new step"),
        ]
        self.fields["next"] = forms.ChoiceField(label="Then go to", required=False, choices=steps)
        self.fields["disposition"] = forms.ChoiceField(
            label="Result it speaks for", required=False, choices=[("", "None"), *results]
        )
        for number in range(MAX_ANSWERS):
            self.fields[f"a{number}_label"] = forms.CharField(
                label=f"Answer {number + 1}", required=False, max_length=60
            )
            self.fields[f"a{number}_next"] = forms.ChoiceField(
                label=f"Answer {number + 1} goes to", required=False, choices=steps
            )
        for number in range(SHOWN_RULES):
            self.fields[f"r{number}_fact"] = forms.ChoiceField(
                label=f"If {number + 1}",
                required=False,
                choices=[("", "Not used"), *FACTS.items(), *own.items()],
            )
            self.fields[f"r{number}_op"] = forms.ChoiceField(
                label="compares", required=False, choices=[(op.value, OP_NAMES[op]) for op in Op]
            )
            self.fields[f"r{number}_value"] = forms.CharField(label="with", required=False, max_length=200)
            self.fields[f"r{number}_next"] = forms.ChoiceField(label="go to", required=False, choices=steps)

    @staticmethod
    def initial_of(node: Node) -> dict[str, Any]:
        """Return what the form shows of a step."""
        initial: dict[str, Any] = {
            "title": node.title,
            "kind": node.kind.value,
            "text": node.text,
            "tags": list(node.tags),
            "next": node.next,
            "disposition": node.disposition,
        }
        for number, answer in enumerate(node.answers):
            initial[f"a{number}_label"], initial[f"a{number}_next"] = answer.label, answer.next
        for number, rule in enumerate(node.rules):
            initial[f"r{number}_fact"], initial[f"r{number}_op"] = rule.fact, rule.op.value
            initial[f"r{number}_value"], initial[f"r{number}_next"] = rule.value, rule.next
        return initial

    @property
    def answer_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of the answers."""
        return [(self[f"a{number}_label"], self[f"a{number}_next"]) for number in range(MAX_ANSWERS)]

    @property
    def rule_rows(self) -> list[list[forms.BoundField]]:
        """Return the fields of the condition's lines."""
        names = ("fact", "op", "value", "next")
        return [[self[f"r{number}_{name}"] for name in names] for number in range(SHOWN_RULES)]

    def clean(self) -> dict[str, Any]:
        """Refuse a way on of an answer without words: it would be lost."""
        data: dict[str, Any] = super().clean() or {}
        for number in range(MAX_ANSWERS):
            if data.get(f"a{number}_next") and not data.get(f"a{number}_label", "").strip():
                self.add_error(f"a{number}_label", "Write the answer, or let it lead nowhere.")
        return data

    def as_node(self) -> Node:
        """Return the valid form as the service takes it. What another kind of step would need is not kept."""
        data = self.cleaned_data
        kind = Kind(data["kind"])
        asks, chooses = kind is Kind.QUESTION, kind is Kind.CONDITION
        return Node(
            code=self.code,
            title=data["title"],
            kind=kind,
            text="" if chooses else data["text"],
            tags=() if chooses else tuple(data["tags"]),
            answers=tuple(
                Answer(label=" ".join(data[f"a{at}_label"].split()), next=data[f"a{at}_next"])
                for at in range(MAX_ANSWERS)
                if asks and data[f"a{at}_label"].strip()
            ),
            rules=tuple(
                Rule(
                    fact=data[f"r{at}_fact"],
                    op=Op(data[f"r{at}_op"] or Op.IS),
                    value=data[f"r{at}_value"].strip(),
                    next=data[f"r{at}_next"],
                )
                for at in range(SHOWN_RULES)
                if chooses and data[f"r{at}_fact"]
            ),
            next=data["next"] if kind in (Kind.SAY, Kind.CONDITION) else "",
            disposition=data["disposition"] if kind is Kind.END else "",
        )
