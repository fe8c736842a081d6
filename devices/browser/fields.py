"""The focused field of a page, in any frame, and its state that no picture shows.

The lists of `<select>` and `<datalist>` and the pickers of dates, times and colours are the browser's own windows; they
are not in a page's picture, so their contents are reported, and chosen by name.
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
    """A selectable option of a list."""

    model_config = ConfigDict(strict=True)

    label: str
    group: str
    """The label of its group; empty outside of groups."""


class Field(BaseModel):
    """The focused field, from fields.js; by default none."""

    model_config = ConfigDict(strict=True)

    takes_text: bool = False
    picked: (
        Literal["list", "suggestions", "date", "time", "month", "week", "datetime-local", "color", "range"] | None
    ) = None
    """The kind of its popup."""
    value: str = ""
    total: int = 0
    """The number of selectable options."""
    options: list[Option] = []
    """The first options."""
    several: bool = False
    """Whether several can be chosen."""
    chosen: list[str] = []
    """The labels of the chosen ones."""
    refused: bool = False
    """Whether the requested value is not among its options."""


async def focused(tab: Tab, choose: str | None = None) -> Field:
    """The focused field, or an empty one if the page does not answer. With `choose`, sets that value."""
    found = await in_each_frame(tab, _SCRIPT, choose, within_s=ASK_S if choose is None else tab.patience_s)
    return next((Field.model_validate(one) for one in reversed(found) if one), Field())


def described(field: Field) -> str:
    """Describes the state of the focused field that no picture shows; empty if there is none."""
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
    """Chooses an option or sets a value in the focused field; returns the choice. Raises ActionRefused."""
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
    """The first options, grouped by label."""
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
    """Before a right click: watches whether the page lets the browser show its own menu."""
    await in_each_frame(tab, WATCH_MENU)


async def menu_report(tab: Tab) -> str:
    """After a right click: reports that the browser's own menu is open but not in the picture."""
    if not any(await in_each_frame(tab, MENU_SHOWN)):
        return ""
    return (
        "The browser's own menu opened, which the picture does not show. Use GoBack, Reload or Press(ctrl+c) instead."
    )
