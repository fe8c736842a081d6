"""`Gestures`: a person's raw input (buttons, wheel, keys, text) as the fewest actions that do the same."""

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from pydantic import ValidationError

from actions.action import Action
from actions.geometry import Point
from actions.keyboard import MODIFIERS, Press, Type, read_keys
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, RightClick, Scroll, TripleClick
from actions.web import Choose
from devices.watching import Done

AGAIN_S = 0.5
"""The longest time between the clicks of a double or triple click."""
NEAR_PX = 6.0
"""How far the pointer may move during a click, and between those of a double click."""
SAME_PLACE_PX = 60.0
"""How far the pointer may move between turns of the wheel that become one action."""
MOST_NOTCHES = 50
LONGEST = 10_000
"""The most characters of one `Type`."""
SECRET = "{{PASSWORD}}"
"""What stands for the text of a password field."""
_CLICKS: tuple[type[Action], ...] = (Click, DoubleClick, TripleClick)
_OTHERS: dict[str, type[Action]] = {"right": RightClick, "middle": MiddleClick}


class _Down(NamedTuple):
    """A button that is down."""

    point: Point
    button: str
    modifiers: tuple[str, ...]
    words: str


class Gestures:
    """Collects input in the order in which it came; times are in seconds, points in screen pixels."""

    def __init__(self) -> None:
        self._done: list[Done] = []
        self._down: _Down | None = None
        self._clicked_s = -math.inf

    @property
    def done(self) -> list[Done]:
        return list(self._done)

    def add(self, action: Action, words: str = "") -> None:
        """An action as a whole."""
        self._done.append(Done(action, words))

    def press_button(self, point: Point, button: str, modifiers: Sequence[str], words: str) -> None:
        self._down = _Down(point, button, tuple(modifiers), words)

    def release_button(self, point: Point, at_s: float) -> None:
        """Ends a click, or a drag if the pointer has moved."""
        down, self._down = self._down, None
        if down is None:
            return
        if math.dist(down.point, point) > NEAR_PX:
            ends = {"start": down.point, "end": point, "button": down.button, "modifiers": down.modifiers}
            self.add(Drag.model_validate(ends), down.words)
        elif down.button in _OTHERS:
            self._click(_OTHERS[down.button], down)
        else:
            self._click(self._repeated(down.point, at_s), down)
            self._clicked_s = at_s

    def _repeated(self, point: Point, at_s: float) -> type[Action]:
        """The kind of a click, which replaces the one that it repeats."""
        last = self._done[-1].action if self._done else None
        if not isinstance(last, Click | DoubleClick) or at_s - self._clicked_s > AGAIN_S:
            return Click
        if math.dist(last.point, point) > NEAR_PX:
            return Click
        self._done.pop()
        return _CLICKS[_CLICKS.index(type(last)) + 1]

    def _click(self, kind: type[Action], down: _Down) -> None:
        self.add(kind.model_validate({"point": down.point, "modifiers": down.modifiers}), down.words)

    def scroll(self, point: Point, right: int, down: int) -> None:
        """Turns the wheel by notches; turns in one direction at one place become one action."""
        turned = right or down
        if not turned:
            return
        direction = ("right" if turned > 0 else "left") if right else ("down" if turned > 0 else "up")
        notches = abs(turned)
        last = self._done[-1].action if self._done else None
        if isinstance(last, Scroll) and last.direction == direction and last.point:
            if math.dist(last.point, point) <= SAME_PLACE_PX and last.notches + notches <= MOST_NOTCHES:
                self._done.pop()
                point, notches = last.point, last.notches + notches
        self.add(Scroll.model_validate({"direction": direction, "notches": notches, "point": point}))

    def type(self, text: str, words: str = "") -> None:
        """Types text; a line end is the Enter key."""
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n")):
            if number:
                self.press("Enter", (), words)
            for start in range(0, len(line), LONGEST):
                self._type_part(line[start : start + LONGEST], words)

    def _type_part(self, text: str, words: str) -> None:
        last = self._done[-1] if self._done else None
        if last and isinstance(last.action, Type) and not last.secret and last.words == words:
            if len(last.action.text) + len(text) <= LONGEST:
                self._done.pop()
                text = last.action.text + text
        self.add(Type(text=text), words)

    def type_secret(self, value: str, place: str, field: str, words: str) -> None:
        """The whole text of a password field, as it is now: it is typed where the first of it was."""
        typed = Done(Type(text=SECRET), words, value, place, field)
        before = next((at for at, each in enumerate(self._done) if each.field == field), None)
        if before is not None:
            self._done[before : before + 1] = [typed] if value else []
        elif value:
            self._done.append(typed)

    def choose(self, value: str, field: str, words: str) -> None:
        """Gives a picker its value; while the same `field`, if any, gets others, the last one counts."""
        last = self._done[-1] if self._done else None
        if field and last and isinstance(last.action, Choose) and last.field == field:
            self._done.pop()
        self._done.append(Done(Choose(value=value), words, field=field))

    def press(self, key: str, modifiers: Sequence[str], words: str = "") -> None:
        """Presses a key that types nothing; Backspace takes back the character that was typed just before it."""
        last = self._done[-1] if self._done else None
        if key.lower() == "backspace" and not modifiers and last and isinstance(last.action, Type) and not last.secret:
            self._done.pop()
            if shorter := last.action.text[:-1]:
                self.add(Type(text=shorter), last.words)
            return
        with suppress(ValueError, ValidationError):  # a key that no keyboard here has, such as that of the volume
            keys = read_keys([*modifiers, key])
            if isinstance(keys, tuple) and not set(keys) <= set(MODIFIERS):
                self.add(Press.model_validate({"keys": keys}), words)
