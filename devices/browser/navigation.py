"""Moving between pages: addresses, the history, reloading and tabs; a page that does not respond is replaced."""

from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from playwright.async_api import Error, TimeoutError

from actions.errors import ActionRefused
from devices.browser.events import quoted
from devices.browser.tab import NoAnswer, Tab
from devices.browser.tabs import Tabs

LOAD_S = 30.0
"""How long a server may take to begin its answer."""
TRIES = 4
OVERTAKEN = ("net::ERR_ABORTED", "interrupted by another navigation")
"""What Playwright says where the page moved by itself meanwhile, as one does that reloads itself without end."""
REPLACED = "The page did not respond, or showed dialogs without end, and was closed; a new tab is in its place."


async def goto(tabs: Tabs, tab: Tab, address: str) -> str:
    """Opens an address in a tab, and tells what has to be told of that. Raises ActionRefused where it does not open."""
    tab, told = await _movable(tabs, tab)
    for left in reversed(range(TRIES)):
        try:
            await _moved(tab, tab.page.goto(address, wait_until="commit", timeout=1000 * LOAD_S))
            break
        except Error as error:
            if "Download is starting" in error.message:
                return "The address is a download."
            if left and any(said in error.message for said in OVERTAKEN):
                continue
            raise ActionRefused(f"{quoted(address)} did not open: {cause(error)}") from error
    return told


async def travel(tabs: Tabs, tab: Tab, back: bool) -> str:
    """The previous page of the history, or the next one. Raises ActionRefused where there is none."""
    name = "previous" if back else "next"
    history = await (await tab.session()).send("Page.getNavigationHistory")
    index, entries = history["currentIndex"] + (-1 if back else 1), history["entries"]
    # Each tab of ours begins with an empty page that nobody has asked for.
    if not 0 <= index < len(entries) or (index == 0 and entries[0]["url"] == "about:blank"):
        raise ActionRefused(f"There is no {name} page.")
    if tab.muted or not await tab.responds():
        return await goto(tabs, tab, entries[index]["url"])
    move = tab.page.go_back if back else tab.page.go_forward
    try:
        await _moved(tab, move(wait_until="commit", timeout=1000 * LOAD_S))
    except Error as error:
        raise ActionRefused(f"The {name} page did not open: {cause(error)}") from error
    return ""


async def reload(tabs: Tabs, tab: Tab) -> str:
    """The page anew. Raises ActionRefused where it does not open."""
    if tab.muted or not await tab.responds():
        return await goto(tabs, tab, tab.page.url)
    try:
        await _moved(tab, tab.page.reload(wait_until="commit", timeout=1000 * LOAD_S))
    except Error as error:
        raise ActionRefused(f"The page did not open again: {cause(error)}") from error
    return ""


async def close(tabs: Tabs, tab: Tab) -> str:
    """Closes a tab, unless it is the last one or its page asks to stay."""
    if len(tabs.all) < 2:
        raise ActionRefused("This is the only tab. Use Goto to open another page in it.")
    asks = await tab.responds()
    await tabs.close(tab, ask=asks)
    return ""


def cause(error: Error) -> str:
    """The first line of what Playwright says, which holds the cause."""
    if isinstance(error, TimeoutError):
        return f"no answer within {LOAD_S:g} s"
    return error.message.splitlines()[0][:300]


async def _movable(tabs: Tabs, tab: Tab) -> tuple[Tab, str]:
    """A tab that another page can be opened in."""
    if not tab.muted and await tab.responds():
        return tab, ""
    return await tabs.replace(tab), REPLACED


async def _moved(tab: Tab, moving: Coroutine[Any, Any, object]) -> None:
    """Waits until the next page has begun, and a little for the rest of it. Raises Error where it does not open."""
    with suppress(NoAnswer):  # it has opened a dialog, is busy or gone: the next look tells
        await tab.answered(moving, LOAD_S + 1)
        rest = tab.page.wait_for_load_state("domcontentloaded", timeout=1000 * tab.patience_s)
        with suppress(TimeoutError):  # still loading
            await tab.answered(rest, tab.patience_s + 1)
