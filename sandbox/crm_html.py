"""Pages of the CRM stand-ins: one plain, readable shell, and escaped tables."""

from collections.abc import Iterable, Sequence
from html import escape

from aiohttp import web

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d5dae0;--paper:#fff;--band:#f5f7f9;
--accent:#0b5cad}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#a3adb8;--line:#39414b;--paper:#15191e;--band:#1d232a;
--accent:#7ab8ff}}
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--ink);
background:var(--paper)}
header{background:var(--band);border-bottom:1px solid var(--line);padding:10px 24px;display:flex;gap:24px;
flex-wrap:wrap;align-items:center}header a{font-weight:600}
main{max-width:1100px;margin:0 auto;padding:16px 24px 48px}
h1{font-size:22px;margin:8px 0 4px}h2{font-size:17px;margin:28px 0 8px}
p.sub{color:var(--soft);margin:0 0 12px}
a{color:var(--accent);text-decoration:none}a:hover,a:focus{text-decoration:underline}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}.wide{overflow-x:auto}
dl{display:grid;grid-template-columns:minmax(120px,200px) 1fr;gap:4px 16px;margin:0}
dt{color:var(--soft)}dd{margin:0}
article{border:1px solid var(--line);border-radius:6px;padding:12px 16px;margin:0 0 12px}
article h3{margin:0 0 6px;font-size:15px}
input{font:inherit;padding:5px 8px;border:1px solid var(--line);border-radius:4px;
color:inherit;background:var(--paper);min-width:300px}button{font:inherit;padding:5px 12px}
"""


def respond(site: str, title: str, body: str, *, query: str = "", status: int = 200) -> web.Response:
    """Answer with a whole page; `body` is HTML and must be escaped already, the rest is text."""
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)} - {escape(site)}</title>"
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f'<body><header><a href="/">{escape(site)}</a><form action="/" role="search">'
        f'<input name="q" type="search" aria-label="Search people by name, company, phone or e-mail" '
        f'placeholder="Name, company, phone, e-mail" value="{escape(query)}"> <button>Search</button></form>'
        f"</header><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return web.Response(text=page, status=status, content_type="text/html")


def link(address: str, text: object) -> str:
    """Return an anchor."""
    return f'<a href="{escape(address)}">{cell(text)}</a>'


def cell(value: object) -> str:
    """Return a value as escaped text; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return escape(str(value)).replace("\n", "<br>")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> str:
    """Return a table; cells are HTML, `empty` is said when there are no rows."""
    body = "".join("<tr>" + "".join(f"<td>{html}</td>" for html in row) + "</tr>" for row in rows)
    if not body:
        return f'<p class="sub">{escape(empty)}</p>'
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Return names and values side by side; values are text and are escaped here."""
    return (
        "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{cell(value)}</dd>" for name, value in pairs) + "</dl>"
    )


def timeline(entries: Iterable[tuple[str, Iterable[tuple[str, object]]]], *, empty: str) -> str:
    """Return one block per activity, each a heading with facts below it."""
    body = "".join(f"<article><h3>{cell(title)}</h3>{facts(pairs)}</article>" for title, pairs in entries)
    return body or f'<p class="sub">{escape(empty)}</p>'
