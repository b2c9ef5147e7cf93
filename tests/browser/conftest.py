"""One headless Chromium for all browser tests (Debian's; .ci/chromium installs it)."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

SWITCHES = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a microphone that beeps once a second
    "--use-fake-ui-for-media-stream",  # which every page may use
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the browser; a machine without one fails, it does not skip."""
    chromium = shutil.which("chromium")
    assert chromium, "The browser tests need Chromium: run .ci/chromium, or install the package “chromium”."
    expect.set_options(timeout=15_000)  # a busy machine is no failure
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield running
        running.close()
