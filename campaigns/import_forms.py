"""Forms of an import, step by step: how the file is read, what its columns mean, what happens to known people."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

import phonenumbers
from django import forms

from campaigns import csvfile, importplan
from campaigns.customfields import FieldSpec
from campaigns.importplan import CUSTOM, PHONE
from campaigns.models import CustomField
from campaigns.ordering.plan import HEAVIEST
from campaigns.selectors.importfiles import FileFacts
from campaigns.services.import_drafts import NEW_FIELD

PHONE_KINDS = {
    "main": "Phone", "mobile": "Mobile phone", "work": "Work phone", "home": "Home phone", "assistant": "Assistant’s phone",
    "other": "Other phone",
}  # fmt: skip
FIELDS = {
    "first_name": "First name", "last_name": "Last name", "name": "Full name", "company": "Company", "title": "Job title",
    "email": "E-mail", "city": "City", "state": "State", "postal_code": "ZIP or postal code", "country": "Country",
    "external_id": "ID in the file’s system", "debt_ref": "Debt reference", "do_not_call": "Do not call",
}  # fmt: skip
CONSENT = {
    "consent_date": "Consent: the day it was given",
    "consent_source": "Consent: who obtained it",
    "consent_wording": "Consent: words shown to the person",
}
_USUAL_REGIONS = ("US", "CA", "GB", "AU", "DE", "FR", "IE", "MX", "NZ")


def target_choices(fields: Mapping[str, FieldSpec]) -> list[tuple[str, Any]]:
    """Return what a column can be, grouped."""
    return [
        ("", "Ignore"),
        ("Phone numbers", [(f"{PHONE}{kind}", name) for kind, name in PHONE_KINDS.items()]),
        ("Person", list(FIELDS.items())),
        ("Consent", list(CONSENT.items())),
        (
            "Your own fields",
            [(f"{CUSTOM}{spec.key}", f"{spec.label} ({spec.kind})") for spec in fields.values()],
        ),
        (
            "New field, named as the column",
            [
                (f"{NEW_FIELD}text", "New text field"),
                (f"{NEW_FIELD}number", "New number field"),
                (f"{NEW_FIELD}date", "New date field"),
            ],
        ),
    ]


class ReadingForm(forms.Form):
    """How the file is read."""

    encoding = forms.ChoiceField(choices=list(csvfile.ENCODINGS.items()))
    separator = forms.ChoiceField(
        label="Between cells",
        choices=[(mark, name.capitalize()) for mark, name in csvfile.SEPARATORS.items()],
    )
    has_header = forms.BooleanField(label="The first line holds the column names", required=False)


class ColumnsForm(forms.Form):
    """What each column means."""

    region = forms.ChoiceField(
        label="Country of numbers without a country code",
        help_text="“020 7946 0018” is London in the United Kingdom, and no number in the United States.",
    )
    date_order = forms.ChoiceField(label="Order of dates", choices=list(importplan.DATE_ORDERS.items()))

    def __init__(self, *args: Any, facts: FileFacts, fields: Mapping[str, FieldSpec], **kwargs: Any) -> None:
        plan = facts.plan
        initial = {"region": plan.region, "date_order": plan.date_order}
        initial |= {f"column_{index}": target for index, target in enumerate(plan.targets)}
        super().__init__(*args, **{**kwargs, "initial": initial})
        others = sorted(set(phonenumbers.SUPPORTED_REGIONS) - set(_USUAL_REGIONS))
        region = cast(forms.ChoiceField, self.fields["region"])
        region.choices = [(code, code) for code in (*_USUAL_REGIONS, *others)]
        choices = target_choices(fields)
        self.count = len(facts.header)
        for index, name in enumerate(facts.header):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=f"Column {index + 1}, {name[:80]}", choices=choices, required=False
            )
        self.columns = [
            (
                name or f"Column {index + 1}",
                self[f"column_{index}"],
                [row[index] for row in facts.samples[:3] if index < len(row) and row[index]],
            )
            for index, name in enumerate(facts.header)
        ]

    def choices(self) -> dict[str, object]:
        """Return the fields of the plan a valid form says."""
        data = self.cleaned_data
        return {
            "region": data["region"],
            "date_order": data["date_order"],
            "targets": tuple(data[f"column_{index}"] for index in range(self.count)),
        }


class RulesForm(forms.Form):
    """What happens to people who are known already."""

    match_by = forms.MultipleChoiceField(
        label="People are the same if they have the same",
        choices=list(importplan.KEYS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    consent_kind = forms.ChoiceField(
        label="Kind of consent", choices=list(importplan.CONSENT_KINDS.items()), required=False
    )
    consent_by = forms.CharField(
        label="Who obtained the consents, where the file does not say",
        max_length=120,
        required=False,
        help_text="You, or the vendor that collected them. It stands in the consent ledger as evidence.",
    )

    tags = forms.CharField(
        label="Tags",
        max_length=700,
        required=False,
        help_text="Put on everybody the import creates or changes, with commas between; segments can ask for them. Taking the import back "
        "takes them off.",
    )

    list_weight = forms.IntegerField(
        label="Weight of the list",
        required=False,
        min_value=0,
        max_value=HEAVIEST,
        help_text="Beside the other lists of its campaigns: a list of weight 2 gets twice the calls of a list of weight 1; weight 0 "
        "waits until the others are called. Empty: as it is.",
    )

    def __init__(self, *args: Any, facts: FileFacts, **kwargs: Any) -> None:
        plan = facts.plan
        initial = {
            "list_weight": plan.list_weight,
            "tags": ", ".join(plan.tags),
            "match_by": list(plan.match_by),
            "consent_kind": plan.consent_kind,
            "consent_by": plan.consent_by,
            **{f"rule_{scope}": action for scope, action in plan.rules.items()},
        }
        super().__init__(*args, **{**kwargs, "initial": initial})
        for scope, name in importplan.SCOPES.items():
            self.fields[f"rule_{scope}"] = forms.ChoiceField(
                label=name, choices=list(importplan.ACTIONS.items())
            )
        self.rules = [self[f"rule_{scope}"] for scope in importplan.SCOPES]

    def choices(self) -> dict[str, object]:
        """Return the fields of the plan a valid form says."""
        data = self.cleaned_data
        return {
            "match_by": tuple(data["match_by"]),
            "rules": {scope: data[f"rule_{scope}"] for scope in importplan.SCOPES},
            "consent_kind": data["consent_kind"] or importplan.USUAL.consent_kind,
            "consent_by": data["consent_by"].strip(),
            "tags": importplan.read_tags(data["tags"]),
            "list_weight": data["list_weight"],
        }

    def clean_tags(self) -> str:
        """Say what is wrong with the tags at their field."""
        text: str = self.cleaned_data["tags"]
        if problems := importplan.tag_problems(importplan.read_tags(text)):
            raise forms.ValidationError(problems)
        return text


class FieldForm(forms.Form):
    """A new field of the house's own."""

    label = forms.CharField(label="Name of the field", max_length=80)
    kind = forms.ChoiceField(label="It holds", choices=CustomField.Kind.choices)
    choices = forms.CharField(
        label="Values of a choice",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text="One on each line. A row with another value is refused.",
    )


class LookupForm(forms.Form):
    """What is to be asked about an import's numbers."""

    line = forms.BooleanField(label="What kind of line it is", required=False)
    holder = forms.BooleanField(label="Whether it changed hands since the consent", required=False)
    budget = forms.DecimalField(
        label="Budget",
        min_value=Decimal("0.01"),
        max_value=Decimal(1_000_000),
        max_digits=9,
        decimal_places=2,
        help_text="The look-up holds up before it would spend more.",
    )


class BudgetForm(forms.Form):
    """With how much a look-up goes on that was held up."""

    budget = forms.DecimalField(
        label="Budget in all",
        min_value=Decimal("0.01"),
        max_value=Decimal(1_000_000),
        max_digits=9,
        decimal_places=2,
    )
