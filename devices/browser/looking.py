"""`look`: a picture of the current tab, whatever its page does, and a report on the page."""

from typing import NamedTuple

from playwright.async_api import Error

from devices.browser.dialogs import OpenDialog
from devices.browser.events import quoted
from devices.browser.tab import NoAnswer, Tab
from devices.browser.tabs import Tabs

RELOADS = 5
"""A page that navigates this often during one look reloads itself without end."""
ADDRESS = 200


class Look(NamedTuple):
    """What was seen: a PNG, or None where the page has never painted anything."""

    png: bytes | None
    tab: Tab
    dialog: OpenDialog | None
    text: str
    loading: bool
    fresh: bool
    """Whether it is a picture of now; else it is the last frame that the page painted."""


async def look(tabs: Tabs, came_from: str | None) -> Look:
    """Looks at the current tab; `came_from` is the address that the model knows.

    Raises:
        NoAnswer: there is no tab left to look at.
    """
    while True:
        tab = tabs.current
        if tab is None:
            raise NoAnswer
        loading = tabs.requests.loading(tab.page)
        navigations = tab.navigations
        fresh = True
        try:
            png: bytes | None = await tab.capture()
        except (NoAnswer, Error):
            if tab.gone:
                continue
            png, fresh = await tab.painted(), False
        loading |= await tabs.opening()
        loading |= tabs.requests.loading(tab.page)  # content that arrived during the look may not be in the picture
        report = await _report(tabs, tab, came_from, tab.navigations - navigations)
        parts = [tabs.notes.text(), report, await tabs.report()]
        if tab is tabs.current and not tab.gone:  # else another one opened, or this one closed, during the look
            return Look(png, tab, tab.dialog, " ".join(filter(None, parts)), loading, fresh)


async def _report(tabs: Tabs, tab: Tab, came_from: str | None, navigations: int) -> str:
    """The report on a tab's page; an empty page becomes a note."""
    if tab.dialog:
        return str(tab.dialog)
    if navigations > RELOADS:
        return "The page loads itself again and again. Go to another one."
    if not tab.responding:
        return (
            "The page does not respond, so the picture may be old and input may be lost. "
            "Wait, or use Reload, GoBack, Goto or CloseTab."
        )
    said = []
    if came_from is not None and tab.address != came_from:
        said.append(f"The address is now {quoted(tab.address, ADDRESS)}.")
    if await tab.still_loading():
        said.append("The page is still loading.")
    if not tab.painting:
        said.append("The page has painted nothing new, so the picture may be old.")
    await tabs.note_empty(tab)
    return " ".join(said)
