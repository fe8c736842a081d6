"""Inside `keeping()` one Chromium serves one environment after the other, and nothing passes from one to the next."""

import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page

from devices import DeviceOptions, connect
from devices.browser import launch
from devices.browser.device import Browser
from devices.browser.shared_chromium import keeping

PAD = str(Path(__file__).parent.parent / "pages" / "pad.html")


@pytest.fixture(autouse=True, scope="module")
def one_chromium(to_the_end: ExitStack) -> None:
    """Here each test says itself how long one is kept; that of other modules is ended."""
    to_the_end.close()


def opened(**options: object) -> Browser:
    browser = connect("browser", DeviceOptions.model_validate({"address": PAD, "headless": True, **options}))
    assert isinstance(browser, Browser)
    return browser


async def tab_count(page: Page) -> int:
    return len(page.context.pages)


def chromium_of(browser: Browser) -> Chromium:
    async def asked(page: Page) -> Chromium | None:
        return page.context.browser

    found = browser.ask(asked)
    assert found is not None
    return found


def process_of(browser: Browser) -> int:
    """The number of the process that the browser's Chromium began with."""
    return browser.ask(lambda page: launch.process_id(page.context))


def ends(process: int) -> bool:
    """Whether that process ends soon, or has."""
    for _ in range(100):
        if not Path(f"/proc/{process}").exists():
            return True
        time.sleep(0.1)
    return False


def test_the_next_environment_has_the_same_chromium_and_none_of_the_pages_or_cookies() -> None:
    with keeping():
        with opened() as first:
            chromium, process = chromium_of(first), process_of(first)
            first.ask(lambda page: page.context.add_cookies([{"name": "a", "value": "1", "url": "http://127.0.0.1/"}]))
            first.ask(lambda page: page.context.new_page())
        with opened(viewport={"width": 300, "height": 200}) as second:
            assert chromium_of(second) is chromium
            assert second.ask(lambda page: page.context.cookies("http://127.0.0.1/")) == []
            assert second.ask(tab_count) == 1
            assert second.observe().screen == (300, 200)
        assert Path(f"/proc/{process}").exists()
    assert ends(process)


def test_outside_each_environment_ends_its_own() -> None:
    with opened() as browser:
        process = process_of(browser)
    assert ends(process)


def test_a_chromium_that_ended_or_a_profile_of_the_users_own_is_not_handed_on(tmp_path: Path) -> None:
    with keeping():
        with opened() as first:
            ended = chromium_of(first)
            first.ask(lambda page: ended.close())
        with opened() as second:
            process = process_of(second)
            assert chromium_of(second) is not ended
        with opened(user_data=tmp_path) as own:
            assert ends(process) and own.ask(lambda page: page.title()) == "pad"
        with opened() as last:
            assert chromium_of(last).is_connected()
