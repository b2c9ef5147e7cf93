"""Recorded messages in a real browser: recorded by keyboard, kept over a mistake, listened to, approved, chosen by a campaign."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import LOOKS, SHOTS, fill, finish, shoot, sign_in, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_test

ALL_LOOKS = [*LOOKS, ("narrow-dark", 390, 844, "dark")]
SELLER = "Northwind Home Energy"
WORDS = (
    f"Hello, this is {SELLER}. To be placed on our do not call list, press 9. This is a sales call about heat pumps. "
    "Our number is (312) 555-0100. You can opt out at 800 555 0199."
)
REFUSE = """if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "%s"));"""


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product."""
    with whole_product("browser-messages") as running:
        yield running


def test_a_rep_records_by_keyboard_and_an_officer_approves(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "rosa")
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My voicemail messages")
    shoot(page, "50-messages-none", looks=ALL_LOOKS)
    page.keyboard.press("n")
    page.wait_for_url("**/messages/new/")
    expect(page.get_by_label("Played")).to_have_count(0)
    shoot(page, "51-message-new", looks=ALL_LOOKS)
    record(page, seconds=5)
    fill_words(page)
    page.get_by_label("Callback number").fill("12")
    page.get_by_role("button", name="Save message").click()
    expect(page.locator("#form-errors")).to_contain_text("too few or too many digits")
    shoot(page, "52-message-mistake", looks=ALL_LOOKS)

    # The recording is still in the form.
    page.get_by_label("Callback number").fill("(312) 555-0100")
    page.get_by_role("button", name="Save message").click()
    page.wait_for_url(re.compile(r"/messages/\d+/$"))
    expect(page.locator("#messages")).to_contain_text("Somebody else has to listen to it")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert 2 < length_of(page, "audio") < 8
    expect(page.locator("main")).to_contain_text("recorded in the browser")
    shoot(page, "53-message-draft", looks=ALL_LOOKS)
    address = page.url
    finish(context, page)

    context, page = sign_in(browser, product, "cora")
    page.get_by_role("link", name="Messages").click()
    page.get_by_role("link", name="To approve").click()
    shoot(page, "54-messages-to-approve", looks=ALL_LOOKS)
    page.get_by_role("link", name="My voicemail").click()
    assert page.url == address
    page.get_by_role("button", name="Approve version 1").click()
    expect(page.locator("#messages")).to_contain_text("Approved")
    shoot(page, "55-message-approved", looks=ALL_LOOKS)
    finish(context, page)


def test_a_manager_has_a_text_read_and_a_campaign_plays_it(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/messages/")
    expect(page.locator("main table")).to_contain_text("Standard text, (407) 555-0100")
    page.goto(product.url + "/messages/new/?kind=abandoned")
    expect(page.get_by_label("Toll-free number to opt out")).to_be_hidden()
    page.get_by_label("No recording").check()
    expect(page.locator("#recorder")).to_be_hidden()
    fill(page, {"name": "Nobody free", "transcript": f"Hi, great offer! This is {SELLER}."})
    shoot(page, "56-message-text", looks=ALL_LOOKS)
    page.get_by_role("button", name="Save message").click()
    page.wait_for_url(re.compile(r"/messages/\d+/$"))
    expect(page.locator("main")).to_contain_text("cannot be approved")
    expect(page.locator("main")).to_contain_text("FED-017")
    shoot(page, "57-message-problems", looks=ALL_LOOKS)

    page.keyboard.press("n")
    page.wait_for_url("**/version/")
    page.get_by_label("It stays in service").check()
    fill(
        page,
        {
            "transcript": f"This is {SELLER}. We called for telemarketing purposes. Our number is (206) 555-0100. "
            "To be placed on our do not call list, press 9."
        },
    )
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.locator("main")).to_contain_text("The rules find nothing to change")
    address = page.url
    finish(context, page)

    context, page = sign_in(browser, product, "ada")
    page.goto(address)
    page.get_by_role("button", name="Approve version 2").click()
    expect(page.locator("#messages")).to_contain_text("Approved")
    page.goto(product.url + "/messages/")
    shoot(page, "58-messages", looks=ALL_LOOKS)
    page.goto(product.url + "/campaigns/")
    page.get_by_role("link", name="Home energy check").click()
    if page.get_by_role("button", name="Pause").count():
        page.get_by_role("button", name="Pause").click()
    page.get_by_role("link", name="Change on one page").click()
    page.get_by_label("When a person answers and no agent is free").select_option(
        label="Nobody free, version 2"
    )
    page.get_by_label("Agents may leave their own").check()
    shoot(page, "59-campaign-messages", looks=ALL_LOOKS)
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator("main")).to_contain_text("Nobody free, version 2")
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Home energy check")
    page.get_by_role("button", name="Retire version 2").click()
    expect(page.get_by_role("dialog")).to_contain_text("predictive sales calls stop there")
    page.screenshot(path=SHOTS / "60-message-retire-wide-light.png")
    page.get_by_role("button", name="Retire it").click()
    expect(page.locator("#messages")).to_contain_text("Retired")
    finish(context, page)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ("NotAllowedError", "may not use the microphone"),
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "Another program uses the microphone"),
        ("AbortError", "could not be opened (AbortError)"),
    ],
)
def test_without_a_microphone_the_page_says_what_to_do(
    browser: Browser, product: stack.Stack, refusal: str, words: str
) -> None:
    context, page = sign_in(browser, product, "jonas")
    page.add_init_script(REFUSE % refusal)
    page.goto(product.url + "/messages/new/")

    page.get_by_role("button", name="Record", exact=True).click()

    expect(page.locator("[data-recorder-status]")).to_contain_text(words)
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()
    if refusal == "NotAllowedError":
        shoot(page, "61-message-no-microphone", looks=ALL_LOOKS[:1])
    finish(context, page)


def test_a_file_can_be_listened_to_and_a_bad_one_is_refused_in_words(
    browser: Browser, product: stack.Stack
) -> None:
    context, page = sign_in(browser, product, "jonas")
    page.goto(product.url + "/messages/new/")
    fill_words(page)
    page.set_input_files(
        "input[type=file]", {"name": "a.mp3", "mimeType": "audio/mpeg", "buffer": b"hello" * 50}
    )

    page.get_by_role("button", name="Save message").click()

    expect(page.locator("[data-recorder-player]")).to_be_visible()
    expect(page.locator("#form-errors")).to_contain_text("no recording this page can read")
    finish(context, page)


def record(page: Page, *, seconds: int) -> None:
    """Record the beeping microphone with the key r alone."""
    page.keyboard.press("r")
    status = page.locator("[data-recorder-status]")
    expect(status).to_contain_text("Get ready")
    # What the hint after it says depends on when the microphone beeps.
    expect(status).to_contain_text("Recording. ")
    page.wait_for_timeout(seconds * 1000)
    page.screenshot(path=SHOTS / "51-message-recording-wide-light.png")
    page.keyboard.press("r")
    expect(status).to_contain_text("Recorded 0:0")
    player = page.locator("[data-recorder-player]")
    expect(player).to_be_visible()
    assert 3 < length_of(page, "[data-recorder-player]") < 9
    page.screenshot(path=SHOTS / "51-message-recorded-wide-light.png")
    page.evaluate("document.querySelector('[data-recorder-player]').currentTime = 2.4")
    page.get_by_role("button", name="The name ends here").click()
    page.evaluate("document.querySelector('[data-recorder-player]').currentTime = 2.8")
    page.get_by_role("button", name="The opt-out begins here").click()
    expect(page.get_by_label("The name ends at")).to_have_value("2.40")
    expect(page.get_by_label("The opt-out begins at")).to_have_value("2.80")


def length_of(page: Page, player: str) -> float:
    """Return how many seconds the player found in its sound; 0 if it could not be loaded."""
    return float(
        page.evaluate(
            """(player) => new Promise((done) => {
              const one = document.querySelector(player);
              const told = () => done(one.error ? 0 : one.duration);
              if (one.readyState || one.error) told();
              else for (const name of ["loadedmetadata", "error"]) one.addEventListener(name, told);
            })""",
            player,
        )
    )


def fill_words(page: Page) -> None:
    """Write what a sales voicemail must say, and confirm its numbers."""
    fill(
        page,
        {
            "name": "My voicemail",
            "transcript": WORDS,
            "goods": "heat pumps",
            "tollfree_number": "800 555 0199",
        },
    )
    page.get_by_label("It stays in service").check()
    page.get_by_label("it reaches the opt-out at once").check()
