"""The `Thought: ... Action: click(start_box='(x,y)')` notation, on which UI-TARS was tuned.

Verbs and the words of their arguments are UI-TARS's own (bytedance/UI-TARS, `codes/ui_tars/action_parser.py`). What it
has no verb for is called by our action's name, with our field names. A reply is followed by the end of the turn, and
the next screenshot is a user message: there is no stop string.
"""

import json
import re
from collections.abc import Mapping
from string import Template
from typing import NamedTuple

from actions.action import Action, ActionSpace, Call, own_term
from actions.control import Answer, Finish, Wait
from actions.geometry import Size
from actions.keyboard import Press, Type, read_keys
from actions.mouse import Click, DoubleClick, Drag, RightClick, Scroll
from actions.phone import Back, Home, OpenApp
from actions.synonyms import spelled
from actions.touch import LongPress, Swipe, Tap
from model.engine import Grammar
from prompts import grammar, schema, words
from prompts.dialects import verbs
from prompts.notations import Notation, Reply
from prompts.reading import replies

ADVICE = (
    "Write a call as the actions were listed: `Thought:` and what you think, then on a line of its own `Action:` and "
    "one action."
)


class Verb(NamedTuple):
    """One of UI-TARS's verbs, and the action of ours that it means."""

    name: str
    action: type[Action]
    words: Mapping[str, str] = {}
    """Its arguments, and the fields of our action that they are."""


_AT = {"start_box": "point"}
_FROM_TO = {"start_box": "start", "end_box": "end"}
VERBS: tuple[Verb, ...] = (
    Verb("click", Click, _AT),
    Verb("click", Tap, _AT),
    Verb("left_double", DoubleClick, _AT),
    Verb("right_single", RightClick, _AT),
    Verb("long_press", LongPress, _AT),
    Verb("drag", Drag, _FROM_TO),
    Verb("drag", Swipe, _FROM_TO),
    Verb("scroll", Scroll, {**_AT, "direction": "direction"}),
    Verb("type", Type, {"content": "text"}),
    Verb("hotkey", Press, {"key": "keys"}),
    Verb("open_app", OpenApp, {"app_name": "app"}),
    Verb("press_home", Home),
    Verb("press_back", Back),
    Verb("wait", Wait),
    Verb("finished", Finish, {"content": "text", "status": "status"}),
)
_PLACE = re.compile(r"\((-?\d+(?:\.\d+)?), ?(-?\d+(?:\.\d+)?)\)")
_TEXT = "'...'"
_EXAMPLES = {
    "start_box": "'(x1,y1)'", "end_box": "'(x2,y2)'", "point": "[x1, y1]", "direction": "'down or up or right or left'",
    "key": "'ctrl c'", "index": "1", "status": "'success or failure'",
    "answer": "'accept or dismiss'",
}  # fmt: skip
"""What the system text shows for an argument; any other one is text."""


class UiTars:
    """This notation for one action space."""

    stop: tuple[str, ...] = ()
    one_turn = False
    result_frame = ("", "")

    def __init__(self, space: ActionSpace) -> None:
        self._space = space
        self._verbs = verbs(space) | {spelled(verb.name) for verb in VERBS}
        self._by_action = {verb.action.__name__: verb for verb in VERBS if verb.action in space}
        ends = (
            self._by_action[kind.__name__].name if kind.__name__ in self._by_action else kind.__name__
            for kind in (Answer, Finish)
            if kind in space
        )
        self._ending = schema.ending(ends)
        self._by_name = {spelled(name): verb for ours, verb in self._by_action.items() for name in (ours, verb.name)}

    def system(self, frame: Size) -> str:
        actions = "\n".join(f"{self._signature(kind)} # {schema.description(kind)}" for kind in self._space.actions)
        line = schema.frame_line(self._space, frame)
        return Template(words("ui_tars")).substitute(actions=actions) + (f"\n- {line}" if line else "")

    def read_reply(self, text: str) -> Reply:
        """Takes a reply apart. Raises MalformedReply and NoCall."""
        reply = replies.read_reply(text, self._verbs, ADVICE, self._ending)
        return reply._replace(call=self._ours(reply.call), others=tuple(map(self._ours, reply.others)))

    def term(self, kind: type[Action], field: str) -> str:
        verb = self._by_action.get(kind.__name__)
        if verb is None:
            return own_term(kind, field)
        return next((word for word, ours in verb.words.items() if ours == field), field) if field else verb.name

    def grammar(self, frame: Size) -> None:
        """None yet: its texts are quoted by rules of their own."""

    def pointing(self, frame: Size) -> Grammar:
        verb = self._by_action[grammar.pointing(self._space).__name__]
        return Grammar("", rf"Action: {verb.name}\(start_box='\({','.join(grammar.place(frame))}\)'\)")

    def write_call(self, call: Call) -> str:
        """The call by UI-TARS's verb where that can say it, else by the action's own name."""
        verb = self._by_action.get(call.name)
        arguments = dict(call.arguments)
        if call.name == "Finish" and arguments.get("status") == "success":
            del arguments["status"]  # the verb says it
        if verb is None or not set(arguments) <= set(verb.words.values()):
            return f"Action: {call.name}({_listed({name: _literal(value) for name, value in call.arguments.items()})})"
        theirs = {ours: word for word, ours in verb.words.items()}
        return f"Action: {verb.name}({_listed({theirs[name]: _quoted(value) for name, value in arguments.items()})})"

    def _ours(self, call: Call) -> Call:
        """The call in our words, as far as they are known here; the action space judges the rest."""
        verb = self._by_name.get(spelled(call.name))
        if verb is None:
            return call
        arguments = {verb.words.get(word, word): value for word, value in call.arguments.items()}
        ours = {name: _value(name, value) for name, value in arguments.items()}
        return call._replace(name=verb.action.__name__, arguments=ours)

    def _signature(self, kind: type[Action]) -> str:
        """How an action is called, for the system text."""
        verb = self._by_action.get(kind.__name__)
        if verb:
            return f"{verb.name}({_listed({word: _EXAMPLES.get(word, _TEXT) for word in verb.words})})"
        return f"{kind.__name__}({_listed({name: _EXAMPLES.get(name, _TEXT) for name in kind.model_fields})})"


def _listed(arguments: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments.items())


def _quoted(value: object) -> str:
    """A verb's argument: all of them are quoted, places as `(x,y)` and keys with spaces between them."""
    if isinstance(value, list):
        numbers = all(isinstance(part, int | float) for part in value)
        value = f"({','.join(map(str, value))})" if numbers else " ".join(map(str, value))
    return _literal(str(value))


def _literal(value: object) -> str:
    """A value as Python writes it. In a string, whatever the reader could take for its end is escaped."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    escaped = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"')
    return "'" + escaped.replace("'", "\\'").replace("\u2019", "\\u2019") + "'"


def _value(name: str, value: object) -> object:
    """The value of a field out of the text that stands for it; text that stands for none is left as it is."""
    if name in ("point", "start", "end") and isinstance(value, str) and (place := _PLACE.fullmatch(value)):
        return [json.loads(place[1]), json.loads(place[2])]
    if name == "keys" and isinstance(value, str):
        try:
            keys = read_keys(value.split())
        except ValueError:
            return value
        return list(keys) if isinstance(keys, tuple) and keys else value
    return value


def connect(space: ActionSpace) -> Notation:
    """The notation for an action space."""
    return UiTars(space)
