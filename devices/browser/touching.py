"""What an action touches in a browser: elements of the page in any frame, a dialog, or an address that is opened."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from actions.action import Action
from actions.geometry import Box, Point, Size
from actions.holding import BY_POINTER, KeyDown
from actions.keyboard import ENTER_KEYS, Press, Type
from actions.mouse import MoveTo, Scroll
from actions.web import Choose, ChooseFile, CloseTab, GoBack, Reload
from devices import DeviceOptions
from devices.browser import launch, shortcuts
from devices.browser.dialogs import OpenDialog
from devices.browser.tab import Tab
from devices.browser.worlds import at_point, in_each_frame
from devices.rules.places import Detail, Place

_SCRIPT = Path(__file__).with_name("touching.js").read_text(encoding="utf-8")
ASK_S = 5.0
HIDDEN = "What has the focus is in a part of the page that cannot be read."
NO_ANSWER = "The page does not respond, so it is not known what the action touches."
_QUIET_KEYS = frozenset({"escape", "tab"})
"""Keys that press nothing: they leave or move on."""


class _Touched(BaseModel):
    """An element, from touching.js."""

    model_config = ConfigDict(strict=True)

    address: str
    role: str
    name: str
    words: str
    near: str
    box: list[float] | None
    apart: bool
    """Whether the focus is within the element, in a part that no script can reach."""
    headings: str = ""
    state: str = ""
    kept: str = ""
    """The text that stays in a text field if something is typed into it now."""

    def place(self, typing: bool = False) -> Place:
        return Place(
            self.address,
            role=self.role,
            name=self.name,
            words=self.words,
            near=self.near,
            headings=self.headings,
            box=Box(*self.box) if self.box else None,
            state=self.kept if typing else self.state,
        )


async def touched(
    tab: Tab, action: Action, detail: Detail, pointer: Point, options: DeviceOptions
) -> tuple[Place, ...]:
    """The places on a tab's page that an action touches; `pointer` is where the pointer is.

    Raises:
        ActionRefused: a dialog is open, and the action does not answer it. NoAnswer: the page does not respond.
    """
    if isinstance(action, GoBack | CloseTab) or (isinstance(action, Press) and shortcuts.command(action.keys)):
        return (Place(),)
    if tab.dialog:
        screen = launch.viewport_of(options)
        return (answered(tab, tab.dialog, tab.dialog.answer_of(action, screen), screen),)
    if isinstance(action, Reload | ChooseFile):
        return (Place(tab.address),)
    if not (action.points() or isinstance(action, BY_POINTER)):
        return tuple(await focused(tab, action, detail))
    points = action.points()
    if isinstance(action, BY_POINTER) and None in (value for _, value in action):
        points = {**points, "pointer": pointer}
    at = await tab.in_page(*points.values()) if options.mobile else list(points.values())
    return tuple(await under(tab, action, detail, at))


async def under(tab: Tab, action: Action, detail: Detail, points: list[Point]) -> list[Place]:
    """What lies under the points of an action, and the page itself where that is in a frame of another address.

    Scrolling and moving the pointer press nothing, so their places have no texts.
    """
    found = []
    for point in points:
        told = await tab.ask(at_point(tab, _SCRIPT, {"compared": detail is Detail.COMPARED}, point), ASK_S)
        found.append(_Touched.model_validate(told).place() if told else Place(tab.address, unread=NO_ANSWER))
    if isinstance(action, MoveTo | Scroll):
        found = [place._replace(words="", near="", unread="") for place in found]
    return _with_page(tab, found)


async def focused(tab: Tab, action: Action, detail: Detail) -> list[Place]:
    """What keys reach: the focused element, and what Enter or an access key presses from there."""
    keys = _keys(action)
    chosen = action.value if isinstance(action, Choose) else None
    asked = {"keys": keys, "chosen": chosen, "compared": detail is Detail.COMPARED}
    answers = await in_each_frame(tab, _SCRIPT, asked, within_s=ASK_S)
    told = next((answer for answer in reversed(answers) if answer), None)
    if told is None and (not answers or not await tab.responds()):
        return [Place(tab.address, unread=NO_ANSWER)]
    found = _Touched.model_validate(told) if told else None
    place = found.place(typing=isinstance(action, Type)) if found else Place(tab.address)
    if found and found.apart:
        name = await tab.ask(_accessible_name(tab), ASK_S)
        place = place._replace(name=name, words=f"{place.words} {name}") if name else place._replace(unread=HIDDEN)
    if keys[-1] in _QUIET_KEYS:
        place = place._replace(words="", near="")
    return _with_page(tab, [place])


async def named(tab: Tab, role: str, name: str) -> list[Place]:
    """The elements of a page, in each frame whose place on it is known, that have this role and name."""
    asked = {"wanted": {"role": role, "name": name}, "compared": True}
    answers = await in_each_frame(tab, _SCRIPT, asked, within_s=ASK_S)
    return [_Touched.model_validate(told).place() for answer in answers if answer for told in answer]


async def _accessible_name(tab: Tab) -> str:
    """The name of what has the focus, for assistive technology: also in a closed shadow tree."""
    tree = await (await tab.session()).send("Accessibility.getFullAXTree")
    focused = (node for node in reversed(tree["nodes"]) if {"focused": True} in [
        {each["name"]: each["value"].get("value")} for each in node.get("properties", ())])  # fmt: skip
    return next((str(node.get("name", {}).get("value", "")) for node in focused), "")


def answered(tab: Tab, dialog: OpenDialog, accept: bool | None, screen: Size) -> Place:
    """The place of an answer to a dialog. Dismissing it says no, so it has no texts that a rule could be about."""
    words = f"{dialog.message} | {dialog.text}" if accept is not False else ""
    name = dialog.message or "leave the page?"
    return Place(tab.address, role=f"dialog ({dialog.type})", name=name, words=words, box=dialog.boxes(screen)[0])


def _keys(action: Action) -> tuple[str, ...]:
    """The keys of an action as far as they matter for what it touches; typing ends with Enter after a newline."""
    if isinstance(action, Press | KeyDown):
        return (*action.keys[:-1], "enter") if action.keys[-1] in ENTER_KEYS else action.keys
    if isinstance(action, Type):
        return ("enter",) if action.text.endswith("\n") else ("tab",) if action.text == "\t" else ("a",)
    return ("a",)


def _with_page(tab: Tab, places: list[Place]) -> list[Place]:
    framed = any(place.address != tab.page.url for place in places)
    return [*places, Place(tab.page.url)] if framed else places
