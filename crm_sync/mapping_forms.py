"""The mapping's editor: rows as they were posted, and as the page shows them. Nothing posted is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms

from crm_sync.capabilities import CrmField
from crm_sync.fieldmap import (
    MAX_ROWS,
    MAX_VALUES,
    MODE_NAMES,
    TYPE_NAMES,
    WAY_NAMES,
    Mode,
    Problem,
    Row,
    Source,
    Way,
)
from crm_sync.models import MatchRules

LONGEST = 120


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value of ours and what it is called there."""

    number: int
    key: str
    label: str
    chosen: str


@dataclass(frozen=True, slots=True)
class EditRow:
    """One row as the page shows it."""

    number: int
    ours: str
    theirs: str
    way: str
    mode: str
    default: str
    title: str
    values: Sequence[ValueRow]
    options: Sequence[tuple[str, str]]  # what the field takes; none: anything
    missing: bool  # the chosen field is not in the CRM any more
    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select."""

    value: str
    label: str


def rows_from(
    data: Mapping[str, str], sources: Mapping[str, Source], fields: Mapping[str, CrmField]
) -> list[Row]:
    """Return the posted rows; empty ones, and those to be taken away, are left out."""
    text = str(data.get("rows", ""))
    count = min(int(text), MAX_ROWS + 1) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    rows = []
    for number in range(count):
        ours, theirs = _text(data, f"row-{number}-ours"), _text(data, f"row-{number}-theirs")
        if data.get(f"row-{number}-remove") or not (ours or theirs):
            continue
        way, mode = data.get(f"row-{number}-way", ""), data.get(f"row-{number}-mode", "")
        rows.append(
            Row(
                ours=ours,
                theirs=theirs,
                way=Way(way) if way in set(Way) else Way.OUT,
                mode=Mode(mode) if mode in set(Mode) else Mode.OVERWRITE,
                values=_values(data, number, sources.get(ours), fields.get(theirs)),
                default=_text(data, f"row-{number}-default"),
            )
        )
    return rows


def shown(
    rows: Sequence[Row],
    sources: Mapping[str, Source],
    fields: Mapping[str, CrmField],
    problems: Sequence[Problem] = (),
    *,
    blank: bool = False,
) -> list[EditRow]:
    """Return the rows as the page shows them, with an empty one at the end if asked."""
    found = [
        _edit(number, row, sources, fields, [each.text for each in problems if each.row == number])
        for number, row in enumerate(rows)
    ]
    if blank or not rows:
        found.append(EditRow(len(rows), "", "", Way.OUT, Mode.OVERWRITE, "", "A new row", (), (), False, ()))
    return found


def source_choices(sources: Mapping[str, Source]) -> list[Choice]:
    """Return our facts for a select."""
    return [Choice(each.key, f"{each.label} ({TYPE_NAMES[each.type]})") for each in sources.values()]


def field_choices(fields: Mapping[str, CrmField]) -> list[Choice]:
    """Return the CRM's fields for a select; references are left out, nothing of ours fits."""
    return [
        Choice(each.name, f"{each.label} – {each.name} ({TYPE_NAMES[each.type]})")
        for each in fields.values()
        if each.type != "reference"
    ]


def way_choices() -> list[Choice]:
    """Return the directions for a select."""
    return [Choice(way.value, label) for way, label in WAY_NAMES.items()]


def mode_choices() -> list[Choice]:
    """Return the modes for a select."""
    return [Choice(mode.value, label) for mode, label in MODE_NAMES.items()]


class MatchRulesForm(forms.Form):
    """Whom a connection is asked for, and what happens then."""

    seek = forms.ChoiceField(
        label="Whose activities go to this CRM",
        choices=MatchRules.Seek.choices,
        widget=forms.RadioSelect,
        help_text="They are looked for by customer number (below), phone number in any format and number field, then e-mail.",
    )
    one = forms.ChoiceField(label="One fits", choices=MatchRules.One.choices, widget=forms.RadioSelect)
    many = forms.ChoiceField(label="Several fit", choices=MatchRules.Many.choices, widget=forms.RadioSelect)
    nobody = forms.ChoiceField(
        label="Nobody fits", choices=MatchRules.Nobody.choices, widget=forms.RadioSelect
    )
    create_as = forms.ChoiceField(label="A new record is a", required=False)
    id_ours = forms.ChoiceField(
        label="Customer number here",
        required=False,
        help_text="A number that both sides keep of a person. Who has the same one is the same person, whatever their phone number.",
    )
    id_theirs = forms.ChoiceField(label="Its field in the CRM", required=False)

    def __init__(
        self,
        *args: object,
        objects: Sequence[tuple[str, str]],
        ours: Sequence[tuple[str, str]],
        theirs: Sequence[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # a form's own arguments
        none = ("", "None: by phone number and e-mail alone")
        for name, choices in (
            ("create_as", objects),
            ("id_ours", [none, *ours]),
            ("id_theirs", [none, *theirs]),
        ):
            self.fields[name].choices = list(choices)  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, object]:
        """Refuse half a customer number."""
        given: dict[str, object] = super().clean() or {}
        for name, other in (("id_ours", "id_theirs"), ("id_theirs", "id_ours")):
            if not given.get(name) and given.get(other) and name not in self.errors:
                self.add_error(name, "Choose the field of both sides, or none of either.")
        return given


class DecisionForm(forms.Form):
    """What a person decided of somebody."""

    choice = forms.RegexField(r"^[A-Za-z0-9]{1,60}$")


def _text(data: Mapping[str, str], name: str) -> str:
    return str(data.get(name, "")).replace("\x00", "").strip()[:LONGEST]


def _values(
    data: Mapping[str, str], number: int, source: Source | None, there: CrmField | None
) -> dict[str, str]:
    """Return the posted values; none at all where each is called there as it is here."""
    found: dict[str, str] = {}
    for place in range(MAX_VALUES):
        key = data.get(f"row-{number}-key-{place}")
        if key is None:
            break
        found[str(key).replace("\x00", "")[:LONGEST]] = (
            str(data.get(f"row-{number}-value-{place}", "")).replace("\x00", "").strip()[:255]
        )
    if not found and source is not None and source.choices and there is not None and there.options:
        return {value: _suggested(label, value, there) for value, label in source.choices}
    labels = dict(source.choices) if source else {}
    if (
        there is not None
        and not there.options
        and all(labels.get(key) == text for key, text in found.items())
    ):
        return {}
    return found


def _edit(
    number: int,
    row: Row,
    sources: Mapping[str, Source],
    fields: Mapping[str, CrmField],
    problems: Sequence[str],
) -> EditRow:
    source, there = sources.get(row.ours), fields.get(row.theirs)
    values: list[ValueRow] = []
    if source is not None and there is not None:
        known = dict(source.choices) | {key: key for key in row.values if key not in dict(source.choices)}
        values = [
            ValueRow(place, key, label, row.values.get(key, _suggested(label, key, there)))
            for place, (key, label) in enumerate(list(known.items())[:MAX_VALUES])
        ]
    name = source.label if source else row.ours or "nothing yet"
    field_name = there.label if there else row.theirs or "nothing yet"
    return EditRow(
        number=number,
        ours=row.ours,
        theirs=row.theirs,
        way=row.way.value,
        mode=row.mode.value,
        default=row.default,
        title=f"{name} ↔ {field_name}",
        values=values,
        options=there.options if there else (),
        missing=there is None and bool(row.theirs),
        problems=problems,
    )


def _suggested(label: str, value: str, there: CrmField) -> str:
    """Return the field's value that is called the same; for a field that takes anything, our own word."""
    if not there.options:
        return label
    wanted = {label.strip().lower(), value.strip().lower()}
    return next((each for each, name in there.options if {each.lower(), name.lower()} & wanted), "")
