"""The windows of an X11 display: the class and title of the one under a pixel, or with the keyboard focus."""

import contextlib
from collections.abc import Iterator
from typing import Any

from Xlib import X, error

from actions.geometry import Box
from devices.desktop import x11
from devices.desktop.monitors import Place
from devices.desktop.system import NOWHERE, Window


def window_at(name: str, place: Place) -> Window:
    """The window under a pixel of the desktop. Raises one of `x11.LOST` if the display is gone."""
    with _connected(name) as display:
        path = [display.screen().root]
        while (child := path[-1].translate_coords(path[0], place.x, place.y).child) not in (X.NONE, None):
            path.append(child)
        return _described(display, path)


def focused_window(name: str) -> Window:
    """The window with the keyboard focus. Raises one of `x11.LOST` if the display is gone."""
    with _connected(name) as display:
        focus = display.get_input_focus().focus
        if isinstance(focus, int):  # none, or wherever the pointer is
            if focus == X.NONE:
                return Window("", "", NOWHERE)
            return _under_pointer(display)
        return _described(display, _path_to(focus))


def _under_pointer(display: Any) -> Window:
    path = [display.screen().root]
    while (child := path[-1].query_pointer().child) not in (X.NONE, None):
        path.append(child)
    return _described(display, path)


def _path_to(window: Any) -> list[Any]:
    """The window after all that contain it, the root first."""
    path = [window]
    while (parent := path[0].query_tree().parent) and not isinstance(parent, int):
        path.insert(0, parent)
    return path


def _described(display: Any, path: list[Any]) -> Window:
    """The innermost window of a path that has a class. A frame has that of the window in it, a menu its program's."""
    root, *inner = path
    if not inner:
        return Window("", "", NOWHERE)
    framed = next((window for window in _below(inner[0]) if _kind(window)), inner[0])
    window = next((window for window in reversed(inner) if _kind(window)), framed)
    kind = _kind(window) or _kind_of_program(display, root, window)
    return Window(kind, _title(display, window), _box(root, window))


def _kind(window: Any) -> str:
    with contextlib.suppress(error.BadWindow):  # it has just been closed
        if found := window.get_wm_class():
            return str(found[1])
    return ""


def _kind_of_program(display: Any, root: Any, window: Any) -> str:
    """The class of another window that the same program has opened."""
    own = ~display.display.info.resource_id_mask
    return next((kind for other in _below(root) if other.id & own == window.id & own and (kind := _kind(other))), "")


def _below(window: Any) -> Iterator[Any]:
    """Every window within another one."""
    waiting = [window]
    while waiting:
        with contextlib.suppress(error.BadWindow):
            inside = waiting.pop().query_tree().children
            yield from inside
            waiting += inside


def _title(display: Any, window: Any) -> str:
    with contextlib.suppress(error.BadWindow):
        named = window.get_full_property(display.intern_atom("_NET_WM_NAME"), display.intern_atom("UTF8_STRING"))
        if named:
            return named.value if isinstance(named.value, str) else bytes(named.value).decode("utf-8", "replace")
        return str(window.get_wm_name() or "")
    return ""


def _box(root: Any, window: Any) -> Box:
    with contextlib.suppress(error.BadWindow):
        size, corner = window.get_geometry(), root.translate_coords(window, 0, 0)
        return Box(corner.x, corner.y, corner.x + size.width, corner.y + size.height)
    return NOWHERE


@contextlib.contextmanager
def _connected(name: str) -> Iterator[Any]:
    """A connection of its own: an interrupt may break one in the middle of a reply."""
    display = x11.another_connection(name)
    try:
        yield display
    finally:
        with contextlib.suppress(*x11.LOST):
            display.close()
