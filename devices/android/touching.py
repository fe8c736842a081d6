"""What an action touches on a phone: the app in front and, where asked for, the element and the texts around it.

The app is that of the window with the focus: the other half of a split screen counts as the same app, unless the
elements are read, which name their own app.
"""

import re
import time
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from actions.action import Action
from actions.geometry import Box, Point
from actions.keyboard import ENTER_KEYS, Press, Type
from actions.phone import Enter
from devices.android.connection import Connection, Slow
from devices.android.elements import elements
from devices.rules.places import Detail, Place

_FOCUS = re.compile(r"^\s*mCurrentFocus=Window\{\S+ \S+ ([^\s/}]+)", re.MULTILINE)
"""Only at the beginning of a line: the titles of windows, which apps choose, stand within others."""
_BOUNDS = re.compile(r"\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]")
TRIES, AGAIN_S = 15, 0.2
"""No window has the focus for a moment while another one opens."""
AROUND = 300
"""The longest text around an element, in characters."""
SHOWN = 120
NO_FOCUS = "No app of the phone has the focus, so it is not known which one the action touches."
NO_TEXTS = "The texts on the phone's screen cannot be read now, because something moves on it."


def touched(phone: Connection, action: Action, detail: Detail) -> tuple[Place, ...]:
    """The places that an action touches. Raises DeviceFailure."""
    app = front(phone)
    here = Place(app=app, unread="" if app else NO_FOCUS)
    if detail is Detail.APP:
        return (here,)
    try:
        nodes = list(elements(phone))
    except (ValueError, Slow):
        return (here._replace(unread=here.unread or NO_TEXTS),)
    parents = {child: node for node in nodes for child in node}
    if points := action.points():
        found = [_place(_under(nodes, point), parents, app) for point in points.values()]
    else:
        field = next((node for node in nodes if node.get("focused") == "true"), None)
        found = [_place(field, parents, app, _enters(action))]
    return (*found, *([here] if all(place.app != app for place in found) else []))


def named(phone: Connection, role: str, name: str) -> tuple[Place, ...]:
    """The elements on the screen that have this role and name; none if texts cannot be read. Raises DeviceFailure."""
    try:
        nodes = list(elements(phone))
    except (ValueError, Slow):
        return ()
    parents = {child: node for node in nodes for child in node}
    places = (_place(node, parents, "") for node in nodes if _box(node).right > _box(node).left)
    return tuple(place for place in places if (place.role, place.name) == (role, name))


def front(phone: Connection) -> str:
    """The package of the window with the focus, or the name of a system window without one; empty if there is none."""
    for attempt in range(TRIES):
        time.sleep(AGAIN_S if attempt else 0)
        if found := _FOCUS.search(phone.read("dumpsys", "window")):
            return found[1]
    return ""


def _place(node: Element | None, parents: dict[Element, Element], app: str, enters: bool = False) -> Place:
    if node is None:
        return Place(app=app)
    words = _texts([node])
    if enters:
        words += _buttons_beside(node, parents)
    if node.get("password") == "true":
        words.append("password credentials")
    role = "password field" if node.get("password") == "true" else node.get("class", "").rpartition(".")[2]
    name = _name(node)
    near = _around(node, parents)
    return Place(
        app=node.get("package", app),
        role=role,
        name=name,
        words=" | ".join(words),
        near=near,
        box=_box(node),
        state=_state(node),
    )


def _name(node: Element) -> str:
    """An element's name as Android's screen reader says it: its description, or every text in it.

    The first text alone is often an initial or a time, which several rows of a list have.
    """
    said = " ".join(node.get("content-desc", "").split()) or " ".join(_texts([node]))
    return said[:SHOWN]


def _state(node: Element) -> str:
    """What decides about the effect of pressing an element; pressing a radio button that is on changes nothing."""
    toggles = node.get("checkable") == "true" and not node.get("class", "").endswith("RadioButton")
    switched = ["on" if node.get("checked") == "true" else "off"] if toggles else []
    return " ".join([*switched, *(["disabled"] if node.get("enabled") == "false" else [])])


def _under(nodes: Iterable[Element], point: Point) -> Element | None:
    """The control under a point, or the deepest element where there is none."""
    there = [node for node in nodes if _box(node).holds(point)]
    return next((node for node in reversed(there) if _pressed(node)), there[-1] if there else None)


def _around(node: Element, parents: dict[Element, Element]) -> str:
    """The first text around an element that is no control's own; empty if it is long."""
    for box in _ancestors(node, parents):
        said = " ".join(_texts(each for each in _outside(box, node)))
        if said:
            return said if len(said) <= AROUND else ""
    return ""


def _outside(box: Element, node: Element) -> Iterator[Element]:
    """The parts of an element without an inner one and without controls."""
    for child in box:
        if child is node or _pressed(child):
            continue
        if any(each is node for each in child.iter("node")):
            yield from _outside(child, node)
        else:
            yield child


def _buttons_beside(node: Element, parents: dict[Element, Element]) -> list[str]:
    """The names of the controls next to a field, which Enter may press."""
    for box in _ancestors(node, parents):
        beside = [each for each in box.iter("node") if each is not node and _pressed(each)]
        if beside:
            said = _texts(beside)
            return said if len(" ".join(said)) <= AROUND else []
    return []


def _ancestors(node: Element, parents: dict[Element, Element]) -> Iterator[Element]:
    while (above := parents.get(node)) is not None:
        yield above
        node = above


def _texts(nodes: Iterable[Element]) -> list[str]:
    """Every text in elements, each once."""
    said = (
        each.get(name, "") for node in nodes for each in node.iter("node") for name in ("text", "content-desc", "hint")
    )
    return list(dict.fromkeys(" ".join(text.split()) for text in said if text.strip()))


def _pressed(node: Element) -> bool:
    return any(node.get(name) == "true" for name in ("clickable", "long-clickable", "checkable"))


def _box(node: Element) -> Box:
    found = _BOUNDS.fullmatch(node.get("bounds", ""))
    return Box(*map(int, found.groups())) if found else Box(0, 0, -1, -1)


def _enters(action: Action) -> bool:
    return (
        isinstance(action, Enter)
        or (isinstance(action, Press) and action.keys[-1] in ENTER_KEYS)
        or (isinstance(action, Type) and action.text.endswith("\n"))
    )
