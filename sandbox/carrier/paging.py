"""Lists in pages, as the vendor cuts them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web

from sandbox.carrier.errors import ApiError

Entry = TypeVar("Entry")
DEFAULT_SIZE, LARGEST_SIZE = 50, 1000


def page(
    request: web.Request,
    name: str,
    entries: list[Entry],
    *,
    sid: Callable[[Entry], str],
    render: Callable[[Entry], dict[str, object]],
) -> web.Response:
    """Answer with one page of `entries`, which come newest first.

    The token of the next page names the last entry of this one: entries added meanwhile shift nothing.
    Raises: ApiError for a page size or token that cannot be.
    """
    query = request.query
    size = _whole(query.get("PageSize", str(DEFAULT_SIZE)), "PageSize")
    size = min(max(size, 1), LARGEST_SIZE)
    number = _whole(query.get("Page", "0"), "Page")
    token = query.get("PageToken", "")
    if token:
        positions = [index for index, each in enumerate(entries) if sid(each) == token.removeprefix("PA")]
        if not positions:
            raise ApiError(400, 20006, "Invalid PageToken")
        start = positions[0] + 1
    else:
        start = number * size
    chosen = entries[start : start + size]
    has_more = start + size < len(entries)

    def address(page_number: int, page_token: str = "") -> str:
        own = ("PageSize", "Page", "PageToken")
        pairs = [(key, value) for key, value in query.items() if key not in own]
        pairs += [("PageSize", str(size)), ("Page", str(page_number))]
        pairs += [("PageToken", page_token)] if page_token else []
        return request.path.removeprefix("/api") + "?" + urlencode(pairs)

    return web.json_response(
        {
            name: [render(each) for each in chosen],
            "first_page_uri": address(0),
            "previous_page_uri": address(number - 1) if number else None,
            "next_page_uri": address(number + 1, "PA" + sid(chosen[-1])) if has_more else None,
            "uri": address(number, token),
            "page": number,
            "page_size": size,
            "start": start,
            "end": start + max(len(chosen) - 1, 0),
        }
    )


def within(request: web.Request, name: str, moments: Iterable[datetime | None]) -> bool:
    """Tell whether the first known moment passes the filters `name`, `name<` and `name>` of the query.

    A bare date stands for its UTC day; `<` and `>` include the day or moment itself, as the vendor's do.
    Raises: ApiError for a value that is neither a date nor a time.
    """
    moment = next((each for each in moments if each is not None), None)
    for suffix in ("", "<", ">"):
        text = request.query.get(name + suffix)
        if text is None:
            continue
        low, high = _span(text, name + suffix)
        if moment is None or (suffix != "<" and moment < low) or (suffix != ">" and moment >= high):
            return False
    return True


def _span(text: str, name: str) -> tuple[datetime, datetime]:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise ApiError(400, 20001, f"Invalid {name}: {text}") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment + (timedelta(days=1) if len(text) == 10 else timedelta(seconds=1))


def _whole(text: str, name: str) -> int:
    if not text.isdigit():
        raise ApiError(400, 20001, f"Invalid {name}: {text}")
    return int(text)
