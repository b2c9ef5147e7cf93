"""Steps 3 to 7 of the main job as manager and rep, in a real browser against the whole product; a picture of each page.

Pictures go to tests/browser/shots: wide and narrow, light and dark. Look at them before calling a change done.
"""

import re
import urllib.request
import uuid
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from twilio.request_validator import RequestValidator

from tests.browser.kit import LOOKS, SHOTS, behave, fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

OFFICER_PAGES = [
    "denials", "numbers/+14155550157", "do-not-call", "do-not-call/add", "do-not-call/upload", "consents", "consents/add", "reviews",
    "consents/check", "lifts", "registry", "registry/upload", "registry/history", "registry/reassigned", "rules", "rules/FED-001",
    "rules/states", "rules/laws", "rules/limits", "rules/limits/caller_dials_per_day", "papers", "papers/callers", "papers/senders/add",
    "emergencies", "overrides", "overrides/add", "evidence",
    "texts", "mail", "mail/add", "mail/1", "replays", "replays/add", "chain",
]  # fmt: skip

pytestmark = pytest.mark.slow_test


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product, calls three times as fast as in life."""
    with whole_product("browser", extra={"SANDBOX_SPEED": "3"}) as running:
        yield running


def test_a_manager_connects_imports_and_starts_a_campaign(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    expect(page).to_have_url(re.compile("/campaigns/$"))
    shoot(page, "01-campaigns")

    # A wrong secret: the page says which call failed and what to do.
    page.goto(product.url + "/crm/")
    shoot(page, "02-crm-empty")
    page.goto(product.url + "/crm/connect/salesforce/")
    fill(
        page,
        {
            "name": "Salesforce",
            "domain": "sandbox.my",
            "client_id": "parley-sandbox",
            "client_secret": "wrong",
        },
    )
    page.get_by_role("button", name="Test and connect").click()
    expect(page.locator("main")).to_contain_text("sign in", ignore_case=True)
    shoot(page, "03-crm-wrong-secret")
    fill(page, {"client_secret": "sandbox-secret"})
    page.get_by_role("button", name="Test and connect").click()
    expect(page.locator("main")).to_contain_text("Connected")
    page.goto(product.url + "/crm/connect/hubspot/")
    fill(page, {"name": "HubSpot", "token": "pat-na1-sandbox"})
    page.get_by_role("button", name="Test and connect").click()
    expect(page.locator("main")).to_contain_text("HubSpot")
    shoot(page, "04-crm-connected")

    # A list of each CRM.
    for crm, name in (("Salesforce", "Renewals due"), ("HubSpot", "Renewals due")):
        page.goto(product.url + "/crm/")
        page.locator("article, section, .card", has_text=crm).locator("a[href$='/lists/']").first.click()
        expect(page.locator("table")).to_contain_text(name)
        shoot(page, f"05-lists-in-{crm.lower()}")
        page.locator("tr", has_text=name).get_by_role("link", name="Import").click()
        fill(page, {"list_name": f"{name} ({crm})"})
        page.get_by_role("button", name="Import").click()
        expect(page.locator("main")).to_contain_text("Done", timeout=40_000)
        page.reload()
        shoot(page, f"06-import-from-{crm.lower()}")
    check_sum(page)

    # A file: one good row, one number twice, one bad number.
    page.goto(product.url + "/lists/import/")
    rows = "Name,Phone,ZIP,State\nIda Frost,(303) 555-0171,80202,CO\nIda Frost,303.555.0171,80202,CO\nBad Row,12,80202,CO\n"
    fill(page, {"list_name": "Trade fair"})
    page.set_input_files(
        "input[type=file]", {"name": "fair.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="Import at once").click()
    expect(page.locator("main")).to_contain_text("Done", timeout=40_000)
    page.reload()
    expect(page.locator("main")).to_contain_text("too few")
    shoot(page, "07-import-from-file")
    check_sum(page)
    page.goto(product.url + "/lists/")
    shoot(page, "08-lists")
    page.get_by_role("link", name="Renewals due (Salesforce)").click()
    shoot(page, "09-list")

    # The campaign.
    page.goto(product.url + "/campaigns/new/")
    shoot(page, "10-campaign-new")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator("#form-errors")).to_be_visible()
    fill(page, {"name": "Renewals"})
    page.select_option("[name=purpose]", "telemarketing")
    page.select_option("[name=caller_id]", "+13125550100")
    page.select_option("[name=script_version]", index=1)
    page.get_by_label("Renewals due (Salesforce)").first.check()
    page.get_by_label("Renewals due (HubSpot)").first.check()
    page.get_by_role("button", name="Save as draft").click()
    page.get_by_label(re.compile("Rosa Marin")).check()
    page.get_by_role("button", name="Save agents").click()
    page.get_by_role("button", name="Start campaign").click()
    expect(page.locator("body")).to_contain_text("Running")
    explain(page)
    finish(context, page)


def explain(page: Page) -> None:
    """From the campaign's waterfall to one lead that a step holds, by keyboard; then to nobody and to many."""
    expect(page.locator("#waterfall")).to_contain_text("Callable now")
    held = page.locator("#waterfall details").last
    held.locator("summary").focus()
    page.keyboard.press("Enter")
    shoot(page, "11-campaign-running")
    held.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why not dialing?")
    expect(page.locator(".ladder").first).to_contain_text("In the campaign")
    shoot(page, "12-why")
    page.keyboard.press("Control+k")
    page.keyboard.type("why is")
    page.keyboard.press("Enter")
    page.fill("#why-q", "a")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Who is meant?")
    shoot(page, "13-why-whom")


def test_a_rep_calls_disposes_and_the_crm_has_it(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "rosa")
    expect(page).to_have_url(re.compile("/desk/$"))
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Campaigns")).to_have_count(0)
    shoot(page, "20-desk-signed-off")
    page.locator("form", has_text="Renewals").get_by_role("button").click()
    page.wait_for_selector("#act-dial:not([disabled])")
    shoot(page, "21-desk-card")
    name = page.locator("#card-name").inner_text()
    number = (
        "+1" + re.sub(r"\D", "", page.locator(".call-number, #phone-choice option").first.inner_text())[:10]
    )

    # Dial by key; the call's true state comes by itself.
    behave(product, number, behaviour="person", ring_seconds=6, talk_seconds=600)
    page.keyboard.press("d")
    expect(page.locator("#call-state")).to_have_attribute("data-state", "ringing")
    page.screenshot(path=SHOTS / "22-desk-ringing-wide-light.png")
    expect(page.locator("#call-state")).to_have_attribute("data-state", "connected")
    note = page.locator("textarea[name=note]")
    note.fill("Asked for a quote in writing")
    shoot(page, "23-desk-on-call")
    expect(note).to_have_value("Asked for a quote in writing")

    # Hold and back, as the carrier says; a reload in mid-call changes nothing.
    page.locator("body").click(position={"x": 5, "y": 5})
    page.locator("#act-hold").click()
    expect(page.locator("#call-state")).to_have_attribute("data-state", "on_hold")
    page.wait_for_timeout(1200)
    page.reload()
    expect(page.locator("#call-state")).to_have_attribute("data-state", "on_hold")
    expect(page.locator("textarea[name=note]")).to_have_value("Asked for a quote in writing")
    page.locator("#act-hold").click()
    expect(page.locator("#call-state")).to_have_attribute("data-state", "connected")

    # Hang up and save the result by keys; the next card comes.
    page.locator("#card-name").click()
    page.keyboard.press("h")
    expect(page.locator("#call-state")).to_have_attribute("data-state", "ended")
    page.keyboard.press("1")
    expect(page.locator("input[value=interested]")).to_be_checked()
    shoot(page, "24-desk-result")
    page.keyboard.press("s")
    expect(page.locator("#card-name")).not_to_have_text(name)
    page.wait_for_selector("#act-dial:not([disabled])")

    # Nobody answers: the result is chosen already. Then a callback.
    second = page.locator("#card-name").inner_text()
    number = (
        "+1" + re.sub(r"\D", "", page.locator(".call-number, #phone-choice option").first.inner_text())[:10]
    )
    behave(product, number, behaviour="busy", ring_seconds=2)
    page.keyboard.press("d")
    expect(page.locator("#call-state")).to_have_attribute("data-state", "ended")
    expect(page.locator("input[value=busy]")).to_be_checked()
    page.keyboard.press("3")
    page.fill("#callback-date", "2030-01-02")
    page.fill("#callback-time", "10:30")
    page.locator("#act-save").click()
    expect(page.locator("#messages")).to_contain_text("within a year")
    page.fill("#callback-date", page.evaluate("new Date(Date.now() + 9 * 864e5).toISOString().slice(0, 10)"))
    page.locator("#act-save").click()
    expect(page.locator("#card-name")).not_to_have_text(second)

    # Skip with a reason, then go.
    page.select_option("#skip-reason", "bad_data")
    third = page.locator("#card-name").inner_text()
    page.locator("#act-skip").click()
    expect(page.locator("#card-name")).not_to_have_text(third)
    page.select_option("#pause-reason", "lunch")
    page.locator("#act-pause").click()
    expect(page.locator("#agent-state")).to_have_text("Not ready")
    shoot(page, "25-desk-not-ready")

    # What the role does not include is refused.
    answer = page.goto(product.url + "/campaigns/")
    assert answer is not None
    assert answer.status == 403
    shoot(page, "26-forbidden", looks=LOOKS[:1])
    finish(context, page)

    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/crm/activity/")
    row = page.locator("tr", has_text=name)
    expect(row).to_contain_text("Interested", timeout=20_000)
    shoot(page, "30-crm-activity")
    link = page.locator("main table a[href*='/lightning/'], main table a[href*='/record/']").first
    page.goto(str(link.get_attribute("href")))
    expect(page.locator("body")).to_contain_text("parley-")
    page.screenshot(path=SHOTS / "31-record-in-the-crm.png", full_page=True)
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name="Renewals", exact=True).click()
    shoot(page, "32-campaign-after")
    finish(context, page)


@pytest.mark.parametrize(
    ("username", "pages"),
    [
        ("sol", ["floor"]),
        ("cora", ["compliance", *(f"compliance/{page}" for page in OFFICER_PAGES)]),
        ("ada", ["people", "people/new"]),
        ("rhea", ["lists"]),
    ],
)
def test_each_role_lands_on_its_own_page(
    browser: Browser, product: stack.Stack, username: str, pages: list[str]
) -> None:
    context, page = sign_in(browser, product, username)

    expect(page).to_have_url(f"{product.url}/{pages[0]}/")
    for path in pages:
        page.goto(f"{product.url}/{path}/")
        shoot(page, f"40-{username}-{path.replace('/', '-')}")
    if username == "cora":
        page.goto(f"{product.url}/compliance/")
        page.locator("main table a").first.click()
        shoot(page, "41-verdict")
        page.get_by_role("button", name="Evidence pack").click()
        page.wait_for_url("**/evidence/jobs/*/")
        expect(page.get_by_role("link", name="Download ZIP")).to_be_visible(timeout=60_000)
        shoot(page, "41-evidence-made")
        with page.expect_download() as taken:
            page.get_by_role("link", name="Download ZIP").click()
        assert re.fullmatch(r"evidence-\d+-[0-9a-f]{12}\.zip", taken.value.suggested_filename)
        page.goto(f"{product.url}/compliance/evidence/")
        page.get_by_role("button", name="Make the pack").click()
        fill(page, {"number": "(407) 555-0123", "complaint": "2026-CV-9", "reason": "Letter of counsel"})
        page.get_by_role("button", name="Make the pack").click()
        expect(page.locator("main")).to_contain_text("The pack is made", timeout=60_000)
        page.get_by_role("link", name="All packs").click()
        expect(page.locator("main")).to_contain_text("2026-CV-9")
        shoot(page, "42-evidence", looks=[*LOOKS, ("narrow-dark", 390, 844, "dark")])
        replay_rules(page, product)
        work_by_keyboard(page, product)
    finish(context, page)


def replay_rules(page: Page, product: stack.Stack) -> None:
    """The officer asks what an earlier closing hour would have refused, and sees the answer come without a reload."""
    page.goto(f"{product.url}/compliance/replays/")
    page.keyboard.press("n")
    page.wait_for_url("**/replays/add/")
    page.get_by_label("From day (UTC)").fill("2026-01-01")
    page.get_by_label("Number of the rule book").select_option("federal_closes")
    page.get_by_label("Its value in the replay").fill("08:30")
    page.get_by_role("button", name="Start it").click()
    page.wait_for_url("**/jobs/*/")
    expect(page.locator("main")).to_contain_text("verdicts would have been others", timeout=60_000)
    shoot(page, "44-replay-done")
    page.get_by_role("link", name="See what would change").click()
    expect(page.locator("main")).to_contain_text("What would change")
    shoot(page, "45-replay", looks=[*LOOKS, ("narrow-dark", 390, 844, "dark")])


def work_by_keyboard(page: Page, product: stack.Stack) -> None:
    """The officer adds a number to the do-not-call list without a mouse, corrects a mistake, and finds it again."""
    page.goto(f"{product.url}/compliance/do-not-call/")
    page.keyboard.press("n")
    page.wait_for_url("**/do-not-call/add/")
    number = page.get_by_label("Phone number")
    number.focus()
    page.keyboard.type("12")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.type("No more calls")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Put on the list")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#form-errors")).to_contain_text("too few")
    expect(page.get_by_label("In their words")).to_have_value("No more calls")
    shoot(page, "42-do-not-call-mistake", looks=LOOKS[:1])
    number.fill("(407) 555-0171")
    number.press("Enter")
    expect(page.locator("#messages")).to_contain_text("is on the do-not-call list")
    expect(page.locator("main table")).to_contain_text("No more calls")


def test_a_table_that_scrolls_keeps_focus_while_it_is_redrawn(browser: Browser, product: stack.Stack) -> None:
    rep_context, rep = sign_in(browser, product, "rosa")
    start = rep.locator("form", has_text="Renewals").get_by_role("button")
    if start.count():  # not signed on yet
        start.click()
    context, page = sign_in(browser, product, "sol")
    page.set_viewport_size({"width": 390, "height": 844})
    wrap = page.locator("#floor .table-wrap")
    expect(wrap).to_have_attribute("tabindex", "0")

    wrap.focus()
    lost = page.evaluate(
        """() => new Promise((done) => {
          let polls = 0, lost = 0;
          const watch = new MutationObserver(() => {
            if (document.querySelector("#floor .table-wrap")?.tabIndex !== 0) lost += 1;
          });
          watch.observe(document.querySelector("main"), {subtree: true, attributes: true, childList: true});
          document.addEventListener("htmx:afterSettle", () => { polls += 1; if (polls === 3) done(lost); });
        })"""
    )

    assert lost == 0
    expect(wrap).to_be_focused()
    finish(context, page)
    finish(rep_context, rep)


def test_messages_without_effect_and_refused_credentials_are_seen(
    browser: Browser, product: stack.Stack
) -> None:
    context, page = sign_in(browser, product, "sol")
    carrier_says(product, {"CallSid": "CA1", "CallStatus": "completed", "To": "+14075550171"})
    page.get_by_role("link", name="Carrier").click()
    for _ in range(40):  # applied by a task; the page is of the moment it was opened
        if page.get_by_text("unknown: no call with this id").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.locator("summary", has_text="3 fields").first.click()
    expect(page.locator("main")).to_contain_text("…0171")
    shoot(page, "60-carrier")
    page.get_by_role("button", name="Apply again").first.click()
    expect(page.locator("#messages")).to_contain_text("applied again")

    refuse = "\n".join(
        (
            "from carriers.health import begin; from core import clock, db",
            "with db.use_case(): begin(reason='Authenticate', now=clock.now())",
        )
    )
    product.manage("shell", "-c", refuse)
    page.goto(product.url + "/floor/")
    expect(page.locator("#floor")).to_contain_text("The carrier refuses our credentials since")
    shoot(page, "61-floor-refused")
    page.get_by_role("link", name="Carrier").click()
    page.get_by_role("button", name="Check credentials").click()
    expect(page.locator("#messages")).to_contain_text("The carrier takes our credentials")
    shoot(page, "62-carrier-mended", looks=LOOKS[:1])
    finish(context, page)


def carrier_says(product: stack.Stack, params: dict[str, str]) -> None:
    """Send a genuine status callback about a call nobody knows, as one that was created twice would."""
    url = f"{product.url}/hooks/voice/calls/{uuid.uuid4()}/status"
    signature = RequestValidator("sandboxsandboxsandboxsandbox0000").compute_signature(url, params)
    request = urllib.request.Request(
        url, data=urlencode(params).encode(), headers={"X-Twilio-Signature": signature}
    )
    urllib.request.urlopen(request, timeout=10).close()


def check_sum(page: Page) -> None:
    """Rows in = created + updated + duplicate + refused, as shown."""
    text = page.locator("main").inner_text()
    numbers = [
        int(found.replace(",", ""))
        for found in re.findall(r"\d[\d,]*", text.split("Rows in")[-1] if "Rows in" in text else text)
    ]
    assert any(numbers[i] == sum(numbers[i + 1 : i + 5]) for i in range(len(numbers) - 4)), text[:500]
