"""The phone inside a CRM's page, its scripts in a real browser: signed in by its window, dialing, refused, opening the record.

The product's answers are fixed here; tests/integration/desk/test_softphone.py holds them. The CRM is another site to the browser.
"""

import json

import pytest
from playwright.sync_api import Browser, Route, expect

from sandbox.hubspot import app as hubspot_app
from sandbox.phone_hosts import OPEN_CTI
from sandbox.plaincrm import app as plaincrm_app
from sandbox.salesforce import app as salesforce_app
from sandbox.testing import run_in_thread
from tests.browser.kit import ROOT

PHONE = "http://parley.test/phone/1/"
HTML = (ROOT / "templates/desk/crm_phone.html").read_text(encoding="utf-8")
IDS = ("out", "sign-in", "in", "state", "campaign", "person", "number", "hang-up", "open")


def frame_of(kind: str, origin: str) -> str:
    """Return the frame's page, without the template's parts that need the product."""
    assert all(f'id="phone-{each}"' in HTML for each in IDS)
    library = '<script src="/opencti"></script>' if kind == "salesforce" else ""
    urls = {f"{name}-url": name for name in ("state", "dial", "save", "hang-up")} | {
        "sign-in-url": "sign-in/"
    }
    result = HTML[HTML.index('<form class="stack" id="phone-result"') : HTML.index("</form>")] + "</form>"
    data = " ".join(f'data-{name}="/phone/1/{path}"' for name, path in urls.items())
    inside = "".join(f'<button id="phone-{each}"></button>' for each in IDS if each not in ("out", "in"))
    return (
        f'<!doctype html>{library}<main id="crm-phone" data-kind="{kind}" data-origins="{origin}" {data}><div id="phone-out"></div>'
        f'<div id="phone-in" hidden></div>{inside}{result}<p id="phone-said" hidden><span></span></p></main>'
        '<script type="module" src="/crm_phone.js"></script>'
    )


@pytest.mark.parametrize(
    ("kind", "module"), [("rest", plaincrm_app), ("salesforce", salesforce_app), ("hubspot", hubspot_app)]
)
def test_the_phone_is_signed_in_dials_and_opens_the_record(kind: str, module, browser: Browser) -> None:
    calls: list[dict[str, object]] = []
    tokens: list[str | None] = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://parley.test")
        if path.endswith(".js"):
            name = path.removeprefix("/")
            route.fulfill(path=ROOT / "static/dist" / name, content_type="text/javascript")
        elif (
            path == "/opencti"
        ):  # a browser keeps pages it takes for public ones off this machine's addresses
            route.fulfill(body=OPEN_CTI, content_type="text/javascript")
        elif path == "/phone/1/":
            route.fulfill(body=frame_of(kind, origin), content_type="text/html")
        elif path == "/phone/1/sign-in/":
            page = '<main id="phone-token" data-token="secret" data-connection="1"><p id="phone-handed"></p></main>'
            route.fulfill(
                body=page + '<script type="module" src="/crm_phone_sign_in.js"></script>',
                content_type="text/html",
            )
        elif path == "/phone/1/dial":
            calls.append(json.loads(route.request.post_data or "{}"))
            tokens.append(route.request.headers.get("authorization"))
            refused = len(calls) > 1
            route.fulfill(
                status=422 if refused else 200,
                json={"said": "The gate refuses." if refused else "", "ok": not refused},
            )
        elif path.startswith("/phone/1/state"):
            now = {
                "word": "On call" if calls else "Preview",
                "tone": "info",
                "campaign": "Spring",
                "person": "Ann",
                "number": "1",
            }
            in_call = {
                "record": "42",
                "call": 7 if calls else None,
                "call_state": "connected",
                "may_hang_up": True,
                "may_save": False,
                "results": None,
            }
            route.fulfill(json={**now, **in_call})

    with run_in_thread(module.make_app(module.Settings())) as url:
        origin = url.replace("127.0.0.1", "localhost")
        context = browser.new_context()
        context.route("http://parley.test/**", answer)
        crm = context.new_page()
        crm.goto(f"{origin}/phone-host")
        crm.fill("[name=address]", PHONE)
        crm.get_by_role("button", name="Keep").click()
        crm.goto(f"{origin}/phone-host?number=%2B12125550199&record=42")
        call, phone = crm.locator("a[data-number]"), crm.frame_locator("#phone")
        expect(call).to_have_attribute("aria-disabled", "true")
        phone.locator("#phone-sign-in").click()
        expect(call).to_have_attribute("aria-disabled", "false")
        call.click()
        expect(crm.locator("#popped")).to_have_text("42")
        call.click()
        expect(phone.locator("#phone-said")).to_have_text("The gate refuses.")
        context.close()

    assert calls[0] == {"number": "+12125550199", "record": "42"}
    assert tokens[0] == "Phone secret"
