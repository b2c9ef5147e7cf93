"""What the address of a list of people says: search, filters, order, columns. Whatever does not fit is left out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from campaigns.segments.fields import Operator
from campaigns.segments.tree import ALL, MAX_TEXT, Condition, Group, Node
from campaigns.selectors.browsing import COLUMNS, ORDERS, USUAL_COLUMNS, Wanted

_OWN_COLUMN = re.compile(r"own\.[a-z][a-z0-9_]{0,39}", re.ASCII)  # of a field of the house's own
MOST_OWN = 12  # columns of those
CALLED = {"never": "never called", "ever": "called before"}
DO_NOT_CALL = {"no": "may be called", "yes": "do not call"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleQuery:
    """One address of the list, checked."""

    search: str = ""
    order: str = "id"
    descending: bool = False
    columns: Sequence[str] = USUAL_COLUMNS
    segment_id: int | None = None
    tag_id: int | None = None
    state: str = ""
    called: str = ""
    do_not_call: str = ""
    is_filtered: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        given = (self.search, self.segment_id, self.tag_id, self.state, self.called, self.do_not_call)
        object.__setattr__(self, "is_filtered", any(given))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Return the filters as conditions of a rule; the search is none of them."""
        found = []
        if self.state:
            found.append(Condition("state", Operator.IS, self.state))
        if self.called:
            operator = Operator.NEVER if self.called == "never" else Operator.EVER
            found.append(Condition("last_called_at", operator))
        if self.do_not_call:
            found.append(Condition("do_not_call", Operator(self.do_not_call)))
        if self.tag_id is not None:
            found.append(Condition("tag", Operator.IS, str(self.tag_id)))
        return tuple(found)

    def wanted(
        self, *, list_id: int | None = None, rule: Group | None = None, snapshot_id: int | None = None
    ) -> Wanted:
        """Return whom the address means; `rule` or `snapshot_id` are those of its segment."""
        members: tuple[Node, ...] = self.conditions
        if rule is not None:  # as flat as can be: a rule has only so many levels
            members += rule.members if rule.join == ALL else (rule,)
        return Wanted(
            rule=Group(ALL, members),
            search=self.search,
            list_id=list_id,
            snapshot_id=snapshot_id,
            order=self.order,
            descending=self.descending,
        )

    def as_query(self) -> dict[str, str | Sequence[str]]:
        """Return what the address says, without what goes without saying."""
        sort = ("-" if self.descending else "") + self.order
        told: dict[str, str | Sequence[str]] = {
            "q": self.search,
            "segment": str(self.segment_id or ""),
            "tag": str(self.tag_id or ""),
            "state": self.state,
            "called": self.called,
            "dnc": self.do_not_call,
            "sort": "" if sort == "id" else sort,
            "cols": () if tuple(self.columns) == USUAL_COLUMNS else tuple(self.columns),
        }
        return {name: value for name, value in told.items() if value}

    @property
    def encoded(self) -> str:
        """Return the address behind its question mark."""
        return urlencode(self.as_query(), doseq=True)

    def sorted_by(self, order: str) -> str:
        """Return the address of the same people in the order; the present one turned round."""
        turned = self.order == order and not self.descending
        return replace(self, order=order, descending=turned).encoded


def read_query(given: QueryDict) -> PeopleQuery:
    """Return what the address says."""
    sort = given.get("sort", "")
    order = sort.removeprefix("-")
    is_order = order in ORDERS or bool(_OWN_COLUMN.fullmatch(order))
    asked = given.getlist("cols")
    own = [key for key in dict.fromkeys(asked) if _OWN_COLUMN.fullmatch(key)][:MOST_OWN]
    chosen = [*(key for key in COLUMNS if key in asked), *own]
    return PeopleQuery(
        search=_text(given.get("q", ""), 100),
        order=order if is_order else "id",
        descending=sort.startswith("-") and is_order,
        columns=tuple(chosen) or USUAL_COLUMNS,
        segment_id=_number(given.get("segment", "")),
        tag_id=_number(given.get("tag", "")),
        state=_text(given.get("state", ""), MAX_TEXT),
        called=_one_of(given.get("called", ""), CALLED),
        do_not_call=_one_of(given.get("dnc", ""), DO_NOT_CALL),
    )


def _text(text: str, most: int) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:most]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _one_of(text: str, known: Mapping[str, str]) -> str:
    return text if text in known else ""
