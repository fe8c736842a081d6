"""Start addresses that give no page, and those whose page does not live: what it was is said in plain words."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page

from actions.errors import ActionRefused, DeviceFailure
from actions.mouse import Click, MoveTo
from actions.web import Goto, NewTab
from tests.devices.browser.at import AT, BUTTON, Open, Reply, Site, text_once, title

ASKS = ("WWW-Authenticate", 'Basic realm="Staff"')
NO_PAGES = {
    "no content": (Reply(status=204), r"no page \(204\)"),
    "reset content": (Reply(status=205), r"no page \(205\)"),
    "a password": (
        Reply(b"<h1>no</h1>", 401, headers=(ASKS,)),
        "asks for a user name and a password.*http://USER:PASSWORD@",
    ),
    "forbidden and empty": (Reply(status=403), "403: the server answered with an error and no page"),
    "missing and empty": (Reply(status=404), "404: the server answered with an error and no page"),
    "a loop": (Reply(status=302, headers=(("Location", "/page"),)), "redirects in a loop"),
    "a dead end": (Reply(status=302, headers=(("Location", "http://127.0.0.1:12/"),)), "nothing listens there"),
    "no such host": (Reply(status=302, headers=(("Location", "http://nowhere.invalid/"),)), "no host of that name"),
}  # fmt: skip
SITES = ("nowhere.invalid",)
"""Where redirects may lead besides their own site."""


@pytest.mark.parametrize("kind", NO_PAGES)
def test_why_no_page_opens_is_said_in_plain_words(opened: Open, site: Site, kind: str) -> None:
    reply, words = NO_PAGES[kind]
    address = site.add("/page", reply)
    with pytest.raises(DeviceFailure, match=words) as failure:
        opened(address, sites=SITES)
    assert str(failure.value).count("net::") == 0
    browser = opened(site.add("/", "<title>start</title>"), sites=SITES)
    with pytest.raises(ActionRefused, match=words):
        browser.perform(Goto(url="/page"))
    assert "chrome-error" not in browser.observe().text
    if not any("http" in value for _, value in reply.headers):
        browser.perform(Goto(url="/"))
        assert title(browser) == "start", "what is meant on the site still is"


def test_a_name_and_a_password_in_the_address_are_given_to_the_server(opened: Open, site: Site) -> None:
    site.passwords["/page"] = "ada:lovelace"
    site.add("/page", "<title>inside</title>")
    browser = opened(f"{site.address}/page".replace("//", "//ada:lovelace@"))
    assert title(browser) == "inside"
    with pytest.raises(DeviceFailure, match="asks for a user name"):
        opened(f"{site.address}/page".replace("//", "//ada:wrong@"))


SCRIPTED = "onclick='window.open(href); return false'"


@pytest.mark.parametrize("how", ["target=_blank", "target=_blank rel=opener", SCRIPTED])
@pytest.mark.parametrize("path", ["/none", "/never"])
def test_a_new_tab_without_a_page_is_told_of_once(opened: Open, site: Site, how: str, path: str) -> None:
    site.add("/none", Reply(status=204))
    browser = opened(site.add("/", f"<title>shop</title><a href={path} {how} {BUTTON}>x</a>"))
    browser.perform(Click(point=AT))
    if how == SCRIPTED:
        assert "new tab" in text_once(browser, "new tab").lower()
        return
    assert "A new tab has no page" in text_once(browser, "A new tab")
    assert title(browser) == "shop"
    browser.perform(MoveTo(point=AT))
    assert "new tab" not in browser.observe().text


def test_a_download_in_a_new_tab_is_told_of(opened: Open, site: Site, tmp_path: Path) -> None:
    given = ("Content-Disposition", "attachment; filename=x.bin")
    site.add("/file", Reply(b"abc", kind="application/octet-stream", headers=(given,)))
    page = f"<title>shop</title><a href=/file target=_blank {BUTTON}>x</a>"
    browser = opened(site.add("/", page), downloads=tmp_path)
    browser.perform(Click(point=AT))
    text_once(browser, "'x.bin' was downloaded")
    assert title(browser) == "shop"


async def crash_whenever_shown(page: Page, address: str) -> None:
    """Has every page of the context crash once this address is in it."""

    async def crash(page: Page) -> None:
        session = await page.context.new_cdp_session(page)
        await session.send("Page.crash")

    def loaded(page: Page) -> None:
        if page.url == address:
            crashing.append(asyncio.ensure_future(crash(page)))
            crashing[-1].add_done_callback(lambda done: done.cancelled() or done.exception())

    crashing: list[asyncio.Future[None]] = []
    page.context.on("page", lambda new: new.on("domcontentloaded", loaded))
    await asyncio.wait({asyncio.ensure_future(crash(page))})


def test_a_start_page_that_crashes_at_every_load_leaves_an_empty_tab(opened: Open, site: Site) -> None:
    """In about half of the tries Chromium itself ends at the third crash in a row, and is started again."""
    site.add("/other", "<title>other</title>")
    browser = opened(site.add("/", "<title>start</title>"))
    browser._run(crash_whenever_shown(browser._session.context.pages[0], f"{site.address}/"), None)
    text = text_once(browser, "crashed", within_s=60)
    assert any(said in text for said in ("an empty tab is shown.", "The tab is empty.", "goes on at")), text
    browser.perform(Goto(url=f"{site.address}/other"))
    assert title(browser) == "other"


def test_a_page_that_never_lets_itself_be_left_is_replaced(opened: Open, site: Site) -> None:
    site.add("/other", "<title>other</title>")
    busy = f"<title>busy</title><button {BUTTON}>x</button><script>onbeforeunload = () => {{ for (;;); }}</script>"
    browser = opened(site.add("/", busy))
    browser.perform(NewTab(url="/"))
    browser.perform(Click(point=AT))
    said = browser.perform(Goto(url="/other")).text
    assert "a new tab is in its place" in said and title(browser) == "other"
