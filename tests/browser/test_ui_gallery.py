"""The components and the desk's layout in a real browser: accessible, in both themes and all widths."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
BUDGET_BYTES = 150_000

pytestmark = pytest.mark.slow_test


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The gallery's server in a process of its own, because it has settings of its own."""
    command = [sys.executable, "-m", "tests.browser.ui_gallery"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test if the browser had anything to complain about."""
    context = browser.new_context(timezone_id="America/Chicago", reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    page.goto("about:blank")  # ends the event stream, so that closing has nothing to wait for
    context.close()
    assert [
        text
        for text in complaints
        if not any(word in text for word in ("ERR_", "status of 400", "Response Status"))
    ] == []


@pytest.mark.parametrize(
    ("path", "width", "theme"),
    [
        *[
            (path, width, theme)
            for path in ("/", "/desk")
            for width in (1440, 320)
            for theme in ("light", "dark")
        ],
        ("/desk?state=wrap", 1440, "light"),
        ("/desk?state=wrap", 720, "dark"),  # 1440 px at 200 % zoom
        ("/sign-in", 320, "light"),
        ("/sign-in", 1440, "dark"),
        ("/error/403", 320, "dark"),
        ("/error/404", 1440, "light"),
        ("/error/500", 320, "light"),
    ],
)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    address: str, page: Page, path: str, width: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")

    page.goto(address + path)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")

    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_theme_is_kept_by_the_server_so_that_nothing_flashes(address: str, page: Page) -> None:
    page.goto(address)
    page.get_by_text("Rosa Diaz").first.click()

    page.get_by_role("button", name="Dark").click()
    html = page.request.get(address).text()

    assert 'data-theme="dark"' in html
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 24)"


def test_times_are_in_the_persons_zone(address: str, page: Page) -> None:
    page.goto(address)

    expect(page.locator(".kv time").first).to_have_text("Nov 19, 09:04 AM")


def test_keys_press_buttons_but_never_while_typing(address: str, page: Page) -> None:
    page.goto(address + "/desk")

    page.keyboard.press("3")
    page.keyboard.press("m")
    page.locator("#note").press("1")

    expect(page.get_by_role("radio", name="Not interested")).to_be_checked()
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#note")).to_have_value("1")


def test_the_slash_goes_to_the_search(address: str, page: Page) -> None:
    page.goto(address)

    page.keyboard.press("/")

    expect(page.locator("#search")).to_be_focused()


def test_a_key_can_be_changed_and_all_can_be_switched_off(address: str, page: Page) -> None:
    page.goto(address + "/desk")
    page.keyboard.press("?")
    page.get_by_role("button", name="Change the key of “Mute”").click()
    page.keyboard.press("x")
    page.get_by_role("button", name="Close").click()

    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("?")
    page.get_by_role("checkbox").first.uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")


def test_the_palette_goes_to_a_page(address: str, page: Page) -> None:
    page.goto(address)

    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Page or command").fill("comp")
    page.keyboard.press("Enter")

    page.wait_for_url("**/?area=Compliance")


def test_a_dangerous_act_asks_once_and_names_the_consequence(address: str, page: Page) -> None:
    page.goto(address)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)

    page.get_by_role("button", name="Stop campaign").click()
    dialog = page.get_by_role("dialog", name="Stop this campaign?")
    expect(dialog).to_contain_text("12 calls going on will be cut off.")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    assert posts == []

    page.get_by_role("button", name="Stop campaign").click()
    with page.expect_request(lambda request: request.method == "POST"):
        dialog.get_by_role("button", name="Stop campaign").click()


def test_the_callback_shows_our_own_time_beside_the_persons(address: str, page: Page) -> None:
    page.goto(address + "/desk?state=wrap")

    page.locator("#cb-time").fill("15:15")

    expect(page.locator(".callback-other")).to_have_text("Nov 20, 02:15 PM on your clock")


def test_a_lost_connection_is_said_at_once_and_taken_back(address: str, page: Page) -> None:
    page.goto(address + "/desk")
    expect(page.locator("#connection")).to_have_text("Live")

    page.context.set_offline(True)
    expect(page.get_by_role("alert").filter(has_text="No connection to the server since")).to_be_visible(
        timeout=3000
    )
    page.context.set_offline(False)

    expect(page.locator("#connection-bar")).to_have_count(0, timeout=5000)
    expect(page.locator("#connection")).to_have_text("Live")


def test_the_stream_resumes_by_id_and_passes_events_on(address: str, page: Page) -> None:
    page.add_init_script(
        """window.heard = [];
        document.addEventListener("DOMContentLoaded", () => {
          for (const name of ["desk:call", "desk:resync", "desk:agent"])
            document.getElementById("desk")?.addEventListener(name, () => window.heard.push(name));
        });"""
    )

    with page.expect_request("**/stream?after=7-0"):
        page.goto(address + "/desk")

    assert page.evaluate("window.heard") == ["desk:call", "desk:resync", "desk:agent"]
    expect(page.locator("#readers-urgent")).to_have_text("Maria Alvarez is ringing")


def test_a_refused_htmx_request_is_explained(address: str, page: Page) -> None:
    page.goto(address)
    page.evaluate("""() => {
      const button = document.createElement("button");
      button.id = "try";
      button.textContent = "Try";
      button.setAttribute("hx-get", "/error/refuse");
      document.querySelector("main").append(button);
      htmx.process(button);
    }""")

    page.locator("#try").click()

    expect(page.locator("#messages")).to_contain_text("Not called: 20:14 in Orlando")


def test_timers_run_on_the_servers_clock_and_are_not_read_aloud(address: str, page: Page) -> None:
    page.goto(address + "/desk")
    timer = page.locator(".call-state .timer")

    expect(timer).to_have_attribute("aria-hidden", "true")
    expect(timer).to_have_text("2:43", timeout=4000)


def test_what_every_page_loads_stays_in_budget(address: str, page: Page) -> None:
    sizes: dict[str, int] = {}

    def note_size(answer: Response) -> None:
        if "/dist/" in answer.url:
            sizes[answer.url] = int(answer.headers["content-length"])

    page.on("response", note_size)

    page.goto(address + "/desk")
    page.wait_for_load_state("load")

    assert 0 < sum(sizes.values()) < BUDGET_BYTES
    assert not any("twilio" in url for url in sizes)
