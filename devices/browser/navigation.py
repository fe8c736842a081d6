"""Moving between pages: addresses, the history, reloading and tabs; an unresponsive page is replaced."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from playwright.async_api import Error, TimeoutError

from actions.errors import ActionRefused
from devices.browser.events import quoted
from devices.browser.gate import Gate, NotOpen, refusal
from devices.browser.net_errors import NO_PAGE, meaning, remedy
from devices.browser.proxy import REFUSED
from devices.browser.tab import NoAnswer, Tab
from devices.browser.tabs import Tabs

LOAD_S = 30.0
"""How long a server may take to start its answer."""
SLACK_S = 10.0
"""How much later Playwright may report that on a busy machine."""
TRIES = 4
OVERTAKEN = ("net::ERR_ABORTED", "interrupted by another navigation")
"""Playwright's errors if the page navigated by itself meanwhile, such as one that reloads itself without end."""
REPLACED = "The page could not be left, so it was closed; a new tab is in its place."


async def goto(tabs: Tabs, tab: Tab, address: str) -> str:
    """Opens an address in a tab; returns a report, usually empty.

    Raises:
        ActionRefused: it does not open. TimeoutError: the browser opens no new tab.
    """
    report = ""
    if tab.muted or not await tab.responds():
        tab, report = await tabs.replace(tab), REPLACED
    for left in reversed(range(TRIES)):
        try:
            await _moved(tabs, tab, tab.page.goto(address, wait_until="commit", timeout=1000 * LOAD_S))
            break
        except _Stuck:
            tab, report = await tabs.replace(tab), REPLACED
        except Error as error:
            if "Download is starting" in error.message:
                return "The address is a download."
            if tab.gone or "crashed" in error.message:  # the next look reports it
                break
            if left and tab.status not in NO_PAGE and any(said in error.message for said in OVERTAKEN):
                if left == 1:  # it navigates faster than it can be left
                    tab, report = await tabs.replace(tab), REPLACED
                continue
            raise ActionRefused(f"{quoted(address)} did not open: {_reason(tabs, tab, error)}") from error
    return report


async def travel(tabs: Tabs, tab: Tab, back: bool) -> str:
    """Goes to the previous page of the history, or the next one. Raises ActionRefused if there is none."""
    name = "previous" if back else "next"
    history = await (await tab.session()).send("Page.getNavigationHistory")
    index, entries = history["currentIndex"] + (-1 if back else 1), history["entries"]
    # Each of our tabs starts with an empty page that does not count.
    if not 0 <= index < len(entries) or (index == 0 and entries[0]["url"] == "about:blank"):
        raise ActionRefused(f"There is no {name} page.")
    if tab.muted or not await tab.responds():
        return await goto(tabs, tab, entries[index]["url"])
    move = tab.page.go_back if back else tab.page.go_forward
    try:
        await _moved(tabs, tab, move(wait_until="commit", timeout=1000 * LOAD_S))
    except _Stuck:
        return await goto(tabs, tab, entries[index]["url"])
    except Error as error:
        raise ActionRefused(f"The {name} page did not open: {_reason(tabs, tab, error)}") from error
    return ""


async def reload(tabs: Tabs, tab: Tab) -> str:
    """Reloads the page. Raises ActionRefused if it does not open."""
    if tab.muted or not await tab.responds():
        return await goto(tabs, tab, tab.page.url)
    try:
        await _moved(tabs, tab, tab.page.reload(wait_until="commit", timeout=1000 * LOAD_S))
    except _Stuck:
        return await goto(tabs, tab, tab.page.url)
    except Error as error:
        raise ActionRefused(f"The page did not open again: {_reason(tabs, tab, error)}") from error
    return ""


async def close(tabs: Tabs, tab: Tab) -> str:
    """Closes a tab, unless it is the last one or its page asks to stay."""
    if len(tabs.all) < 2:
        raise ActionRefused("This is the only tab. Use Goto to open another page in it.")
    if await tab.responds():
        await tabs.close(tab, ask=True)
    if not (tab.gone or tab.dialog):  # it is busy, possibly for ever
        await tabs.close(tab)
    return ""


def cause(error: Error, gate: Gate | None = None, url: str = "") -> str:
    """Playwright's error, in a line; with the gate, also what only its proxy knows about this URL."""
    if isinstance(error, TimeoutError):
        return f"no answer within {LOAD_S:g} s"
    return meaning(gate.actual(error.message, url) if gate else error.message)


def _reason(tabs: Tabs, tab: Tab, error: Error) -> str:
    """Why a page did not open, and the remedy."""
    if tab.status in NO_PAGE:
        return f"the server answered with no page ({tab.status})."
    status = f"{tab.status}: " if tab.status and tab.status >= 400 else ""
    why = cause(error, tabs.gate, tab.address)
    return " ".join(
        filter(None, (f"{status}{why}.", remedy(tab.address, tab.status, tabs.gate.actual(error.message, tab.address))))
    )


class _Stuck(Exception):
    """The page to leave does not respond, so that no other page loads."""


async def _moved(tabs: Tabs, tab: Tab, moving: Coroutine[Any, Any, object]) -> None:
    """Waits until the next page has started to load, and a little longer, or until the user is to be asked about it.

    Raises:
        NotOpen: its site, or one that it leads to, is not open. Error: it does not open.
        _Stuck: the previous page is busy, possibly for ever.
    """
    tab.asked, tab.status = False, None
    begun = asyncio.ensure_future(moving)
    until = asyncio.get_running_loop().time() + LOAD_S + SLACK_S
    refusals = tabs.gate.refusals
    while True:
        try:
            await tab.answered(begun, tab.patience_s)
            break
        except NoAnswer:
            if tab.dialog or tab.gone or tabs.gate.held:
                return  # the next look reports it
            if asyncio.get_running_loop().time() > until:
                raise TimeoutError(f"no answer within {LOAD_S:g} s") from None
            if not (tab.asked and tab.status is None) and not await tab.responds():
                raise _Stuck from None
        except Error as error:
            if tabs.gate.refusals != refusals:
                raise NotOpen(tabs.gate.last_refusal) from None
            if REFUSED in tabs.gate.actual(error.message, tab.address):
                raise NotOpen(refusal(tab.address, cause(error, tabs.gate, tab.address))) from None
            raise
    rest = tab.page.wait_for_load_state("domcontentloaded", timeout=1000 * tab.patience_s)
    with suppress(NoAnswer, TimeoutError):  # still loading, busy, or gone
        await tab.answered(rest, tab.patience_s + 1)
