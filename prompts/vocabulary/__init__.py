"""What models call things: names of actions, words for arguments, gestures of functions. Teach a model's words here.

`Vocabulary.ours` reads by these tables, and `prompts.grammar` writes from them the patterns that a call is held to.
"""

import math
from collections.abc import Mapping, Set

from actions.action import Action, ActionSpace, Call
from actions.control import ASK, CONTROL, Finish
from actions.geometry import THOUSANDTHS, Size
from actions.keyboard import KEYBOARD, Press, Type
from actions.mouse import MOUSE, Click, DoubleClick, Drag, MiddleClick, RightClick, Scroll
from actions.phone import PHONE
from actions.points import ModelPoint
from actions.touch import TOUCH, Tap
from actions.web import WEB
from prompts.reading.loose_json import Unreadable
from prompts.vocabulary.functions import FUNCTIONS, MOST_NOTCHES, NOTCH, USUAL_NOTCHES, read_button
from prompts.vocabulary.names import ENDINGS, NAMES, ONLY_CALLED, spelled
from prompts.vocabulary.words import WHY, Words

MOST_PRESSES = 5
ENTERS = frozenset({"pressenter", "enter", "submit"})
"""Words, as `spelled`, for the Enter key behind a text."""
CLEARS = frozenset({"clear", "cleartext", "deleteexistingtext", "clearfirst", "overwrite"})
"""Words, as `spelled`, for a text that is typed over what is there."""
_YES_OR_NO = ("true", "false")
BY_BUTTON: Mapping[str, type[Action]] = {"left": Click, "right": RightClick, "middle": MiddleClick}
_KNOWN = (*MOUSE, *TOUCH, *KEYBOARD, *PHONE, *WEB, *CONTROL, *ASK)


class Vocabulary:
    """What models call the actions of one space."""

    def __init__(self, space: ActionSpace) -> None:
        self.space = space
        self._kinds = {spelled(name): kind for kind in space.actions for name in NAMES.get(kind.__name__, ())}
        self._kinds |= {spelled(kind.__name__): kind for kind in space.actions}
        ours = {kind.__name__ for kind in (*_KNOWN, *space.actions)}
        others = {name for kind in ours for name in NAMES.get(kind, ())}
        self.verbs = frozenset(map(spelled, {*ours, *others, *FUNCTIONS, *ENDINGS, *ONLY_CALLED}))
        """The names, as `spelled`, that make `name(...)` a call."""

    def kind(self, name: str) -> type[Action] | None:
        """The action of this space that a name means."""
        return self._kinds.get(spelled(name))

    def names(self, kind: type[Action]) -> list[str]:
        """Our name of an action, and the others that mean it here."""
        return [name for name in (kind.__name__, *NAMES.get(kind.__name__, ())) if self.kind(name) is kind]

    def ours(self, call: Call) -> list[Call]:
        """The call in our words, as far as they are known here, as several where it says several things at once.

        The action space judges the rest.

        Raises:
            Unreadable: it is a call of a function that does not say what to do.
        """
        call = self._named(call)
        kind = self.kind(call.name)
        arguments = dict(call.arguments)
        if kind is Press and (times := arguments.pop("presses", None)) is not None:
            once = self._plain(kind, arguments, call.frame)
            if isinstance(times, int) and 1 <= times <= MOST_PRESSES:
                return [once] * times
            return [once._replace(arguments={**once.arguments, "presses": times})]
        if kind is Type:
            return self._typed(arguments, call.frame)
        if kind is Finish:
            arguments = _ended(call.name, arguments)
        elif kind is Scroll:
            arguments = _scrolled(arguments, sideways=spelled(call.name) == "hscroll")
        elif kind is Drag and arguments.get("button") == "left":
            del arguments["button"]
        elif kind is Click and "left" not in spelled(call.name):
            kind, arguments = _clicked(arguments)
        return [self._plain(kind, arguments, call.frame) if kind else call]

    def _named(self, call: Call) -> Call:
        """The call by the name of what it does, where that is an argument of it."""
        arguments = dict(call.arguments)
        if spelled(call.name) == "do":  # AutoGLM, whose points are thousandths
            call = Call(str(arguments.pop("action", call.name)), arguments, THOUSANDTHS)
        elif call.name in FUNCTIONS:
            call = call._replace(name=self._action(call.name, arguments), arguments=arguments)
        button = read_button(arguments.get("button")) if spelled(call.name) == "systembutton" else None
        return call._replace(name=button, arguments={}) if button else call

    def _action(self, function: str, arguments: dict[str, object]) -> str:
        """Takes the action out of a function's arguments. A place and nothing else is a click there.

        The released checkpoints leave the action out when they ground.
        """
        if name := str(arguments.pop("action", "") or ""):
            return name
        click = next((kind for kind in (Click, Tap) if kind in self.space), None)
        if click and set(arguments) == {"coordinate"}:
            return click.__name__
        raise Unreadable(f"`action`, which says what {function} is to do, is missing", 0)

    def _plain(self, kind: type[Action], arguments: Mapping[str, object], frame: Size | None) -> Call:
        return Call(kind.__name__, Words(kind).given(arguments), frame)

    def _typed(self, arguments: dict[str, object], frame: Size | None) -> list[Call]:
        """Typing at a place, over what is there, or with Enter after it, call by call."""
        clears, enters = _flag(arguments, CLEARS), _flag(arguments, ENTERS)
        place = Words(Place).given(arguments).get("point")
        click = self.kind("click")
        if place is not None and click:
            arguments = {word: value for word, value in arguments.items() if not Words(Place).means(word)}
        keys = ((["ctrl", "a"], clears), (["enter"], enters))
        before, after = ([Call(Press.__name__, {"keys": pressed})] if wanted else [] for pressed, wanted in keys)
        clicked = [self._plain(click, {"point": place}, frame)] if place is not None and click else []
        return [*clicked, *before, self._plain(Type, arguments, frame), *after]


class Place(Action):
    """What is done at a place first, before a text is typed there."""

    point: ModelPoint


def _flag(arguments: dict[str, object], words: Set[str]) -> bool:
    """Takes out these words where they are given with yes or no, the last of which counts; else decode refuses them."""
    found = [word for word in arguments if spelled(word) in words and str(arguments[word]).casefold() in _YES_OR_NO]
    return [str(arguments.pop(word)).casefold() == "true" for word in found][-1:] == [True]


def _ended(name: str, arguments: dict[str, object]) -> dict[str, object]:
    """The arguments of Finish: how the task ended where the name says it, and why as its text."""
    said = Words(Finish).given(arguments)
    if "status" not in said:
        status = ENDINGS.get(spelled(name)) or ("success" if list(arguments) == ["message"] else None)  # AutoGLM
        arguments = ({"status": status} if status else {}) | arguments
    why = next((word for word in arguments if spelled(word) in WHY), None)
    if why and "text" not in said:
        arguments["text"] = arguments.pop(why)
    return arguments


def _scrolled(arguments: dict[str, object], sideways: bool) -> dict[str, object]:
    """Pixels or wheel clicks with a sign, positive ones up or to the right; 0 and NaN are left for decode."""
    pixels = arguments.get("pixels")
    if pixels is None and isinstance(clicks := arguments.get("clicks"), int) and "direction" not in arguments:
        pixels = clicks * NOTCH
    if not isinstance(pixels, int | float) or not pixels or math.isnan(pixels):
        return arguments
    forward, backward = ("right", "left") if sideways else ("up", "down")
    rest = {word: value for word, value in arguments.items() if word not in _HOW_FAR}
    notches = max(1, round(min(abs(pixels) / NOTCH, MOST_NOTCHES)))
    told: dict[str, object] = {"direction": forward if pixels > 0 else backward}
    return rest | told | ({} if notches == USUAL_NOTCHES else {"notches": notches})


_HOW_FAR = ("pixels", "direction", "notches", "clicks", "amount")


def _clicked(arguments: dict[str, object]) -> tuple[type[Action], dict[str, object]]:
    """pyautogui's click, which takes a button and a count."""
    button, clicks = str(arguments.get("button", "left")).lower(), arguments.get("clicks", 1)
    kind = DoubleClick if (button, clicks) == ("left", 2) else BY_BUTTON.get(button)
    if kind is None or (clicks != 1 and kind is not DoubleClick):
        return Click, arguments
    return kind, {word: value for word, value in arguments.items() if word not in ("button", "clicks")}
