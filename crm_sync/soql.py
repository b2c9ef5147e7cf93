"""Whether a SOQL query can be a list of people, and what of it is asked. Pure.

Only its FROM and what follows is kept: Parley selects the fields it needs itself. What Salesforce alone can judge (names of fields,
rights, values) it says when the query is tried.
"""

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 20_000  # characters, as Salesforce's
OBJECTS: Final = {"lead": "Lead", "contact": "Contact"}
_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[A-Za-z_][\w.:]*|\d+|[()]|[^\s]", re.DOTALL)
_NO_PEOPLE: Final = (
    "Ask FROM Lead or FROM Contact. People of a campaign: "
    "WHERE Id IN (SELECT LeadId FROM CampaignMember WHERE CampaignId = '701…')."
)
_REFUSED: Final = (
    (("GROUP", "BY"), "GROUP BY gives sums, not people: leave it out."),
    (("HAVING",), "HAVING gives sums, not people: leave it out."),
    (("OFFSET",), "OFFSET would leave people out by their place, which changes: leave it out."),
    (("ALL", "ROWS"), "ALL ROWS brings deleted people: leave it out."),
    (("FOR", "UPDATE"), "FOR UPDATE locks records: Parley only reads. Leave it out."),
    (("FOR", "VIEW"), "FOR VIEW marks records as viewed: leave it out."),
    (("FOR", "REFERENCE"), "FOR REFERENCE marks records as viewed: leave it out."),
)


class BadQuery(ValueError):
    """The query cannot be a list of people; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """What of a query is asked: the object, and FROM and all that follows without the word FROM."""

    object_name: str
    rest: str


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    at: int


def check(text: str) -> Source:
    """Return what is asked of a query; raises BadQuery."""
    query = text.strip()
    if not query:
        raise BadQuery("Enter a query, such as: SELECT Id FROM Contact WHERE MailingState = 'FL'.")
    if len(query) > LONGEST:
        raise BadQuery(f"The query has {len(query):,} characters; Salesforce takes {LONGEST:,}.")
    outer = _outer_words(query)
    words = [word.text.upper() for word in outer]
    if words[0] != "SELECT":
        raise BadQuery(f"A query begins with SELECT, not with “{outer[0].text[:30]}”: Parley only reads.")
    if ";" in words:
        raise BadQuery("Enter one query, without a semicolon.")
    if "FROM" not in words:
        raise BadQuery("The query has no FROM: say FROM Lead or FROM Contact.")
    start = words.index("FROM")
    _check_columns(words[1:start])
    if start + 1 == len(words):
        raise BadQuery("FROM names nothing: say FROM Lead or FROM Contact.")
    found = OBJECTS.get(words[start + 1].lower())
    if found is None:
        raise BadQuery(f"“{outer[start + 1].text[:60]}” has no people to call. {_NO_PEOPLE}")
    for phrase, why in _REFUSED:
        if any(tuple(words[at : at + len(phrase)]) == phrase for at in range(start, len(words))):
            raise BadQuery(why)
    if "LIMIT" in words[start:]:
        _check_limit(words[words.index("LIMIT", start) + 1 :])
    rest = query[outer[start + 1].at :]
    return Source(object_name=found, rest=found + rest[len(outer[start + 1].text) :])


def _check_columns(columns: list[str]) -> None:
    if not columns:
        raise BadQuery("SELECT names no field: Id will do, Parley adds what it needs.")
    if "TYPEOF" in columns:
        raise BadQuery("TYPEOF cannot be read: leave it out, Parley adds the fields it needs.")
    if "(" in columns:
        raise BadQuery(
            "SELECT may name fields only, no COUNT() and no query in brackets: such a condition belongs after WHERE."
        )


def _check_limit(after: list[str]) -> None:
    if not after or not after[0].isdigit() or int(after[0]) < 1:
        raise BadQuery("LIMIT needs a whole number of at least 1.")


def _outer_words(query: str) -> list[_Word]:
    """Return the query's words outside of brackets, with "(" where some open; raises BadQuery where they do not match."""
    words: list[_Word] = []
    depth = 0
    for match in _TOKEN.finditer(query):
        text = match[0]
        if text == "'":
            raise BadQuery("A quotation mark is not closed.")
        if text == ")":
            depth -= 1
        elif depth == 0:
            words.append(_Word(text, match.start()))
        if text == "(":
            depth += 1
        if depth < 0:
            break
    if depth:
        raise BadQuery("The brackets do not match.")
    return words
