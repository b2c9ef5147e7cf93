"""Requests to a CRM described by a mapping file: signing in, paging, limits on time and size, errors in words."""

import base64
import hashlib
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from core import clock
from core.http import AddressRefused, OutgoingSession
from crm_sync.byfile import values
from crm_sync.byfile.model import Listing, MappingFile, Paging, Request
from crm_sync.connectors.by_file_tokens import Tokens, without_secrets
from crm_sync.protocol import ErrorKind, SyncError

MOST_BYTES: Final = 8 * 2**20
MOST_SECONDS: Final = 60.0  # one answer, however slowly it comes
MOST_PAGES: Final = 50_000
_QUOTED: Final = 160  # characters of an answer that a message repeats
_NEXT: Final = re.compile(r'<([^>]{1,2000})>\s*;[^,]*rel="?next"?', re.IGNORECASE)
_AFTER_429: Final = 10.0
_LONGEST_WAIT: Final = 900.0
_IDS: Final = ("person_id", "activity_id", "list_id")

_BY_STATUS: Final[Mapping[int, tuple[ErrorKind, str]]] = {
    401: ("unauthorized", "Enter the secret again on the connection's page."),
    403: ("config", "The user of the secret may not do this; give it the right in the CRM."),
    405: ("config", "Change the method of this path in the mapping file."),
    408: ("retryable", "It is tried again by itself."),
    409: ("retryable", "Someone else is changing the record; it is tried again by itself."),
    410: ("gone", "The record was deleted in the CRM."),
    423: ("retryable", "The record is in use; it is tried again by itself."),
    425: ("retryable", "It is tried again by itself."),
    429: ("retryable", "The limit on requests is used up; sending goes on by itself."),
}


class Refusal(SyncError):
    """The CRM answered with an error. `never_written`: certainly nothing came of the request."""

    status = 0
    never_written = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    document: Any
    headers: Mapping[str, str]


class Line:
    """The requests of one connection."""

    def __init__(self, session: OutgoingSession, file: MappingFile, secrets: Mapping[str, str]) -> None:
        self._session, self._file, self._secrets = session, file, secrets
        self._sent: deque[float] = deque()
        self._tokens = Tokens(session, file, secrets)

    def send(
        self,
        request: Request,
        given: Mapping[str, Any],
        *,
        params: Mapping[str, object] | None = None,
        more_body: Mapping[str, object] | None = None,
    ) -> Answer:
        """Fill the request in and send it. Raises Refusal for an error answer and SyncError where there was none."""
        times, tables = self._file.times, self._file.values
        path = values.fill_path(request.path, given, times=times, tables=tables)
        if params:
            path += ("&" if "?" in path else "?") + urlencode(
                {key: str(value) for key, value in params.items()}
            )
        body = values.fill_body(request.body, given, times=times, tables=tables)
        if more_body:
            body = {**(body or {}), **more_body}
        named = [name for name, _ in values.names_in([request.path, request.body])]
        return self._send(
            request.method, self._file.base_url + path, body, about_one=any(n in named for n in _IDS)
        )

    def follow(self, address: str) -> Answer:
        """Ask for the next page at an address the CRM gave; only on its own host."""
        if urlsplit(address)[:2] != urlsplit(self._file.base_url)[:2]:
            raise SyncError(
                f"{self._file.name} names a next page on another host ({address[:80]}); it is not followed. "
                "Use another type of paging in the mapping file.",
                kind="config",
            )
        return self._send("GET", address, None, about_one=True)

    def pages(self, listing: Listing, given: Mapping[str, Any]) -> Iterator[list[Any]]:
        """Yield the records of a listing page by page; ends when the CRM has no more."""
        paging = self._file.paging if listing.paged else Paging("none")
        place: Any = paging.first if paging.kind == "page" else 0 if paging.kind == "offset" else ""
        count, before, address = 0, "", ""
        totals = set[object]()
        for _ in range(MOST_PAGES):
            try:
                answer = self.follow(address) if address else self._page(listing, given, paging, place)
            except Refusal as error:
                if paging.kind == "page" and count and error.status == 404:
                    return  # some CRMs say so beyond the last page
                raise
            records = self._records(listing, answer)
            if records:
                yield records
            count += len(records)
            now = hashlib.sha256(json.dumps(records, sort_keys=True, default=str).encode()).hexdigest()
            if records and now == before:
                raise self._misread(
                    listing, "the same page twice", "Check “paging”: its param and its total_at."
                )
            before = now
            if paging.total_at:
                totals.add(values.as_text(values.at(answer.document, paging.total_at)))
            place, address = self._next(
                answer, paging, place, count, len(records), trusts_total=len(totals) < 2
            )
            if place is None and not address:
                return
        raise self._misread(
            listing, f"more than {MOST_PAGES:,} pages", "Check “paging”, or ask for larger pages."
        )

    def _page(self, listing: Listing, given: Mapping[str, Any], paging: Paging, place: Any) -> Answer:
        extra: dict[str, object] = {}
        if paging.kind != "none" and paging.size_param:
            extra[paging.size_param] = paging.size
        if paging.param and place != "":
            extra[paging.param] = place
        if paging.in_body:
            return self.send(listing.request, given, more_body=extra)
        return self.send(listing.request, given, params=extra)

    def _next(
        self, answer: Answer, paging: Paging, place: Any, count: int, found: int, *, trusts_total: bool
    ) -> tuple[Any, str]:
        """Return where the next page begins (None: there is none) or at which address it is.

        A total that is another one than before tells nothing: people came or went meanwhile, and only an empty page is the end.
        """
        if paging.kind == "link":
            match = _NEXT.search(answer.headers.get("Link", ""))
            return None, match[1] if match else ""
        if paging.kind == "cursor":
            cursor = values.as_text(values.at(answer.document, paging.next_at))
            return (cursor, "") if cursor and found else (None, "")
        total = values.at(answer.document, paging.total_at) if paging.total_at else None
        known = isinstance(total, int) and total >= 0 and trusts_total
        pages = values.at(answer.document, paging.pages_at) if paging.pages_at else None
        if isinstance(pages, int) and paging.kind == "page" and place - paging.first + 1 >= pages:
            return None, ""
        # Without a total only an empty page is the end: a CRM may give fewer a page than asked for.
        if paging.kind == "none" or not found or (known and count >= int(total or 0)):
            return None, ""
        return (place + 1 if paging.kind == "page" else count), ""

    def _records(self, listing: Listing, answer: Answer) -> list[Any]:
        records = values.at(answer.document, listing.items_at)
        if not isinstance(records, list):
            where = ".".join(listing.items_at) or "the answer itself"
            raise self._misread(
                listing, f"no list at {where}", "Change “items_at” of this path in the mapping file."
            )
        return records

    def _misread(self, listing: Listing, what: str, advice: str) -> SyncError:
        said = f"{self._file.name} answered {listing.request.method} {listing.request.path} with {what}. {advice}"
        return SyncError(said, kind="config")

    def _send(self, method: str, address: str, body: Any, *, about_one: bool) -> Answer:
        for attempt in (1, 2):
            self._keep_rate()
            headers = {"Accept": "application/json", **self._file.headers, **self._sign_in(attempt == 2)}
            status, data, heard = self._exchange(method, address, body, headers)
            if status == 401 and attempt == 1 and self._file.auth.gets_token:
                continue  # the token was ended before its time
            break
        path = urlsplit(address).path
        if not 200 <= status < 300:
            raise self._refusal(f"{method} {path}", status, data, heard, about_one=about_one)
        if not data.strip():
            return Answer(None, heard)
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            kind = heard.get("Content-Type", "something")[:40]
            raise SyncError(
                f"{self._file.name} answered {method} {path} with {kind}, not JSON. Check base_url and the path.",
                kind="config",
            ) from None
        if self._file.error_at is not None and values.at(document, self._file.error_at):
            raise self._refusal(f"{method} {path}", status, data, heard, about_one=about_one)
        return Answer(document, heard)

    def _exchange(
        self, method: str, address: str, body: Any, headers: Mapping[str, str]
    ) -> tuple[int, bytes, Mapping[str, str]]:
        path, name = urlsplit(address).path, self._file.name
        sent = dict(headers)
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        until = clock.monotonic() + MOST_SECONDS
        try:
            answer = self._session.request(
                method, address, data=data, headers=sent, stream=True, allow_redirects=False
            )
            parts, length = [], 0
            with answer:
                for part in answer.iter_content(65_536):
                    parts.append(part)
                    length += len(part)
                    if length > MOST_BYTES:
                        raise SyncError(
                            f"{name} answered {method} {path} with more than 8 MB. Ask for smaller pages (paging.size).",
                            kind="config",
                        )
                    if clock.monotonic() > until:
                        raise SyncError(
                            f"{name} took over a minute to answer {method} {path}.", kind="retryable"
                        )
            return answer.status_code, b"".join(parts), answer.headers
        except AddressRefused as error:
            raise SyncError(f"{name} was not asked. {error}", kind="config") from error
        except OSError as error:  # what requests raises; only core.http may import that library
            raise SyncError(
                f"{name} did not answer ({method} {path}): {self._without_secrets(str(error))[:_QUOTED]}.",
                kind="retryable",
            ) from error

    def _refusal(
        self, what: str, status: int, data: bytes, headers: Mapping[str, str], *, about_one: bool
    ) -> Refusal:
        text = self._without_secrets(" ".join(data.decode("utf-8", "replace").split()))
        kind, advice = self._meaning(status, text.lower(), about_one=about_one)
        quoted = f": {text[:_QUOTED]}" if text and "<html" not in text.lower() else ""
        given = headers.get("Retry-After", "")
        wait = min(float(given), _LONGEST_WAIT) if given.isascii() and given.isdigit() else None
        error = Refusal(
            f"{self._file.name} refused {what} with {status}{quoted}. {advice}",
            kind=kind,
            code=str(status),
            retry_after=wait if wait is not None or status != 429 else _AFTER_429,
        )
        error.status, error.never_written = status, status < 500 and status not in (408, 425)
        return error

    def _meaning(self, status: int, text: str, *, about_one: bool) -> tuple[ErrorKind, str]:
        for rule in self._file.errors:
            if (not rule.statuses or status in rule.statuses) and rule.contains in text:
                return rule.kind, rule.says
        if status in _BY_STATUS:
            return _BY_STATUS[status]
        if status == 404:
            if about_one:
                return "gone", "The record is not there any more, or was merged."
            return "config", "Nothing is at this path; change it in the mapping file."
        if status < 300:
            return "permanent", "The CRM does not accept this as it is."
        if status < 400:
            return "config", "It leads elsewhere; write the final address into base_url."
        if status >= 500:
            return "retryable", "The CRM had a fault of its own; it is tried again by itself."
        return "permanent", "The CRM does not accept this as it is."

    def _without_secrets(self, text: str) -> str:
        return without_secrets(text, self._secrets)

    def _sign_in(self, again: bool) -> Mapping[str, str]:
        auth, secret = self._file.auth, self._secrets.get("secret", "")
        if auth.kind == "basic":
            pair = f"{self._secrets.get('user', '')}:{secret}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        if auth.kind == "header":
            return {auth.header: secret}
        if auth.kind == "bearer":
            return {auth.header: f"Bearer {secret}"}
        return {auth.header: f"Bearer {self._tokens.get(again=again)}"}

    def _keep_rate(self) -> None:
        """Wait until the file's limit on requests allows one more."""
        if self._file.rate is None:
            return
        most, seconds = self._file.rate
        while True:
            now = clock.monotonic()
            while self._sent and self._sent[0] <= now - seconds:
                self._sent.popleft()
            if len(self._sent) < most:
                self._sent.append(now)
                return
            clock.pause(self._sent[0] + seconds - now)
