"""`together`: joins calls of one reply that form one action; the others are unchanged, in order.

pyautogui's code, and `computer_use` without points, use several calls for one of our actions: move the pointer
and drag from there, move it and click, press the button down and release it elsewhere, hold a key and press another.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from actions.action import Action, Call
from actions.control import Wait
from actions.keyboard import MODIFIERS, Press
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll, TripleClick
from prompts.vocabulary.names import spelled
from prompts.vocabulary.words import Words

_AT_THE_POINTER: Mapping[type[Action], str] = {
    Click: "point", DoubleClick: "point", TripleClick: "point", RightClick: "point", MiddleClick: "point",
    Scroll: "point", Drag: "start",
}  # fmt: skip
"""Actions at the pointer's position, and the field that then lacks a point."""
_BY_MOUSE = frozenset(kind.__name__ for kind in _AT_THE_POINTER)
_SIDES = ("back", "forward")
_DOWN, _UP = frozenset({"mousedown", "leftmousedown"}), frozenset({"mouseup", "leftmouseup"})


def together(calls: Sequence[Call]) -> list[Call]:
    """The calls, in our terms, with those joined that form one action; waits between these come before it."""
    joined: list[Call] = []
    rest = list(calls)
    while rest:
        places = [at for at, call in enumerate(rest) if call.name != Wait.__name__]
        acting = [rest[at] for at in places]
        one = (_held_key(acting) or _dragged(acting) or _moved_first(acting)) if places[:1] == [0] else None
        call, taken = one or (rest[0], 1)
        last = places[taken - 1] if one else 0
        joined += [call for call in rest[:last] if call.name == Wait.__name__]
        joined.append(call)
        del rest[: last + 1]
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
    """The button pressed at one place (the pointer's last position), moved, and released at another."""
    start = _place(calls[0])
    first = 0 if start is None else 1
    if len(calls) < first + 2 or spelled(calls[first].name) not in _DOWN:
        return None
    moves = _run_of(calls[first + 1 :], MoveTo)
    last = first + 1 + len(moves)
    if len(calls) <= last or spelled(calls[last].name) not in _UP:
        return None
    down, up = dict(calls[first].arguments), dict(calls[last].arguments)
    start = down.pop("point", start)
    path = [
        *(place for move in moves if (place := _place(move)) is not None),
        *([up.pop("point")] if "point" in up else []),
    ]
    if not path or len(path) < len(moves) or down != up or set(down) - {"button"} or down.get("button") in _SIDES:
        return None
    way = {"via": path[:-1]} if path[1:] else {}
    arguments = {**({} if start is None else {"start": start}), "end": path[-1], **way, **down}
    return Call(Drag.__name__, arguments, calls[last - 1].frame), last + 1


def _held_key(calls: Sequence[Call]) -> tuple[Call, int] | None:
    """Keys that are held, what is pressed, clicked, dragged or scrolled meanwhile, and the release."""
    held = _run(calls, "keydown")
    ups = next((at for at, call in enumerate(calls) if spelled(call.name) == "keyup"), None)
    if not held or ups is None:
        return None
    inner, released = calls[len(held) : ups], _run(calls[ups:], "keyup")
    keys = [key for call in held if (key := _key(call))]
    if len(released) != len(held) or len(keys) != len(held):
        return None
    taken = ups + len(released)
    pressed = [key for call in inner if call.name == Press.__name__ and (key := _key(call))]
    if inner and len(pressed) == len(inner):
        return Call(Press.__name__, {"keys": [*keys, *pressed]}), taken
    joined = together(inner)
    if len(joined) != 1 or joined[0].name not in _BY_MOUSE or "modifiers" in joined[0].arguments:
        return None
    modifiers = Words(Click).given({"modifiers": keys})
    if not set(_sequence(modifiers["modifiers"])) <= set(MODIFIERS):
        return None
    return joined[0]._replace(arguments={**joined[0].arguments, **modifiers}), taken


def _sequence(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _run(calls: Iterable[Call], name: str) -> list[Call]:
    return list(takewhile(lambda call: spelled(call.name) == name, calls))


def _run_of(calls: Iterable[Call], kind: type[Action]) -> list[Call]:
    return list(takewhile(lambda call: call.name == kind.__name__, calls))


def _key(call: Call) -> str | None:
    """The only key of a call, which has nothing else."""
    given = Words(Press).given(call.arguments)
    value = given.get("keys")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) and len(given) == 1 else None


def _place(call: Call) -> object | None:
    """Where a call moves the pointer; None if it does something else."""
    return call.arguments.get("point") if call.name == MoveTo.__name__ else None
