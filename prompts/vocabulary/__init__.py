"""The models' vocabulary: names of actions, words for arguments, gestures of functions. Add a model's words here.

`Vocabulary.ours` reads by these tables, and `prompts.grammar` builds from them the patterns that constrain a call.
"""

import math
from collections.abc import Mapping, Set
from types import MappingProxyType

from actions.action import Action, ActionSpace, Call
from actions.control import ASK, CONTROL, Finish
from actions.geometry import PARTS, THOUSANDTHS, Point, Size
from actions.holding import HOLDING, MouseDown, MouseUp
from actions.keyboard import KEYBOARD, MODIFIERS, Press, Type
from actions.mouse import MOUSE, Click, DoubleClick, Drag, MiddleClick, RightClick, Scroll, TripleClick
from actions.phone import PHONE
from actions.points import ModelPoint
from actions.touch import TOUCH, Swipe, Tap
from actions.web import WEB
from prompts.reading.loose_json import Unreadable
from prompts.vocabulary.functions import (
    ALSO_CALLED,
    BUTTONS,
    FUNCTIONS,
    MOST_NOTCHES,
    NOTCH,
    USUAL_NOTCHES,
    read_button,
)
from prompts.vocabulary.names import ENDINGS, IN_TURN, KEYS, NAMES, ONLY_CALLED, spelled
from prompts.vocabulary.words import CLEARS, ENTERS, WHY, Words, words_of

MOST_PRESSES = 5
FREE_TEXTS = frozenset({"text", "content", "answer", "message", "url"})
"""Arguments of the screens' functions that are text."""
BY_BUTTON: Mapping[str, type[Action]] = {
    "left": Click, "right": RightClick, "middle": MiddleClick, "wheel": MiddleClick,
}  # fmt: skip
_KNOWN = (*MOUSE, *TOUCH, *KEYBOARD, *HOLDING, *PHONE, *WEB, *CONTROL, *ASK)


class Vocabulary:
    """The models' names of the actions of one space.

    Points of AutoGLM's `do` are thousandths, unless the prompt asked for `do` (`asked_to_do`) and gave their frame.
    `own` are names to which the prompt gave another meaning than they have elsewhere.
    """

    def __init__(
        self, space: ActionSpace, asked_to_do: bool = False, own: Mapping[str, type[Action]] = MappingProxyType({})
    ) -> None:
        self.space = space
        self._frame_of_do = None if asked_to_do else THOUSANDTHS
        self._own = own
        self._kinds: dict[str, type[Action]] = {spelled(name): Press for name in KEYS if Press in space}
        self._kinds |= {spelled(name): kind for kind in space.actions for name in NAMES.get(kind.__name__, ())}
        self._kinds |= {spelled(kind.__name__): kind for kind in space.actions}
        self._kinds |= {spelled(name): kind for name, kind in own.items() if kind in space}
        ours = {kind.__name__ for kind in (*_KNOWN, *space.actions)}
        others = {name for kind in ours for name in NAMES.get(kind, ())}
        self.verbs = frozenset(map(spelled, {*ours, *others, *FUNCTIONS, *ENDINGS, *ONLY_CALLED}))
        """The names, as `spelled`, that make `name(...)` a call."""
        self.buttons = {name: button for name, button in BUTTONS.items() if self.kind(name)}
        """The buttons of `system_button` that this space has, by the names of their actions."""

    def kind(self, name: str) -> type[Action] | None:
        """The action of this space with this name."""
        return self._kinds.get(spelled(name))

    def texts(self, name: str) -> Set[str]:
        """The arguments of an action, or of a screen's function, that are text even if they look like a number."""
        kind = self.kind(name)
        texts = [word for word, field in kind.model_fields.items() if field.annotation is str] if kind else []
        return {way for word in texts for way in words_of(word)} | (FREE_TEXTS if name in FUNCTIONS else set())

    def names(self, kind: type[Action]) -> list[str]:
        """Our name of an action, and its aliases in this space."""
        known = (kind.__name__, *NAMES.get(kind.__name__, ()), *KEYS, *self._own)
        return [name for name in known if self.kind(name) is kind]

    def ours(self, call: Call) -> list[Call]:
        """The call in our words, as far as they are known here, as several where it says several things at once.

        The action space judges the rest.

        Raises:
            Unreadable: it does not say what to do, or says two things.
        """
        call = self._named(call)
        if call.name == IN_TURN:
            return [press for key in _in_turn(call) for press in self._pressed(key)]
        kind = self.kind(call.name)
        arguments = dict(call.arguments)
        if Swipe in self.space and Scroll not in self.space and (swiped := _swiped(call)):
            return [swiped]
        if kind is Press:
            return self._pressed(call)
        if kind is Type:
            return self._typed(arguments, call.frame, enters=spelled(call.name) in _ENTERING)
        if kind is Finish:
            arguments = _ended(call.name, arguments)
        elif kind is Scroll:
            arguments = _scrolled(arguments, sideways=spelled(call.name) == "hscroll")
        elif kind is Drag:
            arguments = _along(arguments)
        elif spelled(call.name) == "scroll" and {"start", "end"} <= arguments.keys():
            arguments.pop("direction", None)  # UI-Venus's Scroll has it besides the points of its swipe
        elif kind is Click and "left" not in spelled(call.name):
            return self._clicks(arguments, call.frame)
        return [self._plain(kind, arguments, call.frame) if kind else call]

    def _named(self, call: Call) -> Call:
        """The call under the name of its action, if that is an argument."""
        arguments = dict(call.arguments)
        call = call._replace(name=ALSO_CALLED.get(call.name, call.name))
        if spelled(call.name) == "do":
            call = self._done(arguments)
        elif call.name in FUNCTIONS:
            call = call._replace(name=self._action(call.name, arguments), arguments=arguments)
        elif spelled(call.name) == "swipe" and "axis" in arguments and Scroll in self.space:  # UI-Venus-2 on a desktop
            name = "hscroll" if arguments.pop("axis") == "horizontal" else "scroll"
            call = Call(name, {("clicks" if word == "amount" else word): value for word, value in arguments.items()})
        if spelled(call.name) != "systembutton" or not self.buttons:
            return call
        said = arguments.pop("button", None)
        button = read_button(said, self.buttons)
        if button is None:
            wrong = f"{str(said)[:40]!r}" if said else "missing"
            raise Unreadable(f"`button` is {wrong}; it must be {', '.join(self.buttons.values())}", 0)
        return call._replace(name=button, arguments=arguments)

    def _done(self, arguments: dict[str, object]) -> Call:
        """What AutoGLM's `do` does. Its client empties a field before it types."""
        name = str(arguments.pop("action", "") or "")
        if not name:
            raise Unreadable("`action`, which says what do is to do, is missing", 0)
        kind = self.kind(name)
        if kind in (Tap, Click) and "message" in arguments:
            raise Unreadable(
                "a tap with a message asks for the user's consent; ask for it with a call of its own, then tap", 0
            )
        if kind is Type and Press in self.space:
            arguments["clear"] = True
        return Call(name, arguments, self._frame_of_do)

    def _pressed(self, call: Call) -> list[Call]:
        """A press of keys, as often as it is said."""
        arguments = dict(call.arguments)
        if not arguments and (key := _KEYS.get(spelled(call.name))):
            arguments = {"keys": [key]}
        word = next((word for word in ("presses", "repeat") if word in arguments), None)
        times = arguments.pop(word) if word else 1
        if "hold" not in spelled(call.name):  # elsewhere a time is said of what happens behind it
            arguments = {word: value for word, value in arguments.items() if spelled(word) not in ("time", "duration")}
        once = self._plain(Press, arguments, call.frame)
        if isinstance(times, int) and 1 <= times <= MOST_PRESSES:
            return [once] * times
        return [once._replace(arguments={**once.arguments, str(word): times})]

    def _clicks(self, arguments: dict[str, object], frame: Size | None) -> list[Call]:
        """A click with the button and the count among its arguments; the back button is pressed and released."""
        if MouseDown in self.space and arguments.get("button") in ("back", "forward"):
            return [self._plain(kind, arguments, frame) for kind in (MouseDown, MouseUp)]
        kind, arguments = _clicked(arguments)
        return [self._plain(kind, arguments, frame)]

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

    def _typed(self, arguments: dict[str, object], frame: Size | None, enters: bool) -> list[Call]:
        """Typing at a point, over existing text, or with Enter after it, as single calls."""
        clears, enters = _flag(arguments, CLEARS), _flag(arguments, ENTERS) or enters
        place = Words(Place).given(arguments).get("point")
        click = self.kind("click")
        if place is not None and click:
            arguments = {word: value for word, value in arguments.items() if not Words(Place).means(word)}
        keys = ((["ctrl", "a"], clears), (["enter"], enters))
        before, after = ([Call(Press.__name__, {"keys": pressed})] if wanted else [] for pressed, wanted in keys)
        clicked = [self._plain(click, {"point": place}, frame)] if place is not None and click else []
        return [*clicked, *before, self._plain(Type, arguments, frame), *after]


class Place(Action):
    """The actions at a point before a text is typed there."""

    point: ModelPoint


_SIDES = {"up": (0.5, 0.3), "down": (0.5, 0.7), "left": (0.2, 0.5), "right": (0.8, 0.5)}
"""The end of a swipe to a side of the screen, in fractions of the screen."""
_SHIFTS = {"up": Point(0, -0.3), "down": Point(0, 0.3), "left": Point(-0.3, 0), "right": Point(0.3, 0)}
"""Its length from a given point, in fractions of the screen (as stepfun-ai/gelab-zero's client)."""
_OPPOSITE = {"up": "down", "down": "up", "left": "right", "right": "left"}
_ENTERING = frozenset({"writeelementabs"})
"""Names, as `spelled`, of typing that ends with Enter: Holo's (hcompai/hai-cookbook, utils/navigation.py)."""


def _swiped(call: Call) -> Call | None:
    """A swipe or a scroll by its direction, from a place or over the middle of the screen.

    A swipe moves the finger that way; what scrolls down is swiped up.
    """
    name, given = spelled(call.name), dict(call.arguments)
    if name == "scroll":  # how far a wheel turns says nothing about a finger: every swipe has the same length
        given = _scrolled(given, sideways=False)
        given.pop("notches", None)
    side = str(given.pop("direction", "")).strip().lower()
    if name not in ("swipe", "slide", "scroll") or side not in _SIDES:
        return None
    towards = _OPPOSITE[side] if name == "scroll" else side
    place = Words(Place).given(given)
    if not place:
        return Call(Swipe.__name__, {"start": _SIDES[_OPPOSITE[towards]], "end": _SIDES[towards]}, PARTS)
    if set(place) != {"point"}:
        return None
    arguments = {"start": place["point"], "end": place["point"]}
    return Call(Swipe.__name__, arguments, call.frame, {"end": _SHIFTS[towards]})


def _in_turn(call: Call) -> list[Call]:
    """The presses of pyautogui's press, a call for each key.

    Raises:
        Unreadable: one of its keys, but the last, is held while others are pressed.
    """
    arguments = dict(call.arguments)
    keys = arguments.pop("keys", arguments.pop("key", None))
    if not isinstance(keys, list) or len(keys) < 2:
        return [call._replace(name=Press.__name__)]
    if any(spelled(str(key)) in _HELD for key in keys[:-1]):
        raise Unreadable("press presses one key after the other; write hotkey for keys that are held together", 0)
    times = arguments.pop("presses", 1)
    if not isinstance(times, int) or not 1 <= times <= MOST_PRESSES:
        raise Unreadable(f"{times!r} presses; write a press for each", 0)
    return [Call(Press.__name__, {**arguments, "keys": key}) for key in keys * times]


_KEYS = {spelled(name): key for name, key in KEYS.items()}
_HELD = frozenset({*MODIFIERS, "control", "command", "cmd", "option", "win", "super"})


def _flag(arguments: dict[str, object], words: Set[str]) -> bool:
    """Removes the first of these words with a yes-or-no value; other values stay, for `decode` to refuse."""
    for word in [word for word in arguments if spelled(word) in words]:
        if (said := str(arguments[word]).casefold()) in ("true", "false"):
            del arguments[word]
            return said == "true"
    return False


def _ended(name: str, arguments: dict[str, object]) -> dict[str, object]:
    """The arguments of Finish: the status if the name implies it, and the reason as its text."""
    said = Words(Finish).given(arguments)
    if "status" not in said:
        status = ENDINGS.get(spelled(name)) or ("success" if list(arguments) == ["message"] else None)  # AutoGLM
        arguments = ({"status": status} if status else {}) | arguments
    why = next((word for word in arguments if spelled(word) in WHY), None)
    if why and "text" not in said:
        arguments["text"] = arguments.pop(why)
    return arguments


def _scrolled(arguments: dict[str, object], sideways: bool) -> dict[str, object]:
    """Pixels, wheel clicks or pages with a sign, positive ones up or to the right.

    Raises:
        Unreadable: it scrolls by nothing.
    """
    pixels = arguments.get("pixels")
    if pixels is None and isinstance(clicks := arguments.get("clicks"), int) and "direction" not in arguments:
        pixels = clicks * NOTCH
    if pixels is None and isinstance(page := arguments.get("page"), int | float) and "direction" not in arguments:
        pixels = page * PAGE
    if not isinstance(pixels, int | float):
        return arguments
    if not pixels or math.isnan(pixels):
        raise Unreadable(f"scrolling by {pixels} scrolls nothing: positive numbers scroll up, negative ones down", 0)
    forward, backward = ("right", "left") if sideways else ("up", "down")
    rest = {word: value for word, value in arguments.items() if word not in _HOW_FAR}
    notches = max(1, round(min(abs(pixels) / NOTCH, MOST_NOTCHES)))
    scroll: dict[str, object] = {"direction": forward if pixels > 0 else backward}
    return rest | scroll | ({} if notches == USUAL_NOTCHES else {"notches": notches})


_HOW_FAR = ("pixels", "direction", "notches", "clicks", "amount", "page")
PAGE = 1000
"""Pixels of a page, about: Aguvis scrolls by parts of one, of which its authors take the sign (AgentNetBench)."""


ENDS = frozenset(word for field in ("start", "end") for word in words_of(field))


def _along(arguments: dict[str, object]) -> dict[str, object]:
    """A drag whose whole way is its `path`, as of OpenAI's `computer`."""
    path = arguments.get("path")
    if not isinstance(path, list) or len(path) < 2 or any(word in ENDS for word in arguments):
        return arguments
    rest = {word: value for word, value in arguments.items() if word != "path"}
    return {**rest, "start": path[0], "end": path[-1], **({"via": path[1:-1]} if path[2:] else {})}


def _clicked(arguments: dict[str, object]) -> tuple[type[Action], dict[str, object]]:
    """pyautogui's click, which takes a button and a count."""
    button, clicks = str(arguments.get("button", "left")).lower(), arguments.get("clicks", 1)
    several = {2: DoubleClick, 3: TripleClick}.get(clicks) if isinstance(clicks, int) else None
    kind = several if button == "left" and several else BY_BUTTON.get(button)
    if kind is None or (clicks != 1 and kind is not several):
        return Click, arguments
    return kind, {word: value for word, value in arguments.items() if word not in ("button", "clicks")}
