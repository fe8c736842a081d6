"""`together`: joins calls of one reply that form one action; the others are unchanged, in order.

pyautogui's code, and `computer_use` without points, use several calls for one of our actions: move the pointer
and drag from there, move it and click, press the button down and release it elsewhere, hold a key and press another.
"""

from collections.abc import Iterable, Mapping, Sequence

from actions.action import Action, Call
from actions.keyboard import Press
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll
from prompts.vocabulary.names import spelled
from prompts.vocabulary.words import Words

_AT_THE_POINTER: Mapping[type[Action], str] = {
    Click: "point", DoubleClick: "point", RightClick: "point", MiddleClick: "point", Scroll: "point", Drag: "start",
}  # fmt: skip
"""Actions at the pointer's position, and the field that then lacks a point."""
_DOWN, _UP = frozenset({"mousedown", "leftmousedown"}), frozenset({"mouseup", "leftmouseup"})


def together(calls: Sequence[Call]) -> list[Call]:
    """The calls, in our terms, with those joined that form one action."""
    joined: list[Call] = []
    rest = list(calls)
    while rest:
        call, taken = _held_key(rest) or _dragged(rest) or _moved_first(rest) or (rest[0], 1)
        joined.append(call)
        del rest[:taken]
    return joined


def _moved_first(calls: Sequence[Call]) -> tuple[Call, int] | None:
    """A move of the pointer, and the action at its position."""
    if len(calls) < 2 or (place := _place(calls[0])) is None:
        return None
    for kind, field in _AT_THE_POINTER.items():
        if calls[1].name == kind.__name__ and field not in calls[1].arguments:
            return calls[1]._replace(arguments={field: place, **calls[1].arguments}), 2
    return None


def _dragged(calls: Sequence[Call]) -> tuple[Call, int] | None:
    """The button pressed at one place (the pointer's last position) and released at another."""
    start = _place(calls[0])
    held = calls[1:] if start is not None else calls
    if len(held) < 3 or spelled(held[0].name) not in _DOWN or spelled(held[2].name) not in _UP:
        return None
    end = _place(held[1])
    if end is None or held[2].arguments or set(held[0].arguments) - {"button"}:
        return None
    arguments = {"end": end} if start is None else {"start": start, "end": end}
    return Call(Drag.__name__, arguments, held[1].frame), len(calls) - len(held) + 3


def _held_key(calls: Sequence[Call]) -> tuple[Call, int] | None:
    """Keys that are held, others that are pressed meanwhile, and the release."""
    held = _run(calls, "keydown")
    pressed = [call for call in _run_of(calls[len(held) :], Press)]
    released = _run(calls[len(held) + len(pressed) :], "keyup")
    keys = [key for call in (*held, *pressed) if (key := _key(call))]
    if not held or len(released) != len(held) or len(keys) != len(held) + len(pressed):
        return None
    return Call(Press.__name__, {"keys": keys}), len(held) + len(pressed) + len(released)


def _run(calls: Iterable[Call], name: str) -> list[Call]:
    found = []
    for call in calls:
        if spelled(call.name) != name:
            break
        found.append(call)
    return found


def _run_of(calls: Iterable[Call], kind: type[Action]) -> list[Call]:
    found = []
    for call in calls:
        if call.name != kind.__name__:
            break
        found.append(call)
    return found


def _key(call: Call) -> str | None:
    """The only key of a call."""
    value = Words(Press).given(call.arguments).get("keys")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else None


def _place(call: Call) -> object | None:
    """Where a call moves the pointer; None if it does something else."""
    return call.arguments.get("point") if call.name == MoveTo.__name__ else None
