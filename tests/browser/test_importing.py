"""A manager's import in a real browser: looked at, tried out, imported; its refusals mended and imported; taken back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import finish, shoot, sign_in, whole_product
from tests.e2e import stack

pytestmark = pytest.mark.slow_test

FILE = (
    "First name,Last name,Phone,Tariff,Contract ends\n"
    "Ida,Wells,(201) 555-0171,Gold,03/14/2027\n"
    "Bo,Diddley,12345,Silver,04/01/2027\n"
    "Cy,Young,(201) 555-0173,Gold,05/20/2027\n"
)


@pytest.fixture(scope="module")
def product() -> Iterator[stack.Stack]:
    """The whole product."""
    with whole_product("browser-import") as running:
        yield running


def _choose_file(page: Page, name: str, text: str) -> None:
    page.fill("[name=list_name]", "Spring files")
    page.set_input_files("[name=file]", {"name": name, "mimeType": "text/csv", "buffer": text.encode()})


def test_an_import_with_refusals_is_mended_and_taken_back(browser: Browser, product: stack.Stack) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/lists/import/")
    shoot(page, "import-1-source")
    _choose_file(page, "people.csv", FILE)
    page.get_by_role("button", name="Check the file").click()
    expect(page).to_have_url(re.compile("/lists/files/[0-9]+/$"))

    page.get_by_label("What “Tariff” means").select_option("new:text")
    page.get_by_label("What “Contract ends” means").select_option("new:date")
    shoot(page, "import-2-columns")
    page.get_by_role("button", name="Next: rules").first.click()
    expect(page.get_by_text("People who are known already")).to_be_visible()
    shoot(page, "import-3-rules")

    page.get_by_role("button", name="Try it out").click()
    expect(page.get_by_text("would be created")).to_be_visible()
    expect(page.get_by_text("too few or too many digits")).to_be_visible()
    shoot(page, "import-4-trial")
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.get_by_text("3 = 2 created + 0 updated + 0 duplicate + 1 refused")).to_be_visible()
    shoot(page, "import-5-result")

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download CSV").click()
    mended = waiting.value.path().read_text(encoding="utf-8-sig").replace("12345", "(201) 555-0172")
    page.goto(product.url + "/lists/import/")
    _choose_file(page, "mended.csv", mended)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_label("What “Tariff” means")).to_have_value("custom:tariff")
    page.get_by_role("button", name="Next: rules").first.click()
    page.get_by_role("button", name="Import without a dry run").click()
    expect(page.get_by_text("1 = 1 created + 0 updated + 0 duplicate + 0 refused")).to_be_visible()

    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The import was taken back: 1 people removed")).to_be_visible()
    shoot(page, "import-6-undone")
    finish(context, page)


def test_numbers_are_asked_about_and_the_end_is_said_on_another_page(
    browser: Browser, product: stack.Stack
) -> None:
    context, page = sign_in(browser, product, "mona")
    page.goto(product.url + "/lists/import/")
    text = "Name,Phone,Opt in date,Opt in source\n" + "".join(
        f"P {index},(201) 555-01{index},2026-01-15,LeadCo\n" for index in range(40, 60)
    )
    _choose_file(page, "consents.csv", text)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Next: rules").first.click()
    page.get_by_role("button", name="Import without a dry run").click()
    expect(page.get_by_text("20 = 20 created")).to_be_visible()
    card = page.locator("#lookup")
    expect(card.get_by_role("rowheader", name="Kind of line")).to_be_visible()
    shoot(page, "import-7-lookup")

    card.get_by_role("button", name="Ask the carrier").press("Enter")
    expect(card.get_by_text("20 of 20 numbers answered")).to_be_visible(timeout=30_000)
    page.goto(product.url + "/campaigns/")
    bell = page.locator(".bell summary")
    expect(bell).to_contain_text("not read")
    bell.press("Enter")
    expect(
        page.get_by_role("link", name=re.compile("The look-up of numbers of “consents.csv”"))
    ).to_be_visible()
    shoot(page, "import-8-bell")
    page.get_by_role("button", name="Mark as read").press("Enter")
    expect(page.get_by_text("Nothing new.")).to_be_visible()
    finish(context, page)
