"""Tabs that open, close and crash on their own: the run continues in the right one, with a report."""

import time
from typing import Any

import pytest
from playwright.async_api import Page

from actions.action import Action
from actions.control import Wait
from actions.errors import ActionRefused
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag, MoveTo
from actions.web import CloseTab, Goto, NewTab, SwitchTab
from devices.browser.device import Browser
from devices.wrappers.settled import Settled
from tests.devices.browser.at import AT, BUTTON, Open, Site, evaluate, text_once, title


@pytest.fixture
def shop(site: Site) -> str:
    """A page that opens a window which closes itself on what its address names."""
    closer = (
        f"<title>closer</title><button {BUTTON}>Close</button><input autofocus>"
        "<script>addEventListener(location.search.slice(1), () => close())</script>"
    )
    site.add("/closer", closer)
    return site.add(
        "/",
        f"<title>shop</title><button {BUTTON} onclick=\"window.open('/closer' + location.search, 'o')\">Open</button>",
    )


CLOSING: dict[str, Action] = {
    "keydown": Press(keys=("a",)), "keyup": Press(keys=("ctrl", "a")), "input": Type(text="hello"),
    "mousedown": Click(point=AT), "mouseup": Drag(start=AT, end=Point(300, 300)), "click": Click(point=AT),
    "mousemove": MoveTo(point=Point(7, 7)),
}  # fmt: skip


@pytest.mark.parametrize("event", CLOSING)
def test_a_window_that_its_own_input_closes_leads_back_to_its_opener(opened: Open, shop: str, event: str) -> None:
    browser = opened(f"{shop}?{event}")
    browser.perform(NewTab(url="about:blank"))
    browser.perform(SwitchTab(index=1))
    browser.perform(Click(point=AT))
    assert "A new tab opened and is shown." in text_once(browser, "3 'closer'")
    browser.perform(CLOSING[event])
    text = text_once(browser, "The tab closed itself; the tab that opened it is shown.")
    assert "This is tab 1 of 2" in text and title(browser) == "shop"


def test_a_sign_in_window_closes_itself_at_any_time_of_a_look(opened: Open, site: Site) -> None:
    code = "onclick=\"opener.document.title = 'signed in'; setTimeout(() => window.close(), {})\""
    shop = f"<title>shop</title><button {BUTTON} onclick=\"window.open('/sign' + document.title, 'o')\">"
    browser = opened(site.add("/", shop))
    for delay in range(0, 200, 20):
        evaluate(browser, f"document.title = {delay}")
        site.add(f"/sign{delay}", f"<button {BUTTON} {code.format(delay)}>Allow</button>")
        browser.perform(Click(point=AT))
        text_once(browser, "A new tab opened")
        browser.perform(Click(point=AT))
        assert "closed itself" in text_once(Settled(browser), "closed itself") and title(browser) == "signed in"  # type: ignore[arg-type]


def test_the_last_tab_that_closes_itself_gives_way_to_the_start_page(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", "<title>start</title>"))
    site.add("/end", f"<button {BUTTON} onclick='open(location, \"_self\"); close()'>End</button>")
    browser.perform(Goto(url="/end"))
    browser.ask(lambda page: page.close())
    assert "start page was opened again" in text_once(browser, "start page")
    assert title(browser) == "start"


def test_a_crashed_tab_is_one_tabs_end(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", "<title>start</title>"))
    browser.perform(NewTab(url="about:blank"))
    kill_renderer(browser)
    assert "crashed" in text_once(browser, "crashed")
    assert title(browser) == "start"
    kill_renderer(browser)
    text = text_once(browser, "crashed")
    assert "start page was opened again" in text and title(browser) == "start"
    assert browser.perform(MoveTo(point=AT)).text == ""


def kill_renderer(browser: Browser) -> None:
    async def crash(page: Page) -> Any:
        session = await page.context.new_cdp_session(page)
        try:
            await session.send("Page.crash")
        except Exception as error:  # noqa: BLE001 - it crashed, which is no answer
            return error

    browser.ask(crash)


def test_a_page_that_opens_windows_without_end_is_bounded(opened: Open, site: Site) -> None:
    code = "for (let i = 0; i < 60; i++) window.open('/popup?' + i, 'w' + i)"
    site.add("/popup", f"<title>{'advertisement ' * 30}</title>")
    browser = opened(site.add("/", f'<title>start</title><button {BUTTON} onclick="{code}">'))
    begun = time.monotonic()
    browser.perform(Click(point=AT))
    for _ in range(3):
        text = browser.observe().text
        assert len(text) < 2500, text
    assert time.monotonic() - begun < 60
    browser.perform(SwitchTab(index=1))
    assert title(browser) == "start"


def test_windows_that_nobody_asked_for_do_not_open(opened: Open, site: Site) -> None:
    site.add("/popup", "<title>popup</title>")
    browser = opened(site.add("/", "<title>start</title><script>setInterval(() => open('/popup'), 50)</script>"))
    browser.perform(Wait(seconds=0.6))
    assert "tab" not in browser.observe().text and title(browser) == "start"


def test_tabs_are_closed_and_the_one_before_is_shown(opened: Open, site: Site) -> None:
    for name in "abc":
        site.add(f"/{name}", f"<title>{name}</title>")
    browser = opened(f"{site.address}/a")
    with pytest.raises(ActionRefused, match="only tab"):
        browser.perform(CloseTab())
    browser.perform(NewTab(url="/b"))
    browser.perform(NewTab(url="/c"))
    browser.perform(SwitchTab(index=1))
    browser.perform(SwitchTab(index=3))
    browser.perform(CloseTab())
    assert "tab 1 of 2" in text_once(browser, "1 'a', 2 'b'") and title(browser) == "a"
    for keys, where in (
        (("ctrl", "tab"), "b"),
        (("ctrl", "shift", "tab"), "a"),
        (("ctrl", "2"), "b"),
        (("ctrl", "9"), "b"),
    ):
        browser.perform(Press(keys=keys))
        assert title(browser) == where
    browser.perform(Press(keys=("ctrl", "w")))
    assert title(browser) == "a"
    browser.perform(Press(keys=("ctrl", "t")))
    assert "tab 2 of 2" in browser.observe().text
