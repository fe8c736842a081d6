"""Shortcuts of a browser's own window: their effect here, where no window has the focus, or a replacement."""

from typing import Literal

from actions.keyboard import MODIFIERS

Command = Literal["reload", "back", "forward", "new tab", "close tab", "next tab", "previous tab"]
_COMMANDS: dict[str, Command] = {
    "f5": "reload", "ctrl+r": "reload", "ctrl+f5": "reload", "ctrl+shift+r": "reload", "shift+f5": "reload",
    "meta+r": "reload", "alt+left": "back", "meta+[": "back", "alt+right": "forward", "meta+]": "forward",
    "ctrl+t": "new tab", "meta+t": "new tab", "ctrl+w": "close tab", "ctrl+f4": "close tab", "meta+w": "close tab",
    "ctrl+tab": "next tab", "ctrl+pagedown": "next tab", "ctrl+shift+tab": "previous tab",
    "ctrl+pageup": "previous tab",
}  # fmt: skip
_ADDRESS = "Use Goto with the address: the address bar is not shown here."
_INSTEAD: dict[str, str] = {
    **dict.fromkeys(("ctrl+l", "alt+d", "f6", "meta+l"), _ADDRESS),
    **dict.fromkeys(("ctrl+n", "ctrl+shift+n", "meta+n"), "Use NewTab: there is one window."),
    "ctrl+shift+t": "A closed tab cannot be opened again; use NewTab with its address.",
    **dict.fromkeys(("f11", "f12", "ctrl+shift+i", "ctrl+shift+j", "ctrl+u"), "This browser shows pages only."),
    **dict.fromkeys(("ctrl+h", "ctrl+j", "ctrl+shift+o"), "This browser has no history, downloads or bookmarks pages."),
}
_PAGE_ONLY: dict[str, str] = {
    **dict.fromkeys(
        ("ctrl+f", "ctrl+g", "f3", "meta+f"), "The browser's own search bar is not shown here; use Scroll."
    ),
    **dict.fromkeys(("ctrl+p", "meta+p"), "Nothing was printed."),
    **dict.fromkeys(("ctrl+s", "meta+s"), "The browser saved nothing."),
    **dict.fromkeys(("ctrl+d", "meta+d"), "No bookmark was made."),
    **dict.fromkeys(("ctrl++", "ctrl+=", "ctrl+-", "ctrl+0"), "The browser's own zoom did not change."),
}


def command(keys: tuple[str, ...]) -> Command | None:
    """The keys' effect on the browser; None if they belong to the page."""
    return _COMMANDS.get(_spelled(keys))


def tab_number(keys: tuple[str, ...]) -> int | None:
    """The tab that ctrl and a digit show; 9 is the last one, as 0."""
    *held, last = keys
    if held not in (["ctrl"], ["meta"]) or last not in "123456789":
        return None
    return int(last) % 9


def instead(keys: tuple[str, ...]) -> str:
    """The replacement for keys without effect here; empty for others."""
    return _INSTEAD.get(_spelled(keys), "")


def page_only(keys: tuple[str, ...]) -> str:
    """A note on keys that only the page received, although a browser's window would also react."""
    return _PAGE_ONLY.get(_spelled(keys), "")


def _spelled(keys: tuple[str, ...]) -> str:
    held = [key for key in MODIFIERS if key in keys]
    return "+".join((*held, *(key for key in keys if key not in held)))
