"""Which of our facts goes into which field of a CRM, and back: the rows of a mapping, and what is wrong with them. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from crm_sync.capabilities import CrmField, FieldType, Holds

MAX_ROWS: Final = 60
MAX_VALUES: Final = 200


class Way(StrEnum):
    """Where values go."""

    OUT = "out"
    IN = "in"
    BOTH = "both"


class Mode(StrEnum):
    """What happens where both sides have a value."""

    OVERWRITE = "overwrite"
    IF_EMPTY = "if_empty"
    APPEND = "append"
    NEWEST = "newest"
    STRICTER = "stricter"


WAY_NAMES: Final[Mapping[Way, str]] = {
    Way.OUT: "To the CRM",
    Way.IN: "From the CRM",
    Way.BOTH: "Both ways",
}
MODE_NAMES: Final[Mapping[Mode, str]] = {
    Mode.OVERWRITE: "Overwrite",
    Mode.IF_EMPTY: "Only if empty",
    Mode.APPEND: "Add a line",
    Mode.NEWEST: "Newest wins",
    Mode.STRICTER: "Only ever stricter",
}
TYPE_NAMES: Final[Mapping[str, str]] = {
    "text": "text",
    "long_text": "long text",
    "number": "a number",
    "flag": "yes or no",
    "date": "a date",
    "instant": "a date with its time",
    "choice": "one of a list",
    "choices": "several of a list",
    "phone": "a phone number",
    "email": "an e-mail address",
    "reference": "another record",
}
_TEXTS: Final = frozenset({"text", "long_text"})
# What a value of ours, or of a field, may become on the other side.
_BECOMES: Final[Mapping[str, frozenset[str]]] = {
    "text": _TEXTS | {"choice"},
    "long_text": _TEXTS,
    "number": _TEXTS | {"number"},
    "flag": _TEXTS | {"flag", "choice"},
    "date": _TEXTS | {"date"},
    "instant": _TEXTS | {"instant", "date"},
    "choice": _TEXTS | {"choice", "choices", "flag"},
    "choices": _TEXTS | {"choices"},
    "phone": _TEXTS | {"phone"},
    "email": _TEXTS | {"email"},
    "reference": frozenset(),
}
# Written by other means, or the record would not be ours any more.
RESERVED: Final = frozenset(
    {
        "Id", "WhoId", "Parley_Call_Id__c", "TaskSubtype", "IsDeleted", "dialer_call_id", "dialer_person_id", "hs_object_id",
        "DoNotCall", "CampaignId", "LeadId", "ContactId",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A fact of ours."""

    key: str
    label: str
    type: FieldType
    ways: frozenset[Way] = frozenset({Way.OUT})
    choices: Sequence[tuple[str, str]] = ()  # (value, label) it may have, where they are known
    consent: bool = False  # a no to being contacted: it only ever gets stricter


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a mapping."""

    ours: str
    theirs: str
    way: Way
    mode: Mode
    values: Mapping[str, str] = field(
        default_factory=dict
    )  # our value → the CRM's, empty: leave the field; none at all: as it is
    default: str = ""  # where we have none, or none in `values`

    @property
    def goes_out(self) -> bool:
        """Return whether it writes into the CRM."""
        return self.way in (Way.OUT, Way.BOTH)

    @property
    def comes_in(self) -> bool:
        """Return whether it reads from the CRM."""
        return self.way in (Way.IN, Way.BOTH)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, for people; `row` counts from 0."""

    row: int
    text: str


def rows_of(stored: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Return the rows as as_stored() kept them."""
    return tuple(
        Row(
            ours=each["ours"],
            theirs=each["theirs"],
            way=Way(each["way"]),
            mode=Mode(each["mode"]),
            values=dict(each["values"]),
            default=each["default"],
        )
        for each in stored
    )


def as_stored(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows as JSON can keep them."""
    return [
        {**asdict(row), "values": dict(row.values), "way": row.way.value, "mode": row.mode.value}
        for row in rows
    ]


def problems(
    rows: Sequence[Row], sources: Mapping[str, Source], fields: Mapping[str, CrmField], *, holds: Holds
) -> list[Problem]:
    """Return what keeps the rows from working with the CRM as it is now, each in words that say what to do."""
    found: list[Problem] = []
    if len(rows) > MAX_ROWS:
        found.append(Problem(MAX_ROWS, f"Map at most {MAX_ROWS} fields; take some away."))
    written = Counter(row.theirs for row in rows if row.goes_out)
    read = Counter(row.ours for row in rows if row.comes_in)
    for index, row in enumerate(rows):
        texts = _of_row(row, sources.get(row.ours), fields.get(row.theirs), holds)
        if row.goes_out and written[row.theirs] > 1 and row.mode != Mode.APPEND:
            texts.append(
                f"Two rows write into {row.theirs}: each would undo the other. Keep one of them, or let both add a line."
            )
        if row.comes_in and read[row.ours] > 1:
            texts.append("Two rows read into the same fact of Parley: keep one of them.")
        found += [Problem(index, text) for text in texts]
    return found


def _of_row(row: Row, source: Source | None, there: CrmField | None, holds: Holds) -> list[str]:
    if not row.ours or not row.theirs:
        return ["Choose both a fact of Parley and a field of the CRM, or take the row away."]
    if source is None:
        return [f"Parley has no “{row.ours}” any more: choose another fact, or take the row away."]
    if there is None:
        return [
            f"The CRM has no field {row.theirs} any more, or hides it from the integration user. Put it back there and press "
            "“Read the fields again”, or choose another. What would go into it waits until then; nothing is lost."
        ]
    if row.theirs in RESERVED:
        return [f"{there.label} is written by Parley itself and cannot be mapped; choose another field."]
    return _of_way(row, source, there, holds) + _of_types(row, source, there) + _of_values(row, there)


def _of_way(row: Row, source: Source, there: CrmField, holds: Holds) -> list[str]:
    found = []
    wanted = {Way.OUT, Way.IN} if row.way is Way.BOTH else {row.way}
    if not wanted <= source.ways:
        where = WAY_NAMES[next(iter(source.ways))].lower()
        found.append(f"{source.label} goes one way only: choose “{where}”.")
    elif row.comes_in and holds != "person":
        found.append("Only facts of people are read from the CRM: choose “To the CRM”.")
    if row.goes_out and not there.writable:
        found.append(
            f"{there.label} cannot be written by the integration user: make it editable there, or choose another field."
        )
    if source.consent and row.mode is not Mode.STRICTER:
        found.append(f"{source.label} only ever gets stricter by sync: choose “{MODE_NAMES[Mode.STRICTER]}”.")
    if row.mode is Mode.STRICTER and not source.consent:
        found.append(
            f"“{MODE_NAMES[Mode.STRICTER]}” is for a person's no to being contacted; choose another."
        )
    if row.mode is Mode.APPEND and (there.type not in _TEXTS or row.comes_in):
        found.append(
            f"A line can only be added to a text of the CRM, and {there.label} is {TYPE_NAMES[there.type]}: choose another way."
            if there.type not in _TEXTS
            else "A line is only added to what stands in the CRM: choose “To the CRM”."
        )
    if holds != "person" and row.mode is not Mode.OVERWRITE:
        found.append("The record is Parley's own, made for this call: choose “Overwrite”.")
    return found


def _of_types(row: Row, source: Source, there: CrmField) -> list[str]:
    found = []
    if row.goes_out and there.type not in _BECOMES[source.type]:
        found.append(
            f"{source.label} is {TYPE_NAMES[source.type]}, {there.label} is {TYPE_NAMES[there.type]}: "
            f"choose a field that takes {TYPE_NAMES[source.type]}."
        )
    if row.comes_in and source.type not in _BECOMES[there.type]:
        found.append(
            f"{there.label} is {TYPE_NAMES[there.type]}, and {source.label} of Parley takes {TYPE_NAMES[source.type]}: "
            "choose another."
        )
    return found


def _of_values(row: Row, there: CrmField) -> list[str]:
    if not there.only_options and there.type not in ("choice", "choices"):
        return []
    known = {value for value, _ in there.options}
    if not known:
        return []
    wanted = [each for each in (*row.values.values(), row.default) if each]
    gone = list(dict.fromkeys(each for each in wanted if each not in known))
    return [
        f"{there.label} has no value “{each[:60]}” any more: choose another in this row. What would get it waits until then."
        for each in gone[:5]
    ]


def difference(before: Sequence[Row], after: Sequence[Row], labels: Mapping[str, str]) -> list[str]:
    """Return in words what changed from one version of a mapping to another; `labels`: key of ours → its name."""
    was = {(row.ours, row.theirs): row for row in before}
    now = {(row.ours, row.theirs): row for row in after}
    said = [
        f"Added: {labels.get(key[0], key[0])} ↔ {key[1]} ({_how(row)})"
        for key, row in now.items()
        if key not in was
    ]
    said += [
        f"Taken away: {labels.get(key[0], key[0])} ↔ {key[1]} ({_how(row)})"
        for key, row in was.items()
        if key not in now
    ]
    for key, row in now.items():
        if key in was and was[key] != row:
            said.append(
                f"Changed: {labels.get(key[0], key[0])} ↔ {key[1]}: {'; '.join(_changes(was[key], row))}"
            )
    return said


def _how(row: Row) -> str:
    return f"{WAY_NAMES[row.way].lower()}, {MODE_NAMES[row.mode].lower()}"


def _changes(was: Row, now: Row) -> list[str]:
    said = [f"{_how(was)} → {_how(now)}"] if _how(was) != _how(now) else []
    if was.default != now.default:
        said.append(f"otherwise “{was.default}” → “{now.default}”")
    for ours in sorted(set(was.values) | set(now.values)):
        left, right = was.values.get(ours, "as it is"), now.values.get(ours, "as it is")
        if left != right:
            said.append(f"{ours}: {left} → {right}")
    return said
