"""What was chosen for a file: how it is read, what each column means, and what happens to people who are known already. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

PHONE = "phone:"  # "phone:mobile" and its like
CUSTOM = "custom:"  # "custom:" and the key of a field of the house's own
IGNORE = ""

KEYS: Mapping[str, str] = {
    "external_id": "ID in the file’s system",
    "phone": "Phone number",
    "email": "E-mail",
}
SCOPES: Mapping[str, str] = {
    "file": "Twice in this file",
    "list": "On this list already",
    "campaign": "In a campaign that is under way",
    "system": "Known from elsewhere",
}
ACTIONS: Mapping[str, str] = {
    "skip": "Leave the row out",
    "fill": "Fill what is empty",
    "overwrite": "Overwrite with the file",
    "keep_both": "Keep both as two people",
}
USUAL_RULES: Mapping[str, str] = {"file": "skip", "list": "fill", "campaign": "fill", "system": "fill"}
DATE_ORDERS: Mapping[str, str] = {
    "mdy": "month/day/year (03/14/2026)",
    "dmy": "day/month/year (14/03/2026)",
    "ymd": "year-month-day (2026-03-14)",
}
CONSENT_KINDS: Mapping[str, str] = {
    "pec": "Consent to be called (prior express consent)",
    "pewc": "Written consent, signed, with both disclosures (FED-008)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All choices for one file. The usual plan is what every import did before there was a choice."""

    encoding: str = ""  # empty = as found
    separator: str = ""  # empty = as found
    has_header: bool = True
    targets: Sequence[
        str
    ] = ()  # one for each column: a field, "phone:mobile", "custom:key", or empty = ignored
    region: str = "US"  # assumed for numbers without a country code
    date_order: str = "mdy"
    match_by: Sequence[str] = ("phone",)
    rules: Mapping[str, str] = field(default_factory=lambda: dict(USUAL_RULES))  # scope -> action
    consent_kind: str = "pec"
    consent_by: str = ""  # who obtained the consents, where the file has no column for it
    tags: Sequence[str] = ()  # put on everybody the import creates or changes
    list_weight: int | None = None  # of the list beside the others of its campaigns; None = as it is


USUAL = Plan()
MOST_TAGS, LONGEST_TAG = 10, 60


def read_tags(text: str) -> tuple[str, ...]:
    """Return the tags somebody typed with commas between, each once, in order."""
    found = (" ".join(part.split()) for part in text.replace("\x00", "").split(","))
    return tuple(dict.fromkeys(tag for tag in found if tag))


def tag_problems(tags: Sequence[str]) -> list[str]:
    """Return what is wrong with tags, in sentences."""
    problems = [
        f"The tag “{tag[:30]}…” is too long: a tag has at most {LONGEST_TAG} characters."
        for tag in tags
        if len(tag) > LONGEST_TAG
    ]
    if len(tags) > MOST_TAGS:
        problems.append(f"Give at most {MOST_TAGS} tags; these are {len(tags)}.")
    return problems


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as it is stored."""
    return {
        **asdict(plan),
        "targets": list(plan.targets),
        "match_by": list(plan.match_by),
        "tags": list(plan.tags),
    }


def from_json(stored: Mapping[str, Any] | None) -> Plan:
    """Return a stored plan; None is the usual one."""
    if stored is None:
        return USUAL
    values = {
        **stored,
        "targets": tuple(stored["targets"]),
        "match_by": tuple(stored["match_by"]),
        "tags": tuple(stored.get("tags", ())),  # plans from before there were any
    }
    return Plan(**values)


def why_not(plan: Plan, *, names: Sequence[str], custom: Sequence[str]) -> list[str]:
    """Return what stands against importing by this plan, in sentences that say what to do; empty when nothing does.

    `names` are the columns' names, `custom` the keys of the house's own fields.
    """
    problems = []
    if not any(target.startswith(PHONE) for target in plan.targets):
        problems.append(
            "No column is a phone number. Choose one of the phone kinds for the column with the numbers."
        )
    for target in sorted({each for each in plan.targets if each and not each.startswith(PHONE)}):
        where = [names[index] for index, each in enumerate(plan.targets) if each == target]
        if len(where) > 1:
            quoted = " and ".join(f"“{name[:40]}”" for name in where)
            problems.append(f"{quoted} are the same field. Choose one of them and ignore the rest.")
        if target.startswith(CUSTOM) and target.removeprefix(CUSTOM) not in custom:
            problems.append(f"The field of “{where[0][:40]}” does not exist any more. Choose another.")
    has_consent = any(target.startswith("consent_") for target in plan.targets)
    if has_consent and "consent_date" not in plan.targets:
        problems.append(
            "A consent needs its date. Choose the column with the day it was given, or ignore the others."
        )
    if has_consent and "consent_source" not in plan.targets and not plan.consent_by.strip():
        problems.append(
            "A consent needs its source. Choose the column, or say under Rules who obtained the consents."
        )
    problems += tag_problems(plan.tags)
    if not plan.match_by:
        problems.append("Choose at least one way to recognise people who are known already.")
    if "external_id" in plan.match_by and "external_id" not in plan.targets:
        problems.append("People are to be recognised by an ID, but no column is the ID.")
    if "email" in plan.match_by and "email" not in plan.targets:
        problems.append("People are to be recognised by e-mail, but no column is the e-mail.")
    return problems
