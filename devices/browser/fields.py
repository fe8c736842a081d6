"""What has the keyboard focus on a page, in whichever frame, and what of it no picture shows.

The lists of `<select>` and `<datalist>` and the pickers of dates, times and colours are windows of the browser's own;
they are not in a page's picture, so what they hold is told, and is chosen by its name.
"""

import asyncio
from pathlib import Path
from typing import Literal

from playwright.async_api import Frame
from pydantic import BaseModel, ConfigDict, ValidationError

from actions.errors import ActionRefused
from devices.browser.events import quoted
from devices.browser.tab import Tab

FRAMES = 40
ASK_S = 2.0
"""A list of thousands of options takes the browser a second to open."""
OPTIONS = 30
_SCRIPT = Path(__file__).with_name("fields.js").read_text(encoding="utf-8")
_EXAMPLES = {
    "date": "2026-12-31", "time": "14:30", "month": "2026-12", "week": "2026-W52", "datetime-local": "2026-12-31T14:30",
    "color": "#ff8800", "range": "5",
}  # fmt: skip


class Option(BaseModel):
    """One of a list's options."""

    model_config = ConfigDict(strict=True)

    label: str
    chosen: bool
    disabled: bool


class Field(BaseModel):
    """What has the focus, as fields.js tells it; the default is nothing."""

    model_config = ConfigDict(strict=True)

    takes_text: bool = False
    picked: (
        Literal["list", "suggestions", "date", "time", "month", "week", "datetime-local", "color", "range"] | None
    ) = None
    """What kind of the browser's own windows belongs to it."""
    value: str = ""
    total: int = 0
    """How many options there are."""
    options: list[Option] = []
    refused: bool = False
    """Whether the value that was to be chosen is none of its own."""


async def focused(tab: Tab, choose: str | None = None) -> Field:
    """What has the focus; nothing where the page does not answer. With `choose`, that value is chosen there."""
    told = await asyncio.gather(*(_focused_in(tab, frame, choose) for frame in tab.page.frames[:FRAMES]))
    return next((one for one in reversed(told) if one), Field())


async def _focused_in(tab: Tab, frame: Frame, choose: str | None) -> Field | None:
    told = await tab.ask(frame.evaluate(_SCRIPT, [choose]), ASK_S)
    try:
        return Field.model_validate(told) if told else None
    except ValidationError:  # a page can replace what the script is made of, and so answer anything
        return None


def described(field: Field) -> str:
    """What a picture does not show of the field with the focus; empty where it shows everything."""
    kind = field.picked
    if kind == "list":
        chosen = [option.label for option in field.options if option.chosen]
        return (
            f"The list with the focus holds {_listed(field)}; {', '.join(map(quoted, chosen)) or 'nothing'} is chosen. "
            + ("Use Choose with one of them.")
        )
    if kind == "suggestions":
        return f"The field with the focus suggests {_listed(field)}. Use Choose with one of them, or Type."
    if kind:
        value = f"it holds {quoted(field.value)}" if field.value else "it is empty"
        return f"The field with the focus takes a {kind}; {value}. Use Choose with a value such as {_EXAMPLES[kind]}."
    return ""


async def choose(tab: Tab, value: str) -> str:
    """Chooses an option or sets a value where the focus is, and tells what is chosen. Raises ActionRefused."""
    field = await focused(tab, value)
    if not field.picked:
        raise ActionRefused("No list, date, time or colour field has the focus. Click it first.")
    if field.refused:
        raise ActionRefused(f"{quoted(value)} cannot be chosen. {described(field)}")
    return f"{quoted(field.value)} is chosen."


def _listed(field: Field) -> str:
    labels = [option.label for option in field.options if not option.disabled]
    more = field.total - OPTIONS
    return ", ".join(map(quoted, labels[:OPTIONS])) + (f" and {more} more" if more > 0 else "")


WATCH_MENU = """() => addEventListener("contextmenu", event => setTimeout(() => {
  window[Symbol.for("screenhand menu")] = !event.defaultPrevented;
}), { once: true })"""
MENU_SHOWN = """() => new Promise(done => setTimeout(() => {
  const shown = window[Symbol.for("screenhand menu")];
  delete window[Symbol.for("screenhand menu")];
  done(shown === true);
}, 20))"""


async def watch_menu(tab: Tab) -> None:
    """Before a right click: notices whether the page leaves the browser to show its own menu."""
    await asyncio.gather(*(tab.ask(frame.evaluate(WATCH_MENU)) for frame in tab.page.frames[:FRAMES]))


async def menu_told(tab: Tab) -> str:
    """After a right click: that the browser's own menu is not in the picture, where it is that one."""
    shown = await asyncio.gather(*(tab.ask(frame.evaluate(MENU_SHOWN)) for frame in tab.page.frames[:FRAMES]))
    if not any(shown):
        return ""
    return (
        "The browser's own menu opened, which the picture does not show. Use GoBack, Reload or Press(ctrl+c) instead."
    )
