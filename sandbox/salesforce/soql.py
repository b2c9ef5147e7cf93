"""A reader of SOQL: the part of the language the README lists; anything else is refused, never guessed."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.salesforce.errors import malformed_query

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<literal>(?:LAST|NEXT)_N_(?:DAYS|WEEKS):\d{1,4}(?!\d))
    | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
DATE_LITERALS = frozenset({"TODAY", "YESTERDAY", "TOMORROW"})
_RESERVED = frozenset(
    {
        *("select", "from", "where", "and", "or", "not", "order", "by", "limit", "offset"),
        *("in", "like", "null", "nulls", "asc", "desc"),
    }
)

Kind = Literal["string", "datetime", "date", "number", "literal", "word", "sign", "end"]


@dataclass(frozen=True)
class Token:
    """A piece of the text; `at` is where it begins."""

    kind: Kind
    text: str
    at: int


@dataclass(frozen=True)
class Value:
    """A literal. `kind` is string, datetime, date, number, literal (relative date), boolean or null."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Comparison:
    """`field operator value`; operator is one of = != < <= > >= like in not-in."""

    path: str
    operator: str
    values: tuple[Value, ...] = ()
    subquery: "Query | None" = None


@dataclass(frozen=True)
class Logic:
    """Conditions joined by `and` or `or`, or one turned round by `not`."""

    operator: Literal["and", "or", "not"]
    terms: tuple["Condition", ...]


Condition = Comparison | Logic


@dataclass(frozen=True)
class Order:
    """One ORDER BY item; nulls come first unless said otherwise."""

    path: str
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A SELECT. `count` is "rows" for COUNT(), a field for COUNT(field), or None."""

    paths: tuple[str, ...]
    count: str | None
    source: str
    alias: str | None
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int


def parse(text: str) -> Query:
    """Read one SELECT; raises SalesforceError MALFORMED_QUERY that names what was not understood."""
    parser = _Parser(_split(text))
    query = parser.query()
    parser.expect_end()
    return query


def _split(text: str) -> list[Token]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise malformed_query(f"unexpected token: '{text[at:].strip()[:20]}' at position {at}")
        kind: Any = match.lastgroup
        tokens.append(Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
    return [*tokens, Token("end", "", len(text))]


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._at = tokens, 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _fail(self, wanted: str) -> Exception:
        found = self._next.text or "<EOF>"
        return malformed_query(f"unexpected token: '{found}' at position {self._next.at}, expected {wanted}")

    def _is(self, *words: str) -> bool:
        return self._next.kind in ("word", "sign") and self._next.text.lower() in words

    def _accept(self, word: str) -> bool:
        if self._is(word):
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._fail(f"'{word.upper()}'")

    def expect_end(self) -> None:
        """Refuse anything after the query."""
        if self._next.kind != "end":
            raise self._fail("the end of the query")

    def _name(self) -> str:
        if self._next.kind != "word" or self._next.text.lower() in _RESERVED:
            raise self._fail("a name")
        return self._take().text

    def _whole_number(self) -> int:
        if self._next.kind != "number" or not self._next.text.isdigit():
            raise self._fail("a whole number")
        return int(self._take().text)

    def query(self) -> Query:
        """Read SELECT .. FROM .. and what follows."""
        self._expect("select")
        paths, count = self._select_list()
        self._expect("from")
        source, alias = self._name(), None
        if self._next.kind == "word" and self._next.text.lower() not in (*_RESERVED, "using", "group", "for"):
            alias = self._name()
        where = self._chain() if self._accept("where") else None
        order = self._order() if self._accept("order") else ()
        limit = self._whole_number() if self._accept("limit") else None
        offset = self._whole_number() if self._accept("offset") else 0
        return Query(paths, count, source, alias, where, order, limit, offset)

    def _select_list(self) -> tuple[tuple[str, ...], str | None]:
        paths: list[str] = []
        while True:
            name = self._name()
            if self._accept("("):
                if name.lower() != "count" or paths:
                    raise malformed_query(f"the stand-in knows no function or subquery {name}(..) in SELECT")
                counted = "rows" if self._is(")") else self._name()
                self._expect(")")
                return (), counted
            paths.append(name)
            if not self._accept(","):
                return tuple(paths), None

    def _order(self) -> tuple[Order, ...]:
        self._expect("by")
        items = []
        while True:
            path = self._name()
            descending = self._accept("desc") or (self._accept("asc") and False)
            nulls_last = False
            if self._accept("nulls"):
                nulls_last = self._accept("last")
                if not nulls_last:
                    self._expect("first")
            items.append(Order(path, descending, nulls_last))
            if not self._accept(","):
                return tuple(items)

    def _chain(self) -> Condition:
        terms = [self._unary()]
        joined: str | None = None
        while self._is("and", "or"):
            word = self._take().text.lower()
            if joined not in (None, word):
                raise malformed_query("AND and OR must be grouped with parentheses")
            joined = word
            terms.append(self._unary())
        if joined is None:
            return terms[0]
        return Logic("and" if joined == "and" else "or", tuple(terms))

    def _unary(self) -> Condition:
        if self._accept("not"):
            return Logic("not", (self._unary(),))
        if self._accept("("):
            inner = self._chain()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        path = self._name()
        if self._accept("not"):
            self._expect("in")
            return self._set(path, "not-in")
        if self._accept("in"):
            return self._set(path, "in")
        if self._accept("like"):
            return Comparison(path, "like", (self._value(),))
        if not self._is("=", "!=", "<>", "<", "<=", ">", ">="):
            raise self._fail("an operator")
        operator = self._take().text.replace("<>", "!=")
        return Comparison(path, operator, (self._value(),))

    def _set(self, path: str, operator: str) -> Comparison:
        self._expect("(")
        if self._is("select"):
            subquery = self.query()
            self._expect(")")
            return Comparison(path, operator, subquery=subquery)
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        self._expect(")")
        return Comparison(path, operator, tuple(values))

    def _value(self) -> Value:
        token = self._next
        if token.kind in ("datetime", "date", "number"):
            return Value(token.kind, self._take().text)
        if token.kind == "string":
            return Value("string", _unescape(self._take().text[1:-1]))
        if token.kind == "literal" or token.text.upper() in DATE_LITERALS:
            return Value("literal", self._take().text.upper())
        word = token.text.lower()
        if word in ("true", "false"):
            self._take()
            return Value("boolean", word == "true")
        if word == "null":
            self._take()
            return Value("null", None)
        raise self._fail("a value")


def _unescape(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        char = match.group(1)
        if char not in "nrtbf'\"\\_%NRTBF":
            raise malformed_query(f"invalid escape sequence '\\{char}' in a string")
        # LIKE still needs to tell an escaped wildcard from a real one
        return f"\\{char}" if char in "_%" else _ESCAPES.get(char.lower(), char)

    return re.sub(r"\\(.)", plain, text, flags=re.DOTALL)
