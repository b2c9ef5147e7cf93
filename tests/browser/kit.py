"""What browser tests need: the whole product, a window of one's own, pictures held to accessibility, numbers that behave."""

import json
import shutil
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from config import embedded
from config.settings.demo import DEMO_PASSWORD
from tests.e2e import stack
from tests.e2e.scene import clock_offset

ROOT = Path(__file__).resolve().parents[2]
SHOTS = Path(__file__).parent / "shots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = [
    ("wide-light", 1440, 900, "light"),
    ("wide-dark", 1440, 900, "dark"),
    ("narrow-light", 390, 844, "light"),
]

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 1)
    .map((one) => `${one.tagName} ${one.className} ${one.getBoundingClientRect().right} ${getComputedStyle(one).position}`);
}"""


@contextmanager
def whole_product(
    name: str, *, hour: int = 10, extra: Mapping[str, str] | None = None
) -> Iterator[stack.Stack]:
    """Run the whole product with its data in a folder of that name, made anew; it is `hour` in New York on a Monday."""
    folder = Path(embedded.data_folder(name))
    shutil.rmtree(folder, ignore_errors=True)
    SHOTS.mkdir(exist_ok=True)
    with stack.running(folder, clock_offset=clock_offset(hour, 0), extra=extra) as running:
        yield running


def sign_in(browser: Browser, product: stack.Stack, username: str) -> tuple[BrowserContext, Page]:
    """Open a window of its own for a person."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="America/New_York", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(product.url + "/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.click("form#sign-in button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    context.complaints = complaints  # type: ignore[attr-defined]  # kept for finish()
    return context, page


def finish(context: BrowserContext, page: Page) -> None:
    page.goto("about:blank")
    context.close()
    assert context.complaints == []  # type: ignore[attr-defined]  # set by sign_in()


def shoot(page: Page, name: str, *, looks: list[tuple[str, int, int, str]] = LOOKS) -> None:
    """Save pictures of the page and hold it to axe-core: nothing serious, in any look."""
    for look, width, height, theme in looks:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.wait_for_timeout(150)
        page.screenshot(path=SHOTS / f"{name}-{look}.png", full_page=True)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            (one["id"], one["impact"], [node["target"] for node in one["nodes"][:3]])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], (name, look, serious)
        assert page.evaluate(TOO_WIDE) == [], f"{name} is wider than the window at {width} px"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def fill(page: Page, values: dict[str, str]) -> None:
    for name, value in values.items():
        page.fill(f"[name={name}]", value)


def behave(product: stack.Stack, number: str, **behaviour: object) -> None:
    """Fix how a number of the simulated population behaves."""
    body = json.dumps(behaviour).encode()
    address = f"{product.sandbox('carrier')}/_sandbox/numbers/{number}"
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()
