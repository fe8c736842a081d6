"""The browser of these tests. With pytest-playwright, `page` is there already: keep `screenhand_page` alone."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

# The model in the box knows pages of this size. With Qwen2.5-VL, take the size that your users have.
VIEWPORT = {"width": 168, "height": 224}


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True)
        page = browser.new_page(viewport=VIEWPORT)
        page.goto(os.environ["SITE"] + "/login.html")
        yield page
        browser.close()


@pytest.fixture
def screenhand_page(page: Page) -> Page:
    """The page on which the fixture `screenhand` acts, instead of one of its own."""
    return page
