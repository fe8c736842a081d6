"""What has the keyboard focus on a page, in whichever frame, and what of it no picture shows.

The lists of `<select>` and `<datalist>` and the pickers of dates, times and colours are windows of the browser's own;
they are not in a page's picture, so what they hold is told, and is chosen by its name.
"""

from itertools import groupby
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from actions.errors import ActionRefused
from devices.browser.events import quoted
from devices.browser.tab import Tab
from devices.browser.worlds import in_each_frame

ASK_S = 2.0
"""A list of thousands of options takes the browser a second to open."""
OPTIONS = 30
_SCRIPT = Path(__file__).with_name("fields.js").read_text(encoding="utf-8")
_EXAMPLES = {
    "date": "2026-12-31", "time": "14:30", "month": "2026-12", "week": "2026-W52", "datetime-local": "2026-12-31T14:30",
    "color": "#ff8800", "range": "5",
}  # fmt: skip


class Option(BaseModel):
    """One of a list's options that can be chosen."""

    model_config = ConfigDict(strict=True)

    label: str
    group: str
    """What the list calls the group that it is in; empty outside of any."""


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
    """How many options can be chosen."""
    options: list[Option] = []
    """The first of them."""
    several: bool = False
    """Whether more than one can be chosen."""
    chosen: list[str] = []
    """The labels of those that are."""
    refused: bool = False
    """Whether the value that was to be chosen is none of its own."""


async def focused(tab: Tab, choose: str | None = None) -> Field:
    """What has the focus; nothing where the page does not answer. With `choose`, that value is chosen there."""
    told = await in_each_frame(tab, _SCRIPT, choose, within_s=ASK_S if choose is None else tab.patience_s)
    return next((Field.model_validate(one) for one in reversed(told) if one), Field())


def described(field: Field) -> str:
    """What a picture does not show of the field with the focus; empty where it shows everything."""
    kind = field.picked
    if kind == "list":
        use = (
            "More than one can be chosen: Choose adds one of them, or takes it out again."
            if field.several
            else "Use Choose with one of them."
        )
        return f"The list with the focus holds {_listed(field)}; {_chosen(field)} {use}"
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
        if not await tab.responds():
            raise ActionRefused("The page does not respond, so it is not known whether anything was chosen.")
        raise ActionRefused("No list, date, time or colour field has the focus. Click it first.")
    if field.refused:
        raise ActionRefused(f"{quoted(value)} cannot be chosen. {described(field)}")
    said = _chosen(field) if field.picked == "list" else f"{quoted(field.value)} is chosen."
    return said[0].upper() + said[1:]


def _chosen(field: Field) -> str:
    count = len(field.chosen)
    return f"{', '.join(map(quoted, field.chosen)) or 'nothing'} {'is' if count < 2 else 'are'} chosen."


def _listed(field: Field) -> str:
    """The first options, those of a group after its name."""
    groups = [
        (f"in {quoted(group)}: " if group else "") + ", ".join(quoted(option.label) for option in options)
        for group, options in groupby(field.options[:OPTIONS], key=lambda option: option.group)
    ]
    more = field.total - OPTIONS
    return "; ".join(groups) + (f" and {more} more" if more > 0 else "")


WATCH_MENU = """() => addEventListener("contextmenu", event => setTimeout(() => {
  globalThis.menu = !event.defaultPrevented;
}), { once: true })"""
MENU_SHOWN = """() => new Promise(done => setTimeout(() => {
  const shown = globalThis.menu === true;
  globalThis.menu = false;
  done(shown);
}, 20))"""


async def watch_menu(tab: Tab) -> None:
    """Before a right click: notices whether the page leaves the browser to show its own menu."""
    await in_each_frame(tab, WATCH_MENU)


async def menu_told(tab: Tab) -> str:
    """After a right click: that the browser's own menu is not in the picture, where it is that one."""
    if not any(await in_each_frame(tab, MENU_SHOWN)):
        return ""
    return (
        "The browser's own menu opened, which the picture does not show. Use GoBack, Reload or Press(ctrl+c) instead."
    )
