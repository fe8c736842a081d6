"""A browser that ends is started again, where it was, and the model learns of it."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from actions.action import Action
from actions.errors import BrowserEnded, DeviceFailure
from actions.mouse import Click, MoveTo
from actions.web import CloseTab, Goto, NewTab, Reload, SwitchTab
from devices.browser.device import Browser
from tests.devices.browser.at import AT, BUTTON, Open, Site, text_once, title

AGAIN = "The browser ended unexpectedly, and goes on"
LOST = "The browser was started anew. Other tabs, unsaved input and logins are lost."


@pytest.fixture
def shop(site: Site) -> str:
    site.add("/cart", "<title>cart</title>")
    return site.add("/", "<title>start</title>")


def kill_chromium(browser: Browser) -> None:
    process = browser._running.process_id
    assert process
    os.kill(process, signal.SIGKILL)


def kill_playwright(browser: Browser) -> None:
    """Chromium's parent process."""
    stat = Path(f"/proc/{browser._running.process_id}/stat").read_text()
    os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)


@pytest.mark.parametrize(
    ("kill", "action"),
    [
        (kill_chromium, None),
        (kill_chromium, Click(point=AT)),
        pytest.param(kill_chromium, NewTab(url="/cart"), marks=pytest.mark.slow),
        pytest.param(kill_playwright, None, marks=pytest.mark.slow),
        (kill_playwright, Reload()),
    ],
)
def test_a_browser_that_is_killed_goes_on_at_the_last_address(
    opened: Open, shop: str, kill: Callable[[Browser], None], action: Action | None
) -> None:
    browser = opened(shop)
    browser.perform(Goto(url="/cart"))
    browser.observe()
    kill(browser)
    if action:
        assert "it is not known whether it was done" in browser.perform(action).text
    assert browser.observe().text == f"{AGAIN} at '{shop}cart'. {LOST}"
    assert browser.perform(MoveTo(point=AT)).text == "" and browser.observe().text == ""
    assert title(browser) == "cart"


def test_a_restart_before_the_first_action_reaches_the_model_with_its_result(opened: Open, shop: str) -> None:
    browser = opened(shop)
    kill_chromium(browser)
    browser.observe()
    browser.perform(MoveTo(point=AT))
    assert AGAIN in browser.observe().text


def test_where_each_page_ends_the_browser_an_empty_tab_is_left(opened: Open, site: Site, shop: str) -> None:
    browser = opened(shop)
    browser.perform(Goto(url="/cart"))
    browser.observe()
    fatal = ["/cart", "/"]
    site.asked = lambda path: kill_chromium(browser) if path in fatal else None
    assert "it is not known" in browser.perform(Reload()).text
    text = browser.observe().text
    assert f"{AGAIN} with an empty tab; use Goto" in text
    fatal.clear()
    browser.perform(Goto(url=f"{shop}cart"))
    assert title(browser) == "cart"


def test_a_browser_that_cannot_be_started_again_is_named(
    opened: Open, shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = opened(shop)
    (tmp_path / "chromium").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "chromium").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    kill_chromium(browser)
    with pytest.raises(BrowserEnded, match=r"started again 3 times and ended each time.*memory"):
        browser.observe()


def test_what_a_task_prepared_in_a_browser_is_not_made_up_for(opened: Open, shop: str) -> None:
    browser = opened(shop)
    assert title(browser) == "start"
    kill_chromium(browser)
    with pytest.raises(BrowserEnded, match="What it held cannot be restored"):
        browser.observe()
    browser.reset()
    assert title(browser) == "start"


def test_an_aborted_browser_stays_ended(opened: Open, shop: str) -> None:
    browser = opened(shop)
    browser.abort()
    with pytest.raises(DeviceFailure):
        browser.observe()


@pytest.mark.parametrize("windowed", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_profile_whose_last_tab_closes_itself_goes_on(
    opened: Open, site: Site, tmp_path: Path, windowed: bool, request: pytest.FixtureRequest
) -> None:
    if windowed:
        display = request.getfixturevalue("screen").display
        request.getfixturevalue("monkeypatch").setenv("DISPLAY", display)
    remember = "<script>document.title = localStorage.been || 'first'; localStorage.been = 'again'</script>"
    site.add("/window", f"<title>window</title><button {BUTTON} onclick='window.close()'>Close</button>")
    start = site.add("/", f'{remember}<button {BUTTON} onclick=\'window.open("/window", "w")\'>Open</button>')
    browser = opened(start, user_data=tmp_path / "profile", headless=not windowed)
    browser.perform(Click(point=AT))
    text_once(browser, "2 'window'")
    browser.perform(SwitchTab(index=1))
    browser.perform(CloseTab())
    browser.observe()
    browser.perform(Click(point=AT))
    text_once(browser, "and goes on at" if windowed else "start page was opened again")
    browser.perform(Goto(url=start))
    assert title(browser) == "again"
