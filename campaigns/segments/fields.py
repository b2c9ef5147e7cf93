"""What conditions can be about: each field with its kind, its operators, and where its values come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a field's values are."""

    TEXT = "text"
    CHOICE = "choice"  # one of a few words
    NAMED = "named"  # something with an id and a name: a list, a campaign, a tag; a person may have several
    NUMBER = "number"  # whole, 0 or more
    FLAG = "flag"
    MOMENT = "moment"
    AMOUNT = "amount"  # any number, of a field of the house's own
    DAY = "day"  # a date, of a field of the house's own


class Source(StrEnum):
    """Where a field's values come from."""

    COLUMN = "column"  # of the person
    RELATED = "related"  # of rows about the person; each has a clause of its own
    CUSTOM = "custom"  # a field that a manager defined; kept with the person under its key


class Operator(StrEnum):
    """How a value is compared. Text is compared without regard to upper and lower case."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    LACKS = "lacks"
    STARTS = "starts"
    EMPTY = "empty"
    FILLED = "filled"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    YES = "yes"
    NO = "no"
    WITHIN = "within"  # the last so many days
    COMING = "coming"  # today, or the next so many days
    LONGER_AGO = "longer_ago"  # than so many days
    SINCE = "since"  # a date, from its begin in UTC
    BEFORE = "before"  # a date, until its begin in UTC
    NEVER = "never"
    EVER = "ever"


OPERATORS: Final[Mapping[Kind, Mapping[Operator, str]]] = {
    Kind.TEXT: {
        Operator.IS: "is",
        Operator.IS_NOT: "is not",
        Operator.CONTAINS: "contains",
        Operator.LACKS: "does not contain",
        Operator.STARTS: "starts with",
        Operator.EMPTY: "is empty",
        Operator.FILLED: "is not empty",
    },
    Kind.CHOICE: {Operator.IS: "is", Operator.IS_NOT: "is not"},
    Kind.NAMED: {
        Operator.IS: "is",
        Operator.IS_NOT: "is not",
        Operator.EMPTY: "is none at all",
        Operator.FILLED: "is any",
    },
    Kind.NUMBER: {
        Operator.IS: "is",
        Operator.IS_NOT: "is not",
        Operator.AT_LEAST: "is at least",
        Operator.AT_MOST: "is at most",
    },
    Kind.FLAG: {Operator.YES: "is yes", Operator.NO: "is no"},
    Kind.MOMENT: {
        Operator.WITHIN: "was in the last (days)",
        Operator.LONGER_AGO: "was longer ago than (days)",
        Operator.SINCE: "was on or after",
        Operator.BEFORE: "was before",
        Operator.EVER: "is known",
        Operator.NEVER: "never was",
    },
    Kind.AMOUNT: {
        Operator.IS: "is",
        Operator.IS_NOT: "is not",
        Operator.AT_LEAST: "is at least",
        Operator.AT_MOST: "is at most",
        Operator.EMPTY: "is empty",
        Operator.FILLED: "is not empty",
    },
    Kind.DAY: {
        Operator.SINCE: "is on or after",
        Operator.BEFORE: "is before",
        Operator.WITHIN: "was in the last (days)",
        Operator.COMING: "is in the next (days)",
        Operator.EMPTY: "is empty",
        Operator.FILLED: "is not empty",
    },
}
WITHOUT_VALUE: Final = frozenset(
    {Operator.EMPTY, Operator.FILLED, Operator.YES, Operator.NO, Operator.NEVER, Operator.EVER}
)
DAYS: Final = frozenset({Operator.WITHIN, Operator.LONGER_AGO, Operator.COMING})
DATES: Final = frozenset({Operator.SINCE, Operator.BEFORE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing a condition can be about. `choices`: stored value → word, of the kinds CHOICE and NAMED."""

    key: str
    label: str
    kind: Kind
    group: str
    source: Source = Source.COLUMN
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def operators(self) -> Mapping[Operator, str]:
        """Return the operators of its kind, in the order they are offered, with their words."""
        return OPERATORS[self.kind]


Catalogue = Mapping[str, Field]


def _texts(group: str, *pairs: tuple[str, str]) -> list[Field]:
    return [Field(key=key, label=label, kind=Kind.TEXT, group=group) for key, label in pairs]


_PERSON, _CALLS, _LAW, _ORIGIN = "Person", "Calls", "Permission", "Where they come from"
BUILT_IN: Final[Sequence[Field]] = (
    *_texts(
        _PERSON,
        ("first_name", "First name"),
        ("last_name", "Last name"),
        ("company", "Company"),
        ("title", "Title"),
        ("email", "E-mail"),
        ("city", "City"),
        ("state", "State"),
        ("postal_code", "ZIP or postal code"),
        ("country", "Country"),
    ),
    Field(key="number", label="Phone number", kind=Kind.TEXT, group=_PERSON, source=Source.RELATED),
    Field(key="zone", label="Time zone", kind=Kind.CHOICE, group=_PERSON, source=Source.RELATED),
    Field(key="tag", label="Tag", kind=Kind.NAMED, group=_PERSON, source=Source.RELATED),
    Field(key="list", label="List", kind=Kind.NAMED, group=_ORIGIN, source=Source.RELATED),
    *_texts(_ORIGIN, ("owner_name", "Owner in the CRM"), ("external_ref", "Id in the CRM")),
    Field(key="created_at", label="Added", kind=Kind.MOMENT, group=_ORIGIN),
    Field(key="campaign", label="Campaign", kind=Kind.NAMED, group=_CALLS, source=Source.RELATED),
    Field(
        key="attempts",
        label="Attempts (in the campaign with the most)",
        kind=Kind.NUMBER,
        group=_CALLS,
        source=Source.RELATED,
    ),
    Field(
        key="last_result",
        label="Last result (in any campaign)",
        kind=Kind.TEXT,
        group=_CALLS,
        source=Source.RELATED,
    ),
    Field(key="last_called_at", label="Last called", kind=Kind.MOMENT, group=_CALLS, source=Source.RELATED),
    Field(
        key="do_not_call",
        label="Do not call (a flag, or a request about one of their numbers)",
        kind=Kind.FLAG,
        group=_LAW,
        source=Source.RELATED,
    ),
    Field(
        key="consent",
        label="Consent on record for one of their numbers",
        kind=Kind.CHOICE,
        group=_LAW,
        source=Source.RELATED,
    ),
)
TEXT_COLUMNS: Final = frozenset(
    each.key for each in BUILT_IN if each.kind is Kind.TEXT and each.source is Source.COLUMN
)


def catalogue(choices: Mapping[str, Mapping[str, str]], custom: Sequence[Field] = ()) -> Catalogue:
    """Return every field by its key: the built-in ones with their choices as they are now, then those a manager defined."""
    found = [
        Field(
            key=each.key,
            label=each.label,
            kind=each.kind,
            group=each.group,
            source=each.source,
            choices=choices.get(each.key, {}),
        )
        for each in BUILT_IN
    ]
    return {each.key: each for each in (*found, *custom)}


OWN: Final = "own"
OWN_KINDS: Final[Mapping[str, Kind]] = {
    "text": Kind.TEXT,
    "number": Kind.AMOUNT,
    "date": Kind.DAY,
    "choice": Kind.NAMED,
}  # what a field of the house's own holds → how it is compared


def own_field(key: str, label: str, holds: str, choices: Sequence[str] = ()) -> Field:
    """Return a field of the house's own. Its key says what it holds, so that a rule means the same wherever it is read."""
    return Field(
        key=f"{OWN}.{holds}.{key}",
        label=label,
        kind=OWN_KINDS[holds],
        group="Fields of your own",
        source=Source.CUSTOM,
        choices={choice: choice for choice in choices},
    )


def own_key(key: str) -> tuple[Kind, str] | None:
    """Return the kind and the key in Contact.custom that a rule's field means; None for the built-in ones."""
    first, _, rest = key.partition(".")
    holds, _, name = rest.partition(".")
    return (OWN_KINDS[holds], name) if first == OWN and holds in OWN_KINDS and name else None
